"""Signing in, one's own account and sessions over HTTP."""

import segno
from fastapi import Request
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from specie.identity import access_store, account, errors, pages, scopes, service, sign_in, sso, sso_store, store
from specie.identity.authenticator import caller_of, cookie_name, request_id_of
from specie.identity.model import Tenant
from specie.identity.passwords import require_strong
from specie.identity.schemas import (
    CodeIn,
    EnrolmentOut,
    LoginIn,
    MeOut,
    PasswordIn,
    RecoveryCodesOut,
    RefreshIn,
    RegisterIn,
    ResetIn,
    ResetRequestIn,
    SessionOut,
    SessionsOut,
    StepUpIn,
    SwitchIn,
    TokensOut,
)
from specie.identity.service import NewUser
from specie.identity.sign_in import SignIn, Started, Tokens
from specie.identity.wiring import SERVICE, Identity
from specie.kernel.clock import machine_now
from specie.kernel.errors import NotFound, RateLimited
from specie.kernel.ids import SessionId, TenantId, UserId
from specie.kernel.permissions import Permission
from specie.kernel.scope import Mode, Scope
from specie.platform.db import Database, UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(tags=["Identity"])

_SIGN_IN_REFUSALS = (
    errors.CredentialsInvalid,
    errors.SecondFactorRequired,
    errors.SecondFactorInvalid,
    errors.NoMembership,
    errors.HasherBusy,
    RateLimited,
)


def _identity(request: Request) -> Identity:
    identity: Identity = request.app.state.services[SERVICE]
    return identity


def _db(request: Request) -> Database:
    db: Database = request.app.state.db
    return db


def _attempt(request: Request, body: LoginIn) -> SignIn:
    tenant = id_text(TenantId, body.tenant_id, "tenant_id") if body.tenant_id else None
    return SignIn(body.email, body.password, body.totp_code, caller_of(request), request_id_of(request), tenant)


@router.post("/auth/register", status_code=201, response_model=MeOut)
@refuses(errors.PasswordTooWeak, errors.EmailTaken, NotFound, errors.HasherBusy, RateLimited)
async def register(body: RegisterIn, request: Request) -> Response:
    """Sign up as a customer; the person, the membership and a wallet are made in one commit. Signs in as well.

    An address that is known already is said to be so, and counts as a failed log-in of the caller's network.
    """
    identity, db = _identity(request), _db(request)
    await sign_in.admit_stranger(db, identity, caller_of(request))
    require_strong(body.password, [body.email, body.name])
    tenant = await _tenant_to_join(request, body.tenant)
    hashed = await identity.hasher.hash(body.password)
    scope = scopes.system_scope(tenant, "registration", request_id_of(request))
    new = NewUser(body.email, body.name, hashed, body.phone or None)
    try:
        await db.run(scope, lambda uow: service.register(uow, identity, new), label="identity.register")
    except errors.EmailTaken:
        await sign_in.count_stranger(db, identity, caller_of(request))
        raise
    login = LoginIn(email=body.email, password=body.password, tenant_id=str(tenant.id))
    started = await sign_in.sign_in(db, identity, _attempt(request, login), "browser")
    return await _signed_in(request, started, status=201)


async def _tenant_to_join(request: Request, slug: str | None) -> Tenant:
    """The named tenant, or the oldest one: where no real money moves, its sandbox. Raises NotFound."""
    db, settings = _db(request), request.app.state.settings
    if slug:
        tenant = await store.ask_tenant_by_slug(db, slug)
    else:
        tenant = await store.ask_first_tenant(db, Mode.LIVE if settings.is_production else Mode.SANDBOX)
    if tenant is None:
        raise NotFound("there is no such tenant", param="tenant")
    return tenant


@router.post("/auth/login", response_model=MeOut)
@refuses(*_SIGN_IN_REFUSALS)
async def login(body: LoginIn, request: Request) -> Response:
    """Sign in with a browser: the answer sets an HTTP-only cookie and carries the CSRF token for writes."""
    started = await sign_in.sign_in(_db(request), _identity(request), _attempt(request, body), "browser")
    return await _signed_in(request, started)


async def _signed_in(request: Request, started: Started, *, status: int = 200) -> Response:
    identity, db = _identity(request), _db(request)
    tenant = await store.ask_tenant(db, started.membership.tenant_id.uuid)
    if tenant is None:
        raise NotFound("the tenant is gone")
    scope = scopes.user_scope(tenant, UserId(started.user.id), started.membership.role, request_id_of(request))
    csrf = identity.keys.csrf_token(identity.keys.token_digest(started.secret))
    me = await _me(db, identity, scope, csrf, session_id=started.session_id, party=started.membership.party_id)
    response = JSONResponse(me.model_dump(mode="json"), status)
    pages.set_cookie(response, identity, started.secret)
    return response


async def _me(
    db: Database,
    identity: Identity,
    scope: Scope,
    csrf: str | None,
    *,
    session_id: SessionId | None,
    party: object = None,
) -> MeOut:
    user_id = account.user_of(scope)

    async def look(uow: UnitOfWork) -> MeOut:
        user = await store.user_by_id(uow, user_id)
        tenant = await service.own_tenant(uow)
        if user is None:
            raise NotFound("there is no such user")
        memberships = await service.memberships(uow, user_id)
        me = MeOut.of(scope, identity.opened(user), tenant, memberships, csrf)
        opened_by = await sso_store.tenant_of_session(uow, session_id) if session_id else None
        is_by_provider = opened_by is not None and sso.opens(opened_by, tenant)
        missing = identity.misses_second_factor(
            me.role, tenant.mode, has_one=user.totp_enabled, is_by_provider=is_by_provider
        )
        return me.model_copy(update={"second_factor_missing": missing})

    found = await db.run(scope, look, label="identity.me")
    return found if party is None else found.model_copy(update={"party_id": str(party)})


@router.post("/auth/logout", status_code=204, response_class=Response)
async def logout(edge: Edge = requires(Permission.ACCOUNT_SELF, rehearsable=False)) -> Response:
    """End this session and clear what the browser keeps of it."""
    session_id = edge.scope.session_id
    if session_id is not None:
        await edge.read(lambda uow: account.end_session(uow, session_id, "logout"))
    response = Response(status_code=204)
    pages.forget_cookie(response, _identity(edge.request))
    return response


@router.post("/auth/token", response_model=TokensOut)
@refuses(*_SIGN_IN_REFUSALS)
async def create_token(body: LoginIn, request: Request) -> TokensOut:
    """Sign in with an app: a short access token and a refresh token that changes with each use."""
    identity, db = _identity(request), _db(request)
    started = await sign_in.sign_in(db, identity, _attempt(request, body), "token")
    return _tokens(await sign_in.issue_tokens(db, identity, started))


@router.post("/auth/token/refresh", response_model=TokensOut)
@refuses(errors.SessionRevoked)
async def refresh_token(body: RefreshIn, request: Request) -> TokensOut:
    """Exchange a refresh token for the next pair; a copy that is used later ends the session."""
    tokens = await sign_in.refresh_tokens(
        _db(request), _identity(request), body.refresh_token, caller_of(request), request_id_of(request)
    )
    return _tokens(tokens)


def _tokens(tokens: Tokens) -> TokensOut:
    return TokensOut(access_token=tokens.access, refresh_token=tokens.refresh)


@router.get("/auth/sessions", response_model=SessionsOut)
async def list_sessions(edge: Edge = requires(Permission.ACCOUNT_SELF)) -> SessionsOut:
    """One's own running sessions."""
    user_id = account.user_of(edge.scope)
    found = await edge.read(lambda uow: access_store.sessions_of(uow, user_id, machine_now()))
    return SessionsOut(data=[SessionOut.of(one, edge.scope) for one in found])


@router.delete("/auth/sessions/{session_id}", status_code=204, response_class=Response)
async def end_session(session_id: str, edge: Edge = requires(Permission.ACCOUNT_SELF, rehearsable=False)) -> Response:
    """End one of one's own sessions."""
    wanted = id_text(SessionId, session_id, "session_id")
    await edge.read(lambda uow: account.end_session(uow, wanted, "ended by its owner"))
    return Response(status_code=204)


@router.post("/auth/password", status_code=204, response_class=Response)
@refuses(errors.CredentialsInvalid, errors.PasswordTooWeak, errors.HasherBusy, RateLimited)
async def change_password(
    body: PasswordIn, edge: Edge = requires(Permission.ACCOUNT_SELF, rehearsable=False)
) -> Response:
    """Change one's password; every other session ends."""
    identity = _identity(edge.request)
    await account.change_password(edge.db, identity, edge.scope, body.current_password, body.new_password)
    return Response(status_code=204)


@router.post("/auth/password/reset-request", status_code=202, response_class=Response)
async def request_reset(body: ResetRequestIn, request: Request) -> Response:
    """Ask for a reset link by mail; the answer is the same for an address nobody has."""
    # After the answer, so that its time does not tell whether there was a mail to send.
    sending = BackgroundTask(account.request_reset, _db(request), _identity(request), body.email)
    return Response(status_code=202, background=sending)


@router.post("/auth/password/reset", status_code=204, response_class=Response)
@refuses(errors.ResetInvalid, errors.PasswordTooWeak, errors.HasherBusy)
async def reset_password(body: ResetIn, request: Request) -> Response:
    """Set a password by reset link; every session ends, and the second factor stays on."""
    await account.reset_password(_db(request), _identity(request), body.token, body.new_password)
    return Response(status_code=204)


@router.post("/auth/totp/enrol", response_model=EnrolmentOut)
@refuses(errors.TotpAlreadyOn)
async def enrol_totp(edge: Edge = requires(Permission.ACCOUNT_SELF, step_up=True, rehearsable=False)) -> EnrolmentOut:
    """Start a second factor; a code from the app then confirms it. Whoever only found a session open sets up none."""
    enrolment = await account.enrol_totp(edge.db, _identity(edge.request), edge.scope)
    picture = segno.make(enrolment.uri, error="m").svg_inline(scale=4, border=4)
    return EnrolmentOut(seed=enrolment.seed, uri=enrolment.uri, qr_svg=picture)


@router.post("/auth/totp/confirm", response_model=RecoveryCodesOut)
@refuses(errors.TotpNotEnrolled, errors.TotpAlreadyOn, errors.SecondFactorInvalid)
async def confirm_totp(
    body: CodeIn, edge: Edge = requires(Permission.ACCOUNT_SELF, rehearsable=False)
) -> RecoveryCodesOut:
    """Switch the second factor on; the recovery codes are shown this once."""
    codes = await account.confirm_totp(edge.db, _identity(edge.request), edge.scope, body.code)
    return RecoveryCodesOut(recovery_codes=codes)


@router.post("/auth/totp/disable", status_code=204, response_class=Response)
@refuses(errors.TotpNotEnrolled, errors.SecondFactorInvalid)
async def disable_totp(body: CodeIn, edge: Edge = requires(Permission.ACCOUNT_SELF, rehearsable=False)) -> Response:
    """Switch the second factor off with a last code."""
    await account.disable_totp(edge.db, _identity(edge.request), edge.scope, body.code)
    return Response(status_code=204)


@router.post("/auth/step-up", response_model=MeOut)
@refuses(
    errors.CredentialsInvalid, errors.SecondFactorRequired, errors.SecondFactorInvalid, errors.HasherBusy, RateLimited
)
async def step_up(body: StepUpIn, edge: Edge = requires(Permission.ACCOUNT_SELF, rehearsable=False)) -> Response:
    """Show once more who one is; sensitive routes then work for five minutes."""
    identity = _identity(edge.request)
    secret = await account.step_up(edge.db, identity, edge.scope, password=body.password, code=body.totp_code)
    csrf = identity.keys.csrf_token(identity.keys.token_digest(secret)) if secret else None
    me = await _me(edge.db, identity, edge.scope, csrf, session_id=edge.scope.session_id)
    response = JSONResponse(me.model_dump(mode="json"))
    if secret:
        pages.set_cookie(response, identity, secret)
    return response


@router.get("/me", response_model=MeOut)
async def who_am_i(edge: Edge = requires(Permission.ACCOUNT_SELF)) -> MeOut:
    """Who is signed in, in which tenant, with which permissions, and the CSRF token of this session."""
    identity = _identity(edge.request)
    scope = edge.scope
    return await _me(edge.db, identity, scope, _csrf(identity, edge.request), session_id=scope.session_id)


def _csrf(identity: Identity, request: Request) -> str | None:
    cookie = request.cookies.get(cookie_name(identity))
    return identity.keys.csrf_token(identity.keys.token_digest(cookie)) if cookie else None


@router.post("/me/tenant", response_model=MeOut)
@refuses(errors.NoMembership)
async def switch_tenant(body: SwitchIn, edge: Edge = requires(Permission.ACCOUNT_SELF, rehearsable=False)) -> MeOut:
    """Work in another tenant one is a member of."""
    identity, db = _identity(edge.request), edge.db
    wanted = id_text(TenantId, body.tenant_id, "tenant_id")
    user_id, session_id = account.user_of(edge.scope), edge.scope.session_id
    tenant = await store.ask_tenant(db, wanted.uuid)

    async def switch(uow: UnitOfWork) -> Scope:
        found = [one for one in await service.memberships(uow, user_id) if one.tenant_id == wanted]
        if not found or tenant is None or session_id is None:
            raise errors.NoMembership("you are not a member there")
        if not sso.opens(await sso_store.tenant_of_session(uow, session_id), tenant):
            raise errors.NoMembership("log in with your password to work there")
        await access_store.change_session(uow, session_id, {"current_tenant": wanted.uuid})
        scope = scopes.user_scope(tenant, user_id, found[0].role, edge.scope.request_id)
        async with uow.acting_as(scope) as there:
            await store.forget_invited_name(there, user_id)
        return scope

    scope = await edge.read(switch)
    return await _me(db, identity, scope, _csrf(identity, edge.request), session_id=session_id)
