"""The deployed prober asks the deployed vend, as its own role and as the stranger.

The emulator resolves no Function URL and has no /opt: the test gives the prober the emulator's own address of vend's
URL, and vend a policy file on this machine. Everything else is as the template has it.
"""

import json

import pytest

from broker import Broker
from local_account import ACCOUNT, OPERATOR, STACK, wait_for


@pytest.fixture(scope="module")
def probed(account):
    """A deployment with a prober for the grant of an org that has authorised. Returns the org."""
    org = account.webex("org", name="probed")["id"]
    account.deploy(CacheTtl=1, FenceSettle=0, CallerPolicy="callers.cedar", ProbeGrant=f"reports/{org}", ProbeInterval="5m")
    broker = Broker(account, OPERATOR)
    url_id = broker.vend_url.split("//")[1].split(".")[0]
    account.set_variables("Prober", VEND_URL=f"{account.url}/_aws/lambda-url/{url_id}")
    broker.set_up()
    broker.sweep()
    assert broker.send_event("authorize", org) == [202]
    assert wait_for(lambda: broker.grant(org).get("access_token")), "the event brought no pair"
    return org


def _permit(account, name, principal):
    """Lets vend decide by a policy that permits one principal everything."""
    file = account.scratch / f"{name}.cedar"
    file.write_text(f"permit (principal{principal}, action, resource);")
    account.set_variables("Vend", CALLER_POLICY=str(file))


def _prober_role(account):
    name = account.physical_id("ProberRole")
    return f' == AwsRole::"arn:aws:iam::{ACCOUNT}:role/{name}"'


def test_schedule_starts_the_prober(account, probed):
    schedule = account.client("scheduler").get_schedule(Name=f"{STACK}-probe")
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert schedule["Target"]["Arn"].endswith(f":{STACK}-prober")


def test_prober_gets_a_live_token_and_is_refused(account, probed):
    _permit(account, "prober-alone", _prober_role(account))
    answer = account.invoke("prober", {})
    assert answer["token"] == "alive", json.dumps(answer) + account.log.read_text()[-3000:]
    assert answer["refusals"] == {"minter": "refused", "unsigned": "refused", "stranger": "refused"}, answer


def test_policy_that_permits_everybody_is_reported(account, probed):
    _permit(account, "everybody", "")
    answer = account.invoke("prober", {})
    assert answer["token"] == "alive", answer
    assert answer["refusals"] == {"minter": "refused", "unsigned": "refused", "stranger": "not_refused"}, answer


def test_stranger_is_nobody_but_the_prober(account, probed):
    """A caller of vend may not become the stranger."""
    caller = account.create_caller("curious", account.outputs()["VendCallersPolicyArn"])
    role = account.client("iam").get_role(RoleName=account.physical_id("ProbeStrangerRole"))["Role"]["Arn"]
    with pytest.raises(Exception, match="AccessDenied"):
        account.client("sts", caller).assume_role(RoleArn=role, RoleSessionName="curious")
