"""Types each line of wtb in the runbook's table, in its order, against the deployed stack.

There is no terminal, so a line gets the option that stands for what a person types: `--yes`, or `-` for a secret on
standard input. What a line needs is made ready before it, and its effect is looked at after it, through vend and Webex.
"""

import hashlib
import re
import subprocess

import pytest

from broker import Broker
from local_account import OPERATOR, ROOT, wait_for

# The line of the table that another tool answers: it compiles vend.
ELSEWHERE = "policy check"
# wtb found nothing wrong, or something that needs a person: a deployment without alarms' owners has such.
DONE = (0, 3)
MINTER_SCOPES = ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"]
KEY_DIGEST = hashlib.sha256(b"operator key").hexdigest()


def _lines():
    """The arguments of every `wtb …` in the table."""
    section = (ROOT / "infra" / "RUNBOOK.md").read_text().split("## Each task in one line")[1].split("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| ")]
    return [code.removeprefix("wtb ") for row in rows for code in row.split("`")[1::2] if code.startswith("wtb ")]


LINES = _lines()


@pytest.fixture(scope="module")
def operator(account, pytestconfig):
    return Operator(account, pytestconfig.getoption("--wtb"))


class Operator:
    """An operator at the command line of a deployment with one org, and a personal grant that does not exist yet."""

    def __init__(self, account, wtb):
        self.account, self.wtb = account, wtb
        self.webex = account.webex
        account.deploy(CacheTtl=1, FenceSettle=0, ConsentKeySha256=KEY_DIGEST)
        self.broker = Broker(account, OPERATOR)
        self.broker.set_up()
        account.put_secret("apps/minter", account.secret("apps/minter") | {"scopes": MINTER_SCOPES})
        redirect_uri = account.outputs()["ConsentBaseUrl"].rstrip("/") + "/callback"
        personal = self.webex("integration", owner="ada", redirect_uri=redirect_uri)
        account.put_secret("apps/mobile", {"kind": "integration", "redirect_uri": redirect_uri, "scopes": ["spark:kms"],
                                           **personal})
        self.org = self.webex("org", name="customer")["id"]
        self.broker.sweep()
        self.authorize()

    def authorize(self):
        assert self.broker.send_event("authorize", self.org) == [202]
        self.broker.wait_for_token(self.org)

    def vended(self):
        return self.broker.vend(self.org)[0] == 200

    def type(self, line):
        """Runs a line of the table; returns the exit status and everything that it printed."""
        line = line.replace("ce861fba-…", self.org).replace("C…", "Cafe")
        secret = self.secret_for(line)
        arguments = [*line.split(), *self.instead_of_typing(line)]
        process = subprocess.Popen([self.wtb, *arguments], env=self.account.environment(), text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if line == "minter connect":
            return self.connect(process)
        output, _ = process.communicate(secret, timeout=120)
        return process.returncode, output

    def instead_of_typing(self, line):
        match line.split():
            case ["sweep", "--allow-retirements"] | ["grant", "remove", *_] | ["app", "remove", *_]:
                return ["--yes"]
            case ["app", "add" | "rotate-secret", *_]:
                return ["--client-secret-file", "-"]
            case ["grant", "import", *_]:
                return ["--token-file", "-"]
        return []

    def secret_for(self, line):
        """What a person would paste."""
        match line.split():
            case ["app", "add", *_]:
                return "made-up"
            case ["app", "rotate-secret", *_]:
                return self.broker.credentials["client_secret"]
            case ["grant", "import", *_]:
                minter = self.account.secret("apps/minter")
                return self.webex("grant", client_id=minter["client_id"], user="ada")["refresh_token"]
        return ""

    def connect(self, process):
        """Signs in at Webex with the code that wtb shows, while it waits."""
        shown = ""
        for text in process.stdout:
            shown += text
            if code := re.search(r"enter\s+(\S+)", text):
                self.webex("approve-device", user_code=code[1], user="ada")
                break
        rest, _ = process.communicate(timeout=60)
        return process.returncode, shown + rest


def _ready(operator, line):
    """Makes ready what a line needs, beyond what the lines before it left."""
    if line.startswith("grant restore"):
        assert operator.broker.send_event("deauthorize", operator.org) == [202]
        # The event waits in Lambda's queue: a sweep may come before its fence.
        assert wait_for(lambda: operator.broker.sweep()["retired"] == 1, 10), "the org that left is not retired"
        # The org is back, and the event of that was lost.
        operator.webex("authorize", client_id=operator.broker.credentials["client_id"], org=operator.org)
    if line.startswith("grant remove") and "--block" in line:
        operator.authorize()


def _effect(operator, line, output):
    """Looks at what a line has done."""
    match line.split():
        case ["grant", "remove", *_, "--block"]:
            assert wait_for(lambda: not operator.vended(), 10), "a blocked org is vended"
            assert operator.broker.send_event("authorize", operator.org) == [202]
            assert not wait_for(operator.vended, 3), "a blocked org that authorises again is vended"
        case ["grant", "remove", *_]:
            assert wait_for(lambda: not operator.vended(), 10), "a removed org is vended"
        case ["grant", "restore" | "unblock", *_]:
            assert wait_for(operator.vended, 10), "the org is not vended"
        case ["grant", "link", *_]:
            address = re.search(r"^https?://\S+/invited\?link=\S+$", output, re.M)
            assert address, output
            status, page = operator.account.request("GET", address[0])
            assert status == 200 and "mobile" in page, page
        case ["history", *_]:
            assert "minted" in output, output
        case ["webhook", "rotate", *_]:
            assert operator.broker.send_event("authorize", operator.org) == [202], "an event with the new secret is refused"
        case ["app", "remove", *_]:
            assert operator.account.secret("apps/reports") is None
            assert wait_for(lambda: not operator.vended(), 10), "an org of a removed app is vended"
        case ["minter", "connect"] | ["grant", "import", *_]:
            assert operator.account.secret("grants/minter/default")["state"] == "active"


def test_table_has_the_operators_tasks():
    assert len(LINES) >= 26, LINES


@pytest.mark.parametrize("line", [line for line in LINES if not line.startswith(ELSEWHERE)])
def test_line_does_its_task(operator, line):
    _ready(operator, line)
    status, output = operator.type(line)
    assert status in DONE, f"wtb {line}: exit status {status}\n{output}"
    _effect(operator, line, output)
