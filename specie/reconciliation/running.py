"""One run of the matcher over what is open in a source: what fits is posted, what does not becomes exceptions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from specie import audit, events, ledger, payments, payouts
from specie.events import NewEvent
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.money import Money
from specie.ledger import EntryDraft
from specie.platform.db import UnitOfWork
from specie.reconciliation import exception_store, item_store, matching, postings, store
from specie.reconciliation.errors import DifferenceTooLarge
from specie.reconciliation.events import exception_told, matched
from specie.reconciliation.item_store import NewItem
from specie.reconciliation.matching import Candidate, Policy
from specie.reconciliation.model import (
    ExceptionKind,
    Item,
    Line,
    Match,
    MatchId,
    Outcome,
    ReconException,
    ReconExceptionId,
    Rule,
    Source,
    SourceKind,
)

_ENTRIES_AT_ONCE = 500


async def take_in(uow: UnitOfWork, source: Source) -> None:
    """Let entries that touched the account since it was last looked at be items. The source must be locked."""
    found, version, at = await item_store.unseen(uow, source)
    if found:
        await item_store.keep(uow, source, found, await _known_as(uow, found))
    if version != source.seen_version:
        await item_store.note_seen(uow, source, version, at)


async def _known_as(uow: UnitOfWork, found: Sequence[NewItem]) -> dict[EntryId, list[str]]:
    known = await payments.references_of(uow, {each.entry_id: each.metadata for each in found})
    known |= await payouts.references_of(uow, [each.entry_id for each in found])
    for each in found:
        named = [each.metadata.get(key) for key in ("reference", "provider_ref")]
        known.setdefault(each.entry_id, []).extend(str(name) for name in named if name)
    return known


async def run(uow: UnitOfWork, source: Source, covered_until: date | None = None) -> Outcome:
    """Match what is open. `covered_until`: the last day a statement spoke of; items older than that are missing.

    The source must be locked.
    """
    await take_in(uow, source)
    lines = {str(each.id): each for each in await store.open_lines(uow, source)}
    items = {str(each.entry_id): each for each in await item_store.open_items(uow, source)}
    again = await store.said_before(uow, source, key_only=True)
    fresh = [each for each in lines.values() if each.id not in again]
    policy = Policy(source.tolerance.minor, source.window_days, source.kind is SourceKind.PROVIDER)
    found = matching.match(
        [_of_line(source, each) for each in fresh], [_of_item(each) for each in items.values()], policy
    )
    plans = [
        (each.rule, [lines[line.id] for line in each.lines], [items[item.id] for item in each.items])
        for each in found.pairings
    ]
    await post_matches(uow, source, plans)
    await settle_exceptions(uow, source, "matched")
    differing = [(lines[line.id], items[item.id]) for line, item in found.differing]
    loose = [lines[each.id] for each in found.lines] + [each for each in lines.values() if each.id in again]
    opened = await _open_exceptions(uow, source, loose, differing)
    opened += await _open_missing(uow, source, [items[each.id] for each in found.items], covered_until)
    number, total = await item_store.open_total(uow, source)
    return Outcome(None, len(lines), Counter(rule for rule, _, _ in plans), opened, number, total)


async def post_matches(
    uow: UnitOfWork,
    source: Source,
    plans: Sequence[tuple[Rule, Sequence[Line], Sequence[Item]]],
    difference_to: AccountId | None = None,
    note: str = "",
) -> list[Match]:
    """Post matches and write them down. Raises DifferenceTooLarge, or the refusals of the ledger."""
    made = [_match(uow, source, rule, lines, items, note) for rule, lines, items in plans]
    drafts: list[tuple[int, EntryDraft]] = []
    for number, (match, (_, lines, items)) in enumerate(zip(made, plans, strict=True)):
        draft = await _draft(uow, source, match, lines, items, difference_to)
        if draft.legs:
            made[number] = replace(match, entry_id=draft.id)
            drafts.append((number, draft))
    await store.insert_matches(uow, made)
    for start in range(0, len(drafts), _ENTRIES_AT_ONCE):
        part = drafts[start : start + _ENTRIES_AT_ONCE]
        stories: list[NewEvent | None] = [matched(made[number]) for number, _ in part]
        await ledger.post_many(uow, [draft for _, draft in part], stories)
    for match in made:
        if match.entry_id is None:
            await events.record(uow, matched(match))
    line_takers = {line.id: match.id for match, (_, lines, _) in zip(made, plans, strict=True) for line in lines}
    item_takers = {item.entry_id: match.id for match, (_, _, items) in zip(made, plans, strict=True) for item in items}
    await store.take(uow, source.id, line_takers, item_takers)
    return made


def _match(
    uow: UnitOfWork, source: Source, rule: Rule, lines: Sequence[Line], items: Sequence[Item], note: str
) -> Match:
    return Match(
        id=MatchId.new(),
        source_id=source.id,
        entry_id=None,
        rule=rule,
        lines=Money(sum(each.amount.minor for each in lines), source.currency),
        items=Money(sum(each.amount.minor for each in items), source.currency),
        made_by=str(uow.scope.actor),
        made_at=uow.now,
        note=note,
    )


async def _draft(
    uow: UnitOfWork,
    source: Source,
    match: Match,
    lines: Sequence[Line],
    items: Sequence[Item],
    difference_to: AccountId | None,
) -> EntryDraft:
    difference = match.difference
    if difference.minor != 0 and difference_to is None and difference == _fees_told(source, lines):
        difference_to = await _provider_fees(uow, source)
    if difference.minor != 0 and difference_to is None:
        if abs(difference.minor) > source.tolerance.minor:
            raise DifferenceTooLarge(
                f"lines and items differ by {difference}; name an account that takes the difference",
                param="difference_account_id",
            )
        difference_to = (await ledger.ensure_account(uow, postings.difference_account(difference))).id
    references = {each.reference for each in lines if each.reference}
    batches = {each.batch for each in lines if each.batch}
    about = {
        "match_id": str(match.id),
        "source_id": str(source.id),
        "reference": references.pop() if len(references) == 1 else "",
        "batch": batches.pop() if len(batches) == 1 else "",
    }
    title = f"{source.name}: {items[0].title if len(items) == 1 else f'{len(lines)} lines, {len(items)} items'}"
    return postings.match(source, match.lines, match.items, difference_to, title, about)


def _fees_told(source: Source, lines: Sequence[Line]) -> Money:
    """What the provider says it has kept. A bank's charges are not the provider's, so they explain nothing here."""
    told = sum(each.fee.minor for each in lines) if source.kind is SourceKind.PROVIDER else 0
    return Money(told, source.currency)


async def _provider_fees(uow: UnitOfWork, source: Source) -> AccountId | None:
    """Where payments and payouts book what a provider keeps, when it tells so at once."""
    if source.connection_id is None:
        return None
    return (await ledger.ensure_account(uow, payments.provider_fee_account(source.connection_id, source.currency))).id


async def settle_exceptions(uow: UnitOfWork, source: Source, how: str) -> None:
    """Resolve exceptions whose line or item is not open any more."""
    for each in await exception_store.settled(uow, source):
        done = replace(each, resolved_at=uow.now, resolution=how, version=each.version + 1)
        await exception_store.save(uow, done)
        await events.record(uow, exception_told("resolved", done))
        await audit.record(
            uow,
            action="reconciliation_exception.resolve",
            subject=("reconciliation_exception", str(each.id)),
            after={"resolution": how},
        )


async def _open_exceptions(
    uow: UnitOfWork,
    source: Source,
    left: Sequence[Line],
    differing: Sequence[tuple[Line, Item]],
) -> list[ReconException]:
    known = await exception_store.find(uow, source.id, is_open=True, before=None, limit=None)
    known_lines = {each.line_id for each in known}
    loose = [each for each in left if each.id not in known_lines]
    doubled = await store.said_before(uow, source)
    opened = [
        _exception(uow, source, ExceptionKind.DOUBLED if each.id in doubled else ExceptionKind.UNKNOWN_LINE, each, None)
        for each in loose
    ]
    opened += [
        _exception(uow, source, ExceptionKind.AMOUNT, line, item)
        for line, item in differing
        if line.id not in known_lines
    ]
    taken = {each.entry_id for each in opened if each.entry_id}
    # An item that seemed to be missing has turned up with another amount: one exception about it is enough.
    for each in known:
        if each.kind is ExceptionKind.MISSING and each.entry_id in taken:
            superseded = replace(each, resolved_at=uow.now, resolution="amount differs", version=each.version + 1)
            await exception_store.save(uow, superseded)
            await events.record(uow, exception_told("resolved", superseded))
    await _tell_opened(uow, opened)
    return opened


async def _open_missing(
    uow: UnitOfWork, source: Source, left: Sequence[Item], covered_until: date | None
) -> list[ReconException]:
    if covered_until is None:
        return []
    known = await exception_store.find(uow, source.id, is_open=True, before=None, limit=None)
    known_items = {each.entry_id for each in known}
    last = covered_until - timedelta(days=source.late_after_days)
    opened = [
        _exception(uow, source, ExceptionKind.MISSING, None, each)
        for each in left
        if each.day <= last and each.entry_id not in known_items
    ]
    await _tell_opened(uow, opened)
    return opened


async def _tell_opened(uow: UnitOfWork, opened: Sequence[ReconException]) -> None:
    await exception_store.insert_exceptions(uow, opened)
    for each in opened:
        await events.record(uow, exception_told("opened", each))


def _exception(
    uow: UnitOfWork, source: Source, kind: ExceptionKind, line: Line | None, item: Item | None
) -> ReconException:
    # The entry's title tells a person more than a provider's reference.
    about = item.title if item is not None else (line.reference or line.text or line.key if line else "")
    own = line.amount if line is not None else (item.amount if item else Money.zero(source.currency))
    return ReconException(
        id=ReconExceptionId.new(),
        source_id=source.id,
        kind=kind,
        line_id=line.id if line else None,
        entry_id=item.entry_id if item else None,
        amount=own,
        expected=item.amount if line is not None and item is not None else None,
        about=about,
        opened_at=uow.now,
    )


def _of_line(source: Source, line: Line) -> Candidate:
    references = frozenset({line.reference}) if line.reference else frozenset()
    fee = _fees_told(source, [line]).minor
    return Candidate(str(line.id), line.amount.minor, line.booked_on, references, line.batch, line.text, fee)


def _of_item(item: Item) -> Candidate:
    return Candidate(str(item.entry_id), item.amount.minor, item.day, item.references, item.batch)
