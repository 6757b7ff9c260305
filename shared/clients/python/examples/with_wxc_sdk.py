"""Calls Webex with wxc_sdk (1.41). Its session takes the place of the token that it wants at the start."""

import os

from wxc_sdk import WebexSimpleApi

from webex_token_broker import Broker
from webex_token_broker.requests_auth import WebexAuth

with WebexSimpleApi(tokens="from the broker") as api:
    api.session.auth = WebexAuth(Broker(), "reports", os.environ["ORG"])
    print("I am", api.people.me().display_name)
