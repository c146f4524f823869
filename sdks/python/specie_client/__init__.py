"""A client for Specie. A request is a value: make it once, send it as often as the network makes you.

`Client` and `AsyncClient` send the requests that `payments`, `wallets`, `transfers`, `payouts`, `invoices`,
`parties`, `ledger` and `endpoints` make. Refusals are `Problem`s.
"""

from specie_client import endpoints, invoices, ledger, parties, payments, payouts, transfers, wallets, webhooks
from specie_client.calls import Call, Feed, Listing, call, feed
from specie_client.client import AsyncClient, Client
from specie_client.errors import (
    Conflict,
    Forbidden,
    NoAnswer,
    NotFound,
    Problem,
    RateLimited,
    Refused,
    ServerFault,
    Unauthenticated,
)
from specie_client.retry import Retries

__all__ = [
    "AsyncClient",
    "Call",
    "Client",
    "Conflict",
    "Feed",
    "Forbidden",
    "Listing",
    "NoAnswer",
    "NotFound",
    "Problem",
    "RateLimited",
    "Refused",
    "Retries",
    "ServerFault",
    "Unauthenticated",
    "call",
    "endpoints",
    "feed",
    "invoices",
    "ledger",
    "parties",
    "payments",
    "payouts",
    "transfers",
    "wallets",
    "webhooks",
]  # fmt: skip
