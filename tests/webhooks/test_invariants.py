"""Each invariant of webhooks catches the damage it is there for."""

import psycopg
import pytest

from specie import webhooks
from specie.kernel.ids import PartyId
from specie.platform.db import Database
from tests.events.facts import tell
from tests.support.scopes import fresh_scope
from tests.webhooks.receiver import deliver, receiving, sending, subscribe

pytestmark = pytest.mark.breaks_the_books

_DELIVERY = "update specie.webhook_delivery set"
DAMAGE = {
    "fanning out never runs ahead of the feed": "update specie.webhook_position set last_n = last_n + 1",
    "every delivery is of the event whose number it carries": f"{_DELIVERY} n = n + 1",
    "an endpoint of a party is owed that party's events only": (
        f"update specie.webhook_endpoint set party_id = '{PartyId.new().uuid}'"
    ),
    "the attempts of a delivery are numbered from one without a gap": f"{_DELIVERY} attempts = attempts + 1",
    "a delivered delivery was accepted by the endpoint": "update specie.webhook_attempt set status = 500",
    "a dead delivery has used up its attempts, or its endpoint was deleted": f"{_DELIVERY} state = 'dead'",
    "no delivery is tried more often than the schedule allows": f"{_DELIVERY} step = 11",
    "every attempt sent the same bytes": f"{_DELIVERY} body = body || ' '",
    "at most four deliveries of an endpoint are under way at once": (
        f"{_DELIVERY} state = 'sending', finished_at = null, lease_until = '2099-01-01Z'"
    ),
}


def test_every_invariant_has_its_damage() -> None:
    assert set(DAMAGE) == set(webhooks.INVARIANTS)


@pytest.mark.parametrize("sentence", list(DAMAGE))
async def test_the_damage_is_found(database: Database, superuser_connection: psycopg.Connection, sentence: str) -> None:
    scope = fresh_scope()
    async with receiving() as receiver, sending(database) as sender:
        await subscribe(database, scope, receiver.url())
        for _ in range(5):
            await tell(database, scope)
        await deliver(database, sender)
    found = f"select count(*) from ({webhooks.INVARIANTS[sentence]}) broken where tenant_id = %s"
    tenant = [scope.tenant_id.uuid]
    assert superuser_connection.execute(found, tenant).fetchone() == (0,)
    assert superuser_connection.execute(f"{DAMAGE[sentence]} where tenant_id = %s", tenant).rowcount > 0
    assert superuser_connection.execute(found, tenant).fetchone() != (0,)
