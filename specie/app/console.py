"""The web console: a static export, served on the API's own origin with a policy made of its own scripts' hashes."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

import specie
from specie.platform import problems

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_ANY = "_"
_PAID_BY_STRANGERS = ("checkout", "pay")


def web_folder() -> Path:
    """Where the export of this checkout or image lies; it need not exist."""
    return Path(specie.__file__).resolve().parents[1] / "web" / "out"


class Console:
    """Serves the export. `/x/y/` is x/y/index.html; a segment that is no folder is the page made for any, `_`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await self._response(scope)(scope, receive, send)

    def _response(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return _refused(scope, 405, "method_not_allowed", "Method Not Allowed", {"Allow": "GET, HEAD"})
        wanted = scope["path"].strip("/")
        file = self._find(wanted)
        if file is not None:
            return _file(file, 200, wanted)
        page = self._folder / "404.html"
        if not page.is_file():
            return _refused(scope, 404, "not_found", "Not Found", {})
        return _file(page, 404, wanted)

    def _find(self, wanted: str) -> Path | None:
        at = self._folder
        for part in wanted.split("/") if wanted else ():
            if part in ("", ".", "..") or "\0" in part:
                return None
            exact, page_for_any = at / part, at / _ANY
            at = exact if exact.exists() else page_for_any
        found = at / "index.html" if at.is_dir() else at
        inside = found.resolve().is_relative_to(self._folder)
        return found if inside and found.is_file() else None


def _file(file: Path, status: int, wanted: str) -> Response:
    immutable = "/_next/static/" in file.as_posix()
    headers = {"Cache-Control": "public, max-age=31536000, immutable" if immutable else "no-cache"}
    if file.suffix == ".html":
        headers["Content-Security-Policy"] = _policy(file, file.stat().st_mtime_ns)
    if wanted.partition("/")[0] in _PAID_BY_STRANGERS:
        headers["Referrer-Policy"] = "no-referrer"
    return FileResponse(file, status, headers)


def _refused(scope: Scope, status: int, code: str, title: str, headers: dict[str, str]) -> Response:
    return problems.response(problems.problem(Request(scope), status, code, title, title), headers)


@lru_cache(512)
def _policy(page: Path, _changed: int) -> str:
    """The content security policy of a page: its own inline scripts by hash, and nothing from elsewhere."""
    scripts = _INLINE_SCRIPT.findall(page.read_text(encoding="utf-8"))
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
