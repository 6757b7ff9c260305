"""Every permission of every role of the template: the action, and the resource with its condition.

`template/test_permissions.py` fails if the template grants anything else or anything less.
`deployment/test_removed_permissions.py` removes each of them from a deployed role and shows which step then fails.
"""

_LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"]
_TRACES = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
_NETWORK = ["CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface",
            "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"]
_GRANT_WRITES = ["CreateSecret", "TagResource", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage",
                 "DescribeSecret", "DeleteSecret", "RestoreSecret"]
_PACK_WRITES = ["CreateSecret", "TagResource", "PutSecretValue", "UpdateSecretVersionStage"]
_KEY = "the key, StringEquals kms:ViaService secretsmanager.eu-central-1.amazonaws.com"


def _logs_traces_and_network(function):
    return ({(action, f"logs of {function}") for action in _LOGS} | {(action, "*") for action in _TRACES}
            | {(f"ec2:{action}", "*") for action in _NETWORK})


# Signed requests to vend, and no invocation around its Function URL.
_ASK_VEND = {
    ("lambda:InvokeFunctionUrl", "Vend, StringEquals lambda:FunctionUrlAuthType AWS_IAM"),
    ("lambda:InvokeFunction", "Vend, Bool lambda:InvokedViaFunctionUrl True"),
}

ROLES = {
    "RefresherRole": {("secretsmanager:GetSecretValue", names) for names in ("apps/*", "webhooks/*", "grants/*", "packs/*")}
    | {(f"secretsmanager:{action}", "grants/*") for action in _GRANT_WRITES}
    | {(f"secretsmanager:{action}", "packs/*") for action in _PACK_WRITES}
    | {(f"secretsmanager:{action}", "index/*") for action in ("CreateSecret", "TagResource", "UpdateSecret")}
    | {("secretsmanager:BatchGetSecretValue", "*"), ("secretsmanager:ListSecrets", "*")}
    | {("events:PutEvents", "event-bus/default")}
    | {(f"sqs:{action}", "UnsavedEvents") for action in
       ("SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
    | {("sqs:SendMessage", "DeadLetters"), ("kms:Decrypt", _KEY), ("kms:GenerateDataKey", _KEY)}
    | _logs_traces_and_network("Refresher"),
    "WebhookRole": {("secretsmanager:GetSecretValue", "webhooks/*"), ("lambda:InvokeFunction", "Refresher:webhook"),
                    ("kms:Decrypt", _KEY)}
    | _logs_traces_and_network("Webhook"),
    "VendRole": {(f"secretsmanager:{action}", names) for action, names in
                 (("GetSecretValue", "grants/*"), ("GetSecretValue", "packs/*"),
                  ("DescribeSecret", "grants/*"), ("DescribeSecret", "index/*"))} | {
                 ("secretsmanager:BatchGetSecretValue", "*"), ("secretsmanager:ListSecrets", "*"),
                 ("lambda:InvokeFunction", "Refresher:vend"), ("kms:Decrypt", _KEY)}
    | _logs_traces_and_network("Vend"),
    "ConsentRole": {("lambda:InvokeFunction", "Refresher:consent")} | _logs_traces_and_network("Consent"),
    "ScheduleRole": {("lambda:InvokeFunction", "Refresher"), ("sqs:SendMessage", "DeadLetters")},
    "NoticesToSpaceRole": {("events:InvokeApiDestination", "api-destination/WebexMessages")},
    "ProberRole": _ASK_VEND | {("sts:AssumeRole", "role/webex-token-broker/probe/*")} | _logs_traces_and_network("Prober"),
    "ProbeStrangerRole": _ASK_VEND,
    "ProbeScheduleRole": {("lambda:InvokeFunction", "Prober")},
}

ROLES["VendOidcRole"] = ROLES["VendRole"]

# The service that may assume each role; for the stranger, the prober.
PRINCIPALS = dict.fromkeys(ROLES, {"Service": "lambda.amazonaws.com"}) | {
    "ScheduleRole": {"Service": "scheduler.amazonaws.com"}, "ProbeScheduleRole": {"Service": "scheduler.amazonaws.com"},
    "NoticesToSpaceRole": {"Service": "events.amazonaws.com"},
    "ProbeStrangerRole": {"AWS": {"Fn::GetAtt": ["ProberRole", "Arn"]}}}

# The managed policy for callers of vend, for each value of the parameter Entrance.
CALLERS = {
    "function-urls": _ASK_VEND,
    "http-api": {("execute-api:Invoke", f"ref-Api/*/{route}") for route in ("*/v1/*", "GET/healthz", "GET/openapi.json")},
}
