"""Where the money in a wallet has come from: what arrived is kept apart by its source while what leaves uses it up.

Nothing is stored for it: the wallet's own postings, read from the first to the last, are the whole working.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from specie import ledger
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.money import Money
from specie.ledger import Side
from specie.platform.db import UnitOfWork
from specie.wallets import store
from specie.wallets.errors import HistoryTooLong
from specie.wallets.model import Wallet
from specie.wallets.postings import HOLD, RELEASE

MOST_LINES = 4_000
_PAGE = 500
OTHER, OVERDRAWN, PROMO = "other", "overdrawn", "promo"
_SET_ASIDE = frozenset({HOLD.name, RELEASE.name})


class Method(StrEnum):
    """Which money leaves first: the oldest, the newest, or some of everything in proportion."""

    FIFO = "fifo"
    LIFO = "lifo"
    PRO_RATA = "pro_rata"


@dataclass(frozen=True, slots=True)
class Flow:
    """One posting of a wallet: into it above zero, out of it below. `held` names where money is only set aside."""

    source: str
    minor: int
    entry_id: EntryId | None = None
    held: AccountId | None = None


class Lot(NamedTuple):
    """What is left of one arrival, in minor units. A tuple, since a long history makes millions of them."""

    source: str
    minor: int
    entry_id: EntryId | None = None
    n: int = 0
    """The how manieth arrival it was; what comes back from being set aside keeps its place."""

    def of(self, minor: int) -> "Lot":
        """So much of the same arrival."""
        return Lot(self.source, minor, self.entry_id, self.n)


@dataclass(frozen=True, slots=True)
class Provenance:
    """A balance and its parts, which sum to it; by source, and by arrival with the oldest first."""

    balance: Money
    method: Method
    lots: Sequence[Lot]

    def by_source(self) -> dict[str, Money]:
        """How much is left of each source."""
        sums: dict[str, int] = {}
        for lot in self.lots:
            sums[lot.source] = sums.get(lot.source, 0) + lot.minor
        return {name: Money(minor, self.balance.currency) for name, minor in sorted(sums.items())}

    @property
    def promo(self) -> Money:
        """What others have given away: it is not the owner's own money."""
        return self.by_source().get(PROMO, Money.zero(self.balance.currency))


_sources: dict[str, str] = {}


def name_sources(words: dict[str, str]) -> None:
    """Register what arrivals by these recipes are called, such as `promo` for cashback that has become available."""
    _sources.update(words)


def source_of(recipe: str) -> str:
    """What an arrival by a recipe is called; `other` where nobody has named it."""
    return _sources.get(recipe.split("@", maxsplit=1)[0], OTHER)


@dataclass(slots=True)
class _Trace:
    """The lots of a wallet, those that are set aside, and what it owes: money that left before any had come."""

    method: Method
    lots: list[Lot] = field(default_factory=list)
    aside: dict[AccountId, list[Lot]] = field(default_factory=dict)
    owed: int = 0
    arrivals: int = 0

    def arrive(self, flow: Flow) -> None:
        self.arrivals += 1
        lots = [Lot(flow.source, flow.minor, flow.entry_id, self.arrivals)]
        if flow.held is not None:
            lots = self._back_from(flow.held, lots[0])
        for lot in lots:
            repaid = min(self.owed, lot.minor)
            self.owed -= repaid
            if lot.minor > repaid:
                self.lots.append(lot.of(lot.minor - repaid) if repaid else lot)
        if flow.held is not None:
            self.lots = _joined(self.lots)

    def leave(self, flow: Flow) -> None:
        wanted = -flow.minor
        have = sum(lot.minor for lot in self.lots)
        self.owed += max(wanted - have, 0)
        taken = _take(self.lots, min(wanted, have), self.method)
        if flow.held is not None:
            kept = [lot.of(part) for lot, part in zip(self.lots, taken, strict=True) if part]
            self.aside.setdefault(flow.held, []).extend(kept)
        self.lots = _less(self.lots, taken)

    def _back_from(self, held: AccountId, arrival: Lot) -> list[Lot]:
        """What was set aside comes back as what it was; what is missing of it came from elsewhere."""
        lots = self.aside.get(held, [])
        taken = _take(lots, min(arrival.minor, sum(lot.minor for lot in lots)), self.method)
        back = [lot.of(part) for lot, part in zip(lots, taken, strict=True) if part]
        self.aside[held] = _less(lots, taken)
        rest = arrival.minor - sum(lot.minor for lot in back)
        return [*back, arrival.of(rest)] if rest else back


def trace(flows: Sequence[Flow], method: Method) -> list[Lot]:
    """What is left of each arrival after all flows, the oldest first. It sums to the flows' sum, whatever they are.

    What has left beyond what was there stands as one part below zero, `overdrawn`, until it is made good.
    """
    found = _Trace(method)
    for flow in flows:
        if flow.minor > 0:
            found.arrive(flow)
        else:
            found.leave(flow)
    return [*found.lots, *([Lot(OVERDRAWN, -found.owed)] if found.owed else [])]


def _take(lots: Sequence[Lot], minor: int, method: Method) -> list[int]:
    """How much of each lot goes, given that there is enough."""
    if method is Method.PRO_RATA:
        return _shares([lot.minor for lot in lots], minor)
    ordered = range(len(lots)) if method is Method.FIFO else range(len(lots) - 1, -1, -1)
    taken, rest = [0] * len(lots), minor
    for index in ordered:
        if not rest:
            break
        taken[index] = min(lots[index].minor, rest)
        rest -= taken[index]
    return taken


def _shares(sizes: Sequence[int], minor: int) -> list[int]:
    """A part of each in proportion to what is left for it and those after it: they sum, and none exceeds its size."""
    parts, whole, rest = [], sum(sizes), minor
    for size in sizes:
        part = rest * size // whole if whole else 0
        parts.append(part)
        whole, rest = whole - size, rest - part
    return parts


def _joined(lots: Sequence[Lot]) -> list[Lot]:
    """Each arrival once, the oldest first: what comes back from being set aside is one with what had stayed."""
    joined: list[Lot] = []
    for lot in sorted(lots, key=lambda lot: lot.n):
        if joined and joined[-1].n == lot.n:
            joined[-1] = lot.of(joined[-1].minor + lot.minor)
        else:
            joined.append(lot)
    return joined


def _less(lots: Sequence[Lot], taken: Sequence[int]) -> list[Lot]:
    # A movement touches few of many lots: the others stay the objects that they are.
    return [
        lot.of(lot.minor - part) if part else lot for lot, part in zip(lots, taken, strict=True) if lot.minor > part
    ]


async def provenance(uow: UnitOfWork, wallet: Wallet, method: Method, *, all_purses: bool = False) -> Provenance:
    """What a wallet's available balance consists of, or that of all its owner's purses in this currency.

    Raises HistoryTooLong for more than `MOST_LINES` movements of them together.
    """
    owned = [wallet]
    if all_purses:
        purses = await store.wallets_of(uow, wallet.party_id)
        owned = [one for one in purses if one.currency.code == wallet.currency.code]
    balance, movements = 0, 0
    histories: list[list[Flow]] = []
    for one in owned:
        has, flows = await _flows(uow, one, MOST_LINES - movements)
        balance += has
        movements += len(flows)
        histories.append(flows)
    # The working grows with the square of the movements, and nobody else may wait for it.
    lots = await asyncio.to_thread(_traced, histories, method)
    return Provenance(Money(balance, wallet.currency), method, lots)


def _traced(histories: Sequence[Sequence[Flow]], method: Method) -> list[Lot]:
    return [lot for flows in histories for lot in trace(flows, method)]


async def _flows(uow: UnitOfWork, wallet: Wallet, most: int) -> tuple[int, list[Flow]]:
    """The balance, and every posting that led to it, the oldest first; both as of the same posting.

    Raises HistoryTooLong for more than `most`.
    """
    account = await ledger.get_account(uow, wallet.available_account)
    lines: list[ledger.StatementLine] = []
    after = None
    while True:
        page = await ledger.statement(uow, account, after=after, limit=_PAGE)
        lines += page.items
        if len(lines) > most or (len(lines) == most and page.next_key is not None):
            raise HistoryTooLong(f"more than {MOST_LINES} movements have led to this balance")
        if page.next_key is None:
            break
        after = page.next_key
    flows = []
    for line in reversed(lines):
        sign = 1 if line.side is Side.CREDIT else -1
        held = line.other_account if line.recipe.split("@", maxsplit=1)[0] in _SET_ASIDE else None
        flows.append(Flow(source_of(line.recipe), sign * line.amount.minor, line.entry_id, held))
    return (lines[0].balance.minor if lines else 0), flows
