"""Events caused in a sandbox, for real: by the requests that would cause them anywhere.

The requests go through this very application with the caller's own proof, so each is judged, limited and logged as any
other is, and nobody causes what they may not do. Their idempotency keys come from that of the request that asks for
the event: asked again with it, the same things are found instead of made a second time.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

import httpx2
from pydantic import Field
from starlette.responses import Response

from specie.app.triggers import customers, documents, goods, money
from specie.app.triggers.caller import Caller, Maker, TriggerRefused
from specie.kernel.errors import Conflict, InvalidField
from specie.kernel.permissions import Permission
from specie.kernel.scope import Mode
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires

router = ApiRouter(prefix="/sandbox", tags=["Sandbox"])

MAKERS: Mapping[str, Maker] = money.MAKERS | documents.MAKERS | goods.MAKERS | customers.MAKERS

Text = Annotated[str, Field(max_length=200)]


class SandboxOnly(Conflict):
    """Events are caused in a sandbox only; in live they happen."""

    code = "sandbox_only"
    title = "Only a sandbox can do this"
    is_decision = False


class NotTriggerable(InvalidField):
    """No requests are known that cause this kind of event; its example can be sent to an endpoint."""

    code = "event_not_triggerable"
    title = "This event cannot be caused by itself"


class TriggerIn(Schema):
    """An event to cause, and other values than the usual ones, such as `amount`, `currency`, `method` or `name`."""

    event: Text = Field(examples=["payment.paid"])
    override: Annotated[dict[Text, Text], Field(max_length=20)] = Field(default_factory=dict)


class TriggeredOut(Schema):
    """What happened: the object that the event is about, as its own request answered it."""

    event: str
    object: dict[str, Any]


class TriggersOut(Schema):
    """The kinds of events that can be caused."""

    data: list[str]


@router.get("/triggers", response_model=TriggersOut)
async def list_triggers(_: Edge = requires(Permission.EVENTS_READ)) -> TriggersOut:
    """The kinds of events that a sandbox can be made to cause; of every other an example can be sent."""
    return TriggersOut(data=sorted(MAKERS))


@router.post("/triggers", status_code=201, response_model=TriggeredOut)
@refuses(SandboxOnly, NotTriggerable, TriggerRefused)
async def trigger_event(body: TriggerIn, edge: Edge = requires(Permission.EVENTS_READ, rehearsable=False)) -> Response:
    """Cause an event for real, by the requests that would cause it anywhere, with the caller's own permissions."""
    if edge.scope.mode is not Mode.SANDBOX:
        raise SandboxOnly("a live tenant's events happen by themselves; use its sandbox")
    maker = MAKERS.get(body.event)
    if maker is None:
        raise NotTriggerable(f"say one of: {', '.join(sorted(MAKERS))}", param="event")
    earlier = await edge.earlier()
    if earlier is not None:
        return earlier
    async with _client(edge) as http:
        made = await maker(Caller(http, edge, _stem(edge)), body.override)

    async def answered(_: UnitOfWork) -> TriggeredOut:
        return TriggeredOut(event=body.event, object=made)

    return await edge.write(answered, lambda shown: shown, status=201)


def _client(edge: Edge) -> httpx2.AsyncClient:
    address = edge.request.client
    transport = httpx2.ASGITransport(
        app=edge.request.app, client=(address.host, address.port) if address else ("127.0.0.1", 0)
    )
    return httpx2.AsyncClient(transport=transport, base_url=edge.service("settings").public_url.rstrip("/"))


def _stem(edge: Edge) -> str:
    """What the keys of the requests begin with: the same for a request and its repetitions."""
    asked = edge.key() or str(edge.scope.request_id)
    return f"trigger-{hashlib.sha256(asked.encode()).hexdigest()[:24]}"
