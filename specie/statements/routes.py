"""Statements over HTTP."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.responses import Response

from specie import parties
from specie.kernel.ids import PartyId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, id_text
from specie.statements import errors, files, service, store
from specie.statements.camt import as_camt
from specie.statements.heading import Letterhead, letterhead_on
from specie.statements.model import Statement, StatementId
from specie.statements.schemas import StatementIn, StatementListed, StatementOut

router = ApiRouter(prefix="/statements", tags=["Statements"])

Limit = Annotated[int, Query(ge=1, le=100)]
_LIST = "statements"


@router.post("", status_code=201, response_model=StatementOut)
@refuses(
    errors.StatementPartyRequired,
    errors.StatementPeriodInvalid,
    errors.StatementPeriodOpen,
    parties.PartyMissing,
)
async def make_statement(body: StatementIn, edge: Edge = requires(Permission.STATEMENTS_WRITE)) -> Response:
    """Number and freeze the statement of a period that is over. What is recorded later shows in the next one."""
    return await edge.write(
        lambda uow: service.make(uow, edge.service("vault"), body.command()), StatementOut.of, status=201
    )


@router.get("", response_model=ListOf[StatementListed])
async def list_statements(
    edge: Edge = requires(Permission.STATEMENTS_READ),
    party_id: Annotated[str | None, Query(max_length=60)] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Statements, the newest first; a merchant or customer sees its own."""
    key = edge.cursor(_LIST, cursor)
    of_party = id_text(PartyId, party_id, "party_id") if party_id else None
    page = await edge.read(lambda uow: store.statements(uow, of_party, int(key[0]) if key else None, limit))
    return edge.page(_LIST, page, StatementListed.of)


@router.get("/{statement_id}", response_model=StatementOut)
@refuses(errors.StatementMissing)
async def show_statement(statement_id: str, edge: Edge = requires(Permission.STATEMENTS_READ)) -> StatementOut:
    """One statement with everything it says."""
    wanted = _id(statement_id)
    return StatementOut.of(await edge.read(lambda uow: service.get(uow, wanted)))


@router.get(
    "/{statement_id}/file",
    response_class=Response,
    responses={
        200: {
            "content": {media: {} for media in ("application/json", "text/csv", "application/pdf", "application/xml")},
            "description": "The statement as a file",
        }
    },
)
@refuses(errors.StatementMissing, errors.StatementWithoutAccount)
async def download_statement(
    statement_id: str,
    edge: Edge = requires(Permission.STATEMENTS_READ),
    format: Literal["json", "csv", "pdf", "camt053"] = "pdf",  # noqa: A002
) -> Response:
    """The statement as a file: the frozen JSON byte for byte, its rows as CSV, its wallets as camt.053, or a PDF."""
    wanted = _id(statement_id)
    found, head = await edge.read(lambda uow: _with_head(uow, edge, wanted))
    content: dict[str, Callable[[], bytes]] = {
        "json": found.content.encode,
        "csv": lambda: files.as_csv(found),
        "camt053": lambda: as_camt(found),
    }
    # Setting a page takes a while; the loop serves others meanwhile.
    made = content[format]() if format in content else await asyncio.to_thread(files.as_pdf, found, head)
    headers = {
        "Content-Disposition": f'attachment; filename="statement-{found.n}.{files.ENDINGS.get(format, format)}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(made, headers=headers, media_type=files.MEDIA[format])


async def _with_head(uow: UnitOfWork, edge: Edge, statement_id: StatementId) -> tuple[Statement, Letterhead]:
    found = await service.get(uow, statement_id)
    return found, await letterhead_on(uow, edge.service("vault"), found)


def _id(text: str) -> StatementId:
    return id_text(StatementId, text, "statement_id")
