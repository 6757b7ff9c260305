"""For each rule of infra/guard a change that must break it, and it alone."""


def _first(resources, kind):
    return next(it for it in resources.values() if it["Type"] == f"AWS::{kind}")


def _statements(resources, role):
    return resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


def _greed(resources):
    _statements(resources, "VendRole").append(
        {"Sid": "All", "Effect": "Allow", "Action": "secretsmanager:*", "Resource": "arn:aws:secretsmanager:*:*:secret:*"})


def _everywhere(resources):
    _statements(resources, "WebhookRole")[0]["Resource"] = "*"


def _managed(resources):
    resources["VendRole"]["Properties"]["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]


def _shared_role(resources):
    resources["Vend"]["Properties"]["Role"] = "arn:aws:iam::111122223333:role/admin"


def _aws_key(resources):
    del resources["VendLogs"]["Properties"]["KmsKeyId"]


def _plain_queue(resources):
    resources["DeadLetters"]["Properties"]["SqsManagedSseEnabled"] = False


def _endless_logs(resources):
    del resources["VendLogs"]["Properties"]["RetentionInDays"]


def _mortal_secret(resources):
    del resources["WebhookSecret"]["DeletionPolicy"]


def _public_vend(resources):
    resources["VendUrl"]["Properties"]["AuthType"] = "NONE"


def _always_open(resources):
    resources["VendOidcUrl"]["Condition"] = "UsesUrls"


def _terse_alarm(resources):
    resources["VendSlow"]["Properties"]["AlarmDescription"] = "vend is slow"


def _lost(resources):
    del resources["Schedule"]["Properties"]["Target"]["DeadLetterConfig"]


def _talkative_log(resources):
    stage = resources["ApiStage"]["Properties"]
    stage["AccessLogSettings"]["Format"] = '{"query":"$context.queryString"}'


BAD = {
    "no_wildcard_action": _greed,
    "resources_are_named": _everywhere,
    "policies_are_in_the_template": _managed,
    "a_function_has_a_role_of_its_own": _shared_role,
    "secrets_and_logs_take_the_key_of_the_deployment": _aws_key,
    "queues_are_encrypted": _plain_queue,
    "logs_end_some_day": _endless_logs,
    "secrets_survive_their_stack": _mortal_secret,
    "vend_asks_for_a_signature": _public_vend,
    "vend_without_a_signature_takes_oidc": _always_open,
    "alarms_say_what_to_do": _terse_alarm,
    "what_failed_is_kept": _lost,
    "the_api_logs_and_throttles": _talkative_log,
}
