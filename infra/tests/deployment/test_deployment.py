"""Deploys the template unchanged into an AWS account on this machine that enforces IAM, and tests it there.

The tests are one story: each needs what the ones before it left. The emulator does not show everything:

- It does not check whether the schedule may invoke the refresher, and it has no KMS or X-Ray; it writes the logs of
  functions by itself. `infra/check` pins those permissions.
- Its Function URL events lack the caller's identity. `patched_ministack.py` adds it as Lambda does.
- It has no /opt for functions that are executables. Tests of vend read a policy; here a test only finds it in the layer.
- It ignores the reserved concurrency in a template; a rule of cfn-guard pins it.
- Custom domains are only linted.
"""

import hashlib
import io
import json
import urllib.request
import zipfile

import pytest
from botocore.exceptions import ClientError

from broker import Broker
from local_account import ACCOUNT, ROOT, STACK, LocalAccount, wait_for
from org_lifecycle import OrgLifecycle

# CacheTtl and FenceSettle in seconds: so short that a test can wait for them.
PARAMETERS = {"CacheTtl": 1, "FenceSettle": 0, "SweepInterval": "15m"}
# Lifetimes of access and refresh tokens in seconds.
SHORT, USUAL, REFRESH = 60, 1_209_599, 7_775_999

# For each HTTP function a request to the refresher that belongs to somebody else. The refresher's alias for the function
# has the function's name.
FOREIGN_REQUESTS = {
    "webhook": {"import": {"app": "reports", "subject": "default", "refresh_token": "stolen"}},
    "vend": {"fence": {"app": "reports", "subject": "default"}},
    "consent": {"sweep": {}},
}


@pytest.fixture(scope="module")
def broker(account):
    account.deploy(**PARAMETERS)
    return Broker(account, account.create_caller("reporter", account.outputs()["VendCallersPolicyArn"]))


@pytest.fixture(scope="module")
def lifecycle(broker):
    return OrgLifecycle(broker)


@pytest.fixture(scope="module")
def short_lived(account, broker):
    """An org whose token ends soon, its first token, and a schedule that fires every minute."""
    webex = account.webex
    webex("lifetimes", access=SHORT, refresh=REFRESH)
    org = webex("org", name="short-lived")["id"]
    assert broker.send_event("authorize", org) == [202]
    token = wait_for(lambda: broker.grant(org).get("access_token"), 10)
    webex("lifetimes", access=USUAL, refresh=REFRESH)
    account.set_schedule("rate(1 minute)")
    return org, token


def test_stack_deploys_with_a_generated_webhook_secret(account, broker):
    secret = account.secret("webhooks/reports")
    assert len(secret["secrets"][0]) == 64


def test_schedule_input_has_the_webhook_address(account, broker):
    assert json.loads(broker.sweep_input) == {"sweep": {"webhook_url": account.outputs()["WebhookBaseUrl"]}}


def test_import_activates_the_minter(broker):
    answer = broker.set_up()
    assert answer.get("state") == "active", answer


def test_sweep_registers_both_webhooks(broker):
    report = broker.sweep()
    assert report["webhooks_repaired"] == 2 and not report["failures"], report


def test_short_lived_pair_is_minted(short_lived):
    _, token = short_lived
    assert token, "no pair was minted in 10 seconds"


@pytest.mark.parametrize("step", OrgLifecycle.STEPS)
def test_lifecycle(account, lifecycle, step):
    getattr(lifecycle, step)()


def test_vend_refuses_unsigned_forged_and_unauthorised_requests(account, broker, lifecycle):
    assert broker.vend(lifecycle.org, signed_by=None)[0] == 403
    assert broker.vend(lifecycle.org, forged=True)[0] == 403
    assert broker.vend(lifecycle.org, signed_by=account.create_caller("stranger"))[0] == 403


def test_vend_refuses_the_minter_token(account, broker):
    url = f"{broker.vend_url}/v1/apps/minter/grants/default/token"
    status, _ = account.request("GET", url, signed_by=broker.caller)
    assert status == 403


def test_webhook_refuses_unsigned_unknown_and_get_requests(account, broker):
    url = broker.webhook_url.rstrip("/")
    assert account.request("POST", f"{url}/webhooks/reports", "{}")[0] == 401
    assert account.request("POST", f"{url}/webhooks/nobody", "{}", {"X-Spark-Signature": "0" * 40})[0] == 404
    assert account.request("GET", f"{url}/webhooks/reports")[0] == 405


@pytest.mark.parametrize("function", FOREIGN_REQUESTS)
def test_iam_lets_a_role_invoke_its_alias_of_the_refresher_only(account, broker, function):
    client = account.client("lambda", account.role_credentials(f"{function.title()}Role"))
    refresher = account.client("lambda").get_function(FunctionName=f"{STACK}-refresher")["Configuration"]["FunctionArn"]
    payload = json.dumps(FOREIGN_REQUESTS[function])
    others = [f"{refresher}:{other}" for other in FOREIGN_REQUESTS if other != function]
    for arn in [refresher, f"{refresher}:$LATEST", *others]:
        with pytest.raises(ClientError) as refused:
            client.invoke(FunctionName=arn, Payload=payload)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException", arn


@pytest.mark.parametrize("function", FOREIGN_REQUESTS)
def test_refresher_refuses_requests_that_do_not_belong_to_the_alias(account, broker, function):
    client = account.client("lambda", account.role_credentials(f"{function.title()}Role"))
    refresher = account.client("lambda").get_function(FunctionName=f"{STACK}-refresher")["Configuration"]["FunctionArn"]
    invoked = client.invoke(FunctionName=f"{refresher}:{function}", Payload=json.dumps(FOREIGN_REQUESTS[function]))
    answer = json.loads(invoked["Payload"].read())
    assert answer.get("error", {}).get("code") == "not_allowed", answer


def _invoke_vend_directly(account, credentials, org):
    """Invokes vend with an event in which the caller says who it is; returns the status of vend's response."""
    path = f"/v1/apps/reports/grants/{org}/token"
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "forger"}
    somebody = {"userArn": f"arn:aws:iam::{ACCOUNT}:role/somebody-else", "accountId": ACCOUNT}
    event = {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "min_ttl=0", "headers": {},
             "isBase64Encoded": False,
             "requestContext": {"accountId": ACCOUNT, "apiId": "x", "domainName": "x", "requestId": "x", "routeKey": "$default",
                                "stage": "$default", "timeEpoch": 0, "http": http, "authorizer": {"iam": somebody}}}
    client = account.client("lambda", credentials)
    invoked = client.invoke(FunctionName=f"{STACK}-vend", Payload=json.dumps(event))
    return json.loads(invoked["Payload"].read())["statusCode"]


# ministack has no service control policies. A Deny denies in whatever policy it stands, so a test attaches that document to
# the user.
@pytest.mark.parametrize(("policy", "attach"), [
    ("service-control-policy", LocalAccount.put_user_policy), ("permissions-boundary", LocalAccount.limit_user)])
def test_policy_for_the_account_closes_direct_invocation_of_vend(account, broker, lifecycle, policy, attach):
    allowed = {"Effect": "Allow", "Action": ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"], "Resource": "*"}
    name = f"developer-{policy}"
    managed = account.client("iam").create_policy(
        PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    developer = account.create_caller(name, managed["Policy"]["Arn"])
    assert _invoke_vend_directly(account, developer, lifecycle.org) == 200, "a forged identity is refused already"
    attach(account, name, json.loads((ROOT / "infra" / "policies" / f"{policy}.json").read_text()))
    with pytest.raises(ClientError) as refused:
        _invoke_vend_directly(account, developer, lifecycle.org)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert broker.vend(lifecycle.org, signed_by=developer)[0] == 200


def test_consent_without_an_operator_key_has_no_address(account, broker):
    assert "ConsentBaseUrl" not in account.outputs()


@pytest.fixture
def repeating_queue(account):
    """The queue of unsaved events, repeating after 2 seconds instead of 30 minutes."""
    sqs, queue = account.client("sqs"), account.outputs()["UnsavedEventsQueueUrl"]
    names = ["VisibilityTimeout", "RedrivePolicy"]
    original = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "2"})
    yield queue
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=original)


def _failed_repetitions(account):
    """How often the refresher has reported that an event of the queue is still not saved."""
    return account.log.read_text().count("1 partial failures")


def test_event_is_saved_although_the_store_was_down_longer_than_lambda_repeats(account, broker, repeating_queue):
    org = account.webex("org", name="unlucky")["id"]
    before = _failed_repetitions(account)
    with account.without_permission("RefresherRole", "secretsmanager:CreateSecret"):
        assert broker.send_event("authorize", org) == [202]
        repeated = wait_for(lambda: _failed_repetitions(account) >= before + 2, 60, 1)
    assert repeated, "the refresher did not try the event again"
    assert broker.wait_for_token(org, 30)


def test_event_that_is_never_saved_reaches_the_last_queue(account, broker, repeating_queue):
    sqs, last = account.client("sqs"), account.outputs()["DeadLetterQueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=repeating_queue, AttributeNames=["RedrivePolicy"])["Attributes"]
    redrive = json.loads(attributes["RedrivePolicy"]) | {"maxReceiveCount": 2}
    sqs.set_queue_attributes(QueueUrl=repeating_queue, Attributes={"RedrivePolicy": json.dumps(redrive)})
    org = account.webex("org", name="hopeless")["id"]
    with account.without_permission("RefresherRole", "secretsmanager:CreateSecret"):
        assert broker.send_event("authorize", org) == [202]
        messages = wait_for(lambda: sqs.receive_message(QueueUrl=last).get("Messages"), 60, 1)
    assert messages and org in messages[0]["Body"], messages


def test_schedule_renews_what_is_due(account, broker, short_lived):
    org, first = short_lived

    def renewed():
        token = broker.grant(org).get("access_token")
        return token if token != first else None

    token = wait_for(renewed, 150, 1)
    assert token and account.webex("alive", access_token=token)["alive"], broker.grant(org).get("failure")
    account.set_schedule("rate(1 hour)")


def test_stack_update_keeps_grants_addresses_and_webhook_secret(account, broker, lifecycle):
    token = broker.grant(lifecycle.org)["access_token"]
    outputs, secret = account.outputs(), account.secret("webhooks/reports")
    account.deploy(**PARAMETERS | {"LogRetentionDays": 30, "RenewAtFraction": "0.6"})
    assert account.outputs() == outputs
    assert account.secret("webhooks/reports") == secret
    assert broker.wait_for_token(lifecycle.org) == token


def test_stack_delete_keeps_secrets_and_no_function(account, broker, lifecycle):
    token, secret = broker.grant(lifecycle.org)["access_token"], account.secret("webhooks/reports")
    account.delete()
    assert broker.grant(lifecycle.org)["access_token"] == token
    assert account.secret("apps/reports")
    assert account.secret("webhooks/reports") == secret
    functions = account.client("lambda").list_functions()["Functions"]
    assert [it["FunctionName"] for it in functions if it["FunctionName"].startswith(STACK)] == []
    assert broker.vend(lifecycle.org)[0] != 200


def test_new_stack_continues_with_the_secrets_of_the_deleted_one(account, broker, lifecycle):
    token = broker.grant(lifecycle.org)["access_token"]
    account.deploy(**PARAMETERS | {"App": "none"})
    new = _same_app(account, broker, "successor")
    assert new.wait_for_token(lifecycle.org) == token
    assert new.sweep()["webhooks_repaired"] == 2, "the registrations were not moved to the new address"


def test_http_api_replaces_the_function_urls(account, lifecycle):
    key = hashlib.sha256(b"key").hexdigest()
    account.deploy(**PARAMETERS | {"App": "none", "Entrance": "http-api", "ConsentKeySha256": key})
    outputs = account.outputs()
    api = outputs["VendBaseUrl"]
    token_url = f"{api}/v1/apps/reports/grants/{lifecycle.org}/token?min_ttl=0"
    caller = account.create_caller("api-caller", outputs["VendCallersPolicyArn"])
    stranger = account.create_caller("api-stranger")
    assert account.request("POST", f"{api}/webhooks/reports", "{}")[0] == 401
    assert account.request("GET", token_url)[0] == 403
    assert account.request("GET", token_url, signed_by=stranger, service="execute-api")[0] == 403
    assert account.request("GET", token_url, signed_by=caller, service="execute-api")[0] == 200
    health = f"{api}/healthz"
    assert account.request("GET", health)[0] == 403
    assert account.request("GET", health, signed_by=caller, service="execute-api") == (200, {"status": "ok"})
    description = account.request("GET", f"{api}/openapi.json", signed_by=caller, service="execute-api")
    assert "/v1/apps/{app}/grants" in description[1]["paths"]
    assert account.request("GET", f"{api}/")[0] == 401, "consent does not ask for the operator key"


def test_oidc_address_refuses_requests_without_a_token(account, broker, lifecycle):
    issuers = '[{"issuer": "https://idp.example", "audience": "broker"}]'
    account.deploy(**PARAMETERS | {"App": "none", "OidcIssuers": issuers})
    path = f"/v1/apps/reports/grants/{lifecycle.org}/token?min_ttl=0"
    outputs = account.outputs()
    assert account.request("GET", outputs["VendOidcBaseUrl"].rstrip("/") + path)[0] == 401
    assert account.request("GET", outputs["VendBaseUrl"].rstrip("/") + path)[0] == 403
    assert _same_app(account, broker, "signer").wait_for_token(lifecycle.org)


def test_callers_policy_is_deployed_as_a_layer(account, broker):
    # For the next test. A parameter that is not given keeps its value, and the test of the HTTP API came before.
    other = {"CallerAccounts": "210987654321,345678901234", "Entrance": "function-urls"}
    account.deploy(**PARAMETERS | {"App": "none", "CallerPolicy": "callers.cedar"} | other)
    client = account.client("lambda")
    layer, = client.get_function_configuration(FunctionName=f"{STACK}-vend")["Layers"]
    location = client.get_layer_version_by_arn(Arn=layer["Arn"])["Content"]["Location"]
    with urllib.request.urlopen(location) as response:
        archive = zipfile.ZipFile(io.BytesIO(response.read()))
    assert archive.read("callers.cedar") == (ROOT / "infra" / "callers.cedar").read_bytes()


def test_other_accounts_have_the_two_permissions_on_vend(account):
    policy = json.loads(account.client("lambda").get_policy(FunctionName=f"{STACK}-vend")["Policy"])
    granted = {(json.dumps(statement["Principal"]), statement["Action"]) for statement in policy["Statement"]}
    for other in ("210987654321", "345678901234"):
        actions = {action for principal, action in granted if other in principal}
        assert actions == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}, other


def _same_app(account, broker, caller):
    """The broker at the addresses of the current stack, for the app that was set up before."""
    new = Broker(account, account.create_caller(caller, account.outputs()["VendCallersPolicyArn"]))
    new.app, new.credentials = broker.app, broker.credentials
    return new
