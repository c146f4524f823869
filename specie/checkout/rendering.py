"""How the hosted pages are made: their templates, policy, language, and static files."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import segno
from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from specie.checkout.model import Brand
from specie.checkout.texts import LANGUAGES, TEXTS, language_of

MEDIA = {"checkout.css": "text/css", "checkout.js": "text/javascript"}
YEAR = 365 * 24 * 3600
_COOKIE = "specie_language"
_MAX_FORM = 4096
_PLAIN = Brand("", "#1f4fd8")
_templates = Environment(
    loader=PackageLoader("specie.checkout"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a page's browser may do: show pictures of one more origin, given after a space, and tell where it was."""

    pictures: str = ""
    referrer: str = "no-referrer"

    def headers(self, nonce: str) -> Mapping[str, str]:
        """The headers of a page whose scripts and styles carry a nonce."""
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
            f"img-src 'self' data:{self.pictures}; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
            "Referrer-Policy": self.referrer,
            "X-Content-Type-Options": "nosniff",
        }


_STRICT = Policy()


def render(
    request: Request,
    template: str,
    brand: Brand,
    *,
    status: int = 200,
    is_test: bool = False,
    policy: Policy = _STRICT,
    **context: Any,
) -> Response:
    """A page of somebody's, from its template."""
    language, nonce = language_for(request), secrets.token_urlsafe(16)
    shared = {
        "t": TEXTS[language],
        "language": language,
        "languages": LANGUAGES,
        "brand": brand,
        "ink": _ink_on(brand.colour),
        "nonce": nonce,
        "path": request.url.path,
        "is_test": is_test,
        "assets": {name: f"/checkout-assets/{name}?v={_version(name)}" for name in MEDIA},
    }
    html = _templates.get_template(template).render(shared | context)
    response = HTMLResponse(html, status, headers=policy.headers(nonce))
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(_COOKIE, language, max_age=YEAR, path="/", httponly=True, samesite="lax")
    return response


def message(request: Request, name: str, status: int) -> Response:
    """A page that says one thing."""
    return render(request, "message.html", _PLAIN, status=status, name=name)


def back(path: str) -> Response:
    """The answer to a form: the page, by a new request."""
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})


def picture(text: str) -> Response:
    """A text as a code to scan."""
    svg = segno.make(text, error="m").svg_inline(scale=8, border=4, dark="#000", light="#fff")
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(svg, headers=headers, media_type="image/svg+xml")


async def form_of(request: Request) -> FormData:
    """A form's fields; none when it is larger than any of ours."""
    if int(request.headers.get("content-length", "0") or 0) > _MAX_FORM:
        return FormData()
    return await request.form(max_files=0, max_fields=10)


def language_for(request: Request) -> str:
    """The language chosen on a page before, or the browser's."""
    chosen = request.query_params.get("lang") or request.cookies.get(_COOKIE)
    return language_of(chosen, request.headers.get("accept-language", ""))


@cache
def static(name: str) -> bytes:
    """A static file of the pages."""
    return files("specie.checkout").joinpath("static", name).read_bytes()


@cache
def _version(name: str) -> str:
    return hashlib.sha256(static(name)).hexdigest()[:12]


def _ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour (relative luminance in whole per mille)."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#111827" if 299 * red + 587 * green + 114 * blue > 150_000 else "#ffffff"
