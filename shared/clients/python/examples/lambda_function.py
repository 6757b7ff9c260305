"""A Lambda function with a token. VEND_URL is vend's address; the function's role may invoke it."""

from webex_token_broker import Broker

broker = Broker()


def handler(event, context):
    token = broker.token("reports", event["org"])
    return {"expires_at": token.expires_at}
