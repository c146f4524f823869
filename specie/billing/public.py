"""How documents are handed to those they are addressed to: a page without a script, and a PDF."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template
from starlette.responses import HTMLResponse, Response

from specie.billing.pdf import printed

_PLAIN_COLOUR = "#1f4fd8"


def template_of(package: str, name: str) -> Template:
    """A module's page of a document, which fills in the page that all documents share."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("specie.billing")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def public_page(
    template: Template,
    told: Mapping[str, Any] | None,
    colour: str | None,
    *,
    status: int,
    path: str,
    states: Mapping[str, str],
    is_test: bool,
    **more: Any,
) -> Response:
    """The page of a document at `path`, or the one that says that there is none; `more` is for its own template."""
    nonce, colour = secrets.token_urlsafe(16), colour or _PLAIN_COLOUR
    html = template.render(
        d=told,
        path=path,
        states=states,
        is_test=is_test,
        nonce=nonce,
        colour=colour,
        ink=_ink_on(colour),
        stylesheet=_stylesheet_path(),
        **more,
    )
    return HTMLResponse(html, status, headers=_headers(nonce))


async def pdf_answer(told: dict[str, Any], colour: str) -> Response:
    """The answer that carries a document's words as PDF."""
    content = await asyncio.to_thread(printed, told, colour)
    headers = {
        "Content-Disposition": f'inline; filename="{told["number"]}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, headers=headers, media_type="application/pdf")


def _headers(nonce: str) -> Mapping[str, str]:
    # A form's answer leads on to the checkout, which is on this origin as well.
    policy = (
        f"default-src 'none'; style-src 'self' 'nonce-{nonce}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour (relative luminance in whole per mille)."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#111827" if 299 * red + 587 * green + 114 * blue > 150_000 else "#ffffff"


def _stylesheet_path() -> str:
    # The address changes with the content, so browsers may keep it.
    return f"/invoice-assets/invoice.css?v={hashlib.sha256(css()).hexdigest()[:12]}"


@cache
def css() -> bytes:
    """How public documents look."""
    return files("specie.billing").joinpath("static", "invoice.css").read_bytes()
