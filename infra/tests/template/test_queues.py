"""Failed invocations of the refresher are kept, tried again for days, and end in the queue that has the alarm."""

import pytest

from cloudformation import Values, resources

DAY = 86_400


@pytest.fixture
def queues(template):
    return Values(template).of(resources(template, "SQS::Queue"))


def _destinations(template):
    """The queue for failed asynchronous invocations of the refresher, by qualifier."""
    configs = Values(template).of(resources(template, "Lambda::EventInvokeConfig"))
    return {config["Qualifier"]: config["DestinationConfig"]["OnFailure"]["Destination"].rsplit(":", 1)[1]
            for config in configs.values()}


def test_events_of_webhook_and_sweeps_have_their_queue(template):
    assert _destinations(template) == {"webhook": "UnsavedEvents", "$LATEST": "DeadLetters"}


def test_webhook_invokes_the_alias_whose_failures_are_kept(template):
    variables = Values(template).of(resources(template, "Lambda::Function")["Webhook"]["Environment"]["Variables"])
    assert variables["REFRESHER_FUNCTION"].rsplit(":", 1)[1] == "webhook"


def test_refresher_reads_the_unsaved_events_and_no_other_queue(template):
    mapping, = Values(template).of(resources(template, "Lambda::EventSourceMapping")).values()
    assert mapping["EventSourceArn"].endswith(":UnsavedEvents")
    assert mapping["FunctionName"] == "ref-Refresher"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_unsaved_event_is_tried_for_days_and_stays_longer_in_the_last_queue(template, queues):
    events, last = queues["UnsavedEvents"], queues["DeadLetters"]
    assert events["RedrivePolicy"]["deadLetterTargetArn"].endswith(":DeadLetters")
    tried = events["VisibilityTimeout"] * events["RedrivePolicy"]["maxReceiveCount"]
    # A message keeps its age when SQS moves it: what the first queue used is missing in the last one.
    assert 3 * DAY <= tried <= last["MessageRetentionPeriod"] - 7 * DAY
    assert events["MessageRetentionPeriod"] == last["MessageRetentionPeriod"] == 14 * DAY


def test_message_stays_invisible_while_the_refresher_works_on_it(template, queues):
    refresher = resources(template, "Lambda::Function")["Refresher"]
    timeouts = {size: Values(template, FleetSize=size).of(refresher["Timeout"]) for size in ("normal", "large")}
    assert timeouts == {"normal": 300, "large": 900}
    assert queues["UnsavedEvents"]["VisibilityTimeout"] == 6 * timeouts["normal"] == 2 * timeouts["large"]


def test_alarm_watches_the_last_queue(template):
    alarm = Values(template).of(resources(template, "CloudWatch::Alarm")["DeadLettersWait"])
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": "DeadLetters.QueueName"}]
