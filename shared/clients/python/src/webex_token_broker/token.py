"""A token from the broker."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Token:
    """A Webex access token. `repr` and `str` do not show it."""

    #: The text, for the `Authorization` header of a request to Webex and nothing else.
    value: str = field(repr=False)
    #: The time at which the token expires, in seconds since 1970.
    expires_at: float
    #: The time at which the token was asked for.
    received_at: float = field(repr=False)

    @property
    def sha256(self) -> str:
        """The SHA-256 in hexadecimal digits, which identifies the token without revealing it."""
        return hashlib.sha256(self.value.encode()).hexdigest()

    def lives(self, now: float, min_ttl: float) -> bool:
        """Whether more than `min_ttl` seconds are left. A clock that was set back proves nothing."""
        return self.received_at <= now and self.expires_at - now > min_ttl
