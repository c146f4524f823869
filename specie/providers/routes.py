"""Connections over HTTP, the address providers call back, and the inbox."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from specie.kernel.business_days import CountryUnknown
from specie.kernel.ids import CallbackId, ConnectionId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires, takes_any_query
from specie.platform.wire import ListOf, SearchText, id_text, states_text
from specie.providers import connections, errors, inbox, store
from specie.providers.arrivals import Arrivals
from specie.providers.connections import Toolbox
from specie.providers.inbox import RejectionLog, StoredCallback
from specie.providers.records import CallbackRow, CallbackState, Connection
from specie.providers.schemas import CallbackDetail, CallbackOut, ConnectionChange, ConnectionIn, ConnectionOut

router = ApiRouter(tags=["Providers"])

_LIST = "callbacks"
_CONNECTIONS = "connections"
_MAX_TOKEN = 200
_rejections = RejectionLog()


@router.post("/connections", status_code=201, response_model=ConnectionOut)
@refuses(
    errors.ProviderUnknown,
    errors.CredentialsInvalid,
    errors.SandboxOnly,
    errors.LiveOnly,
    errors.ProviderUnconfirmed,
)
async def create_connection(body: ConnectionIn, edge: Edge = requires(Permission.PROVIDERS_WRITE)) -> Response:
    """Connect a payment provider."""
    toolbox: Toolbox = edge.service("providers")
    return await edge.write(
        lambda uow: connections.connect(
            uow,
            toolbox,
            provider=body.provider,
            name=body.name,
            credentials=body.credentials,
            priority=body.priority,
            timeout_ms=body.timeout_ms,
        ),
        ConnectionOut.of,
        status=201,
    )


@router.get("/connections", response_model=ListOf[ConnectionOut])
async def list_connections(
    edge: Edge = requires(Permission.PROVIDERS_READ),
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Any:
    """The connected payment providers, oldest first."""
    key = edge.cursor(_CONNECTIONS, cursor)
    after = UUID(key[0]) if key else None

    async def read(uow: UnitOfWork) -> Page[Connection]:
        rows = await store.find_connections(uow, after, limit)
        return Page.cut(rows, limit, key=lambda each: (str(each.id.uuid),))

    return edge.page(_CONNECTIONS, await edge.read(read), ConnectionOut.of)


@router.patch("/connections/{connection_id}", response_model=ConnectionOut)
@refuses(
    errors.ConnectionMissing,
    errors.CredentialsInvalid,
    errors.LiveOnly,
    errors.SandboxOnly,
    errors.ProviderUnconfirmed,
    CountryUnknown,
)
async def change_connection(
    connection_id: str, body: ConnectionChange, edge: Edge = requires(Permission.PROVIDERS_WRITE)
) -> Response:
    """Rename a connection, switch it on or off, give it new credentials or priority, or say when it pays over."""
    wanted = id_text(ConnectionId, connection_id, "connection_id")
    toolbox: Toolbox = edge.service("providers")

    async def change(uow: UnitOfWork) -> Connection:
        if body.credentials is not None:
            await connections.replace_credentials(uow, toolbox, wanted, body.credentials)
        return await connections.change(uow, toolbox, wanted, **body.changes())

    return await edge.write(change, ConnectionOut.of)


@router.get("/callbacks", response_model=ListOf[CallbackOut])
async def list_callbacks(
    edge: Edge = requires(Permission.PROVIDERS_READ),
    state: Annotated[SearchText | None, Query(description="One or several, separated by commas")] = None,
    reference: Annotated[SearchText | None, Query(description="Ours or the provider's")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Any:
    """Callbacks of all connections, newest first. `state=dead,parked` is the list of exceptions."""
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None
    states = states_text(CallbackState, state, "state")

    async def read(uow: UnitOfWork) -> Page[CallbackRow]:
        rows = await store.callbacks(uow, states=states, reference=reference, before=before, limit=limit)
        return Page.cut(rows, limit, key=lambda row: (str(row.id.uuid),))

    return edge.page(_LIST, await edge.read(read), CallbackOut.of)


@router.get("/callbacks/{callback_id}", response_model=CallbackDetail)
@refuses(errors.CallbackMissing)
async def show_callback(callback_id: str, edge: Edge = requires(Permission.PROVIDERS_READ)) -> CallbackDetail:
    """One callback with its exact bytes and headers."""
    wanted = id_text(CallbackId, callback_id, "callback_id")
    toolbox: Toolbox = edge.service("providers")

    async def read(uow: UnitOfWork) -> StoredCallback:
        row = await inbox.get_callback(uow, wanted)
        return await inbox.opened(uow, row, await connections.open_link(uow, toolbox, row.connection_id))

    return CallbackDetail.opened(await edge.read(read))


@router.post("/callbacks/{callback_id}/replay", response_model=CallbackOut, status_code=202)
@refuses(errors.CallbackMissing)
async def replay_callback(callback_id: str, edge: Edge = requires(Permission.PROVIDERS_WRITE)) -> Response:
    """Process a stored callback once more; what it said before has no second effect."""
    wanted = id_text(CallbackId, callback_id, "callback_id")
    return await edge.write(lambda uow: inbox.replay(uow, wanted), CallbackOut.of, status=202)


@router.post("/callbacks/{token}")
@takes_any_query
@refuses(errors.CallbackMissing, errors.CallbackUnverified, errors.CallbackTooLarge)
async def receive_callback(token: str, request: Request) -> Response:
    """The address a provider calls: the callback is verified, stored exactly and acknowledged; a job acts on it."""
    return await _receive(token, request)


@router.get("/callbacks/{token}/notify")
@takes_any_query
@refuses(errors.CallbackMissing, errors.CallbackUnverified)
async def receive_callback_by_query(token: str, request: Request) -> Response:
    """The same address for providers that put their callback into a query."""
    return await _receive(token, request)


async def _receive(token: str, request: Request) -> Response:
    if not token.isascii() or len(token) > _MAX_TOKEN:
        raise errors.CallbackMissing("no connection has this address")
    raw = inbox.raw_callback(
        method=request.method,
        path=request.url.path,
        query=request.url.query,
        headers=dict(request.headers),
        body=await _limited_body(request),
        remote_ip=request.client.host if request.client else "",
    )
    arrivals: Arrivals = request.app.state.services["callbacks"]
    receipt = await arrivals.receive(token, raw)
    headers = {} if receipt.is_new else {"Already-Received": "true"}
    return Response(receipt.reply.body, receipt.reply.status, headers, media_type=receipt.reply.media_type)


async def _limited_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > inbox.MAX_BYTES:
            raise errors.CallbackTooLarge(f"at most {inbox.MAX_BYTES} bytes are read")
    return bytes(body)
