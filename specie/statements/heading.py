"""Who states and to whom, as both stood when a statement was made: what is printed years later is what was sent."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from specie import identity, parties
from specie.kernel.errors import NotFound
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.statements.model import Statement, StatementId

_TABLE = "statement"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The names on a printed statement, and the zone of its times."""

    tenant: str
    party: str
    zone: ZoneInfo
    locale: str = "en"


async def present_name(uow: UnitOfWork) -> str:
    """What the tenant is called today."""
    try:
        return (await identity.own_tenant(uow)).name
    except NotFound:
        return ""


async def freeze_addressee(uow: UnitOfWork, ring: KeyRing, party_id: PartyId, statement_id: StatementId) -> bytes:
    """How the party stands on a statement from now on, sealed for it. Raises PartyMissing."""
    return await parties.freeze_addressee(uow, ring, party_id, _TABLE, str(statement_id))


async def letterhead_on(uow: UnitOfWork, ring: KeyRing, made: Statement) -> Letterhead:
    """Who states a statement and to whom; as they are now on one that was made before this was kept with it."""
    said, clock = made.stated, uow.scope.clock
    to = await parties.addressee_on(uow, ring, made.party_id, _TABLE, str(made.id), made.addressee)
    tenant = said["tenant"] if "tenant" in said else await present_name(uow)
    return Letterhead(tenant, to.name, ZoneInfo(said["zone"]) if "zone" in said else clock.zone)
