"""Money that a provider should have paid over by now: one exception of its source, told of when it is new."""

from specie import events, providers
from specie.platform.db import UnitOfWork
from specie.reconciliation import expected, standing, store
from specie.reconciliation.events import money_overdue
from specie.reconciliation.model import ExceptionKind, Source, SourceKind


async def look(uow: UnitOfWork, source: Source) -> None:
    """Open, renew or resolve the exception about overdue money; of a bank's source, that of the provider behind it."""
    of = await _providers_own(uow, source)
    if of is None or of.connection_id is None:
        return
    connection = await providers.get_connection(uow, of.connection_id)
    owed = await expected.of_source(uow, of, connection)
    since = owed.overdue_since
    if since is None:
        await standing.resolve(uow, of, ExceptionKind.OVERDUE, "nothing is overdue")
        return
    about = f"Expected by {since.isoformat()}"
    found, is_new = await standing.renew(uow, of, ExceptionKind.OVERDUE, owed.overdue, None, about)
    if is_new:
        await events.record(uow, money_overdue(found, connection, since))


async def _providers_own(uow: UnitOfWork, source: Source) -> Source | None:
    if source.kind is SourceKind.PROVIDER:
        return source
    return await store.source_moving_to(uow, source.account_id)
