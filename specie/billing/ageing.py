"""What customers owe by how long it has been due, on any day up to today."""

from datetime import date

from specie.billing import ageing_store
from specie.billing.ageing_model import Ages, ages_of
from specie.billing.errors import DayAhead
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork


async def ages(uow: UnitOfWork, currency: Currency, day: date | None, customer_id: PartyId | None = None) -> Ages:
    """Open amounts by age at the end of a business date, today when none is given. Raises DayAhead."""
    wanted, party = day or uow.business_date, uow.scope.party_id or customer_id
    if wanted > uow.business_date:
        raise DayAhead("choose today or an earlier day", param="day")
    return ages_of(wanted, *await ageing_store.open_on(uow, currency, wanted, party))
