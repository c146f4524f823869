"""The hosted page as JSON, and its live status."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import StreamingResponse

from specie.checkout import errors, service, store
from specie.checkout.model import Glance, Stage, View
from specie.checkout.schemas import CheckoutOut
from specie.checkout.tokens import digest
from specie.kernel.ids import CheckoutId, RequestId
from specie.kernel.scope import Scope
from specie.platform.db import Database
from specie.platform.http import ApiRouter, refuses
from specie.platform.jobs import JobContext

router = ApiRouter(prefix="/checkout", tags=["Checkout"])

MAX_TOKEN = 100
_LOOK_SECONDS = 1.0
_LOOKS = 300
# Money may still arrive for a payment whose time is over, so that is not among them.
_FINAL = (Stage.PAID, Stage.CANCELLED)


class Visit:
    """One request for a hosted page: whose it is, and in which scope it is shown."""

    def __init__(self, request: Request, scope: Scope, checkout_id: CheckoutId) -> None:
        self.db: Database = request.app.state.db
        self.services: Mapping[str, Any] = request.app.state.services
        self.scope = scope
        self.checkout_id = checkout_id

    @property
    def context(self) -> JobContext:
        """What the functions that call providers work with."""
        return JobContext(self.db, self.scope, self.services)

    async def view(self) -> View:
        """What the page shows now. Raises CheckoutMissing."""
        return await self.db.run(
            self.scope, lambda uow: service.view(uow, self.services, self.checkout_id), label="checkout.view"
        )

    async def glance(self) -> Glance:
        """How the payment stands. Raises CheckoutMissing."""
        return await self.db.run(self.scope, lambda uow: service.glance(uow, self.checkout_id), label="checkout.glance")


async def visit(request: Request, token: str) -> Visit:
    """Find whose page a token opens. Raises CheckoutMissing."""
    db: Database = request.app.state.db
    if not token.isascii() or len(token) > MAX_TOKEN:
        raise errors.CheckoutMissing("no page has this address")
    found = await db.run(None, lambda uow: store.owner_of_token(uow, digest(token)), label="checkout.find")
    if found is None:
        raise errors.CheckoutMissing("no page has this address")
    tenant_id, checkout_id = found
    scope: Scope = await request.app.state.services["scope_for_job"](tenant_id, "checkout", RequestId.new())
    return Visit(request, scope, checkout_id)


@router.get("/{token}", response_model=CheckoutOut)
@refuses(errors.CheckoutMissing)
async def show_checkout(token: str, request: Request) -> CheckoutOut:
    """What the hosted page shows, for those who build their own. The token in the address is the right to see it."""
    return CheckoutOut.of(await (await visit(request, token)).view())


@router.get("/{token}/events", response_class=StreamingResponse)
@refuses(errors.CheckoutMissing)
async def follow_checkout(token: str, request: Request) -> StreamingResponse:
    """Stage and version as server-sent events, whenever they change, until the payment is over or five minutes pass."""
    visitor = await visit(request, token)
    return await follow(visitor.glance, request)


async def follow(
    look: Callable[[], Awaitable[Glance]], request: Request, final: Collection[Stage] = _FINAL
) -> StreamingResponse:
    """What looking every second tells, as server-sent events, until a final stage.

    Raises CheckoutMissing when there is nothing to see.
    """
    await look()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_changes(look, request, final), media_type="text/event-stream", headers=headers)


async def _changes(
    look: Callable[[], Awaitable[Glance]], request: Request, final: Collection[Stage]
) -> AsyncIterator[bytes]:
    told: tuple[Stage, int] | None = None
    for _ in range(_LOOKS):
        seen = await look()
        news = {"stage": str(seen.stage), "version": seen.version, "seconds": seen.seconds_left}
        is_old = told == (seen.stage, seen.version)
        yield b": still here\n\n" if is_old else b"data: " + orjson.dumps(news) + b"\n\n"
        if seen.stage in final or await request.is_disconnected():
            return
        told = (seen.stage, seen.version)
        await asyncio.sleep(_LOOK_SECONDS)
