"""Files of products over HTTP."""

import asyncio
from typing import Annotated

from fastapi import File, Form, UploadFile
from starlette.responses import Response

from specie.catalogue import errors, import_file, importing
from specie.catalogue.schemas import ProductImportOut
from specie.kernel.permissions import Permission
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.row_files import MAX_FILE_BYTES, ImportRefused

router = ApiRouter(tags=["Catalogue"])


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
