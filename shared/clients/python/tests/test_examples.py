"""The examples, as they stand, in processes of their own between the stubs."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

from stub import Stubs

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {
    "ORG": "acme",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "PYTHONPATH": str(ROOT / "src"),
    "PYTHONDONTWRITEBYTECODE": "1",
}
PERSON = {"status": 200, "body": json.dumps({"id": "1", "displayName": "Ada"}), "headers": {"Content-Type": "application/json"}}
DEAD = {"status": 401, "body": "{}", "headers": {"Content-Type": "application/json"}}


class ExampleTest(unittest.TestCase):
    def setUp(self):
        self.stubs = Stubs()
        self.addCleanup(self.stubs.stop)

    def run_example(self, name):
        urls = {
            "VEND_URL": f"http://127.0.0.1:{self.stubs.port('broker')}/",
            "WEBEX_API_BASE": f"http://127.0.0.1:{self.stubs.port('webex')}/v1",
        }
        command = [sys.executable, ROOT / "tests/run_example.py", ROOT / "examples" / name]
        result = subprocess.run(command, env=os.environ | ENVIRONMENT | urls, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_lambda_function_gets_a_token(self):
        self.stubs.answers["broker"].append({"token": "one", "expires_in": 86400})
        self.assertIn("ends", self.run_example("lambda_function.py"))

    def test_clients_of_webex_survive_a_dead_token(self):
        for name in ("with_requests.py", "with_httpx.py", "with_wxc_sdk.py", "with_webexpythonsdk.py"):
            with self.subTest(name):
                self.setUp()
                self.stubs.answers["broker"].extend({"token": token, "expires_in": 86400} for token in ("one", "two"))
                self.stubs.answers["webex"].extend([DEAD, PERSON])
                self.assertIn("I am Ada", self.run_example(name))
                calls = [line for line in self.stubs.seen if line.startswith("webex")]
                self.assertEqual(calls, [f"webex GET /v1/people/me with {token}" for token in ("one", "two")])

    def test_documents_show_code_that_runs(self):
        url = f"http://127.0.0.1:{self.stubs.port('broker')}"
        for document in ("shared/clients/README.md", "functions/README.md"):
            with self.subTest(document), mock.patch.dict(os.environ, ENVIRONMENT | {"VEND_URL": url}):
                text = (ROOT.parents[2] / document).read_text()
                code = text.split("```python\n")[1].split("```")[0]
                self.stubs.answers["broker"].append({"token": "one", "expires_in": 86400})
                names = {"org": "acme"}
                exec(code.replace("https://abc.lambda-url.eu-central-1.on.aws", url), names)
                self.assertEqual(names["token"].value, "one")
