"""Webex access tokens from a webex-token-broker.

    from webex_token_broker import Broker

    broker = Broker("https://abc.lambda-url.eu-central-1.on.aws")
    token = broker.token("reports", "ce861fba-6e2f-49f9-9a84-b354008fac9e")

The broker keeps a token until shortly before it expires, sends one request for concurrent callers of the same grant, and
serves a token that still lives while the deployment does not answer. Create one `Broker` and share it.
"""

from .broker import Broker
from .errors import AddressError, BrokerError, IdentityError, Refused, UnexpectedAnswer, Unreachable
from .token import Token

__all__ = [
    "AddressError",
    "Broker",
    "BrokerError",
    "IdentityError",
    "Refused",
    "Token",
    "UnexpectedAnswer",
    "Unreachable",
]
