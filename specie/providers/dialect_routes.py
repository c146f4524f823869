"""Which providers can be connected, one connection with its callback address, and trying its credentials."""

from specie.kernel.ids import ConnectionId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text
from specie.providers import adapters, connections, errors
from specie.providers.connections import ProviderLink, Toolbox
from specie.providers.dialect_schemas import ConnectionDetail, ConnectionTest, DialectOut
from specie.providers.records import Connection
from specie.providers.transport import perform

router = ApiRouter(tags=["Providers"])


@router.get("/provider-dialects", response_model=list[DialectOut])
async def list_dialects(_edge: Edge = requires(Permission.PROVIDERS_READ)) -> list[DialectOut]:
    """The providers that can be connected, what each asks for, and what is not confirmed about it."""
    return [DialectOut.of(dialect) for dialect in adapters.dialects()]


@router.get("/connections/{connection_id}", response_model=ConnectionDetail)
@refuses(errors.ConnectionMissing)
async def show_connection(connection_id: str, edge: Edge = requires(Permission.PROVIDERS_WRITE)) -> ConnectionDetail:
    """One connection with the address the provider is to call. Secrets are never shown again."""
    wanted = id_text(ConnectionId, connection_id, "connection_id")
    toolbox: Toolbox = edge.service("providers")

    async def read(uow: UnitOfWork) -> tuple[Connection, ProviderLink]:
        return await connections.get_connection(uow, wanted), await connections.open_link(uow, toolbox, wanted)

    return ConnectionDetail.opened(*await edge.read(read))


@router.post("/connections/{connection_id}/test", response_model=ConnectionTest)
@refuses(errors.ConnectionMissing)
async def try_connection(connection_id: str, edge: Edge = requires(Permission.PROVIDERS_WRITE)) -> ConnectionTest:
    """Ask the provider something harmless with the connection's credentials. Nothing is made or moved."""
    wanted = id_text(ConnectionId, connection_id, "connection_id")
    toolbox: Toolbox = edge.service("providers")
    link = await edge.read(lambda uow: connections.open_link(uow, toolbox, wanted))
    return ConnectionTest.of(await perform(link, link.adapter.probe(), toolbox.outbound))
