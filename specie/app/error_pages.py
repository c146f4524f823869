"""One page for each error code, made from the error classes themselves, so that none can be forgotten."""

import base64
import hashlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter, HTTPException
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from specie.kernel.errors import SpecieError

router = APIRouter(prefix="/docs/errors", include_in_schema=False)

_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;margin:0}"
    "main{max-width:44rem;margin:0 auto;padding:2rem 1rem}code{font-family:ui-monospace,monospace}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}
_templates = Environment(
    loader=PackageLoader("specie.app"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)

# What the framework and the validator refuse before any class of ours is raised.
_OTHERS = (
    ("bad_request", 400, "Bad request", "The request is malformed."),
    ("method_not_allowed", 405, "Method not allowed", "The address exists, but not for this method; see Allow."),
    ("unknown_field", 422, "Unknown field", "The body has a field that this route does not know."),
    ("field_missing", 422, "Missing field", "A field or parameter that this route needs is not there."),
    (
        "amount_format",
        422,
        "Malformed amount",
        "An amount is a whole JSON number of minor units.",
    ),
    ("amount_range", 422, "Amount out of range", "The amount is outside what the route or the platform accepts."),
    ("currency_unknown", 422, "Unknown currency", "The code is no currency of this installation."),
    ("internal_error", 500, "Something went wrong on our side", "We did not expect this; nothing was committed."),
)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What the page of one code says."""

    code: str
    status: int
    title: str
    meaning: str
    money: str
    advice: str


@cache
def error_pages() -> dict[str, ErrorPage]:
    """Every code of this installation with its page, by code."""
    pages = {code: _page(code, status, title, meaning) for code, status, title, meaning in _OTHERS}
    for refusal in sorted(set(_refusals(SpecieError)), key=lambda each: each.__qualname__):
        meaning = inspect.cleandoc(refusal.__doc__ or refusal.title)
        pages[refusal.code] = _page(
            refusal.code, refusal.status, refusal.title, meaning, refusal.retryable, refusal.is_decision
        )
    return dict(sorted(pages.items()))


def _refusals(base: type[SpecieError]) -> Iterator[type[SpecieError]]:
    for refusal in base.__subclasses__():
        yield refusal
        yield from _refusals(refusal)


def _page(
    code: str, status: int, title: str, meaning: str, retryable: bool = False, is_decision: bool = False
) -> ErrorPage:
    return ErrorPage(code, status, title, meaning, _money(code), _advice(status, retryable, is_decision))


def _money(code: str) -> str:
    if code == "outcome_unknown":
        return "Unknown: the connection broke while the work was being committed. It is done or not done, never half."
    return "No. A refusal and everything the request had begun are rolled back together."


def _advice(status: int, retryable: bool, is_decision: bool) -> str:
    if retryable or status >= 500:
        return "Send the same request again with the same Idempotency-Key, after Retry-After if the answer has one."
    if is_decision:
        return "The answer is kept under the Idempotency-Key. Once the reason is gone, try again with a new key."
    if status == 401:
        return "Log in again, or check the key, and repeat the request."
    if status == 403:
        return "Ask an administrator for the permission that the answer names, or confirm who you are."
    if status == 404:
        return "Check the id, and that the key or user belongs to the same tenant and mode."
    return "Correct the request. The field is in `param` and `errors`; the same Idempotency-Key may be used again."


@router.get("/")
async def index() -> HTMLResponse:
    """All codes."""
    return _html("Errors", errors=list(error_pages().values()), error=None)


@router.get("/{code}")
async def page(code: str) -> HTMLResponse:
    """The page of one code."""
    found = error_pages().get(code)
    if found is None:
        raise HTTPException(404, "Not Found")
    return _html(found.title, error=found, errors=[])


def _html(title: str, **values: object) -> HTMLResponse:
    text = _templates.get_template("errors.html").render(title=title, style=_STYLE, **values)
    return HTMLResponse(text, headers=_HEADERS)
