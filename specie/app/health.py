"""Health: alive (the process answers), ready (what an answer needs is there), behind (background work), and what
this is."""

import asyncio
from importlib.metadata import version

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, PlainTextResponse, Response

from specie.app import health_store
from specie.app.lags import PARTS, Lag
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


class LagOut(BaseModel):
    """How long the oldest piece of a kind of work has waited, and from when on that is too long."""

    seconds: int
    limit_seconds: int | None


class Health(Readiness):
    """Readiness, and how far background work is behind; each note says in a sentence what is wrong."""

    lags: dict[str, LagOut]
    notes: list[str]


@router.get("/health/live")
async def live() -> PlainTextResponse:
    """`ok` as long as the process answers."""
    return PlainTextResponse("ok")


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when database, schema and file storage are ready; 503 names those that are not."""
    readiness = await _readiness(request)
    return _answer(readiness)


@router.get("/health")
async def health(request: Request) -> Response:
    """As ready, and how far background work is behind. `degraded` is 200: requests are served, work comes late."""
    readiness = await _readiness(request)
    found, notes = await _lags(request)
    status = "degraded" if notes and readiness.status == "ok" else readiness.status
    lags_out = {lag.part: LagOut(seconds=lag.seconds, limit_seconds=PARTS[lag.part].limit_seconds) for lag in found}
    return _answer(Health(status=status, checks=readiness.checks, lags=lags_out, notes=notes))


@router.get("/version")
async def version_of_this(request: Request) -> dict[str, str]:
    """The program's version and its schema's."""
    return {"version": version("specie"), "schema": request.app.state.revision}


async def _readiness(request: Request) -> Readiness:
    services = request.app.state.services
    names = ("database", "migrations", "storage")
    answers = await asyncio.gather(
        _said(health_store.ping(request.app.state.db)),
        _said(_schema(request)),
        _said(_storage(services["storage"])),
    )
    well = all(answer == "ok" for answer in answers)
    return Readiness(status="ok" if well else "unavailable", checks=dict(zip(names, answers, strict=True)))


async def _lags(request: Request) -> tuple[list[Lag], list[str]]:
    """The lags and what is wrong with them."""
    try:
        async with asyncio.timeout(_SECONDS):
            found = await request.app.state.lags.now()
    except (TimeoutError, SpecieError, OSError, RuntimeError):
        return [], ["How far background work is behind could not be measured."]
    return found, [lag.fault for lag in found if lag.fault is not None]


def _answer(body: Readiness) -> Response:
    status = 503 if body.status == "unavailable" else 200
    return JSONResponse(body.model_dump(), status, {"Cache-Control": "no-store"})


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
    # A newer schema is one that others are being upgraded to; this version goes on until it is its turn.
    if await health_store.revision(request.app.state.db) < newest_revision():
        raise RuntimeError("migrations are pending")


async def _storage(storage: FileStorage) -> None:
    try:
        await storage.get(_NO_FILE)
    except FileMissing:
        return
