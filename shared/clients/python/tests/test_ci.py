"""shared/clients/ci/token as each CI runs it, between the stubs. "webex" stands for the CI's token service."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from stub import Stubs

SCRIPT = Path(__file__).parents[2] / "ci/token"
TOKEN = {"status": 200, "body": '{"access_token":"one","expires_in":900,"expires_at":"2026-11-26T12:00:00Z"}'}
VENDED = "GET /v1/apps/reports/grants/a%2Fb/token?min_ttl=300"


class CiTest(unittest.TestCase):
    def setUp(self):
        self.stubs = Stubs()
        self.addCleanup(self.stubs.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.outputs = Path(folder.name) / "outputs"
        self.outputs.write_text("")

    def run_script(self, **environment):
        base = {"PATH": os.environ["PATH"], "APP": "reports", "SUBJECT": "a/b"}
        base["VEND_URL"] = f"http://127.0.0.1:{self.stubs.port('broker')}/"
        return subprocess.run([SCRIPT], env=base | environment, capture_output=True, text=True)

    def github(self):
        return self.run_script(
            GITHUB_OUTPUT=str(self.outputs),
            AUDIENCE="https://vend.example",
            ACTIONS_ID_TOKEN_REQUEST_TOKEN="request",
            ACTIONS_ID_TOKEN_REQUEST_URL=f"http://127.0.0.1:{self.stubs.port('webex')}/oidc?v=2",
        )

    def test_github_gets_a_masked_output(self):
        self.stubs.answers["webex"].append({"status": 200, "body": '{"value":"identity"}'})
        self.stubs.answers["broker"].append(TOKEN)
        result = self.github()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "::add-mask::identity\n::add-mask::one\n")
        self.assertEqual(self.outputs.read_text(), "token=one\nexpires-at=2026-11-26T12:00:00Z\n")
        oidc = "webex GET /oidc?v=2&audience=https%3A%2F%2Fvend.example with request"
        self.assertEqual(self.stubs.seen, [oidc, VENDED])

    def test_github_shows_what_vend_said_as_one_error(self):
        self.stubs.answers["webex"].append({"status": 200, "body": '{"value":"identity"}'})
        problem = {"problem": 410, "detail": "gone\n::set-output name=x::100%", "tracking_id": "ROUTER_1"}
        self.stubs.answers["broker"].append(problem)
        result = self.github()
        self.assertEqual(result.returncode, 1)
        error = "vend answered 410: gone ::set-output name=x::100%25 (tracking id ROUTER_1)"
        self.assertEqual(result.stdout.splitlines()[1:], [f"::error title=webex-token-broker::{error}"])
        self.assertEqual(self.outputs.read_text(), "")

    def test_github_without_the_permission_is_told_so(self):
        result = self.run_script(GITHUB_OUTPUT=str(self.outputs))
        self.assertEqual(result.returncode, 1)
        self.assertIn("id-token: write", result.stdout)
        self.assertEqual(self.stubs.seen, [])

    def test_answer_that_is_no_token_never_becomes_an_output(self):
        bodies = ["<html>", "{}", '{"access_token":"a\\nexpires-at=x"}', '{"access_token":"a","expires_at":"x\\ntoken=y"}']
        for body in bodies:
            with self.subTest(body):
                self.stubs.answers["webex"].append({"status": 200, "body": '{"value":"identity"}'})
                self.stubs.answers["broker"].append({"status": 200, "body": body})
                result = self.github()
                self.assertEqual(result.returncode, 1)
                self.assertIn("::error", result.stdout)
                self.assertEqual(self.outputs.read_text(), "")

    def test_azure_gets_a_secret_variable(self):
        self.stubs.answers["webex"].append({"status": 200, "body": '{"oidcToken":"identity"}'})
        self.stubs.answers["broker"].append(TOKEN)
        service = f"http://127.0.0.1:{self.stubs.port('webex')}/oidctoken"
        result = self.run_script(SYSTEM_OIDCREQUESTURI=service, SYSTEM_ACCESSTOKEN="request")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        variable = "##vso[task.setvariable variable=WEBEX_TOKEN;issecret=true]one"
        secrets = ["##vso[task.setsecret]identity", "##vso[task.setsecret]one"]
        self.assertEqual(result.stdout.splitlines(), [*secrets, variable])
        self.assertEqual(self.stubs.seen[0], "webex POST /oidctoken?api-version=7.1-preview.1 with request")

    def test_gitlab_gets_the_token_alone(self):
        self.stubs.answers["broker"].append(TOKEN)
        result = self.run_script(IDENTITY_TOKEN="identity")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "one\n", ""))
        self.assertEqual(self.stubs.seen, [VENDED])

    def test_gitlab_job_fails_with_what_vend_said(self):
        self.stubs.answers["broker"].append({"problem": 403, "detail": "not yours"})
        result = self.run_script(IDENTITY_TOKEN="identity")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr, "error: vend answered 403: not yours\n")

    def test_retry_after_of_vend_is_honoured(self):
        self.stubs.answers["broker"].extend([{"problem": 503, "detail": "down", "retry_after": 1}, TOKEN])
        result = self.run_script(IDENTITY_TOKEN="identity")
        self.assertEqual((result.returncode, result.stdout), (0, "one\n"))
