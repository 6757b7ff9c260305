"""One request to vend, and its answer."""

from __future__ import annotations

import http.client
import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from .errors import AddressError, BrokerError, Refused, UnexpectedAnswer, Unreachable
from .identity import Identity
from .token import Token

#: The longest wait for an answer, in seconds. The broker may have to renew the token first, and takes no longer itself.
TIME_OUT = 30
#: The longest answer that is read, in bytes.
_LONGEST = 1 << 20
#: What can stand in an `Authorization` header.
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


class _AnyStatus(urllib.request.HTTPErrorProcessor):
    """Returns every answer as it is. A redirect would send the caller's identity to another host."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


class VendApi:
    """The broker's address, and the caller's identity."""

    def __init__(self, base: str, identity: Identity, clock: Callable[[], float]) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise AddressError(f"the broker's address is not an http or https URL: {base!r}")
        self._base = base.rstrip("/")
        self._identity = identity
        self._clock = clock
        self._opener = urllib.request.build_opener(_AnyStatus)

    def get(self, app: str, subject: str, min_ttl: int) -> Token:
        """The grant's token with at least `min_ttl` seconds left."""
        return self._ask("GET", f"{self._grant(app, subject)}/token?min_ttl={min_ttl}", None)

    def report(self, app: str, subject: str, sha256: str) -> Token:
        """The token that replaces the one with this SHA-256, which Webex has refused."""
        body = json.dumps({"access_token_sha256": sha256}).encode()
        return self._ask("POST", f"{self._grant(app, subject)}/token/rejected", body)

    def _grant(self, app: str, subject: str) -> str:
        for segment in (app, subject):
            if segment in ("", ".", ".."):
                raise AddressError(f"an app or a subject cannot be {segment!r}")
        return f"{self._base}/v1/apps/{quote(app, safe='')}/grants/{quote(subject, safe='')}"

    def _ask(self, method: str, url: str, body: bytes | None) -> Token:
        headers = {"User-Agent": "webex-token-broker-python", **self._identity.headers(method, url, body)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(url, body, headers, method=method)
        now = self._clock()
        try:
            with self._opener.open(request, timeout=TIME_OUT) as response:
                text = response.read(_LONGEST)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable("the broker does not answer") from error
        return _read_answer(response.status, response.headers, text, now)


def _read_answer(status: int, headers: Any, text: bytes, now: float) -> Token:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise UnexpectedAnswer(status, None)
    if status == 200:
        return _read_token(answer, now)
    raise _read_problem(status, headers, answer)


def _read_token(answer: dict[str, Any], now: float) -> Token:
    value, expires_in = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(value, str) or not _HEADER_SAFE.fullmatch(value):
        raise UnexpectedAnswer(200, None)
    if not isinstance(expires_in, int) or isinstance(expires_in, bool) or expires_in < 0:
        raise UnexpectedAnswer(200, None)
    return Token(value, now + expires_in, now)


def _read_problem(status: int, headers: Any, answer: dict[str, Any]) -> BrokerError:
    kind, detail, tracking_id = answer.get("type"), answer.get("detail"), answer.get("tracking_id")
    if not isinstance(kind, str) or not isinstance(detail, str):
        return UnexpectedAnswer(status, _first_line(answer))
    error = Refused(status, kind, detail, tracking_id if isinstance(tracking_id, str) else None)
    # The other form of Retry-After, a date, is ignored.
    seconds = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", seconds):
        error.retry_after = int(seconds)
    return error


def _first_line(answer: dict[str, Any]) -> str | None:
    """The first line of AWS's message. The lines below it quote the request with the caller's session token."""
    message = answer.get("message") or answer.get("Message")
    if not isinstance(message, str) or not message.strip():
        return None
    return message.strip().splitlines()[0][:200]
