"""Files of products over HTTP."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, Query, UploadFile
from starlette.responses import Response

from specie.catalogue import errors, import_file, import_runs, import_store, importing
from specie.catalogue.model import ImportRun, ProductImportId
from specie.catalogue.schemas import ProductImportOut, ProductImportRunOut
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.row_files import MAX_FILE_BYTES, ImportRefused
from specie.platform.uploads import name_of
from specie.platform.wire import ListOf, id_text

router = ApiRouter(tags=["Catalogue"])

_LIST = "product-import-runs"
_LONGEST_NAME = 120
Limit = Annotated[int, Query(ge=1, le=100)]


@router.post("/product-imports", status_code=201, response_model=ProductImportOut)
@refuses(
    *(ImportRefused, errors.ImportHasErrors, errors.SkuTaken, errors.BarcodeTaken),
    *(errors.TaxRateMissing, errors.TaxRateArchived, errors.ProductMissing, errors.ProductUnfit),
)
async def import_products(
    file: Annotated[UploadFile, File(description="CSV or XLSX of at most 10 MB and 5,000 rows")],
    skip_refused: Annotated[bool, Form(description="Take the good rows in and leave the refused ones out")] = False,
    edge: Edge = requires(Permission.CATALOGUE_WRITE),
) -> Response:
    """Add and change products from a file, by SKU; a dry run shows what would become of each row."""
    content = await file.read(MAX_FILE_BYTES + 1)
    # Reading a large file takes a while, and others want to be answered meanwhile.
    rows = await asyncio.to_thread(import_file.read, content)
    is_preview = edge.dry_run
    return await edge.write(
        lambda uow: importing.run(uow, rows, skip_refused=skip_refused, is_preview=is_preview),
        ProductImportOut.of,
        status=201,
    )


@router.post("/product-import-runs", status_code=201, response_model=ProductImportRunOut)
@refuses(ImportRefused)
async def begin_import_run(
    file: Annotated[UploadFile, File(description="CSV or XLSX of at most 10 MB and 100,000 rows")],
    skip_refused: Annotated[bool, Form(description="Take the good rows in and leave the refused ones out")] = False,
    edge: Edge = requires(Permission.CATALOGUE_WRITE),
) -> Response:
    """Add and change products from a long file, in the background: all of it or nothing.

    The answer is a run to ask again about how far it is. A file that has been sent before is known again.
    """
    content = await file.read(MAX_FILE_BYTES + 1)
    total = await asyncio.to_thread(import_file.count, content)
    name = name_of(file.filename, _LONGEST_NAME, "products")
    return await edge.write(
        lambda uow: import_runs.begin(uow, name, content, total, skips_refused=skip_refused),
        lambda begun: ProductImportRunOut.of(begun[0], is_known=begun[1]),
        status=201,
    )


@router.get("/product-import-runs", response_model=ListOf[ProductImportRunOut])
async def list_import_runs(
    edge: Edge = requires(Permission.CATALOGUE_READ), limit: Limit = 20, cursor: str | None = None
) -> Any:
    """Long files of products, the newest first."""
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None

    async def look(uow: UnitOfWork) -> Page[ImportRun]:
        found = await import_store.find_runs(uow, before, limit)
        return Page.cut(found, limit, key=lambda each: (str(each.id.uuid),))

    return edge.page(_LIST, await edge.read(look), ProductImportRunOut.of)


@router.get("/product-import-runs/{product_import_id}", response_model=ProductImportRunOut)
@refuses(errors.ProductImportMissing)
async def show_import_run(
    product_import_id: str, edge: Edge = requires(Permission.CATALOGUE_READ)
) -> ProductImportRunOut:
    """How far a long file is, and what became of its rows."""
    wanted = id_text(ProductImportId, product_import_id, "product_import_id")
    return ProductImportRunOut.of(await edge.read(lambda uow: import_runs.get(uow, wanted)))
