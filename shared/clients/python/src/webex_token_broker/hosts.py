"""Which hosts may see a Webex token."""

from collections.abc import Iterable
from urllib.parse import urlsplit

#: Webex's own domains; their subdomains count too.
WEBEX_HOSTS = ("webexapis.com", "webex.com", "wbx2.com")


def may_see_token(url: str, hosts: Iterable[str] = WEBEX_HOSTS) -> bool:
    """Whether `url` leads to one of `hosts` or below it, over https; over http to this machine only."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_private = parts.scheme == "https" or host in ("127.0.0.1", "::1", "localhost")
    return is_private and any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)
