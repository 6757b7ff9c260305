"""Fetches a token with botocore. Needs VEND_URL, ORG, and AWS credentials where the AWS CLI finds them."""

import hashlib
import json
import os
import sys
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

session = Session()
# botocore reads only AWS_DEFAULT_REGION; Lambda sets both.
region = os.environ.get("AWS_REGION") or session.get_config_variable("region")


def vend(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = AWSRequest(method, os.environ["VEND_URL"].rstrip("/") + path, data=data, headers={"content-type": "application/json"})
    credentials = session.get_credentials().get_frozen_credentials()
    SigV4Auth(credentials, "lambda", region).add_auth(request)
    signed = urllib.request.Request(request.url, data, dict(request.headers), method=method)
    with urllib.request.urlopen(signed, timeout=30) as answer:
        return json.load(answer)


grant = f"/v1/apps/reports/grants/{os.environ['ORG']}"
token = vend("GET", f"{grant}/token?min_ttl=600")
# After Webex has answered 401 to the token: report it once and use the token in the answer.
if "--rejected" in sys.argv:
    digest = hashlib.sha256(token["access_token"].encode()).hexdigest()
    token = vend("POST", f"{grant}/token/rejected", {"access_token_sha256": digest})
print("ends", token["expires_at"])
