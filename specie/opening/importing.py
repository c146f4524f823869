"""Bringing an opening position in: judged as a whole, tried, and then posted whole or put before a second person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from specie import approvals, audit, events, ledger
from specie.approvals import Approval, ApprovalImpossible, ApprovalState, NewApproval
from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.opening import bringing, judging, store
from specie.opening.errors import CutOverAhead, OpeningHasErrors, OpeningImported, OpeningImportMissing
from specie.opening.events import told
from specie.opening.model import DocumentPlace, Import, ImportState, Line, OpeningImportId, Total, totals
from specie.opening.reading import require_few_others
from specie.platform.db import UnitOfWork
from specie.platform.row_files import FileRow, ImportRefused
from specie.platform.vault import KeyRing

KIND = "opening_import"
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class OpeningFile:
    """A file that was read: its name, the SHA-256 of its bytes, its rows."""

    name: str
    digest: bytes
    rows: Sequence[FileRow]


@dataclass(frozen=True, slots=True)
class Outcome:
    """An import, by how much it changes the books, and what opening equity is in each currency when it is in them.

    `above` is the amount for which a second person is needed.
    """

    found: Import
    approval: Approval | None
    above: Money | None
    sums: Sequence[Total]
    equity: dict[str, Money]


class _TakenBack(Exception):
    """Carries what every line would become out of the savepoint in which it was tried."""

    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self.lines = lines


async def run(uow: UnitOfWork, vault: KeyRing, file: OpeningFile, cut_over_on: date, *, is_preview: bool) -> Outcome:
    """Bring a file in, all of it or nothing; a preview tells of every line what would become of it.

    Raises CutOverAhead, ImportRefused, OpeningImported, PeriodClosed, or OpeningHasErrors unless it is a preview.
    """
    await _require_new(uow, file, cut_over_on)
    found = Import(
        id=OpeningImportId.new(),
        name=file.name,
        digest=file.digest,
        cut_over_on=cut_over_on,
        state=ImportState.POSTED,
        lines=tuple(await judging.judge(uow, vault, file.rows, cut_over_on)),
        created_at=uow.now,
        created_by=str(uow.scope.actor),
    )
    sums = totals(found.lines)
    equity = await _equity_after(uow, sums)
    above = await ledger.journal_above_line(uow, [moved for line in found.lines if (moved := line.moved) is not None])
    if is_preview:
        return Outcome(await _tried(uow, found), None, above, sums, equity)
    _require_good(found.lines)
    done, asked = (await _post(uow, found), None) if above is None else await _ask(uow, found, above)
    await _tell(uow, done)
    return Outcome(done, asked, above, sums, equity)


async def _require_new(uow: UnitOfWork, file: OpeningFile, cut_over_on: date) -> None:
    if not file.rows:
        raise ImportRefused("the file has no lines below the names of its columns", param="file")
    require_few_others(file.rows)
    if cut_over_on > uow.business_date:
        raise CutOverAhead(f"today is {uow.business_date}", param="cut_over_on")
    await store.lock(uow)
    earlier = await store.import_of_file(uow, file.digest)
    if earlier is not None:
        raise OpeningImported(f"it is {earlier}; nothing was posted again", opening_import_id=str(earlier))


async def _tried(uow: UnitOfWork, found: Import) -> Import:
    """The import with what every line would become if it were posted now; nothing of it stays."""
    if any(line.problem is not None for line in found.lines):
        return found
    try:
        async with uow.savepoint():
            raise _TakenBack(await bringing.bring(uow, found))
    except _TakenBack as tried:
        return replace(found, lines=tuple(replace(line, entry_id=None) for line in tried.lines))


def _require_good(lines: Sequence[Line]) -> None:
    refused = [line for line in lines if line.problem is not None]
    if refused:
        numbers = [line.number for line in refused]
        first = refused[0].problem
        why = f": {first.words}" if first else ""
        raise OpeningHasErrors(f"line {numbers[0]}{why}", refused=len(refused), lines=numbers[:_MOST_NAMED])


async def _post(uow: UnitOfWork, found: Import) -> Import:
    posted = replace(found, lines=tuple(await bringing.bring(uow, found)))
    _require_good(posted.lines)
    await store.insert_import(uow, posted)
    return posted


async def _ask(uow: UnitOfWork, found: Import, above: Money) -> tuple[Import, Approval]:
    """Put an import before a second person, if it could be posted now."""
    _require_good((await _tried(uow, found)).lines)
    waiting = replace(found, state=ImportState.WAITING)
    await store.insert_import(uow, waiting)
    after = {
        "name": waiting.name,
        "cut_over_on": waiting.cut_over_on.isoformat(),
        "lines": len(waiting.lines),
        **_documents_in(waiting.lines),
        "opening_equity": [total.opening.as_json() for total in totals(waiting.lines)],
    }
    return waiting, await approvals.ask(uow, NewApproval(KIND, (KIND, str(waiting.id)), above, after=after))


def _documents_in(lines: Sequence[Line]) -> dict[str, int]:
    """How many open invoices and bills a second person says yes to; each stands on the import's own page."""
    kinds = Counter(line.place.kind for line in lines if isinstance(line.place, DocumentPlace))
    return {f"open_{kind}s": count for kind, count in sorted(kinds.items())}


async def decided(uow: UnitOfWork, approval: Approval) -> None:
    """A second person has decided about an import, or nobody did in time. Raises ApprovalImpossible."""
    found = await get(uow, OpeningImportId.parse(approval.subject[1]), lock=True)
    if approval.state is not ApprovalState.APPROVED:
        ended = found.ended(ImportState.REFUSED)
    else:
        ended = found.ended(ImportState.POSTED, await _post_decided(uow, found, approval))
    await store.save_import(uow, ended)
    await _tell(uow, ended)


async def _post_decided(uow: UnitOfWork, found: Import, approval: Approval) -> list[Line]:
    try:
        lines = await bringing.bring(uow, found, approval)
        _require_good(lines)
    except SpecieError as refused:
        raise ApprovalImpossible(str(refused), reason=refused.code) from refused
    return lines


async def get(uow: UnitOfWork, import_id: OpeningImportId, *, lock: bool = False) -> Import:
    """One import with its lines. Raises OpeningImportMissing."""
    found = await store.import_by_id(uow, import_id, lock=lock)
    if found is None:
        raise OpeningImportMissing(f"there is no import {import_id}")
    return found


async def _equity_after(uow: UnitOfWork, sums: Sequence[Total]) -> dict[str, Money]:
    """What `equity:opening` will be in each currency of an import."""
    code = ledger.opening_account(Currency.of("USD")).code
    there = await ledger.accounts_by_codes(uow, {code})
    after = {}
    for total in sums:
        currency = total.opening.currency
        account = there.get((code, currency.code))
        after[currency.code] = total.opening + account.balance if account else total.opening
    return after


async def _tell(uow: UnitOfWork, found: Import) -> None:
    await audit.record(
        uow,
        action=f"opening_import.{found.state}",
        subject=(KIND, str(found.id)),
        after={"name": found.name, "cut_over_on": found.cut_over_on.isoformat(), "lines": len(found.lines)},
    )
    await events.record(uow, told(found))
