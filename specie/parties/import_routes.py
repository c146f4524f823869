"""Files of customers and suppliers over HTTP."""

import asyncio
from typing import Annotated

from fastapi import File, Form, UploadFile
from starlette.responses import Response

from specie.kernel.permissions import Permission
from specie.parties import errors, importing
from specie.parties.import_schemas import PartyImportOut
from specie.parties.schemas import Role
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.row_files import MAX_FILE_BYTES, ImportRefused

router = ApiRouter(tags=["Parties"])


@router.post("/party-imports", status_code=201, response_model=PartyImportOut)
@refuses(ImportRefused, errors.PartyRowsRefused)
async def import_parties(
    file: Annotated[UploadFile, File(description="CSV or XLSX of at most 10 MB and 1,000 rows")],
    role: Annotated[Role, Form(description="What those are to us whose row does not say it")] = "customer",
    edge: Edge = requires(Permission.PARTIES_WRITE),
) -> Response:
    """Add customers and suppliers from a file, all of them or none; a dry run shows what would become of each row.

    Whoever has an e-mail address, phone or tax number that is here already is left as they are.
    """
    content = await file.read(MAX_FILE_BYTES + 1)
    # Reading a large file takes a while, and others want to be answered meanwhile.
    rows = await asyncio.to_thread(importing.read, content)
    vault, is_preview = edge.service("vault"), edge.dry_run
    return await edge.write(
        lambda uow: importing.run(uow, vault, rows, role, is_preview=is_preview),
        # What is kept under the request's key names nobody.
        lambda judged: PartyImportOut.of(judged, shows_rows=is_preview),
        status=201,
    )
