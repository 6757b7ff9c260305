"""Calls Webex with requests. A token that Webex refuses is reported, and the request is sent again."""

import os

import requests

from webex_token_broker import Broker
from webex_token_broker.requests_auth import WebexAuth

session = requests.Session()
session.auth = WebexAuth(Broker(), "reports", os.environ["ORG"])

response = session.get("https://webexapis.com/v1/people/me", timeout=30)
response.raise_for_status()
print("I am", response.json()["displayName"])
