"""A Google Cloud Function, or Cloud Run, that identifies itself to vend by its own identity token.

OIDC_ISSUERS of vend: [{"issuer":"https://accounts.google.com","audience":"https://vend.example"}]
"""

import os
import urllib.parse
import urllib.request

from webex_token_broker import Broker

AUDIENCE = "https://vend.example"
METADATA = f"http://{os.environ.get('GCE_METADATA_HOST', 'metadata.google.internal')}/computeMetadata/v1"


def identity():
    """The function's identity token; the metadata server keeps it until shortly before it ends."""
    query = urllib.parse.urlencode({"audience": AUDIENCE, "format": "full"})
    url = f"{METADATA}/instance/service-accounts/default/identity?{query}"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Metadata-Flavor": "Google"}), timeout=5) as answer:
        return answer.read().decode()


broker = Broker(identity_token=identity)


def handler(event, context=None):
    token = broker.token("reports", event["org"])
    return {"expires_at": token.expires_at}
