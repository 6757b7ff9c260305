"""Every permission of every role: the action, and where it holds. Nothing else is allowed, and nothing of it is spare."""

_LOG = ["logs:CreateLogStream", "logs:PutLogEvents"]
_TRACE = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
_WRITE = ["CreateSecret", "TagResource", "PutSecretValue", "UpdateSecretVersionStage", "DescribeSecret", "DeleteSecret",
          "RestoreSecret"]
_KEY = "the key, StringEquals kms:ViaService secretsmanager.eu-central-1.amazonaws.com"


def _own_logs(name):
    return {(action, f"logs of {name}") for action in _LOG} | {(action, "*") for action in _TRACE}


PINNED = {
    "RefresherRole": {("secretsmanager:GetSecretValue", place) for place in ("apps/*", "webhooks/*", "grants/*")}
    | {(f"secretsmanager:{action}", "grants/*") for action in _WRITE}
    | {("secretsmanager:BatchGetSecretValue", "*"), ("secretsmanager:ListSecrets", "*")}
    | {("sqs:SendMessage", "DeadLetters"), ("kms:Decrypt", _KEY), ("kms:GenerateDataKey", _KEY)}
    | _own_logs("Refresher"),
    "WebhookRole": {("secretsmanager:GetSecretValue", "webhooks/*"), ("lambda:InvokeFunction", "Refresher"),
                    ("kms:Decrypt", _KEY)}
    | _own_logs("Webhook"),
    "VendRole": {("secretsmanager:GetSecretValue", "grants/*"), ("secretsmanager:BatchGetSecretValue", "*"),
                 ("secretsmanager:ListSecrets", "*"), ("lambda:InvokeFunction", "Refresher"), ("kms:Decrypt", _KEY)}
    | _own_logs("Vend"),
    "ConsentRole": {("lambda:InvokeFunction", "Refresher")} | _own_logs("Consent"),
    "ScheduleRole": {("lambda:InvokeFunction", "Refresher"), ("sqs:SendMessage", "DeadLetters")},
}

# Who may assume each role.
ASSUMED_BY = dict.fromkeys(PINNED, "lambda.amazonaws.com") | {"ScheduleRole": "scheduler.amazonaws.com"}
