"""The SQL of exchange rates."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.engine import Row

from specie.kernel.ids import uuid7
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork
from specie.wallets import tables
from specie.wallets.exchange_model import Rate

_R = tables.exchange_rate.c
# The same two currencies, whichever of them is the base.
_PAIR = (func.least(_R.base, _R.quote), func.greatest(_R.base, _R.quote))


async def add_rate(uow: UnitOfWork, rate: Rate) -> None:
    """Put a rate in force."""
    values = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": uuid7(),
        "base": rate.base.code,
        "quote": rate.quote.code,
        "rate": rate.rate,
        "spread": rate.spread,
        "actor": rate.actor,
        "at": rate.at,
    }
    await uow.execute(insert(tables.exchange_rate).values(values))


async def rate_between(uow: UnitOfWork, one: Currency, other: Currency, *, by: datetime | None) -> Rate | None:
    """The newest rate between two currencies, or the newest by a business time."""
    low, high = sorted((one.code, other.code))
    query = _rates(uow).where(_PAIR[0] == low, _PAIR[1] == high)
    if by is not None:
        query = query.where(_R.at <= by)
    row = (await uow.execute(query.order_by(_R.id.desc()).limit(1))).one_or_none()
    return None if row is None else _rate(row)


async def rates_in_force(uow: UnitOfWork) -> list[Rate]:
    """The newest rate of every pair."""
    query = _rates(uow).ext(distinct_on(*_PAIR)).order_by(*_PAIR, _R.id.desc())
    return [_rate(row) for row in await uow.execute(query)]


def _rates(uow: UnitOfWork) -> Select[Any]:
    return select(tables.exchange_rate).where(_R.tenant_id == uow.scope.tenant_id.uuid)


def _rate(row: Row[Any]) -> Rate:
    return Rate(
        Currency.of(row.base), Currency.of(row.quote), row.rate.normalize(), row.spread.normalize(), row.actor, row.at
    )
