"""The OpenAPI document: written by `specie openapi`, kept in the repository, and served from there.

Making it takes seconds of processor time, during which a process would answer nobody.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from specie.app import body_examples
from specie.platform import openapi
from specie.platform.metrics import API

router = APIRouter(prefix=API, include_in_schema=False)


def document_of(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1, complete: permissions, problems, security, examples. Takes seconds."""
    return body_examples.add(openapi.complete(app.openapi()))


def snapshot_of(app: FastAPI) -> str:
    """The document as it is kept in the repository, so that a change of the API shows in a review."""
    return json.dumps(document_of(app), indent=1, ensure_ascii=False) + "\n"


def kept_file() -> Path:
    """Where the document lies: packed into the installed package, else in this checkout."""
    package = Path(__file__).parents[1]
    packed = package / "_openapi.json"
    return packed if packed.exists() else package.parent / "docs" / "reference" / "openapi.json"


@lru_cache(maxsize=1)
def _served() -> bytes:
    return json.dumps(json.loads(kept_file().read_bytes()), separators=(",", ":"), ensure_ascii=False).encode()


@router.get("/openapi.json")
async def serve() -> Response:
    """The whole API, for people and generators."""
    return Response(_served(), media_type="application/json", headers={"Cache-Control": "no-cache"})
