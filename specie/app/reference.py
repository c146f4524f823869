"""The OpenAPI document: generated once per process, completed, and the same text in the repository's snapshot."""

import json
from functools import cached_property
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from specie.platform import openapi
from specie.platform.metrics import API

router = APIRouter(prefix=API, include_in_schema=False)


class Reference:
    """The document of one application."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def document(self) -> dict[str, Any]:
        """OpenAPI 3.1, complete: permissions, problems, security, examples."""
        return openapi.complete(self._app.openapi())

    @cached_property
    def body(self) -> bytes:
        """The document as it is served."""
        return json.dumps(self.document, separators=(",", ":"), ensure_ascii=False).encode()


def snapshot_of(app: FastAPI) -> str:
    """The document as it is kept in the repository, so that a change of the API shows in a review."""
    reference: Reference = app.state.reference
    return json.dumps(reference.document, indent=1, ensure_ascii=False) + "\n"


@router.get("/openapi.json")
async def serve(request: Request) -> Response:
    """The whole API, for people and generators."""
    reference: Reference = request.app.state.reference
    return Response(reference.body, media_type="application/json", headers={"Cache-Control": "no-cache"})
