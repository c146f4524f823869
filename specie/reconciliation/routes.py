"""Reconciliation over HTTP."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import File, Form, Query, UploadFile
from starlette.responses import Response

from specie import ledger, providers
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.jobs import JobContext
from specie.platform.wire import ListOf, id_text
from specie.reconciliation import (
    balances,
    errors,
    exception_store,
    fetching,
    files,
    item_store,
    resolving,
    service,
    store,
)
from specie.reconciliation.model import (
    Format,
    Import,
    Item,
    Line,
    LineId,
    Match,
    MatchId,
    ReconExceptionId,
    Source,
    SourceId,
)
from specie.reconciliation.schemas import (
    CareIn,
    ComparisonOut,
    FetchIn,
    FormatName,
    ImportOut,
    MatchIn,
    MatchOut,
    OpenItemOut,
    OpenLineOut,
    OutcomeOut,
    ReconExceptionOut,
    ReconReasonIn,
    SourceChange,
    SourceIn,
    SourceOut,
    SourcesOut,
)

router = ApiRouter(prefix="/reconciliation", tags=["Reconciliation"])

MAX_FILE_BYTES = 10 * 1024 * 1024
Limit = Annotated[int, Query(ge=1, le=100)]
_READ, _RUN = Permission.RECONCILIATION_READ, Permission.RECONCILIATION_RUN
_LEDGER = (ledger.AccountMissing, ledger.PostingCurrency, ledger.AccountClosed, ledger.InsufficientFunds)


@router.get("/sources", response_model=SourcesOut)
async def list_sources(edge: Edge = requires(_READ)) -> SourcesOut:
    """Every source with the balance of its account, which is the sum of what is open."""
    return SourcesOut(data=[SourceOut.of(state) for state in await edge.read(service.states)])


@router.post("/sources", status_code=201, response_model=SourceOut)
@refuses(errors.SourceTaken, providers.ConnectionMissing)
async def create_source(body: SourceIn, edge: Edge = requires(_RUN)) -> Response:
    """Reconcile an account from now on; what is on it already is open."""

    async def work(uow: UnitOfWork) -> SourceOut:
        return await _shown(uow, (await service.create_source(uow, body.command())).id)

    return await edge.write(work, lambda shown: shown, status=201)


@router.patch("/sources/{source_id}", response_model=SourceOut)
@refuses(errors.SourceMissing)
async def change_source(source_id: str, body: SourceChange, edge: Edge = requires(_RUN)) -> Response:
    """Change how the statements of a source are read and matched from now on."""
    wanted, changes = id_text(SourceId, source_id, "source_id"), body.changes()

    async def work(uow: UnitOfWork) -> SourceOut:
        return await _shown(uow, (await service.change_source(uow, wanted, changes)).id)

    return await edge.write(work, lambda shown: shown)


async def _shown(uow: UnitOfWork, source_id: SourceId) -> SourceOut:
    return next(SourceOut.of(state) for state in await service.states(uow) if state.source.id == source_id)


@router.post("/sources/{source_id}/imports", status_code=201, response_model=OutcomeOut)
@refuses(errors.SourceMissing, errors.StatementRefused)
async def import_statement(
    source_id: str,
    file: Annotated[UploadFile, File(description="A statement of at most 10 MB")],
    written: Annotated[FormatName, Form(alias="format")],
    edge: Edge = requires(_RUN),
) -> Response:
    """Take a statement in and match; with `dry_run=true` the answer shows what would match. All of it or nothing."""
    wanted = id_text(SourceId, source_id, "source_id")
    source = await edge.read(lambda uow: service.get_source(uow, wanted))
    content = await file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise errors.StatementRefused("too_large", "a statement has at most 10 MB; split it by days")
    name = (file.filename or "").replace("\0", "")[:200]
    # Reading a large file takes a while, and others want to be answered meanwhile.
    read = await asyncio.to_thread(files.read_file, content, name, Format(written), source.currency, source.csv)
    return await edge.money(lambda uow: service.import_file(uow, wanted, read), OutcomeOut.of)


@router.post("/sources/{source_id}/fetch", status_code=201, response_model=OutcomeOut)
@refuses(errors.SourceMissing, errors.NoStatementOffered, errors.StatementRefused, providers.ProviderSilent)
async def fetch_statement(source_id: str, body: FetchIn, edge: Edge = requires(_RUN)) -> Response:
    """Ask the provider for its statement and take it in; with `dry_run=true` only look."""
    wanted = id_text(SourceId, source_id, "source_id")
    edge.require_key()
    context = JobContext(edge.db, edge.scope, edge.request.app.state.services)
    read = await fetching.fetch(context, wanted, body.since, body.until)
    return await edge.money(lambda uow: service.import_file(uow, wanted, read), OutcomeOut.of)


@router.post("/sources/{source_id}/balance", response_model=ComparisonOut)
@refuses(errors.SourceMissing, errors.NoBalanceOffered, providers.ProviderSilent)
async def compare_balance(source_id: str, edge: Edge = requires(_RUN, rehearsable=False)) -> ComparisonOut:
    """Ask the provider for its live balance now and compare it with the books; a difference is an exception."""
    wanted = id_text(SourceId, source_id, "source_id")
    context = JobContext(edge.db, edge.scope, edge.request.app.state.services)
    return ComparisonOut.of(await balances.compare(context, wanted))


@router.get("/sources/{source_id}/imports", response_model=ListOf[ImportOut])
@refuses(errors.SourceMissing)
async def list_imports(
    source_id: str, edge: Edge = requires(_READ), limit: Limit = 20, cursor: str | None = None
) -> Any:
    """Statements that were taken in, newest first."""

    async def find(uow: UnitOfWork, source: Source, before: UUID | None) -> list[Import]:
        return await store.imports(uow, source.id, before, limit)

    return await _listed(
        edge, "reconciliation_imports", source_id, cursor, limit, find, lambda each: str(each.id.uuid), ImportOut.of
    )


@router.get("/sources/{source_id}/items", response_model=ListOf[OpenItemOut])
@refuses(errors.SourceMissing)
async def list_items(source_id: str, edge: Edge = requires(_READ), limit: Limit = 50, cursor: str | None = None) -> Any:
    """Entries on the account that no statement has confirmed, newest first."""

    async def find(uow: UnitOfWork, source: Source, before: UUID | None) -> list[Item]:
        fresh = await service.fresh_source(uow, source.id)
        return await item_store.open_items(uow, fresh, before=before, limit=limit)

    return await _listed(
        edge,
        "reconciliation_items",
        source_id,
        cursor,
        limit,
        find,
        lambda each: str(each.entry_id.uuid),
        OpenItemOut.of,
    )


@router.get("/sources/{source_id}/lines", response_model=ListOf[OpenLineOut])
@refuses(errors.SourceMissing)
async def list_lines(source_id: str, edge: Edge = requires(_READ), limit: Limit = 50, cursor: str | None = None) -> Any:
    """Lines of statements that nothing has taken, newest first."""

    async def find(uow: UnitOfWork, source: Source, before: UUID | None) -> list[Line]:
        return await store.open_lines(uow, source, before=before, limit=limit)

    return await _listed(
        edge, "reconciliation_lines", source_id, cursor, limit, find, lambda each: str(each.id.uuid), OpenLineOut.of
    )


@router.get("/sources/{source_id}/matches", response_model=ListOf[MatchOut])
@refuses(errors.SourceMissing)
async def list_matches(
    source_id: str, edge: Edge = requires(_READ), limit: Limit = 20, cursor: str | None = None
) -> Any:
    """What was matched, newest first."""

    async def find(uow: UnitOfWork, source: Source, before: UUID | None) -> list[Match]:
        return await store.matches(uow, source, before, limit)

    return await _listed(
        edge, "reconciliation_matches", source_id, cursor, limit, find, lambda each: str(each.id.uuid), MatchOut.of
    )


@router.post("/sources/{source_id}/matches", status_code=201, response_model=MatchOut)
@refuses(errors.SourceMissing, errors.NotOpen, errors.DifferenceTooLarge, *_LEDGER)
async def match_by_hand(source_id: str, body: MatchIn, edge: Edge = requires(_RUN)) -> Response:
    """Match lines with items by hand, or write them off to an account."""
    wanted = id_text(SourceId, source_id, "source_id")
    lines = [id_text(LineId, each, "line_ids") for each in body.line_ids]
    items = [id_text(EntryId, each, "entry_ids") for each in body.entry_ids]
    named = body.difference_account_id
    account = id_text(AccountId, named, "difference_account_id") if named else None
    return await edge.money(
        lambda uow: resolving.match_by_hand(uow, wanted, lines, items, account, body.note), MatchOut.of
    )


@router.post("/sources/{source_id}/run", status_code=201, response_model=OutcomeOut)
@refuses(errors.SourceMissing)
async def run_again(source_id: str, edge: Edge = requires(_RUN)) -> Response:
    """Match what is open once more; with `dry_run=true` only look."""
    wanted = id_text(SourceId, source_id, "source_id")
    return await edge.money(lambda uow: service.run_again(uow, wanted), OutcomeOut.of)


@router.post("/matches/{match_id}/reopen", status_code=201, response_model=MatchOut)
@refuses(errors.MatchMissing, errors.MatchReopened)
async def reopen_match(match_id: str, body: ReconReasonIn, edge: Edge = requires(_RUN)) -> Response:
    """Take a match back; its lines and items are open again."""
    wanted = id_text(MatchId, match_id, "match_id")
    return await edge.money(lambda uow: resolving.reopen(uow, wanted, body.reason), MatchOut.of)


@router.get("/exceptions", response_model=ListOf[ReconExceptionOut])
async def list_exceptions(
    edge: Edge = requires(_READ),
    source_id: str | None = None,
    status: Literal["open", "resolved"] = "open",
    limit: Limit = 50,
    cursor: str | None = None,
) -> Any:
    """What did not match, newest first."""
    wanted = id_text(SourceId, source_id, "source_id") if source_id else None
    key = edge.cursor("reconciliation_exceptions", cursor)
    before = UUID(key[0]) if key else None
    rows = await edge.read(
        lambda uow: exception_store.find(uow, wanted, is_open=status == "open", before=before, limit=limit)
    )
    page = Page.cut(rows, limit, key=lambda each: (str(each.id.uuid),))
    return edge.page("reconciliation_exceptions", page, ReconExceptionOut.of)


@router.patch("/exceptions/{recon_exception_id}", response_model=ReconExceptionOut)
@refuses(errors.ReconciliationExceptionMissing, errors.ReconciliationExceptionEnded)
async def look_after_exception(recon_exception_id: str, body: CareIn, edge: Edge = requires(_RUN)) -> Response:
    """Give an exception an owner or a note."""
    wanted = id_text(ReconExceptionId, recon_exception_id, "recon_exception_id")
    owner = str(edge.scope.actor) if body.owner == "me" else body.owner
    return await edge.write(
        lambda uow: resolving.look_after(uow, wanted, owner=owner, note=body.note), ReconExceptionOut.of
    )


@router.post("/exceptions/{recon_exception_id}/dismiss", response_model=ReconExceptionOut)
@refuses(errors.ReconciliationExceptionMissing, errors.ReconciliationExceptionEnded, errors.NotOpen)
async def dismiss_exception(recon_exception_id: str, body: ReconReasonIn, edge: Edge = requires(_RUN)) -> Response:
    """Set a doubled line aside."""
    wanted = id_text(ReconExceptionId, recon_exception_id, "recon_exception_id")
    return await edge.write(lambda uow: resolving.dismiss(uow, wanted, body.reason), ReconExceptionOut.of)


async def _listed(
    edge: Edge,
    name: str,
    source_id: str,
    cursor: str | None,
    limit: int,
    find: Callable[[UnitOfWork, Source, UUID | None], Any],
    key_of: Callable[[Any], str],
    present: Callable[[Any], Any],
) -> Any:
    wanted = id_text(SourceId, source_id, "source_id")
    list_name = f"{name}:{wanted}"
    key = edge.cursor(list_name, cursor)
    before = UUID(key[0]) if key else None

    async def read(uow: UnitOfWork) -> Page[Any]:
        rows = await find(uow, await service.get_source(uow, wanted), before)
        return Page.cut(rows, limit, key=lambda each: (key_of(each),))

    return edge.page(list_name, await edge.read(read), present)
