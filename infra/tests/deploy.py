"""The deployment as a test: `infra/test` runs it.

Deploys the template unchanged, with the release binaries, into an AWS on this machine that enforces IAM, and lives the
whole story through the deployed functions. With `--mutate` it then takes every permission away, one at a time, and says
which step notices.

What the emulator cannot show, and where it is shown instead:
- It does not ask whether the schedule may invoke the refresher: infra/check pins ScheduleRole's two permissions.
- It gives every function its logs, and no KMS or X-Ray: infra/check pins those permissions.
- Its Function URLs forget who signed: infra/tests/emulator.py puts the name where Lambda puts it.
- It has no /opt for functions that are binaries: that vend reads a policy is tests/journeys' to show, here only that the
  layer holds it. Custom domains are linted only.
"""

import hashlib
import io
import json
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

from botocore.credentials import Credentials

import mutate
import refused
from life import Broker, Failed, life, step
from world import PREFIX, ROOT, STACK, World, until

# Seconds: short enough for a test, long enough for a call.
CACHE_TTL, SHORT_LIFE = 1, 60
PARAMETERS = {"CacheTtl": CACHE_TTL, "FenceSettle": 0, "SweepInterval": "15m"}

STARTED = time.monotonic()


def told(name):
    print(f"{time.monotonic() - STARTED:6.1f} s  {name}", flush=True)


def caller(world, name, policy=None):
    """An IAM user with an access key, who may call vend or may not."""
    iam = world.client("iam")
    iam.create_user(UserName=name)
    if policy:
        iam.attach_user_policy(UserName=name, PolicyArn=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def first_deployment(world):
    with step("the stack is deployed as it is written", told):
        world.deploy(**PARAMETERS)
        outputs = world.outputs()
        secret = world.stored("webhooks/reports")
        assert len(secret["secrets"][0]) == 64, "the webhook secret is not the generated one"
    with step("the schedule carries the webhook's URL", told):
        broker = Broker(world, caller(world, "reporter", outputs["VendCallersPolicyArn"]))
        assert json.loads(broker.sweep_input) == {"sweep": {"webhook_url": outputs["WebhookBaseUrl"]}}
    with step("the minter's pair is imported", told):
        answer = broker.set_up()
        assert answer.get("state") == "active", answer
    with step("a sweep registers both webhooks", told):
        report = broker.sweep()
        assert report["webhooks_repaired"] == 2 and not report["failures"], report
    return broker


def who_gets_in(broker, org):
    world, webhook = broker.world, broker.webhook_url.rstrip("/")
    with step("nobody gets a token without a signature, with a broken one, or without the policy", told):
        assert broker.vend(org, signed_by=None)[0] == 403
        assert broker.vend(org, tamper=True)[0] == 403
        assert broker.vend(org, signed_by=caller(world, "stranger"))[0] == 403
    with step("the minter's token is vended to nobody", told):
        status, _ = world.request("GET", f"{broker.vend_url}/v1/apps/minter/grants/default/token", signed_by=broker.caller)
        assert status == 403, status
    with step("the webhook takes no unsigned, no wrong and no unknown request", told):
        assert world.request("POST", f"{webhook}/webhooks/reports", "{}")[0] == 401
        assert world.request("POST", f"{webhook}/webhooks/nobody", "{}", {"X-Spark-Signature": "0" * 40})[0] == 404
        assert world.request("GET", f"{webhook}/webhooks/reports")[0] == 405
    with step("without an operator key the consent pages have no address", told):
        assert "ConsentBaseUrl" not in world.outputs()


def what_roles_are_refused(world, grant):
    world.client("secretsmanager").create_secret(Name="other/secret", SecretString="{}")
    tried = refused.calls(grant)
    assert set(tried) == {"webhook", "vend", "consent", "refresher"} and min(map(len, tried.values())) >= 5, "too few tried"
    for function, calls in tried.items():
        credentials = world.role_of(function)
        who = until(lambda: _identity(world, function, credentials), 10)
        with step(f"{function} runs under its own role", told):
            assert who and f"/{world.physical(function.capitalize() + 'Role')}/" in who, who
        for call in calls:
            with step(f"{function} is refused {call[0]}", told):
                why_not = refused.is_refused(world, credentials, call)
                assert why_not is None, why_not
    with step("a batch shows vend no app", told):
        assert refused.batch_shows_nothing(world, world.role_of("vend"))


def _identity(world, function, credentials):
    """The emulator knows a function's credentials once it has run."""
    world.client("lambda").invoke(FunctionName=f"{STACK}-{function}", Payload="{}")
    try:
        return world.client("sts", credentials).get_caller_identity()["Arn"]
    except Exception:
        return None


def fall_asleep(broker):
    """An org whose token ends soon, and whose schedule is as deployed, only quicker; nobody asks for this token."""
    webex = broker.world.webex
    with step("an org's short-lived pair is minted", told):
        webex("lifetimes", access=SHORT_LIFE, refresh=7_775_999)
        org = webex("org", name="asleep")["id"]
        assert broker.tell("authorize", org) == [202]
        first = until(lambda: broker.grant(org).get("access_token"), 10)
        webex("lifetimes", access=1_209_599, refresh=7_775_999)
        assert first, "not minted"
        _hurry(broker.world, "rate(1 minute)")
    return org, first


def the_schedule_renews(broker, org, first):
    with step("the schedule has fired and the refresher has renewed what was due", told):
        after = until(lambda: (now := broker.grant(org).get("access_token")) != first and now, 150, 1)
        assert after and broker.world.webex("alive", access_token=after)["alive"], broker.grant(org).get("failure")
        _hurry(broker.world, "rate(1 hour)")


def _hurry(world, rate):
    scheduler, name = world.client("scheduler"), world.outputs()["ScheduleName"]
    kept = scheduler.get_schedule(Name=name)
    scheduler.update_schedule(Name=name, ScheduleExpression=rate, FlexibleTimeWindow={"Mode": "OFF"},
                              Target=kept["Target"], State="ENABLED")


def what_cannot_be_noted_is_kept(broker):
    world, queue = broker.world, broker.world.outputs()["DeadLetterQueueUrl"]
    org = world.webex("org", name="unlucky")["id"]
    with step("an event that could not even be noted ends in the dead-letter queue", told):
        with mutate.without(world, "RefresherRole", "secretsmanager:CreateSecret"):
            assert broker.tell("authorize", org) == [202]
            messages = until(lambda: world.client("sqs").receive_message(QueueUrl=queue).get("Messages"), 60, 1)
        assert messages and org in messages[0]["Body"], messages
    with step("and the next event about the same org is noted", told):
        assert broker.tell("authorize", org) == [202]
        broker.vended(org)


def update_and_delete(broker, org):
    world = broker.world
    token, name = broker.grant(org)["access_token"], f"{PREFIX}grants/{broker.app}/{org}"
    with step("a stack update keeps grants, addresses and the webhook secret", told):
        before, secret = world.outputs(), world.stored("webhooks/reports")
        world.deploy(**PARAMETERS | {"LogRetentionDays": 30, "RenewAtFraction": "0.6"})
        assert world.outputs() == before
        assert world.stored("webhooks/reports") == secret
        assert broker.vended(org) == token
    with step("a stack delete keeps grants, apps and webhook secrets, and nothing that runs", told):
        world.delete()
        assert world.stored(f"grants/{broker.app}/{org}")["access_token"] == token
        assert world.stored("apps/reports") and world.stored("webhooks/reports") == secret
        assert not [it for it in world.client("lambda").list_functions()["Functions"] if it["FunctionName"].startswith(STACK)]
        assert broker.vend(org)[0] != 200
    with step("a new stack goes on with what the old one left", told):
        world.deploy(**PARAMETERS | {"App": "none"})
        again = Broker(world, caller(world, "successor", world.outputs()["VendCallersPolicyArn"]))
        again.app, again.credentials = broker.app, broker.credentials
        assert again.vended(org) == token, name
        assert again.sweep()["webhooks_repaired"] == 2, "the registrations were not moved to the new address"


def other_ways_in(broker, org):
    """The same stack, with what parameters add. Updates of what is there, as an operator would make them."""
    world, token_path = broker.world, f"/v1/apps/{broker.app}/grants/{org}/token?min_ttl=0"
    kept, get = PARAMETERS | {"App": "none"}, lambda url, **how: world.request("GET", url, **how)
    with step("an HTTP API in place of the URLs lets in whom they let in, and consent asks for its key", told):
        world.deploy(**kept | {"Entrance": "http-api", "ConsentKeySha256": hashlib.sha256(b"key").hexdigest()})
        outputs = world.outputs()
        api, by = outputs["VendBaseUrl"], caller(world, "api-caller", outputs["VendCallersPolicyArn"])
        assert world.request("POST", f"{api}/webhooks/reports", "{}")[0] == 401
        assert get(api + token_path)[0] == 403
        assert get(api + token_path, signed_by=caller(world, "api-stranger"), service="execute-api")[0] == 403
        assert get(api + token_path, signed_by=by, service="execute-api")[0] == 200
        assert get(f"{api}/")[0] == 401
    with step("OIDC callers get an address of their own, which takes nobody without a token; the other stays signed", told):
        world.deploy(**kept | {"OidcIssuers": '[{"issuer": "https://idp.example", "audience": "broker"}]'})
        outputs = world.outputs()
        assert get(outputs["VendOidcBaseUrl"].rstrip("/") + token_path)[0] == 401
        assert get(outputs["VendBaseUrl"].rstrip("/") + token_path)[0] == 403
        again = Broker(world, caller(world, "signer", outputs["VendCallersPolicyArn"]))
        again.app = broker.app
        assert again.vended(org)
    with step("the callers' policy is shipped as a layer", told):
        world.deploy(**kept | {"CallerPolicy": "callers.cedar"})
        lambda_ = world.client("lambda")
        layer, = lambda_.get_function_configuration(FunctionName=f"{STACK}-vend")["Layers"]
        there = lambda_.get_layer_version_by_arn(Arn=layer["Arn"])["Content"]["Location"]
        with urllib.request.urlopen(there) as archive:
            shipped = zipfile.ZipFile(io.BytesIO(archive.read()))
        assert shipped.read("callers.cedar") == (ROOT / "infra" / "callers.cedar").read_bytes()


def story(world, mutating):
    broker = first_deployment(world)
    asleep = fall_asleep(broker)
    org = life(broker, told)
    who_gets_in(broker, org)
    what_roles_are_refused(world, f"grants/reports/{org}")
    what_cannot_be_noted_is_kept(broker)
    the_schedule_renews(broker, *asleep)
    if mutating:
        mutate.every_permission(broker, told)
    update_and_delete(broker, org)
    other_ways_in(broker, org)


def main(sam, stand, artifacts, *options):
    world = World(sam, stand, Path(artifacts))
    try:
        told("ministack with IAM enforced, and Webex")
        story(world, "--mutate" in options)
    except Failed as failed:
        print(f"\nFAILED: {failed}\n\n--- the emulator's last lines\n{world.log.read_text()[-6000:]}")
        return 1
    finally:
        world.close()
    told("all of it holds")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
