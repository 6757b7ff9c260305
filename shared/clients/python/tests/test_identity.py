"""How the caller is identified."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from botocore.session import Session

from webex_token_broker import Broker, IdentityError
from webex_token_broker.hosts import may_see_token
from webex_token_broker.identity import Bearer, SigV4

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session"}


def scope(url, **options):
    headers = SigV4(url, **options).headers("GET", url, None)
    return headers["Authorization"].split("Credential=AKIAEXAMPLE/")[1].split(",")[0].split("/", 1)[1]


class IdentityTest(unittest.TestCase):
    def test_function_url_names_service_and_region(self):
        with mock.patch.dict(os.environ, KEYS, clear=True):
            self.assertEqual(
                scope("https://abc.lambda-url.eu-central-1.on.aws/v1"), "eu-central-1/lambda/aws4_request"
            )

    def test_api_gateway_names_service_and_region(self):
        with mock.patch.dict(os.environ, KEYS, clear=True):
            url = "https://abc.execute-api.us-east-1.amazonaws.com/v1"
            self.assertEqual(scope(url), "us-east-1/execute-api/aws4_request")

    def test_other_address_takes_the_options_or_the_environment(self):
        with mock.patch.dict(os.environ, KEYS | {"AWS_REGION": "eu-west-1"}, clear=True):
            url = "https://vend.example/v1"
            self.assertEqual(scope(url), "eu-west-1/lambda/aws4_request")
            self.assertEqual(
                scope(url, region="eu-north-1", service="execute-api"), "eu-north-1/execute-api/aws4_request"
            )

    def test_missing_region_is_an_error_that_says_what_to_do(self):
        with mock.patch.dict(os.environ, KEYS, clear=True), self.assertRaisesRegex(IdentityError, "set AWS_REGION"):
            scope("https://vend.example/v1", session=mock.Mock(spec=["get_credentials"]))

    def test_missing_credentials_are_an_error(self):
        session = mock.Mock(spec=Session)
        session.get_credentials.return_value = None
        broker = Broker("https://abc.lambda-url.eu-central-1.on.aws", session=session)
        with self.assertRaisesRegex(IdentityError, "no AWS credentials"):
            broker.token("reports", "acme")

    def test_session_token_is_sent(self):
        with mock.patch.dict(os.environ, KEYS, clear=True):
            url = "https://abc.lambda-url.eu-central-1.on.aws/v1"
            self.assertEqual(SigV4(url).headers("GET", url, None)["X-Amz-Security-Token"], "session")

    def test_file_is_read_before_each_request(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "token"
            bearer = Bearer(file)
            for text in ("one", "two\n"):
                file.write_text(text)
                self.assertEqual(bearer.headers("GET", "", None), {"Authorization": f"Bearer {text.strip()}"})
            file.unlink()
            with self.assertRaises(IdentityError):
                bearer.headers("GET", "", None)


class HostTest(unittest.TestCase):
    def test_only_webex_over_https_may_see_a_token(self):
        for url in ("https://webexapis.com/v1", "https://analytics.webexapis.com/v1", "https://WebexAPIs.com:443/"):
            self.assertTrue(may_see_token(url), url)
        others = ("http://webexapis.com/v1", "https://webexapis.com.evil.example/", "https://evilwebexapis.com/")
        for url in (*others, "https://webexapis.com@evil.example/", "https://evil.example/?webexapis.com", ""):
            self.assertFalse(may_see_token(url), url)
