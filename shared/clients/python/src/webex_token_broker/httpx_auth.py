"""`httpx` with tokens of the broker: `httpx.Client(auth=WebexAuth(broker, "reports", org))`, or an `AsyncClient`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable

import anyio.to_thread
import httpx

from .broker import Broker
from .hosts import WEBEX_HOSTS, may_see_token


class WebexAuth(httpx.Auth):
    """Sends the grant's token to Webex and to no other host. Webex's 401 is reported to the broker, and the request is
    sent once more if that gives another token."""

    def __init__(self, broker: Broker, app: str, subject: str, *, hosts: Iterable[str] = WEBEX_HOSTS) -> None:
        self._broker = broker
        self._app = app
        self._subject = subject
        self._hosts = tuple(hosts)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not may_see_token(str(request.url), self._hosts):
            yield request
            return
        token = self._broker.token(self._app, self._subject)
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if _is_refusal(request, response):
            new = self._broker.rejected(self._app, self._subject, token)
            if new.value != token.value and _can_be_sent_again(request):
                request.headers["Authorization"] = f"Bearer {new.value}"
                yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if not may_see_token(str(request.url), self._hosts):
            yield request
            return
        # The broker waits for the network, so that it runs in a thread.
        token = await anyio.to_thread.run_sync(self._broker.token, self._app, self._subject)
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if _is_refusal(request, response):
            new = await anyio.to_thread.run_sync(self._broker.rejected, self._app, self._subject, token)
            if new.value != token.value and _can_be_sent_again(request):
                request.headers["Authorization"] = f"Bearer {new.value}"
                yield request


def _is_refusal(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether Webex refused the token. After a redirect to another host the answer is not about it."""
    sent = response.request.headers.get("Authorization")
    return response.status_code == 401 and sent == request.headers["Authorization"]


def _can_be_sent_again(request: httpx.Request) -> bool:
    return isinstance(request.stream, httpx.ByteStream)
