"""What people do: match by hand, write off, take a match back, look after exceptions."""

from collections.abc import Sequence
from dataclasses import replace

from specie import audit, events, ledger
from specie.kernel.errors import InvalidField
from specie.kernel.ids import AccountId, EntryId
from specie.ledger import PostingCurrency
from specie.platform.db import UnitOfWork
from specie.reconciliation import exception_store, item_store, postings, running, service, store
from specie.reconciliation.errors import (
    MatchMissing,
    MatchReopened,
    NotOpen,
    ReconciliationExceptionEnded,
    ReconciliationExceptionMissing,
)
from specie.reconciliation.events import exception_told, reopened
from specie.reconciliation.model import (
    ExceptionKind,
    Item,
    Line,
    LineId,
    LineState,
    Match,
    MatchId,
    ReconException,
    ReconExceptionId,
    Rule,
    Source,
    SourceId,
)


async def match_by_hand(
    uow: UnitOfWork,
    source_id: SourceId,
    lines: Sequence[LineId],
    items: Sequence[EntryId],
    difference_to: AccountId | None,
    note: str,
) -> Match:
    """Say that these lines and items are the same money; what is left over goes to an account. With only lines or
    only items that is a write-off.

    Raises SourceMissing, NotOpen, DifferenceTooLarge, AccountMissing, PostingCurrency, or the refusals of the ledger.
    """
    source = await service.fresh_source(uow, source_id)
    chosen_lines, chosen_items = await _chosen(uow, source, lines, items)
    if difference_to is not None:
        account = await ledger.get_account(uow, difference_to)
        if account.currency != source.currency:
            raise PostingCurrency(f"{account.code} is kept in {account.currency}", param="difference_account_id")
        if account.id in (source.account_id, source.target_id):
            raise InvalidField("the difference cannot go to the source's own accounts", param="difference_account_id")
    rule = Rule.HAND if lines and items else Rule.WRITE_OFF
    [made] = await running.post_matches(uow, source, [(rule, chosen_lines, chosen_items)], difference_to, note)
    await running.settle_exceptions(uow, source, str(rule))
    await audit.record(
        uow,
        action=f"reconciliation.{rule}",
        subject=("reconciliation_match", str(made.id)),
        after={
            "lines": [str(each) for each in lines],
            "items": [str(each) for each in items],
            "lines_minor": made.lines.minor,
            "items_minor": made.items.minor,
            "difference_account": str(difference_to) if difference_to else None,
        },
        reason=note or None,
    )
    return made


async def _chosen(
    uow: UnitOfWork, source: Source, lines: Sequence[LineId], items: Sequence[EntryId]
) -> tuple[list[Line], list[Item]]:
    found_lines = [each for each in await store.lines_by_ids(uow, source, lines) if each.state is LineState.OPEN]
    found_items = await item_store.open_by_ids(uow, source, items)
    if len(found_lines) != len(set(lines)):
        raise NotOpen("a chosen line is not open in this source", param="line_ids")
    if len(found_items) != len(set(items)):
        raise NotOpen("a chosen item is not open in this source", param="entry_ids")
    return found_lines, found_items


async def reopen(uow: UnitOfWork, match_id: MatchId, reason: str) -> Match:
    """Take a match back: its entry is reversed, and its lines and items are open again.

    Raises MatchMissing, or MatchReopened when it, or its entry, has been taken back before.
    """
    found = await store.match_by_id(uow, match_id)
    if found is None:
        raise MatchMissing(f"there is no match {match_id}")
    # The source's lock puts everything that happens to its matches in a row.
    source = await service.get_source(uow, found.source_id, lock=True)
    found = await store.match_by_id(uow, match_id, lock=True)
    if found is None or found.reopened_at is not None:
        raise MatchReopened(f"{match_id} is open again already")
    undone = replace(found, reopened_at=uow.now)
    draft = None
    if found.entry_id is not None:
        # Nothing reverses it any more, but books from before may have such entries.
        if await item_store.is_reversed(uow, found.entry_id):
            raise MatchReopened(f"the entry of {match_id} has been reversed in the ledger")
        draft = postings.reopen(await ledger.get_entry(uow, found.entry_id), f"Reopened: {reason}")
    await store.undo_match(uow, undone, draft.id if draft else None)
    if draft is not None:
        await ledger.post(uow, draft, reopened(undone))
    else:
        await events.record(uow, reopened(undone))
    await audit.record(
        uow,
        action="reconciliation.reopen",
        subject=("reconciliation_match", str(match_id)),
        after={"source": str(source.id), "items_minor": found.items.minor},
        reason=reason,
    )
    return undone


async def get_exception(uow: UnitOfWork, wanted: ReconExceptionId, *, lock: bool = False) -> ReconException:
    """One exception. Raises ReconciliationExceptionMissing."""
    found = await exception_store.by_id(uow, wanted, lock=lock)
    if found is None:
        raise ReconciliationExceptionMissing(f"there is no exception {wanted}")
    return found


async def look_after(
    uow: UnitOfWork, wanted: ReconExceptionId, *, owner: str | None, note: str | None
) -> ReconException:
    """Give an exception an owner or a note; None leaves it as it is, an empty owner is nobody.

    Raises ReconciliationExceptionMissing or ReconciliationExceptionEnded.
    """
    before = await _still_open(uow, wanted)
    changed = replace(
        before,
        owner=before.owner if owner is None else owner or None,
        note=before.note if note is None else note,
        version=before.version + 1,
    )
    await _save(uow, before, changed, "changed", None)
    return changed


async def dismiss(uow: UnitOfWork, wanted: ReconExceptionId, reason: str) -> ReconException:
    """Close the exception of a line that says again what another line has said; the line is not matched any more.

    Raises ReconciliationExceptionMissing, ReconciliationExceptionEnded, or NotOpen for one whose money has to go
    somewhere.
    """
    before = await _still_open(uow, wanted)
    if before.kind is not ExceptionKind.DOUBLED or before.line_id is None:
        raise NotOpen("only a doubled line can be set aside; match or write off what moves money")
    await store.dismiss(uow, before.line_id)
    done = replace(before, resolved_at=uow.now, resolution="dismissed", version=before.version + 1)
    await _save(uow, before, done, "resolved", reason)
    return done


async def _still_open(uow: UnitOfWork, wanted: ReconExceptionId) -> ReconException:
    found = await get_exception(uow, wanted)
    await service.get_source(uow, found.source_id, lock=True)
    found = await get_exception(uow, wanted, lock=True)
    if found.resolved_at is not None:
        raise ReconciliationExceptionEnded(f"{wanted} has been resolved")
    return found


async def _save(uow: UnitOfWork, before: ReconException, after: ReconException, event: str, reason: str | None) -> None:
    await exception_store.save(uow, after)
    await audit.record(
        uow,
        action=f"reconciliation_exception.{'resolve' if after.resolved_at else 'change'}",
        subject=("reconciliation_exception", str(after.id)),
        before={"owner": before.owner},
        after={"owner": after.owner, "resolution": after.resolution},
        reason=reason,
    )
    await events.record(uow, exception_told(event, after))
