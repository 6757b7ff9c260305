"""The rules of infra/guard hold for the template, and each of them fails for a template that breaks it."""

import copy
import re

import pytest
from cfn_guard_rs import run_checks

from cloudformation import INFRA

RULES = INFRA / "guard" / "bundle.guard"


def _logs_with_aws_key(resources):
    del resources["VendLogs"]["Properties"]["KmsKeyId"]


def _unencrypted_queue(resources):
    resources["DeadLetters"]["Properties"]["SqsManagedSseEnabled"] = False


def _logs_without_retention(resources):
    del resources["VendLogs"]["Properties"]["RetentionInDays"]


def _secret_deleted_with_the_stack(resources):
    del resources["WebhookSecret"]["DeletionPolicy"]


def _public_vend(resources):
    resources["VendUrl"]["Properties"]["AuthType"] = "NONE"


def _public_health_check(resources):
    resources["VendHealthRoute"]["Properties"]["AuthorizationType"] = "NONE"


def _oidc_address_without_issuers(resources):
    resources["VendOidcUrl"]["Condition"] = "UsesUrls"


def _oidc_function_without_own_concurrency(resources):
    properties = resources["VendOidc"]["Properties"]
    del properties["ReservedConcurrentExecutions"]
    # The report quotes the properties twice, and cfn_guard_rs cuts a report off that has more than 4,096 characters.
    del properties["Environment"], properties["VpcConfig"]


def _alarm_without_runbook(resources):
    resources["VendSlow"]["Properties"]["AlarmDescription"] = "vend is slow"


def _schedule_without_dead_letters(resources):
    del resources["Schedule"]["Properties"]["Target"]["DeadLetterConfig"]


def _events_without_last_queue(resources):
    del resources["UnsavedEvents"]["Properties"]["RedrivePolicy"]


def _batch_fails_as_a_whole(resources):
    del resources["UnsavedEventsAgain"]["Properties"]["FunctionResponseTypes"]


def _access_log_with_queries(resources):
    settings = resources["ApiStage"]["Properties"]["AccessLogSettings"]
    settings["Format"] = '{"query":"$context.queryString"}'


# Changes to the template that break a rule and no other, with the name of the rule.
VIOLATIONS = [
    ("secrets_and_logs_use_the_key_of_the_deployment", _logs_with_aws_key),
    ("queues_are_encrypted", _unencrypted_queue),
    ("logs_have_a_retention", _logs_without_retention),
    ("secrets_are_retained", _secret_deleted_with_the_stack),
    ("vend_requires_a_signature", _public_vend),
    ("vend_requires_a_signature", _public_health_check),
    ("vend_without_a_signature_requires_oidc", _oidc_address_without_issuers),
    ("vend_without_a_signature_requires_oidc", _oidc_function_without_own_concurrency),
    ("alarms_name_the_runbook", _alarm_without_runbook),
    ("failed_events_are_kept", _schedule_without_dead_letters),
    ("failed_events_are_kept", _events_without_last_queue),
    ("failed_events_are_kept", _batch_fails_as_a_whole),
    ("api_logs_and_throttles", _access_log_with_queries),
]


def broken_rules(template):
    """The names of the rules that a template breaks."""
    return {clause.Rule.name for clause in run_checks(template, RULES.read_text()).not_compliant}


def test_template_breaks_no_rule(template):
    assert broken_rules(template) == set()


def test_every_rule_has_a_violation():
    rules = set(re.findall(r"^rule (\w+)", RULES.read_text(), re.M))
    assert rules == {rule for rule, _ in VIOLATIONS}


@pytest.mark.parametrize(("rule", "change"), VIOLATIONS)
def test_violation_breaks_its_rule_only(template, rule, change):
    changed = copy.deepcopy(template)
    change(changed["Resources"])
    assert broken_rules(changed) == {rule}
