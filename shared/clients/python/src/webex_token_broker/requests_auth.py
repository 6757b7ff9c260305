"""`requests` with tokens of the broker: `session.auth = WebexAuth(broker, "reports", org)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from requests import PreparedRequest, Response
from requests.auth import AuthBase
from requests.utils import rewind_body

from .broker import Broker
from .hosts import WEBEX_HOSTS, may_see_token
from .token import Token


class WebexAuth(AuthBase):
    """Sends the grant's token to Webex and to no other host. Webex's 401 is reported to the broker, and the request is
    sent once more if that gives another token."""

    def __init__(self, broker: Broker, app: str, subject: str, *, hosts: Iterable[str] = WEBEX_HOSTS) -> None:
        self._broker = broker
        self._app = app
        self._subject = subject
        self._hosts = tuple(hosts)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if not may_see_token(request.url or "", self._hosts):
            return request
        token = self._broker.token(self._app, self._subject)
        request.headers["Authorization"] = f"Bearer {token.value}"

        def retry(response: Response, **options: Any) -> Response:
            return self._retry(token, response, options)

        request.hooks["response"].append(retry)
        return request

    def _retry(self, token: Token, response: Response, options: dict[str, Any]) -> Response:
        # `requests` keeps the hook and drops the token when it follows a redirect to another host.
        request = response.request
        if response.status_code != 401 or request.headers.get("Authorization") != f"Bearer {token.value}":
            return response
        new = self._broker.rejected(self._app, self._subject, token)
        if new.value == token.value or not _can_be_sent_again(request):
            return response
        response.content  # so that the connection can be used again
        response.close()
        again = request.copy()
        if again._body_position is not None:  # type: ignore[attr-defined]
            rewind_body(again)
        again.headers["Authorization"] = f"Bearer {new.value}"
        second: Response = response.connection.send(again, **options)
        second.history.append(response)
        second.request = again
        return second


def _can_be_sent_again(request: PreparedRequest) -> bool:
    position = request._body_position  # type: ignore[attr-defined]
    return request.body is None or isinstance(request.body, (str, bytes)) or isinstance(position, int)
