"""Settlement in the background: a run that is due, and the settling itself."""

from datetime import date, datetime
from uuid import UUID

from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.crashpoints import crash_point
from specie.platform.jobs import JobContext, job
from specie.settlement import service, terms_service


@job(terms_service.RUN)
async def run_job(context: JobContext, party: str, currency: str, day: str, at: str) -> None:
    """A merchant's (named by its uuid) cut-off has come: have the day settled and plan the next run."""
    merchant, money = PartyId(UUID(party)), Currency.of(currency)
    await context.db.run(
        context.scope,
        lambda uow: terms_service.run(uow, merchant, money, date.fromisoformat(day), datetime.fromisoformat(at)),
        label="settlement.run",
    )


@job(terms_service.SETTLE)
async def settle_job(context: JobContext, party_id: str, currency: str, day: str) -> None:
    """Settle a merchant's business day; repeating it settles nothing twice."""
    merchant, money = PartyId.parse(party_id), Currency.of(currency)
    crash_point("settlement.settle.begun")
    await context.db.run(
        context.scope,
        lambda uow: service.settle(uow, merchant, money, date.fromisoformat(day)),
        label="settlement.settle",
    )
