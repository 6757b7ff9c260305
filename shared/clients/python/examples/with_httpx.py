"""Calls Webex with httpx. A token that Webex refuses is reported, and the request is sent again."""

import os

import httpx

from webex_token_broker import Broker
from webex_token_broker.httpx_auth import WebexAuth

with httpx.Client(auth=WebexAuth(Broker(), "reports", os.environ["ORG"]), timeout=30) as client:
    response = client.get("https://webexapis.com/v1/people/me")
    response.raise_for_status()
    print("I am", response.json()["displayName"])
