"""Journals written by people that a second person decides: nothing is posted until somebody else has said yes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from specie import approvals
from specie.approvals import Approval, ApprovalImpossible, ApprovalState, NewApproval
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.money import Currency, Money
from specie.ledger import postings, read_store, service
from specie.ledger.errors import AccountMissing, JournalNeedsApproval, JournalWaits
from specie.ledger.model import EntryDraft, JournalEntry, Leg, require_journals
from specie.platform.db import UnitOfWork

KIND = "journal"
_JOURNAL = "journal"
_ENTRY = "entry"


async def post(uow: UnitOfWork, draft: EntryDraft) -> JournalEntry | Approval:
    """Post a manual journal, or ask a second person when it goes above the tenant's line.

    Raises AccountMissing, AccountControlled or the refusals of `service.post`.
    """
    above = await _above(uow, [draft])
    if above is None:
        return await service.post(uow, draft)
    after = {
        "description": draft.description,
        "effective_at": draft.effective_at.isoformat() if draft.effective_at else None,
        "postings": await _told(uow, draft),
    }
    # Named by the request that asked: the entry gets its id when it is posted.
    subject = (_JOURNAL, str(uow.scope.request_id))
    return await approvals.ask(uow, NewApproval(KIND, subject, above, after=after, note=draft.description))


async def reverse(
    uow: UnitOfWork, entry_id: EntryId, *, effective_at: datetime, reason: str
) -> JournalEntry | Approval:
    """Reverse an entry, or ask a second person when what it moves goes above the tenant's line.

    Raises JournalWaits while one has not decided, or the refusals of `service.reverse`.
    """
    subject = (_ENTRY, str(entry_id))
    # The draft locks the entry's accounts first: of two that ask at once the second then sees what the first asked.
    draft = await service.reversal_draft(uow, entry_id, effective_at=effective_at, reason=reason)
    if await approvals.open_about(uow, subject) is not None:
        raise JournalWaits("let it be decided first", entry_id=str(entry_id))
    above = await _above(uow, [draft])
    if above is None:
        return await service.reverse(uow, entry_id, effective_at=effective_at, reason=reason)
    after = {
        "reverses": str(entry_id),
        "effective_at": effective_at.isoformat(),
        "postings": await _told(uow, draft),
    }
    return await approvals.ask(uow, NewApproval(KIND, subject, above, after=after, note=reason))


async def require_below_line(uow: UnitOfWork, drafts: Sequence[EntryDraft]) -> None:
    """Refuse many journals at once that together need a second person. Raises JournalNeedsApproval."""
    above = await _above(uow, drafts)
    if above is not None:
        raise JournalNeedsApproval(
            f"together they move {above}, which is above the line: post them one by one, each waits for its yes",
            amount=above.as_json(),
        )


async def decided(uow: UnitOfWork, approval: Approval) -> None:
    """Post what a second person has said yes to, with both their names. Raises ApprovalImpossible."""
    if approval.state is not ApprovalState.APPROVED:
        return
    try:
        await _post_decided(uow, approval)
    except SpecieError as refused:
        raise ApprovalImpossible(str(refused), reason=refused.code) from refused


async def _post_decided(uow: UnitOfWork, approval: Approval) -> None:
    said = approval.after
    effective_at = datetime.fromisoformat(said["effective_at"]) if said["effective_at"] else None
    about = {"approval_id": str(approval.id), "asked_by": approval.asked_by}
    if approval.subject[0] == _ENTRY and effective_at is not None:
        entry_id = EntryId.parse(approval.subject[1])
        await service.reverse(
            uow, entry_id, effective_at=effective_at, reason=approval.note, approver=approval.checker, about=about
        )
        return
    sides = [
        (
            AccountId.parse(each["debit_account"]),
            AccountId.parse(each["credit_account"]),
            Money(each["amount"]["amount"], Currency.of(each["amount"]["currency"])),
        )
        for each in said["postings"]
    ]
    draft = postings.manual_entry(
        sides, description=said["description"], effective_at=effective_at, approver=approval.checker, about=about
    )
    await service.post(uow, draft)


async def above_line(uow: UnitOfWork, amounts: Iterable[Money]) -> Money | None:
    """What these come to in a currency in which a journal of that size needs a second person; None: one is enough."""
    sums: dict[str, int] = defaultdict(int)
    for amount in amounts:
        sums[amount.currency.code] += amount.minor
    for code, minor in sorted(sums.items()):
        moved = Money(min(minor, Money.MAX_MINOR), Currency.of(code))
        if await approvals.is_needed(uow, KIND, moved):
            return moved
    return None


async def _above(uow: UnitOfWork, drafts: Sequence[EntryDraft]) -> Money | None:
    return await above_line(uow, [_amount(leg) for draft in drafts for leg in draft.legs])


async def _told(uow: UnitOfWork, draft: EntryDraft) -> list[dict[str, Any]]:
    accounts = await read_store.accounts_by_ids(uow, list(draft.account_ids()))
    missing = draft.account_ids() - accounts.keys()
    if missing:
        raise AccountMissing(f"there is no account {min(missing, key=str)}")
    if draft.by_hand:
        # Nobody is asked to decide what would be refused afterwards.
        for account in accounts.values():
            require_journals(account.code)
    return [
        {
            "debit_account": str(leg.debit),
            "debit_code": accounts[leg.debit].code,
            "credit_account": str(leg.credit),
            "credit_code": accounts[leg.credit].code,
            "amount": _amount(leg).as_json(),
        }
        for leg in draft.legs
    ]


def _amount(leg: Leg) -> Money:
    """What a leg moves; a journal by hand has no leg whose amount is only known under the lock."""
    return cast(Money, leg.amount)
