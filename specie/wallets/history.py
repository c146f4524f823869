"""What a wallet's owner sees of its movements, with whom it dealt and what was left after each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from specie import ledger, parties
from specie.kernel.ids import EntryId, PartyId, WalletId
from specie.kernel.money import Money
from specie.kernel.pagination import Page
from specie.ledger import Side, StatementLine
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.wallets import store
from specie.wallets.model import Wallet
from specie.wallets.postings import note_of


class Direction(StrEnum):
    """Which way money moved, seen from the wallet."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a wallet's history; the balance is the available one after it."""

    entry_id: EntryId
    recipe: str
    description: str
    note: str | None
    is_incoming: bool
    amount: Money
    balance_after: Money
    counterparty_wallet: WalletId | None
    counterparty_name: str | None
    effective_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which movements: recorded from `since` and before `until`, in one direction, and naming a text.

    A text is looked for in titles and notes; whole, it may also be a reference.
    """

    since: datetime | None = None
    until: datetime | None = None
    direction: Direction | None = None
    containing: str | None = None


EVERYTHING = Wanted()


async def history(
    uow: UnitOfWork,
    vault: KeyRing,
    wallet: Wallet,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
    wanted: Wanted = EVERYTHING,
) -> Page[Movement]:
    """The wallet's movements, or those that are wanted, the newest first."""
    # A wallet is a liability: a credit raises what its owner has.
    sides = {Direction.IN: Side.CREDIT, Direction.OUT: Side.DEBIT}
    account = await ledger.get_account(uow, wallet.available_account)
    page = await ledger.statement(
        uow,
        account,
        after=after,
        limit=limit,
        since=wanted.since,
        until=wanted.until,
        only=sides[wanted.direction] if wanted.direction else None,
        containing=wanted.containing,
    )
    others = await store.wallets_by_accounts(uow, [line.other_account for line in page.items])
    names = await _names(uow, vault, [other.party_id for other in others.values()])
    return page.map(lambda line: _movement(line, others.get(line.other_account), names))


async def _names(uow: UnitOfWork, vault: KeyRing, ids: Sequence[PartyId]) -> dict[PartyId, str]:
    found = await parties.names(uow, vault, ids)
    if uow.scope.party_id is None:
        return found
    return {one: name if one == uow.scope.party_id else parties.masked(name) for one, name in found.items()}


def _movement(line: StatementLine, other: Wallet | None, names: dict[PartyId, str]) -> Movement:
    return Movement(
        entry_id=line.entry_id,
        recipe=line.recipe,
        description=line.description,
        note=note_of(line.recipe, line.metadata),
        is_incoming=line.side is Side.CREDIT,
        amount=line.amount,
        balance_after=line.balance,
        counterparty_wallet=other.id if other else None,
        counterparty_name=names.get(other.party_id) if other else None,
        effective_at=line.effective_at,
        recorded_at=line.recorded_at,
    )


async def find_recipient(uow: UnitOfWork, vault: KeyRing, text: str, sender: Wallet) -> tuple[Wallet, str] | None:
    """The wallet behind a wallet id, e-mail address or phone number, in the sender's currency, and its masked name."""
    wallet = await _recipient_wallet(uow, vault, text.strip(), sender)
    if wallet is None:
        return None
    names = await parties.names(uow, vault, [wallet.party_id])
    return wallet, parties.masked(names[wallet.party_id])


async def _recipient_wallet(uow: UnitOfWork, vault: KeyRing, text: str, sender: Wallet) -> Wallet | None:
    if text.startswith(f"{WalletId.prefix}_"):
        return await store.any_wallet_by_id(uow, WalletId.parse(text))
    party_id = await parties.find_by_contact(uow, vault, text)
    if party_id is None:
        return None
    return await store.wallet_of(uow, party_id, sender.currency, sender.purpose)
