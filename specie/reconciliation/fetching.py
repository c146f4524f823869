"""Statements fetched from providers that hand them out. Each function opens its own units of work."""

import hashlib
from datetime import datetime

from specie import providers
from specie.kernel.money import Currency, Money
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import Accepted, ProviderLink, ProviderSilent, StatementRow, Toolbox
from specie.reconciliation import service
from specie.reconciliation.errors import NoStatementOffered
from specie.reconciliation.model import Format, SourceId, SourceKind, Statement, StatementFile, StatementLine

_MOST_PAGES = 1000


async def fetch(context: JobContext, source_id: SourceId, since: datetime, until: datetime) -> StatementFile:
    """What the provider says of a window of its time, as a statement; lines of other currencies are left out.

    Raises SourceMissing, NoStatementOffered or ProviderSilent.
    """
    toolbox: Toolbox = context.services["providers"]

    async def load(uow: UnitOfWork) -> tuple[ProviderLink, Currency]:
        source = await service.get_source(uow, source_id)
        if source.kind is not SourceKind.PROVIDER or source.connection_id is None:
            raise NoStatementOffered("only a provider's source can be fetched")
        link = await providers.open_link(uow, toolbox, source.connection_id)
        if not link.adapter.capabilities().statement:
            raise NoStatementOffered(f"{link.adapter.name} hands out no statement")
        return link, source.currency

    link, currency = await context.db.run(context.scope, load, label="reconciliation.fetch.load")
    rows = await _pages(link, toolbox, since, until)
    crash_point("reconciliation.fetch.answered")
    return _file(link.adapter.name, [row for row in rows if row.net.currency == currency], since, until)


async def _pages(link: ProviderLink, toolbox: Toolbox, since: datetime, until: datetime) -> list[StatementRow]:
    rows: list[StatementRow] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        answer = await providers.perform(link, link.adapter.list_statement(since, until, cursor), toolbox.outbound)
        if not isinstance(answer, Accepted):
            raise ProviderSilent(f"{link.adapter.name} did not hand out its statement")
        rows += answer.value.rows
        cursor = answer.value.next_cursor
        if cursor is None:
            return rows
    raise ProviderSilent(f"{link.adapter.name} goes on for ever")


def _file(provider: str, rows: list[StatementRow], since: datetime, until: datetime) -> StatementFile:
    lines = [
        StatementLine(
            number=number,
            amount=Money(row.net.minor, row.net.currency),
            booked_on=row.occurred_at.date(),
            reference=row.reference or row.provider_ref or "",
            key=row.key,
            text=row.kind,
            fee=Money(row.fee.minor, row.fee.currency),
        )
        for number, row in enumerate(rows, 1)
    ]
    digest = hashlib.sha256(repr([(row.key, row.net.minor, row.kind) for row in rows]).encode()).hexdigest()
    name = f"{provider} {since:%Y-%m-%d} to {until:%Y-%m-%d}"
    return StatementFile(Format.PROVIDER, name, digest, [Statement("", "", None, None, lines)])
