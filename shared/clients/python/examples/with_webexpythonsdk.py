"""Calls Webex with webexpythonsdk (2.0.6). It has no option for a session, so that this sets the one that it keeps."""

import os

from webexpythonsdk import WebexAPI

from webex_token_broker import Broker
from webex_token_broker.requests_auth import WebexAuth

api = WebexAPI(access_token="from the broker")
api._session._req_session.auth = WebexAuth(Broker(), "reports", os.environ["ORG"])
print("I am", api.people.me().displayName)
