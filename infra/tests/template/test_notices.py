"""The rules that deliver notices: what they match, and what they make of a notice."""

import json
import re

import pytest

from cloudformation import ROOT, Values, resources

EVERYTHING = {"NoticeEmail": "ops@example.com", "NoticeWebexRoomId": "Y2lzY29zcGFyazovL3VzL1JPT00vMQ"}

NOTICE = {"subject": "reports/acorn cannot be renewed", "text": "reports/acorn cannot be renewed since 2026-11-26: 'why'."}


def target(template, rule):
    values = Values(template, **EVERYTHING)
    one, = values.of(resources(template, "Events::Rule")[rule])["Targets"]
    return one


def transformed(template, rule, notice=NOTICE):
    """What EventBridge makes of a notice: each <name> is replaced by the value, without escaping."""
    transformer = target(template, rule)["InputTransformer"]
    paths = transformer["InputPathsMap"]

    def value(match):
        first, second, name = paths[match[1]].split(".")
        assert (first, second) == ("$", "detail")
        return notice[name]

    return re.sub(r"<(\w+)>", value, transformer["InputTemplate"])


@pytest.mark.parametrize("rule", ["NoticesByEmail", "NoticesToSpace"])
def test_rule_matches_notices_of_the_broker_only(template, rule):
    schema = json.loads((ROOT / "infra" / "events.schema.json").read_text())
    pattern = resources(template, "Events::Rule")[rule]["EventPattern"]
    assert pattern == {"source": [schema["properties"]["source"]["const"]], "detail-type": ["Notice"]}
    assert "Notice" in schema["properties"]["detail-type"]["enum"]


def test_space_gets_a_message_as_webex_takes_it(template):
    message = json.loads(transformed(template, "NoticesToSpace"))
    assert message == {"roomId": EVERYTHING["NoticeWebexRoomId"],
                       "markdown": f"**{NOTICE['subject']}**  \n{NOTICE['text']}"}


def test_email_gets_the_text(template):
    assert json.loads(transformed(template, "NoticesByEmail")) == NOTICE["text"]


def test_schema_keeps_characters_out_that_would_break_the_documents(template):
    notice = json.loads((ROOT / "infra" / "events.schema.json").read_text())["$defs"]["Notice"]["properties"]
    for field in NOTICE:
        for wrong in ['say "no"', "back\\slash", "two\nlines", "<b>"]:
            assert not re.search(notice[field]["pattern"], wrong), (field, wrong)


def test_bot_posts_to_the_messages_of_webex(template):
    values = Values(template, **EVERYTHING)
    destination = values.of(resources(template, "Events::ApiDestination")["WebexMessages"])
    assert (destination["HttpMethod"], destination["InvocationEndpoint"]) == ("POST", "https://webexapis.com/v1/messages")
    connection = values.of(resources(template, "Events::Connection")["WebexBot"])
    key = connection["AuthParameters"]["ApiKeyAuthParameters"]
    assert key["ApiKeyName"] == "Authorization"
    assert key["ApiKeyValue"].startswith("Bearer {{resolve:secretsmanager:"), "no token in the template or a parameter"


def test_nothing_notifies_without_a_recipient(template):
    values = Values(template)
    assert not values.condition("NotifiesByEmail") and not values.condition("NotifiesSpace")
    assert values.condition("HasEventBus")
    assert not Values(template, EventBus="", **EVERYTHING).condition("Notifies")


@pytest.mark.parametrize("policy", ["NoticeTopicPolicy", "UndeliveredNoticesPolicy"])
def test_only_the_rules_of_the_stack_may_write(template, policy):
    values = Values(template, **EVERYTHING)
    kind = "SNS::TopicPolicy" if policy.startswith("NoticeTopic") else "SQS::QueuePolicy"
    statement, = values.of(resources(template, kind)[policy])["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    sources = sources if isinstance(sources, list) else [sources]
    assert {source.rsplit("/", 1)[1] for source in sources} <= {"NoticesByEmail", "NoticesToSpace"}
