"""Defects that can be planted in a process started for the purpose, each known to be fatal, each to be found out.

Nothing of this is reachable from the product: a defect replaces a function in the memory of one forked child. Each says
in the log when its wrong code has really run; a defect that never ran proves nothing about who did not find it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from specie.kernel.money import Money
from specie.ledger import batcher, model
from specie.payments import attempts, service
from specie.platform import idempotency
from specie.providers import inbox
from specie.wallets import holds, store, transfers

Note = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Defect:
    """What is planted, the flow that meets it (into which crash, if any), and who must find it, in his words."""

    name: str
    plant: Callable[[Note], None]
    flow: str
    found_by: str
    point: str = ""


def _floor_not_judged(note: Note) -> None:
    def require_room(account: Any, before_minor: int, after_minor: int) -> None:
        note()

    model._require_room = require_room


def _commit_dropped(note: Note) -> None:
    async def write(*_: object) -> None:
        note()

    batcher._write = write


def _key_not_remembered(note: Note) -> None:
    async def remember(*_: object) -> None:
        note()

    idempotency.remember = remember


def _callback_not_stored(note: Note) -> None:
    async def receive(*_: object) -> bool:
        note()
        return True

    inbox.receive = receive


def _due_made_twice(note: Note) -> None:
    make_due = transfers.make_due

    async def twice(uow: Any, transfer_id: Any) -> None:
        found = await store.transfer_by_id(uow, transfer_id)
        if found is not None:
            note()
            await transfers.transfer(uow, found[0].from_wallet, found[0].to_wallet, found[0].amount)
        await make_due(uow, transfer_id)

    transfers.make_due = twice


def _release_without_posting(note: Note) -> None:
    async def release_hold(uow: Any, hold_id: Any, event: Any = holds.HoldEvent.RELEASE) -> Any:
        note()
        hold, _ = await holds._get(uow, hold_id)
        after = hold.after(event)
        await store.update_hold(uow, after)
        return after

    holds.release_hold = release_hold


def _amount_times_hundred(note: Note) -> None:
    apply = service.apply

    async def larger(uow: Any, fact: Any) -> Any:
        if fact.amount is not None:
            note()
            fact = replace(fact, amount=Money(fact.amount.minor * 100, fact.amount.currency))
        return await apply(uow, fact)

    service.apply = larger
    inbox._subscribers[:] = [larger]


def _poll_forgotten(note: Note) -> None:
    async def schedule_poll(*_: object) -> None:
        note()

    attempts.schedule_poll = schedule_poll


def _running_balance_off(note: Note) -> None:
    move = model._Decision._move

    def off_by_one(self: Any, standing: Any, change_minor: int) -> None:
        note()
        move(self, standing, change_minor)
        standing.balance_minor += 1

    model._Decision._move = off_by_one


DEFECTS = {
    defect.name: defect
    for defect in (
        # The database judges the floor once more and refuses, so nothing is written and nobody can ever be answered.
        Defect("floor_not_judged", _floor_not_judged, "overdraft", "unsettled: bulk"),
        Defect("commit_dropped", _commit_dropped, "transfer", "lost: transfer"),
        Defect("key_not_remembered", _key_not_remembered, "hold", "doubled: hold", "place_hold.commit.after"),
        Defect("callback_not_stored", _callback_not_stored, "payment", "was taken and is not in the inbox"),
        Defect("due_made_twice", _due_made_twice, "scheduled_transfer", "that no client and no schedule asked for"),
        Defect("release_without_posting", _release_without_posting, "hold", "lost: release"),
        Defect("amount_times_hundred", _amount_times_hundred, "payment", "doubled: payment"),
        Defect("poll_forgotten", _poll_forgotten, "payment_that_has_to_be_asked_for", "lost: payment"),
        # It adds up for itself as well.
        Defect("running_balance_off", _running_balance_off, "bulk", "unsettled: bulk"),
    )
}
