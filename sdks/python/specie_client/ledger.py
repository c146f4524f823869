"""Accounts, entries and the trial balance."""

from __future__ import annotations

from collections.abc import Sequence

from specie_client.calls import Call, Listing, call, given, path
from specie_client.types import Account, Entry, Posting, TrialBalance


def open_account(
    *, code: str, currency: str, name: str | None = None, floor: int | None = None, owner: str | None = None
) -> Call[Account]:
    """Open an account such as `asset:bank:main`; `floor` is the least it may hold, in minor units."""
    body = {"code": code, "currency": currency, "name": name, "floor": floor, "owner": owner}
    return call("POST", "/ledger/accounts", body=body)


def accounts(*, prefix: str | None = None, owner: str | None = None, limit: int = 100) -> Listing[Account]:
    """Accounts with their balances."""
    return Listing("/ledger/accounts", given({"prefix": prefix, "owner": owner, "limit": limit}))


def post(*, description: str, postings: Sequence[Posting], effective_at: str | None = None) -> Call[Entry]:
    """Post an entry."""
    body = {"description": description, "postings": postings, "effective_at": effective_at}
    return call("POST", "/ledger/entries", body=body)


def get_entry(entry_id: str) -> Call[Entry]:
    """One entry."""
    return call("GET", path("/ledger/entries/{}", entry_id))


def entries(*, recipe: str | None = None, limit: int = 100) -> Listing[Entry]:
    """Entries, the newest first."""
    return Listing("/ledger/entries", given({"recipe": recipe, "limit": limit}))


def reverse(entry_id: str, *, effective_at: str, reason: str) -> Call[Entry]:
    """Post the opposite of an entry."""
    body = {"effective_at": effective_at, "reason": reason}
    return call("POST", path("/ledger/entries/{}/reverse", entry_id), body=body)


def trial_balance(*, as_of: str | None = None, depth: int = 2) -> Call[TrialBalance]:
    """Every balance at the end of a day, summed at the first `depth` parts of the codes; 8 names each account."""
    return call("GET", "/ledger/trial-balance", {"as_of": as_of, "depth": depth})
