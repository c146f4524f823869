"""What receivers answered is forgotten after a while, where the delivery arrived; that it arrived never is."""

from datetime import timedelta

import psycopg

from specie.kernel.clock import machine_now
from specie.platform.db import Database
from specie.webhooks.sending_store import forget_answers
from tests.events.facts import tell
from tests.support.scopes import fresh_scope
from tests.webhooks.receiver import deliver, make_due, receiving, sending, subscribe

ATTEMPTS = """
select d.state, a.number, a.status, a.body_hash is not null, a.answer, a.request_headers is null
from specie.webhook_attempt a join specie.webhook_delivery d on d.tenant_id = a.tenant_id and d.id = a.delivery_id
order by d.state, a.number
"""


async def test_old_answers_of_what_arrived_are_emptied_and_the_proof_stays(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    async with receiving() as receiver, sending(database) as sender:
        text = {"content-type": "text/plain"}
        receiver.answers["/hook"] = [(500, text, b"sorry, Sari"), (200, text, b"thanks, Sari")]
        receiver.answers["/down"] = (500, text, b"no, Sari")
        for path in ("/hook", "/down"):
            await subscribe(database, scope, receiver.url(path))
        await tell(database, scope)
        for _ in range(2):
            await deliver(database, sender)
            make_due(superuser_connection)
    before = superuser_connection.execute(ATTEMPTS).fetchall()
    assert [row[4] for row in before] == ["sorry, Sari", "thanks, Sari", "no, Sari", "no, Sari"]
    assert await forget(database, -timedelta(days=1)) == 0
    assert superuser_connection.execute(ATTEMPTS).fetchall() == before
    assert await forget(database, timedelta(days=1)) == 2
    assert superuser_connection.execute(ATTEMPTS).fetchall() == [
        ("delivered", 1, 500, True, None, True),
        ("delivered", 2, 200, True, None, True),
        ("pending", 1, 500, True, "no, Sari", False),
        ("pending", 2, 500, True, "no, Sari", False),
    ]
    assert await forget(database, timedelta(days=1)) == 0


async def forget(database: Database, ahead: timedelta) -> int:
    async with database.system() as uow:
        return await forget_answers(uow, machine_now() + ahead, 100)
