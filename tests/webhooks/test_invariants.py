"""Each invariant of webhooks catches the damage it is there for."""

import psycopg
import pytest

from specie import parties, webhooks
from specie.kernel.ids import PartyId
from specie.kernel.scope import Scope
from specie.parties import PartyKind
from specie.platform.db import Database
from specie.webhooks.model import SLOTS
from tests.events.facts import tell
from tests.ledger.books import open_account, post
from tests.support.scopes import fresh_scope
from tests.webhooks.receiver import RING, deliver, receiving, sending, subscribe

pytestmark = pytest.mark.breaks_the_books

_DELIVERY = "update specie.webhook_delivery set"
DAMAGE = {
    "W-1: every public change on the audit trail has its event, made by the same request": (
        "update specie.event set request_id = gen_random_uuid() where type = 'party.created'"
    ),
    "W-1: every entry has its event, under the entry's own id": (
        "update specie.event set id = gen_random_uuid() where type = 'ledger.entry.posted'"
    ),
    "W-2: every event that was fanned out is owed to every endpoint that subscribed to it": (
        f"{_DELIVERY} event_id = gen_random_uuid()"
    ),
    "fanning out never runs ahead of the feed": "update specie.webhook_position set last_n = last_n + 1",
    "every delivery is of the event whose number it carries": f"{_DELIVERY} n = n + 1",
    "an endpoint of a party is owed that party's events only": (
        f"update specie.webhook_endpoint set party_id = '{PartyId.new().uuid}'"
    ),
    "the attempts of a delivery are numbered from one without a gap": f"{_DELIVERY} attempts = attempts + 1",
    "W-2: a delivered delivery was accepted by the endpoint": "update specie.webhook_attempt set status = 500",
    "W-2: a dead delivery has used up its attempts, or its endpoint was deleted": f"{_DELIVERY} state = 'dead'",
    "no delivery is tried more often than the schedule allows": f"{_DELIVERY} step = 11",
    "every attempt sent the same bytes": f"{_DELIVERY} body = body || ' '",
    f"at most {SLOTS} deliveries of an endpoint are under way at once": (
        f"{_DELIVERY} state = 'sending', finished_at = null, lease_until = '2099-01-01Z'"
    ),
}


def test_every_invariant_has_its_damage() -> None:
    assert set(DAMAGE) == set(webhooks.INVARIANTS)


@pytest.mark.parametrize("sentence", list(DAMAGE))
async def test_the_damage_is_found(database: Database, superuser_connection: psycopg.Connection, sentence: str) -> None:
    scope = await _busy(database, superuser_connection)
    found = f"select count(*) from ({webhooks.INVARIANTS[sentence]}) broken where tenant_id = %s"
    tenant = [scope.tenant_id.uuid]
    assert superuser_connection.execute(found, tenant).fetchone() == (0,)
    damage = DAMAGE[sentence] + (" and" if " where " in DAMAGE[sentence] else " where") + " tenant_id = %s"
    assert superuser_connection.execute(damage, tenant).rowcount > 0
    assert superuser_connection.execute(found, tenant).fetchone() != (0,)


async def _busy(database: Database, connection: psycopg.Connection) -> Scope:
    """A tenant in which money moved, a party was added, and an endpoint of an hour ago was told of it all."""
    scope = fresh_scope()
    async with receiving() as receiver, sending(database) as sender:
        await subscribe(database, scope, receiver.url())
        connection.execute(
            "update specie.webhook_endpoint set updated_at = updated_at - interval '1 hour' where tenant_id = %s",
            [scope.tenant_id.uuid],
        )
        bank = await open_account(database, scope, "asset:bank")
        await post(database, scope, (bank, await open_account(database, scope, "liability:customers"), 100))
        async with database.begin(scope) as uow:
            await parties.create_party(uow, RING, kind=PartyKind.PERSON, roles=["customer"], known={"name": "A"})
        for _ in range(SLOTS):
            await tell(database, scope)
        await deliver(database, sender)
    return scope
