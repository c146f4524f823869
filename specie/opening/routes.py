"""Opening positions over HTTP."""

import asyncio
from datetime import date
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, Query, UploadFile
from starlette.responses import Response

from specie import catalogue, ledger, parties, payables, stock
from specie.kernel.ids import PartyId
from specie.kernel.money import AmountOutOfRange
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.opening import errors, importing, store
from specie.opening.importing import OpeningFile
from specie.opening.model import DocumentPlace, GoodsPlace, Import, OpeningImportId, PursePlace
from specie.opening.reading import LAYOUT
from specie.opening.schemas import Names, OpeningImportDetail, OpeningImportOut
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.row_files import MAX_FILE_BYTES, ImportRefused, read
from specie.platform.uploads import name_of
from specie.platform.wire import ListOf, id_text

router = ApiRouter(prefix="/opening-imports", tags=["Ledger"])

_LIST = "opening-imports"
_LONGEST_NAME = 120
Limit = Annotated[int, Query(ge=1, le=100)]
CutOver = Annotated[date, Form(ge=date(1970, 1, 1), description="The first day kept here; its books must be open")]


@router.post("", status_code=201, response_model=OpeningImportDetail)
@refuses(
    *(ImportRefused, errors.CutOverAhead, errors.OpeningHasErrors, errors.OpeningImported),
    *(ledger.PeriodClosed, AmountOutOfRange, payables.BillKnown),
)
async def bring_opening_position_in(
    file: Annotated[UploadFile, File(description="CSV or XLSX of at most 10 MB and 6,000 lines")],
    cut_over_on: CutOver,
    edge: Edge = requires(Permission.LEDGER_POST),
) -> Response:
    """Bring accounts, purses, stock, open invoices and bills in from a file, all or nothing, out of `equity:opening`.

    A dry run shows what would become of each line. A line that opens an account needs `ledger:admin` as well. A file
    that moves more than the tenant's line for journals is not posted: its status is `waiting`, and a second person
    decides.
    """
    content = await file.read(MAX_FILE_BYTES + 1)
    # Reading a large file takes a while, and others want to be answered meanwhile.
    rows = await asyncio.to_thread(read, content, LAYOUT)
    asked = OpeningFile(name_of(file.filename, _LONGEST_NAME, "opening-balances"), sha256(content).digest(), rows)
    vault, is_preview = edge.service("vault"), edge.dry_run

    async def work(uow: UnitOfWork) -> OpeningImportDetail:
        outcome = await importing.run(uow, vault, asked, cut_over_on, is_preview=is_preview)
        names = Names(await _goods(uow, outcome.found), await _parties(uow, edge, outcome.found) if is_preview else {})
        return OpeningImportDetail.told(outcome, names, is_preview=is_preview)

    return await edge.money(work, lambda shown: shown)


async def _parties(uow: UnitOfWork, edge: Edge, found: Import) -> dict[PartyId, str]:
    """Whose the purses and documents are, in full for those who may see parties."""
    ids = {line.place.party_id for line in found.lines if isinstance(line.place, PursePlace | DocumentPlace)}
    names = await parties.names(uow, edge.service("vault"), list(ids))
    if uow.scope.allows(Permission.PARTIES_READ):
        return names
    return {party_id: parties.masked(name) for party_id, name in names.items()}


async def _goods(uow: UnitOfWork, found: Import) -> dict[int, tuple[str, str]]:
    places = {line.number: line.place for line in found.lines if isinstance(line.place, GoodsPlace)}
    products = await catalogue.products_by_ids(uow, [place.product_id for place in places.values()])
    warehouses = await stock.warehouses(uow)
    return {
        number: (products[place.product_id].sku, warehouses[place.warehouse_id].code)
        for number, place in places.items()
    }


@router.get("", response_model=ListOf[OpeningImportOut])
async def list_opening_imports(
    edge: Edge = requires(Permission.LEDGER_READ), limit: Limit = 20, cursor: str | None = None
) -> Any:
    """Opening positions that were brought in, the newest first."""
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None

    async def look(uow: UnitOfWork) -> Page[Import]:
        found = await store.find_imports(uow, before, limit)
        return Page.cut(found, limit, key=lambda each: (str(each.id.uuid),))

    return edge.page(_LIST, await edge.read(look), OpeningImportOut.of)


@router.get("/{opening_import_id}", response_model=OpeningImportDetail)
@refuses(errors.OpeningImportMissing)
async def show_opening_import(
    opening_import_id: str, edge: Edge = requires(Permission.LEDGER_READ)
) -> OpeningImportDetail:
    """One opening position with the entry of each line."""
    wanted = id_text(OpeningImportId, opening_import_id, "opening_import_id")

    async def look(uow: UnitOfWork) -> OpeningImportDetail:
        found = await importing.get(uow, wanted)
        return OpeningImportDetail.of(found, Names(await _goods(uow, found), await _parties(uow, edge, found)))

    return await edge.read(look)
