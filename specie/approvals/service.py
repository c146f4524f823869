"""Asking for a second person, deciding, running out; and the lines above which it is needed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from specie import audit, events, identity
from specie.approvals import store
from specie.approvals.errors import ApprovalMissing
from specie.approvals.events import told
from specie.approvals.model import Approval, ApprovalLine, ApprovalMove, ApprovalState, NewApproval
from specie.kernel.ids import ApprovalId
from specie.kernel.money import Currency, Money
from specie.platform import due
from specie.platform.db import UnitOfWork

EXPIRE = "approvals.expire"

Decided = Callable[[UnitOfWork, Approval], Awaitable[None]]

_listeners: dict[str, Decided] = {}


def on_decided(kind: str, listener: Decided) -> None:
    """Let a module act on the end of its requests inside the unit of work that ends them."""
    _listeners[kind] = listener


async def is_needed(uow: UnitOfWork, kind: str, amount: Money) -> bool:
    """Whether an act of this kind and size waits for a second person."""
    line = await store.line(uow, kind, amount.currency)
    return line is not None and amount > line.above


async def is_always_needed(uow: UnitOfWork, kind: str) -> bool:
    """Whether every decision of a kind that has no amount waits for a second person."""
    return kind in await store.rules(uow)


async def ask(uow: UnitOfWork, new: NewApproval) -> Approval:
    """Write down a request that a second person decides before it runs out."""
    actor = str(uow.scope.actor)
    asked = Approval(
        id=ApprovalId.new(),
        kind=new.kind,
        subject=new.subject,
        amount=new.amount,
        party_id=new.party_id,
        before=new.before,
        after=new.after,
        note=new.note,
        state=ApprovalState.OPEN,
        asked_by=actor,
        maker=await identity.person_behind(uow, uow.scope.actor),
        asked_at=uow.now,
        expires_at=uow.now + new.lasts,
        version=1,
    )
    await store.insert_approval(uow, asked)
    await due.schedule(uow, kind=EXPIRE, at=asked.expires_at, payload={"approval": str(asked.id.uuid)})
    subject = ("approval", str(asked.id))
    about = {"kind": new.kind, "subject": new.subject[1], "maker": asked.maker}
    await audit.record(uow, action="approval.ask", subject=subject, after=about, reason=new.note or None)
    await events.record(uow, told(asked))
    return asked


async def get(uow: UnitOfWork, approval_id: ApprovalId, *, lock: bool = False) -> Approval:
    """One request. Raises ApprovalMissing."""
    found = await store.approval_by_id(uow, approval_id, lock=lock)
    if found is None:
        raise ApprovalMissing(f"there is no request {approval_id}")
    return found


async def approve(uow: UnitOfWork, approval_id: ApprovalId, reason: str) -> Approval:
    """Say yes; what was asked for happens with it.

    Raises ApprovalMissing, ApprovalEnded, MakerCannotDecide, or ApprovalImpossible when it cannot happen any more.
    """
    return await _decide(uow, approval_id, ApprovalMove.APPROVE, reason)


async def refuse(uow: UnitOfWork, approval_id: ApprovalId, reason: str) -> Approval:
    """Say no. Raises ApprovalMissing, ApprovalEnded or MakerCannotDecide."""
    return await _decide(uow, approval_id, ApprovalMove.REFUSE, reason)


async def _decide(uow: UnitOfWork, approval_id: ApprovalId, move: ApprovalMove, reason: str) -> Approval:
    asked = await get(uow, approval_id, lock=True)
    checker = await identity.person_behind(uow, uow.scope.actor)
    decided = asked.decided(move, checker, uow.now, reason)
    await _end(uow, asked, decided, f"approval.{move}")
    return decided


async def expire(uow: UnitOfWork, approval_id: ApprovalId) -> None:
    """Let a request run out whose time has come; one that has ended stays as it is."""
    asked = await get(uow, approval_id, lock=True)
    if asked.state is not ApprovalState.OPEN or uow.now < asked.expires_at:
        return
    ended = replace(asked.after_move(ApprovalMove.EXPIRE), decided_at=uow.now)
    await _end(uow, asked, ended, "approval.expire")


async def open_about(uow: UnitOfWork, subject: tuple[str, str]) -> Approval | None:
    """The request about a thing that nobody has decided."""
    return await store.open_about(uow, subject)


async def withdraw(uow: UnitOfWork, subject: tuple[str, str]) -> None:
    """End the open request about a thing that is not wanted any more. Its module is not told: it did it."""
    asked = await store.open_about(uow, subject)
    if asked is None:
        return
    ended = replace(asked.after_move(ApprovalMove.WITHDRAW), decided_at=uow.now)
    await _save(uow, asked, ended, "approval.withdraw")


async def _end(uow: UnitOfWork, before: Approval, after: Approval, action: str) -> None:
    await _save(uow, before, after, action)
    listener = _listeners.get(after.kind)
    if listener is not None:
        await listener(uow, after)


async def _save(uow: UnitOfWork, before: Approval, after: Approval, action: str) -> None:
    await store.save_approval(uow, after)
    await audit.record(
        uow,
        action=action,
        subject=("approval", str(after.id)),
        before={"state": str(before.state)},
        after={"state": str(after.state), "subject": after.subject[1], "checker": after.checker},
        reason=after.reason,
    )
    await events.record(uow, told(after))


async def set_line(uow: UnitOfWork, kind: str, currency: Currency, above: Money | None) -> None:
    """From now on acts of this kind above an amount need a second person; None: no act does."""
    before = await store.line(uow, kind, currency)
    if above is None:
        await store.drop_line(uow, kind, currency)
    else:
        await store.put_line(uow, ApprovalLine(kind, above))
    await audit.record(
        uow,
        action="approval_line.set",
        subject=("approval_line", f"{kind}/{currency}"),
        before={"above_minor": before.above.minor if before else None},
        after={"above_minor": above.minor if above is not None else None},
    )


async def set_rule(uow: UnitOfWork, kind: str, *, is_needed: bool) -> None:
    """From now on decisions of this kind need a second person, or do not."""
    before = await is_always_needed(uow, kind)
    await (store.put_rule if is_needed else store.drop_rule)(uow, kind)
    await audit.record(
        uow,
        action="approval_rule.set",
        subject=("approval_rule", kind),
        before={"second_person": before},
        after={"second_person": is_needed},
    )
