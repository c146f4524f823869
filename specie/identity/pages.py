"""Signing in on a page that the server renders, with the session, cookie, throttle and second factor of the console.

A form cannot send a header: its CSRF token is a field, and the origin is proven as it is for the console's writes.
"""

from contextlib import suppress
from dataclasses import dataclass, field

from fastapi import Request
from starlette.responses import Response

from specie.identity import access_store, account
from specie.identity.authenticator import (
    caller_of,
    cookie_name,
    is_from_own_origin,
    request_id_of,
    scope_of_session,
)
from specie.identity.errors import CsrfRefused
from specie.identity.sign_in import SESSION_LASTS, SignIn, sign_in
from specie.identity.wiring import Identity
from specie.kernel.clock import machine_now
from specie.kernel.errors import NotFound
from specie.kernel.ids import TenantId
from specie.kernel.scope import Scope
from specie.platform.db import Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody whose session runs, and the token that proves a form to be one of theirs."""

    scope: Scope
    csrf: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed to sign in."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


async def visitor_of(db: Database, identity: Identity, request: Request) -> Visitor | None:
    """Whose session's cookie a request carries; None without one.

    Raises SessionRevoked, TokenExpired or NoMembership.
    """
    cookie = request.cookies.get(cookie_name(identity))
    if not cookie:
        return None
    digest = identity.keys.token_digest(cookie)
    found = await access_store.ask_sessions(db, machine_now(), [(None, digest)])
    scope, _ = scope_of_session(request, found.get((None, digest)))
    return Visitor(scope, identity.keys.csrf_token(digest))


def require_own_form(identity: Identity, request: Request, visitor: Visitor, token: str) -> None:
    """Raise CsrfRefused unless a form comes from our own page and from this visitor's session."""
    if token != visitor.csrf:
        raise CsrfRefused("the form is not of this session")
    require_own_origin(identity, request)


def require_own_origin(identity: Identity, request: Request) -> None:
    """Raise CsrfRefused unless one of our own pages sent the form."""
    if not is_from_own_origin(request, identity):
        raise CsrfRefused("the form was not sent by our own page")


async def sign_in_on_page(
    db: Database, identity: Identity, request: Request, tenant_id: TenantId, shown: Credentials
) -> str:
    """Start a browser session in a tenant; its secret belongs into the cookie.

    Raises CsrfRefused and what `sign_in` raises.
    """
    require_own_origin(identity, request)
    attempt = SignIn(shown.email, shown.password, shown.code, caller_of(request), request_id_of(request), tenant_id)
    return (await sign_in(db, identity, attempt, "browser")).secret


async def sign_out(uow: UnitOfWork) -> None:
    """End the caller's own session; one that has ended meanwhile is none to end."""
    session_id = uow.scope.session_id
    if session_id is not None:
        with suppress(NotFound):
            await account.end_session(uow, session_id, "logout")


def set_cookie(response: Response, identity: Identity, secret: str) -> None:
    """Keep a session in the browser, out of reach of scripts."""
    response.set_cookie(
        cookie_name(identity),
        secret,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        secure=identity.is_https,
        httponly=True,
        samesite="lax",
    )


def forget_cookie(response: Response, identity: Identity) -> None:
    """Clear everything that the browser keeps of a session."""
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response.delete_cookie(cookie_name(identity), path="/")
