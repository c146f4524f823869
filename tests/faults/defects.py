"""Defects that can be planted in a process started for the purpose, each known to be fatal, each to be found out.

Nothing of this is reachable from the product: a defect replaces a function in the memory of one forked child. Each says
in the log when its wrong code has really run; a defect that never ran proves nothing about who did not find it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from specie.billing import receiving
from specie.cashback import booking
from specie.kernel.ids import EntryId
from specie.kernel.money import Money
from specie.ledger import decision
from specie.ledger.orders import Batch
from specie.payments import attempts, service
from specie.payouts import attempts as payout_attempts
from specie.payouts import sending
from specie.payouts import service as payouts
from specie.payouts.model import AttemptState
from specie.platform import idempotency
from specie.platform.pipeline import Statement
from specie.providers import inbox
from specie.purchases import tenders
from specie.stock import postings as stock_postings
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


def _replace(where: Any, name: str, made: object) -> None:
    """Put something else in the place of what is there. Raises AttributeError where it has gone by another name."""
    getattr(where, name)
    setattr(where, name, made)


def _floor_not_judged(note: Note) -> None:
    def require_room(account: Any, before_minor: int, after_minor: int) -> None:
        note()

    _replace(decision, "_require_room", require_room)


def _commit_dropped(note: Note) -> None:
    def nothing(_: object) -> list[Statement]:
        note()
        return []

    _replace(Batch, "writing", nothing)


def _key_not_remembered(note: Note) -> None:
    async def remember(*_: object) -> None:
        note()

    _replace(idempotency, "remember", remember)


def _callback_not_stored(note: Note) -> None:
    async def receive(_uow: object, _link: object, found: Sequence[object]) -> list[bool]:
        note()
        return [True] * len(found)

    _replace(inbox, "receive", receive)


def _due_made_twice(note: Note) -> None:
    make_due = transfers.make_due

    async def twice(uow: Any, transfer_id: Any) -> None:
        found = await store.transfer_by_id(uow, transfer_id)
        if found is not None:
            note()
            await transfers.transfer(uow, found[0].from_wallet, found[0].to_wallet, found[0].amount)
        await make_due(uow, transfer_id)

    _replace(transfers, "make_due", twice)


def _release_without_posting(note: Note) -> None:
    async def release_hold(uow: Any, hold_id: Any, event: Any = holds.HoldEvent.RELEASE) -> Any:
        note()
        hold, _ = await holds._get(uow, hold_id)
        after = hold.after(event)
        await store.update_hold(uow, after)
        return after

    _replace(holds, "release_hold", release_hold)


def _amount_times_hundred(note: Note) -> None:
    apply = service.apply

    async def larger(uow: Any, fact: Any) -> Any:
        if fact.amount is not None:
            note()
            fact = replace(fact, amount=Money(fact.amount.minor * 100, fact.amount.currency))
        return await apply(uow, fact)

    _replace(service, "apply", larger)
    inbox._subscribers[:] = [larger]


def _poll_forgotten(note: Note) -> None:
    async def schedule_poll(*_: object) -> None:
        note()

    _replace(attempts, "schedule_poll", schedule_poll)


def _running_balance_off(note: Note) -> None:
    move = decision._Decision._move

    def off_by_one(self: Any, standing: Any, change_minor: int) -> None:
        note()
        move(self, standing, change_minor)
        standing.balance_minor += 1

    _replace(decision._Decision, "_move", off_by_one)


def _payout_sent_twice(note: Note) -> None:
    claim, perform = payout_attempts.claim, sending.perform
    taken: list[Any] = []

    async def remembered(*given: Any) -> Any:
        ticket = await claim(*given)
        taken.extend([ticket] if ticket is not None else [])
        return ticket

    async def performed(link: Any, call: Any, outbound: Any, **lease: Any) -> Any:
        outcome = await perform(link, call, outbound, **lease)
        if taken:
            note()
            wanted = taken.pop().request
            other = replace(wanted, reference=f"{wanted.reference[:-1]}_", key=f"{wanted.key}-again")
            await perform(link, link.adapter.create_payout(other), outbound, **lease)
        return outcome

    _replace(payout_attempts, "claim", remembered)
    _replace(sending, "perform", performed)


def _silence_is_failure(note: Note) -> None:
    async def unknown(uow: Any, attempt_id: Any, reason: str) -> None:
        note()
        payout, attempt = await payout_attempts._locked(uow, attempt_id)
        await payouts.turn_attempt(uow, replace(attempt, reason=reason), AttemptState.FAILED, reason)
        await payouts.give_up(uow, payout, "no_answer", reason)

    _replace(payout_attempts, "unknown", unknown)


def _cashback_released_twice(note: Note) -> None:
    post_fact = booking.post_fact

    async def twice(uow: Any, draft: Any, event: Any) -> Any:
        if draft.recipe.name == "cashback.mature":
            note()
            await post_fact(uow, replace(draft, id=EntryId.new()), None)
        return await post_fact(uow, draft, event)

    _replace(booking, "post_fact", twice)


def _cost_of_goods_short(note: Note) -> None:
    moved = stock_postings.moved

    def short(*given: Any) -> Any:
        draft = moved(*given)
        if draft is None:
            return None
        note()
        legs = [replace(leg, amount=leg.amount - Money(1, leg.amount.currency)) for leg in draft.legs]
        return replace(draft, legs=legs)

    _replace(stock_postings, "moved", short)


def _receipt_allocated_twice(note: Note) -> None:
    pay = receiving.pay

    async def twice(uow: Any, source: Any, invoice: Any, amount: Any) -> Any:
        note()
        await pay(uow, source, invoice, amount)
        return await pay(uow, source, invoice, amount)

    _replace(receiving, "pay", twice)


def _leg_given_back_short(note: Note) -> None:
    give_back = tenders.Purses.give_back

    async def short(self: Any, step: Any, leg: Any, amount: Money) -> Any:
        note()
        made = await give_back(self, step, leg, amount - Money(1, amount.currency))
        return replace(made, amount=amount)

    _replace(tenders.Purses, "give_back", short)


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
        Defect("payout_sent_twice", _payout_sent_twice, "paid_out_and_told_twice", "(2, 18000) instead of (1, 9000)"),
        Defect("silence_is_failure", _silence_is_failure, "paid_out_in_doubt", "never shows what is waited for"),
        Defect("cost_of_goods_short", _cost_of_goods_short, "goods_bought_sold_and_counted", "L-16"),
        Defect("leg_given_back_short", _leg_given_back_short, "bought_by_three_means", "purse of buyer"),
        # The ledger's floors refuse these, so that what was to happen does not.
        Defect(
            "cashback_released_twice",
            _cashback_released_twice,
            "earned_spent_and_taken_back",
            "never shows what is waited for",
        ),
        Defect("receipt_allocated_twice", _receipt_allocated_twice, "invoiced_paid_and_credited", "receipt: refused"),
        # It adds up for itself as well.
        Defect("running_balance_off", _running_balance_off, "bulk", "unsettled: bulk"),
    )
}
