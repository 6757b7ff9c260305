"""The client, with the tokens that it holds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import BrokerError
from .identity import Bearer, Identity, IdentityToken, SigV4
from .token import Token
from .vend import VendApi

#: The seconds of life below which a token is replaced before it is returned: enough for the longest call to Webex.
MIN_TTL = 300
#: The seconds for which a broker that failed is not asked again while a token lives.
_PAUSE = 5
#: The seconds for which a token is not reported again after the broker has confirmed that it lives.
_CONFIRMED = 60


@dataclass
class _Failure:
    """Why the last request failed, for which callers that counts, and until when."""

    error: BrokerError
    min_ttl: int
    number: int
    at: float
    until: float


@dataclass
class _Report:
    """The result of reporting a token."""

    sha256: str
    result: Token | BrokerError
    number: int
    at: float
    until: float


class _Slot:
    """What is known about one grant."""

    def __init__(self) -> None:
        # Locked during a request to the broker, so that concurrent callers wait for its result instead of asking too.
        self.lock = threading.Lock()
        self.results = 0
        self.held: Token | None = None
        self.failure: _Failure | None = None
        self.report: _Report | None = None

    def alive(self, now: float) -> Token | None:
        return self.held if self.held and self.held.lives(now, 0) else None

    def store(self, token: Token) -> Token:
        self.results += 1
        self.held = token
        self.failure = None
        return token

    def fail(self, error: BrokerError, min_ttl: int, now: float) -> None:
        self.results += 1
        if not error.leaves_grant_unknown:
            self.held = None
        pause = error.retry_after
        if pause is None:
            pause = _PAUSE if self.alive(now) else 0
        self.failure = _Failure(error, min_ttl, self.results, now, now + pause)


class Broker:
    """Asks the broker for tokens and holds them. Create one and share it between threads."""

    def __init__(
        self,
        url: str | None = None,
        *,
        identity_token: IdentityToken | None = None,
        session: Any = None,
        region: str | None = None,
        service: str | None = None,
        min_ttl: int = MIN_TTL,
        max_wait: float = 0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """A client of the broker at `url`; by default at the one in the variable `VEND_URL`.

        The caller is identified by `identity_token` (OIDC: a text, a file that is read again before each request, or a
        function), otherwise by AWS credentials as botocore finds them, or those of `session`. `region` and `service`
        (`lambda` or `execute-api`) are needed for an address that does not show them.

        `max_wait` is the longest time in seconds that `token` waits as `Retry-After` says. `clock` gives seconds since 1970.
        """
        url = os.environ.get("VEND_URL", "") if url is None else url
        identity: Identity = SigV4(url, session, region, service) if identity_token is None else Bearer(identity_token)
        self._api = VendApi(url, identity, clock)
        self._min_ttl = min_ttl
        self._max_wait = max_wait
        self._clock = clock
        self._sleep = sleep
        self._slots: dict[tuple[str, str], _Slot] = {}

    def token(self, app: str, subject: str, *, min_ttl: int | None = None) -> Token:
        """A token for the grant of `subject` to `app` with more than `min_ttl` seconds left; with less only if the broker
        does not answer. Raises `BrokerError`."""
        wanted = self._min_ttl if min_ttl is None else min_ttl
        slot = self._slot(app, subject)
        seen = slot.results
        deadline = self._clock() + self._max_wait
        with slot.lock:
            while True:
                now = self._clock()
                if slot.held and slot.held.lives(now, wanted):
                    return slot.held
                error = _remembered(slot.failure, wanted, seen, now) or self._fetch(slot, app, subject, wanted)
                if error is None:
                    assert slot.held is not None
                    return slot.held
                now = self._clock()
                held = slot.alive(now)
                if held:
                    return held
                if not error.retry_after or now + error.retry_after > deadline:
                    raise error
                seen = slot.results
                self._sleep(error.retry_after)

    def rejected(self, app: str, subject: str, token: Token) -> Token:
        """The token to use after Webex answered 401 to `token`. The broker is told once, however many callers report the
        same token. It gives the same token back if Webex confirms that it lives. Raises `BrokerError`."""
        slot = self._slot(app, subject)
        seen = slot.results
        with slot.lock:
            now = self._clock()
            held, report = slot.held, slot.report
            if held and held.sha256 != token.sha256 and held.lives(now, self._min_ttl):
                return held
            if report is None or report.sha256 != token.sha256 or not _counts(report, seen, now):
                report = slot.report = self._report(slot, app, subject, token.sha256)
                now = report.at
            if isinstance(report.result, Token):
                return report.result
            left = None if report.result.retry_after is None else report.until - now
            raise report.result.again(left)

    def _fetch(self, slot: _Slot, app: str, subject: str, min_ttl: int) -> BrokerError | None:
        try:
            slot.store(self._api.get(app, subject, min_ttl))
        except BrokerError as error:
            slot.fail(error, min_ttl, self._clock())
            return error
        return None

    def _report(self, slot: _Slot, app: str, subject: str, sha256: str) -> _Report:
        slot.held = None
        result: Token | BrokerError
        try:
            result = slot.store(self._api.report(app, subject, sha256))
            pause: float = _CONFIRMED
        except BrokerError as error:
            slot.results += 1
            result = error
            pause = error.retry_after or 0
        now = self._clock()
        return _Report(sha256, result, slot.results, now, now + pause)

    def _slot(self, app: str, subject: str) -> _Slot:
        # One atomic operation, so that threads agree on the slot.
        return self._slots.setdefault((app, subject), _Slot())


def _counts(result: _Failure | _Report, seen: int, now: float) -> bool:
    """Whether a result came while the caller waited, or still holds."""
    return result.number > seen or result.at <= now < result.until


def _remembered(failure: _Failure | None, min_ttl: int, seen: int, now: float) -> BrokerError | None:
    """The error of the last request, if this caller need not ask again. It counts for those who want as much life."""
    if failure is None or failure.min_ttl > min_ttl or not _counts(failure, seen, now):
        return None
    left = None if failure.error.retry_after is None else max(failure.until - now, 0)
    return failure.error.again(left)
