"""Why there is no token."""

from __future__ import annotations

import copy


class BrokerError(Exception):
    """Any error of this package."""

    #: The seconds to wait before asking again, if the broker gave them.
    retry_after: float | None = None

    @property
    def leaves_grant_unknown(self) -> bool:
        """Whether the error says nothing about the grant, so that a token of it may still be used."""
        return True

    def again(self, retry_after: float | None) -> BrokerError:
        """A copy to raise in another thread or at a later time."""
        error = copy.copy(self)
        error.retry_after = retry_after
        error.__cause__ = self.__cause__
        return error


class AddressError(BrokerError):
    """The broker's address is not an http or https URL, or an app or a subject cannot stand in one."""


class IdentityError(BrokerError):
    """The request could not be authorised: no AWS credentials, or no identity token."""


class Unreachable(BrokerError):
    """The broker could not be reached, or did not answer in time."""


class UnexpectedAnswer(BrokerError):
    """The answer is neither a token nor a problem document, for example a proxy's page."""

    def __init__(self, status: int, message: str | None) -> None:
        text = f"the broker's answer with status {status} is neither a token nor a problem document"
        super().__init__(f"{text}: {message}" if message else text)
        self.status = status
        #: The first line of what AWS said, for example about a signature.
        self.message = message

    def __copy__(self) -> UnexpectedAnswer:
        return UnexpectedAnswer(self.status, self.message)


class Refused(BrokerError):
    """The broker refused the request with a problem document (RFC 9457)."""

    def __init__(self, status: int, kind: str, detail: str, tracking_id: str | None) -> None:
        super().__init__(f"the broker answered {status}: {detail}")
        self.status = status
        #: The problem type: `urn:webex-token-broker:problem:…`
        self.kind = kind
        #: What happened, in words.
        self.detail = detail
        #: Webex's tracking id, if the refusal has one. Cisco's support asks for it.
        self.tracking_id = tracking_id

    def __copy__(self) -> Refused:
        return Refused(self.status, self.kind, self.detail, self.tracking_id)

    @property
    def leaves_grant_unknown(self) -> bool:
        return self.status == 429 or self.status >= 500
