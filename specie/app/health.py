"""Health: alive (the process answers), ready (what an answer needs is there), and what this is."""

import asyncio
from importlib.metadata import version

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, PlainTextResponse, Response

from specie.app import health_store
from specie.kernel.errors import SpecieError
from specie.platform.revisions import newest_revision
from specie.platform.storage import FileMissing, FileStorage

router = APIRouter(include_in_schema=False)

_SECONDS = 3.0
_NO_FILE = "health/none"


class Readiness(BaseModel):
    """Whether requests can be served, and which part stands in the way."""

    status: str
    checks: dict[str, str]


@router.get("/health/live")
async def live() -> PlainTextResponse:
    """`ok` as long as the process answers."""
    return PlainTextResponse("ok")


@router.get("/health")
@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when database, schema and file storage are ready; 503 names those that are not."""
    services = request.app.state.services
    names = ("database", "migrations", "storage")
    answers = await asyncio.gather(
        _said(health_store.ping(request.app.state.db)),
        _said(_schema(request)),
        _said(_storage(services["storage"])),
    )
    checks = dict(zip(names, answers, strict=True))
    well = all(answer == "ok" for answer in answers)
    body = Readiness(status="ok" if well else "unavailable", checks=checks)
    return JSONResponse(body.model_dump(), 200 if well else 503, {"Cache-Control": "no-store"})


@router.get("/version")
async def version_of_this(request: Request) -> dict[str, str]:
    """The program's version and its schema's."""
    return {"version": version("specie"), "schema": request.app.state.revision}


async def _said(check: object) -> str:
    """`ok`, or in one word what kind of failure; details belong in the log, not on a public page."""
    try:
        async with asyncio.timeout(_SECONDS):
            await check  # type: ignore[misc]
    except TimeoutError:
        return "slow"
    except (SpecieError, OSError, RuntimeError):
        return "failed"
    return "ok"


async def _schema(request: Request) -> None:
    if await health_store.revision(request.app.state.db) != newest_revision():
        raise RuntimeError("migrations are pending")


async def _storage(storage: FileStorage) -> None:
    try:
        await storage.get(_NO_FILE)
    except FileMissing:
        return
