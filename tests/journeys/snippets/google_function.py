"""Fetches a token from a Google Cloud Function or Cloud Run with the identity token of the function.

OIDC_ISSUERS of vend: [{"issuer":"https://accounts.google.com","audience":"https://vend.example"}]
"""

import hashlib
import json
import os
import sys
import urllib.parse
import urllib.request

AUDIENCE = "https://vend.example"
METADATA = f"http://{os.environ.get('GCE_METADATA_HOST', 'metadata.google.internal')}/computeMetadata/v1"


def identity():
    """The function's identity token; the metadata server keeps it until shortly before it ends."""
    query = urllib.parse.urlencode({"audience": AUDIENCE, "format": "full"})
    url = f"{METADATA}/instance/service-accounts/default/identity?{query}"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Metadata-Flavor": "Google"}), timeout=5) as answer:
        return answer.read().decode()


def vend(method, path, body=None):
    headers = {"authorization": f"Bearer {identity()}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["VEND_URL"].rstrip("/") + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def main(*arguments):  # the function's entry point
    grant = f"/v1/apps/reports/grants/{os.environ['ORG']}"
    token = vend("GET", f"{grant}/token?min_ttl=600")
    # After Webex has answered 401 to the token: report it once and use the token in the answer.
    if "--rejected" in arguments:
        digest = hashlib.sha256(token["access_token"].encode()).hexdigest()
        token = vend("POST", f"{grant}/token/rejected", {"access_token_sha256": digest})
    return f"ends {token['expires_at']}"


if __name__ == "__main__":
    print(main(*sys.argv))
