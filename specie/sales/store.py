"""The SQL of quotes and their versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update

from specie.catalogue import Rounding
from specie.crm import OpportunityId
from specie.kernel.ids import PartyId, TenantId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.platform import numbering_store
from specie.platform.db import UnitOfWork
from specie.platform.searching import is_numbered
from specie.sales import tables
from specie.sales.model import Quote, QuoteId, QuoteLine, QuoteState, QuoteVersion, Series


@dataclass(frozen=True, slots=True)
class SalesFilter:
    """What a list of quotes or orders is narrowed to; None does not narrow."""

    state: str | None = None
    customer_id: PartyId | None = None
    text: str | None = None


async def next_number(uow: UnitOfWork, series: Series) -> int:
    """The next number of a series, from 1; the series stays locked until the commit."""
    return await numbering_store.next_number(uow, tables.series, series.value)


async def insert_quote(uow: UnitOfWork, quote: Quote, digest: bytes) -> None:
    """Add a quote and the way from its public address."""
    await uow.execute(insert(tables.quote).values(_row(uow, quote)))
    path = {"token_digest": digest, "of_tenant": uow.scope.tenant_id.uuid, "quote_id": quote.id.uuid}
    await uow.execute(insert(tables.link).values(path))


async def update_quote(uow: UnitOfWork, quote: Quote) -> None:
    """Store a quote as it is now; the row was locked when it was read."""
    q = tables.quote.c
    where = (q.tenant_id == uow.scope.tenant_id.uuid, q.id == quote.id.uuid)
    await uow.execute(update(tables.quote).where(*where).values(_row(uow, quote)))


async def insert_version(uow: UnitOfWork, quote_id: QuoteId, said: QuoteVersion) -> None:
    """Add a version; none is ever changed."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "quote_id": quote_id.uuid,
        "lines": [each.to_json() for each in said.lines],
        "rounding": said.rounding.value,
        **{name: getattr(said, name) for name in _VERSION},
    }
    await uow.execute(insert(tables.version).values(row))


_VERSION = (
    *("version", "valid_until", "due_days", "reference", "note", "includes_tax", "discount"),
    *("net_minor", "tax_minor", "created_at"),
)


async def quote_by_id(uow: UnitOfWork, quote_id: QuoteId, *, lock: bool = False) -> Quote | None:
    """One quote the caller may see, locked on demand."""
    query = _visible(uow).where(tables.quote.c.id == quote_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _quote(row) if row else None


async def quotes(uow: UnitOfWork, wanted: SalesFilter, before: UUID | None, limit: int) -> Page[Quote]:
    """Quotes the caller may see, newest first."""
    q, query = tables.quote.c, narrowed(_visible(uow), tables.quote, wanted)
    if before is not None:
        query = query.where(q.id < before)
    rows = (await uow.execute(query.order_by(q.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_quote)


def narrowed(query: Select[Any], table: Any, wanted: SalesFilter) -> Select[Any]:
    """A list of quotes or orders, narrowed."""
    if wanted.state is not None:
        query = query.where(table.c.state == wanted.state)
    if wanted.customer_id is not None:
        query = query.where(table.c.customer_id == wanted.customer_id.uuid)
    if wanted.text:
        query = query.where(is_numbered(table.c.number_key, table.c.n, wanted.text))
    return query


async def past(uow: UnitOfWork, day: date, limit: int) -> list[Quote]:
    """Quotes that nobody answered and that were valid until before a day, locked."""
    q = tables.quote.c
    query = select(tables.quote).where(
        q.tenant_id == uow.scope.tenant_id.uuid, q.state == QuoteState.SENT.value, q.valid_until < day
    )
    rows = await uow.execute(query.order_by(q.id).limit(limit).with_for_update(skip_locked=True))
    return [_quote(row) for row in rows]


async def versions_of(uow: UnitOfWork, quote_id: QuoteId) -> list[QuoteVersion]:
    """What a quote said in each version, the newest first."""
    v = tables.version.c
    query = select(tables.version).where(v.tenant_id == uow.scope.tenant_id.uuid, v.quote_id == quote_id.uuid)
    return [_version(row) for row in await uow.execute(query.order_by(v.version.desc()))]


async def version_of(uow: UnitOfWork, quote_id: QuoteId, version: int) -> QuoteVersion:
    """What a quote said in a version it has."""
    v = tables.version.c
    query = select(tables.version).where(
        v.tenant_id == uow.scope.tenant_id.uuid, v.quote_id == quote_id.uuid, v.version == version
    )
    return _version((await uow.execute(query)).one())


async def owner_of_token(uow: UnitOfWork, token_digest: bytes) -> tuple[TenantId, QuoteId] | None:
    """Whose quote this is. Needs no tenant."""
    row = (await uow.execute(select(tables.link).where(tables.link.c.token_digest == token_digest))).one_or_none()
    return (TenantId(row.of_tenant), QuoteId(row.quote_id)) if row else None


def _visible(uow: UnitOfWork) -> Select[Any]:
    q, party = tables.quote.c, uow.scope.party_id
    query = select(tables.quote).where(q.tenant_id == uow.scope.tenant_id.uuid)
    # A customer sees what was sent to it, never what is still being written.
    return query if party is None else query.where(q.customer_id == party.uuid, q.state != QuoteState.DRAFT.value)


_PLAIN = (
    *("number", "n", "version", "sent_version", "valid_until", "total_minor", "token", "changes"),
    *("created_at", "sent_at", "decided_at", "decided_by", "reason", "offered_to"),
    "letterhead",
)


def _row(uow: UnitOfWork, quote: Quote) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": quote.id.uuid,
        "customer_id": quote.customer_id.uuid,
        "opportunity_id": quote.opportunity_id.uuid if quote.opportunity_id else None,
        "currency": quote.currency.code,
        "state": quote.state.value,
        **{name: getattr(quote, name) for name in _PLAIN},
    }


def _quote(row: Row[Any]) -> Quote:
    return Quote(
        id=QuoteId(row.id),
        customer_id=PartyId(row.customer_id),
        opportunity_id=OpportunityId(row.opportunity_id) if row.opportunity_id else None,
        currency=Currency.of(row.currency),
        state=QuoteState(row.state),
        **{name: getattr(row, name) for name in _PLAIN},
    )


def _version(row: Row[Any]) -> QuoteVersion:
    kept: Sequence[Any] = row.lines
    told = {name: getattr(row, name) for name in _VERSION}
    lines = [QuoteLine.from_json(n, each) for n, each in enumerate(kept, 1)]
    told |= {"discount": row.discount.normalize(), "rounding": Rounding(row.rounding)}
    return QuoteVersion(lines=lines, **told)
