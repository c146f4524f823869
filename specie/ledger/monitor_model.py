"""Lines on balances, and which of them an entry has crossed; no I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from specie.events import NewEvent
from specie.kernel.ids import AccountId, PrefixedId
from specie.kernel.money import Money
from specie.ledger.model import Account, JournalEntry

CROSSED = "ledger.balance.crossed"


class MonitorId(PrefixedId, prefix="mon"):
    """A line on an account's balance."""


class Direction(StrEnum):
    """The side of the limit that is told about."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Monitor:
    """A limit on an account, and on which side of it the balance is worth an event."""

    id: MonitorId
    account_id: AccountId
    direction: Direction
    limit: Money
    created_at: datetime

    def is_crossed(self, before_minor: int, after_minor: int) -> bool:
        """Whether a balance went beyond the limit; one that lay beyond already crosses nothing, nor does the limit."""
        if self.direction is Direction.BELOW:
            return before_minor >= self.limit.minor > after_minor
        return before_minor <= self.limit.minor < after_minor


def crossings(
    monitors: Sequence[Monitor], accounts: Mapping[AccountId, Account], entries: Iterable[JournalEntry]
) -> list[tuple[JournalEntry, NewEvent]]:
    """What there is to tell about entries decided in this order, each judged as a whole.

    An entry that passes a limit and comes back has crossed nothing.
    """
    balances = {monitor.account_id: accounts[monitor.account_id].balance.minor for monitor in monitors}
    told: list[tuple[JournalEntry, NewEvent]] = []
    for entry in entries:
        after = _ends(entry)
        for monitor in monitors:
            end = after.get(monitor.account_id)
            if end is not None and monitor.is_crossed(balances[monitor.account_id], end[0]):
                told.append((entry, _event(monitor, accounts[monitor.account_id], entry, *end)))
        balances |= {account_id: end[0] for account_id, end in after.items()}
    return told


def _ends(entry: JournalEntry) -> dict[AccountId, tuple[int, int]]:
    """Balance and version of each account after the last posting of an entry."""
    ends: dict[AccountId, tuple[int, int]] = {}
    for posting in entry.postings:
        ends[posting.debit] = (posting.debit_balance.minor, posting.debit_version)
        ends[posting.credit] = (posting.credit_balance.minor, posting.credit_version)
    return ends


def _event(monitor: Monitor, account: Account, entry: JournalEntry, balance_minor: int, version: int) -> NewEvent:
    code = account.currency.code
    return NewEvent(
        type=CROSSED,
        subject=("account", str(account.id)),
        version=version,
        data={
            "monitor_id": str(monitor.id),
            "account_id": str(account.id),
            # The code, not the name: names of accounts may be names of people, and events are never erased.
            "name": account.code,
            "direction": monitor.direction.value,
            "limit": {"amount": monitor.limit.minor, "currency": code},
            "balance": {"amount": balance_minor, "currency": code},
            "entry_id": str(entry.id),
        },
        party_id=account.owner,
    )
