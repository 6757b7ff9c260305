"""Notices of the deployed broker reach the topic for e-mail and the Webex space, through the template's own rules."""

import json
import subprocess

import pytest

from broker import Broker
from local_account import OPERATOR, PREFIX, wait_for

ROOM = "Y2lzY29zcGFyazovL3VzL1JPT00vbm90aWNlcw"


@pytest.fixture(scope="module")
def mailbox(account):
    """A queue that gets what the topic of a deployment with notices gets. Returns its address."""
    bot = account.webex("bot", name="notices")
    account.put_secret("notices-bot", {"token": bot["access_token"]})
    account.deploy(FenceSettle=0, NoticeEmail="ops@example.com", NoticeWebexRoomId=ROOM,
                   NoticeWebexBotSecret=f"{PREFIX}notices-bot")
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
                 "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    account.client("sns").subscribe(TopicArn=account.physical_id("NoticeTopic"), Protocol="sqs", Endpoint=arn)
    return url


def _mail(account, mailbox, count):
    """The texts of the next `count` messages."""
    sqs = account.client("sqs")
    texts = []

    def arrived():
        for message in sqs.receive_message(QueueUrl=mailbox, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=mailbox, ReceiptHandle=message["ReceiptHandle"])
            texts.append(json.loads(message["Body"])["Message"].strip('"'))
        return len(texts) >= count
    wait_for(arrived)
    return texts


def _posted(account, count):
    """The messages in the space, once there are `count`."""
    def posted():
        messages = account.webex("messages")["messages"]
        return messages if len(messages) >= count else None
    return wait_for(posted)


def test_test_notice_arrives_by_mail_and_in_the_space(account, mailbox, pytestconfig):
    command = [pytestconfig.getoption("--wtb"), "notify", "test"]
    ran = subprocess.run(command, env=account.environment(), capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    mail, = _mail(account, mailbox, 1)
    message, = _posted(account, 1)
    assert message["room_id"] == ROOM
    assert mail in message["text"], (mail, message)


def test_wrong_client_secret_and_its_mending_are_two_notices(account, mailbox):
    broker = Broker(account, OPERATOR)
    broker.set_up()
    broker.sweep()
    right = account.secret("apps/reports")
    account.put_secret("apps/reports", right | {"client_secret": "wrong"})
    for _ in range(3):
        broker.sweep()
    account.put_secret("apps/reports", right)
    for _ in range(3):
        broker.sweep()
    subjects = ["the minter works", "Webex refuses the client credentials of reports",
                "Webex takes the client credentials of reports again"]
    # The first message is that of the test before.
    messages = [message["text"] for message in _posted(account, 4)[1:]]
    for texts in (messages, _mail(account, mailbox, 3)):
        assert len(texts) == 3, texts
        for subject, text in zip(subjects, texts):
            assert subject in text, texts
