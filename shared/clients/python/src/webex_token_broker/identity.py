"""Identifies the caller to the broker."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, Union
from urllib.parse import urlsplit

from .errors import IdentityError

#: An OIDC identity token: the text, a file that is read before each request, or a function that is called before each.
IdentityToken = Union[str, "os.PathLike[str]", Callable[[], str]]

#: Addresses that name the service and the region to sign for.
_AWS_HOSTS = (
    ("lambda", re.compile(r"\.lambda-url\.([a-z0-9-]+)\.on\.aws$")),
    ("execute-api", re.compile(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$")),
)


class Identity(Protocol):
    """A way to identify the caller."""

    def headers(self, method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        """The headers that identify the caller of this request."""


class Bearer:
    """An OIDC identity token."""

    def __init__(self, source: IdentityToken) -> None:
        self._source = source

    def headers(self, method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        token = self._read().strip()
        if not token or any(character.isspace() for character in token):
            raise IdentityError("the identity token is empty or no token")
        return {"Authorization": f"Bearer {token}"}

    def _read(self) -> str:
        if isinstance(self._source, str):
            return self._source
        try:
            if isinstance(self._source, os.PathLike):
                return Path(self._source).read_text()
            return self._source()
        except Exception as error:
            raise IdentityError("the identity token cannot be read") from error


class SigV4:
    """AWS Signature Version 4 with botocore's credentials, which it renews itself."""

    def __init__(self, url: str, session: Any = None, region: str | None = None, service: str | None = None) -> None:
        host = urlsplit(url).hostname or ""
        for name, pattern in _AWS_HOSTS:
            found = pattern.search(host)
            if found:
                service, region = service or name, region or found.group(1)
        self._session = session
        self._region = region
        self._service = service or "lambda"

    def headers(self, method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        try:
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
        except ImportError as error:
            raise IdentityError("botocore is missing: install webex-token-broker[aws], or give identity_token") from error
        request = AWSRequest(method, url, data=body)
        try:
            SigV4Auth(self._credentials(), self._service, self._find_region()).add_auth(request)
        except IdentityError:
            raise
        except Exception as error:
            raise IdentityError("the request cannot be signed") from error
        return dict(request.headers)

    def _credentials(self) -> Any:
        if self._session is None:
            from botocore.session import Session

            self._session = Session()
        credentials = self._session.get_credentials()
        if credentials is None:
            raise IdentityError("no AWS credentials were found")
        return credentials.get_frozen_credentials()

    def _find_region(self) -> str:
        # botocore reads only AWS_DEFAULT_REGION; Lambda sets both.
        region = self._region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        if region is None and hasattr(self._session, "get_config_variable"):
            region = self._session.get_config_variable("region")
        if not region:
            raise IdentityError("no AWS region: set AWS_REGION or give region")
        return region
