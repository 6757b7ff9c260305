"""A Lambda function in Python with the agent's layer."""

import json
import os
import urllib.request


def handler(event, context):
    request = urllib.request.Request(f"http://127.0.0.1:2774/v1/apps/reports/grants/{event['org']}/token")
    request.add_header("Authorization", f"Bearer {os.environ['AWS_SESSION_TOKEN']}")
    token = json.load(urllib.request.urlopen(request))["access_token"]
    return {"characters": len(token)}
