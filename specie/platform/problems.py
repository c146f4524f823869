"""Refusals as RFC 9457 problem documents: what was wrong, whether money moved, what to do, the request's id."""

import json
from datetime import datetime
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from specie.kernel.errors import SpecieError
from specie.platform.idempotency import Answer
from specie.platform.metrics import route_template
from specie.platform.moments import as_text

MEDIA_TYPE = "application/problem+json"
DOCS = "/docs/errors/"

_log = structlog.get_logger(__name__)

BODY_TOO_LARGE = "The body is too large"
_HTTP_TITLES = {413: BODY_TOO_LARGE}
_HTTP_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_PLAIN_WORDS = {
    "missing": "this field is required",
    "extra_forbidden": "there is no such field",
    "string_pattern_mismatch": "a text of the form {pattern} is expected",
    "model_attributes_type": "a JSON object is expected",
    "model_type": "a JSON object is expected",
    "dict_type": "a JSON object is expected",
}


def problem(
    request: Request, status: int, code: str, title: str, detail: str, *, retryable: bool = False, **more: Any
) -> dict[str, Any]:
    """The document. `money_moved` is false on every refusal: work and answer commit together or not at all."""
    return {
        "type": f"{DOCS}{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.scope["path"],
        "code": code,
        "request_id": request.scope.get("state", {}).get("request_id"),
        "retryable": retryable,
        "money_moved": False,
        **more,
    }


def of_refusal(request: Request, refusal: SpecieError) -> dict[str, Any]:
    """The document of a refusal, with its field and facts."""
    more: dict[str, Any] = {"param": refusal.param} if refusal.param else {}
    if refusal.code == "outcome_unknown":
        more["money_moved"] = "unknown"
    return problem(
        request,
        refusal.status,
        refusal.code,
        refusal.title,
        refusal.detail,
        retryable=refusal.retryable,
        **{**refusal.facts, **more},
    )


def stored(request: Request, refusal: SpecieError) -> Answer:
    """The answer to keep for a refusal that is a decision."""
    return Answer(refusal.status, json.dumps(of_refusal(request, refusal), default=_plain), MEDIA_TYPE)


def response(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """The document as an HTTP answer."""
    body = json.dumps(document, default=_plain)
    return Response(body, document["status"], headers, media_type=MEDIA_TYPE)


def _plain(fact: object) -> str:
    return as_text(fact) if isinstance(fact, datetime) else str(fact)


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem document."""
    app.add_exception_handler(SpecieError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def answer(request: Request, error: Exception) -> Response:
    """The answer to any error, for layers outside the application's own handlers."""
    if isinstance(error, SpecieError):
        return await _refused(request, error)
    if isinstance(error, RequestValidationError):
        return await _invalid(request, error)
    if isinstance(error, HTTPException):
        return await _http(request, error)
    return await _unexpected(request, error)


async def _refused(request: Request, error: Exception) -> Response:
    refusal = cast(SpecieError, error)
    return response(of_refusal(request, refusal), refusal.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    errors = [_field_error(item) for item in cast(RequestValidationError, error).errors()]
    first = errors[0]
    document = problem(
        request,
        422,
        first["code"],
        "The request is not valid",
        f"{first['pointer'] or 'body'}: {first['message']}",
        param=first["pointer"],
        errors=errors,
    )
    return response(document)


def _field_error(item: dict[str, Any]) -> dict[str, str]:
    place, *path = item["loc"]
    pointer = "".join(f"/{part}" for part in path) if place == "body" else f"{place}.{'.'.join(map(str, path))}"
    codes = {"extra_forbidden": "unknown_field", "missing": "field_missing", "json_invalid": "json_invalid"}
    code = item.get("ctx", {}).get("code") or codes.get(item["type"], "field_invalid")
    return {"pointer": pointer, "code": code, "message": _message(item)}


def _message(item: dict[str, Any]) -> str:
    """What is wrong with a field, for people who know JSON but not the library that has read it."""
    plain = _PLAIN_WORDS.get(item["type"])
    return plain.format(**item.get("ctx", {})) if plain else str(item["msg"]).removeprefix("Value error, ")


async def _http(request: Request, error: Exception) -> Response:
    failure = cast(HTTPException, error)
    code = _HTTP_CODES.get(failure.status_code, "refused")
    detail = str(failure.detail)
    document = problem(request, failure.status_code, code, _HTTP_TITLES.get(failure.status_code, detail), detail)
    return response(document, dict(failure.headers or {}))


async def _unexpected(request: Request, error: Exception) -> Response:
    # The template, never the path, in which the token of a page is the right to see it.
    _log.error("unexpected_error", exc_info=error, route=route_template(request.scope))
    document = problem(
        request,
        500,
        "internal_error",
        "Something went wrong on our side",
        "Nothing was committed. Repeat the request with the same key, or send us the request id.",
        retryable=True,
    )
    return response(document)
