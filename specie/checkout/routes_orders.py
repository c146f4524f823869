"""The live status of a purchase's page, and whose page an address is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from specie.checkout import errors, order_store, orders
from specie.checkout.model import Glance
from specie.checkout.order_model import ENDED
from specie.checkout.routes import MAX_TOKEN, follow
from specie.checkout.tokens import digest
from specie.kernel.ids import RequestId
from specie.kernel.scope import Scope
from specie.platform.db import Database
from specie.platform.http import ApiRouter, refuses
from specie.purchases import PurchaseId

router = ApiRouter(prefix="/checkout/orders", tags=["Checkout"])


@dataclass(frozen=True, slots=True)
class Call:
    """One request for a purchase's page: whose it is, and in which scope what everybody may see is read."""

    db: Database
    services: Mapping[str, Any]
    scope: Scope
    purchase_id: PurchaseId

    async def glance(self) -> Glance:
        """How the purchase stands. Raises CheckoutMissing."""
        return await self.db.run(
            self.scope, lambda uow: orders.glance(uow, self.purchase_id), label="checkout.order.glance"
        )


async def call_of(request: Request, token: str) -> Call:
    """Find whose page a token opens. Raises CheckoutMissing."""
    db: Database = request.app.state.db
    if not token.isascii() or len(token) > MAX_TOKEN:
        raise errors.CheckoutMissing("no page has this address")
    found = await db.run(None, lambda uow: order_store.owner_of_token(uow, digest(token)), label="checkout.order.find")
    if found is None:
        raise errors.CheckoutMissing("no page has this address")
    tenant_id, purchase_id = found
    services = request.app.state.services
    return Call(db, services, await services["scope_for_job"](tenant_id, "checkout", RequestId.new()), purchase_id)


@router.get("/{token}/events", response_class=StreamingResponse)
@refuses(errors.CheckoutMissing)
async def follow_order(token: str, request: Request) -> StreamingResponse:
    """Stage and version of a purchase as server-sent events, until it is over or five minutes pass."""
    return await follow((await call_of(request, token)).glance, request, ENDED)
