"""The HTTP API as one application: every module's routes, what surrounds them, and the web console behind them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request
from starlette.responses import Response

from specie.app import error_pages, health, reference, selfcheck, unmatched
from specie.app.console import Console, web_folder
from specie.app.lags import Lags
from specie.app.limits import AddressLimits, KnownRefusals
from specie.app.metrics_port import serving_metrics
from specie.app.routers import OUTSIDE, ROUTERS
from specie.app.wiring import Services, build
from specie.platform import garbage, problems
from specie.platform.config import Settings, load_settings
from specie.platform.crashpoints import from_environment
from specie.platform.direct import DirectRoutes, routes_of
from specie.platform.metrics import API, RequestTelemetry
from specie.platform.middleware import BodyLimits, LastResort, RequestIds, SecurityHeaders, TrustedProxies
from specie.platform.requestlog import RequestLog
from specie.platform.revisions import newest_revision
from specie.platform.telemetry import configure_logs

_JSON_BYTES = 1_000_000
_BULK_BYTES = 16_000_000
_UPLOAD_BYTES = 11_000_000
_BULK_PATH = f"{API}/ledger/entries/bulk"
# Where passwords, keys, secrets or persons are what is spoken of.
_NO_BODIES = tuple(
    f"{API}/{name}"
    for name in (
        "auth",
        "me",
        "users",
        "members",
        "api-keys",
        "parties",
        "beneficiaries",
        "payout-signing-keys",
        "kyc",
        "documents",
        "webhooks",
        "webhook-endpoints",
        "connections",
        "callbacks",
    )
)

_DESCRIPTION = (
    "One double-entry ledger under payments, wallets and payouts. Amounts are whole minor units with their currency. "
    "Every POST that moves money needs an `Idempotency-Key`; errors are RFC 9457 problem documents."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without settings they are read from the environment and the start-up checks are made.

    Leaves the process with exit code 78 when a check fails.
    """
    if settings is None:
        settings = load_settings()
        configure_logs(level=settings.log_level, form=settings.log_format, folder=settings.log_dir, process="api")
        selfcheck.require_safe(settings)
        from_environment()
    services = build(settings)
    app = FastAPI(
        title="Specie",
        version="1",
        description=_DESCRIPTION,
        lifespan=_lifespan(services),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _set_state(app, services)
    problems.install(app)
    _add_routes(app)
    _surround(app, services)
    return app


def _lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with services.running(), serving_metrics(services.settings):
            garbage.settle()
            yield

    return lifespan


def _set_state(app: FastAPI, services: Services) -> None:
    app.state.db = services.db
    app.state.settings = services.settings
    app.state.cursors = services.cursors
    app.state.authenticator = services.authenticator
    app.state.services = services.by_name()
    app.state.require_verified = services.require_verified
    app.state.lags = Lags(services.db)
    app.state.revision = newest_revision()


def _add_routes(app: FastAPI) -> None:
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    for router in (*OUTSIDE, health.router, error_pages.router, reference.router):
        app.include_router(router)
    answer = unmatched.answerer(ROUTERS)

    async def nothing_here(request: Request) -> Response:
        return answer(request)

    app.add_route("/api/{rest:path}", nothing_here, methods=unmatched.METHODS, include_in_schema=False)
    app.mount("/", Console(web_folder()), name="console")


def _surround(app: FastAPI, services: Services) -> None:
    """Add the layers, the innermost first."""
    settings = services.settings
    app.add_middleware(DirectRoutes, routes=routes_of(ROUTERS, API), memory=services.authenticator)
    app.add_middleware(AddressLimits, limiter=services.limiter, settings=settings)
    app.add_middleware(KnownRefusals, authenticator=services.authenticator)
    app.add_middleware(BodyLimits, limit_of=body_limit)
    app.add_middleware(LastResort)
    app.add_middleware(RequestLog, writer=services.request_log, keeps_bodies=keeps_bodies)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestTelemetry)
    app.add_middleware(RequestIds)
    app.add_middleware(TrustedProxies, networks=settings.trusted_proxies)


def body_limit(path: str, media_type: str) -> int:
    """The most bytes a request may have: files are larger than JSON, and one call takes many entries."""
    if path == _BULK_PATH:
        return _BULK_BYTES
    return _UPLOAD_BYTES if media_type.startswith("multipart/form-data") else _JSON_BYTES


def keeps_bodies(route: str) -> bool:
    """Whether the request log may keep what was said on a route; never where secrets or persons are the subject."""
    return not route.startswith(_NO_BODIES)
