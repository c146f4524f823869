"""How small defects are planted: wrong code in the place of right code, or a database without one of its guards.

A plant calls `note` when its wrong code runs; one that is wrong by being there notes at once.
"""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any, LiteralString

import psycopg
import pytest
from sqlalchemy import Select, select, text, update

from specie.audit import store as audit_store
from specie.events import service as events_service
from specie.kernel.clock import BusinessClock
from specie.kernel.money import Money
from specie.ledger import seal_store, service, store
from specie.payments import attempts, refund_postings
from specie.platform import db, idempotency, webhook_signing
from specie.platform.outbound import OutboundClient
from specie.providers import inbox
from specie.providers.records import CallbackState
from specie.providers.simulator import signing
from specie.providers.simulator.adapter import SimulatorAdapter
from specie.webhooks import sending_store
from specie.webhooks.model import Done
from specie.webhooks.tables import delivery


@dataclass(frozen=True)
class Ground:
    """What a defect is planted in: this process, and one database."""

    patch: pytest.MonkeyPatch
    superuser: psycopg.Connection
    url: str
    note: Callable[[], None]
    undo: list[LiteralString]

    def replace(self, where: Any, name: str, made: Any) -> None:
        """Put something else in the place of a function or value, until the test is over."""
        self.patch.setattr(where, name, made)

    def alter(self, statement: LiteralString, undo: LiteralString) -> None:
        """Change the database until the test is over."""
        self.superuser.execute(statement)
        self.undo.append(undo)


def noting(ground: Ground, made: Any) -> Any:
    """The same function, which notes that it ran."""

    def run(*given: Any, **named: Any) -> Any:
        ground.note()
        return made(*given, **named)

    return run


async def nothing(*_: Any, **__: Any) -> None:
    """Do not do it."""


def key_without_tenant(ground: Ground) -> None:
    async def stored(uow: Any, key: str) -> Any:
        ground.note()
        table = idempotency.idempotency
        return (await uow.execute(select(table).where(table.c.key == key))).first()

    _unprotected(ground, "idempotency")
    ground.replace(idempotency, "_stored", stored)


def _unprotected(ground: Ground, table: LiteralString) -> None:
    ground.alter(
        f"alter table specie.{table} disable row level security",
        f"alter table specie.{table} enable row level security",
    )


def fingerprint_without_body(ground: Ground) -> None:
    ground.replace(idempotency, "_body_parts", noting(ground, lambda _body: {}))


def key_not_locked(ground: Ground) -> None:
    ground.replace(idempotency, "lock", noting(ground, nothing))


def conflict_not_retried(ground: Ground) -> None:
    class Never(set[str]):
        def __contains__(self, state: object) -> bool:
            ground.note()
            return False

    ground.replace(db, "_RETRIED_STATES", Never())


def locks_in_any_order(ground: Ground) -> None:
    # With a moment between one lock and the next, so that it need not be luck who comes in between.
    slowly = store._LOCK.replace("from specie.account", "from (select *, pg_sleep(0.005) from specie.account")
    slowly = slowly.replace("order by id for no key update", "order by random() for no key update) a")
    ground.replace(store, "_LOCK", slowly)
    _noted_lock(ground)


def balance_read_without_lock(ground: Ground) -> None:
    ground.replace(store, "_LOCK", store._LOCK.replace(" for no key update", ""))
    ground.replace(store, "lock_accounts", noting(ground, _letting_others_in(store.lock_accounts)))


def _letting_others_in(read: Any) -> Any:
    """The same reading, after which others have the time to read as well: a slow machine would go one by one."""

    async def run(*given: Any) -> Any:
        found = await read(*given)
        await asyncio.sleep(0.05)
        return found

    return run


def _noted_lock(ground: Ground) -> None:
    ground.replace(store, "lock_accounts", noting(ground, store.lock_accounts))


def reversal_not_unique(ground: Ground) -> None:
    # Two reversals that are there are in the way of the index, so nothing puts it back.
    ground.superuser.execute("drop index specie.entry_reversed_once")
    ground.replace(service.read_store, "reversal_of", noting(ground, nothing))


def tenant_left_out(ground: Ground) -> None:
    locks = store._LOCK.replace("tenant_id = %s", "(tenant_id = %s or true)")
    ground.replace(store, "_LOCK", locks)
    _noted_lock(ground)


def tenant_left_out_without_policies(ground: Ground) -> None:
    tenant_left_out(ground)
    _unprotected(ground, "account")


def security_not_forced(ground: Ground) -> None:
    ground.note()
    ground.alter(
        "alter table specie.wallet no force row level security", "alter table specie.wallet force row level security"
    )


def new_id_per_webhook(ground: Ground) -> None:
    sign, number = webhook_signing.sign, iter(range(10**6))

    def other(secrets: Any, _message: str, at: int, body: bytes) -> Any:
        ground.note()
        return sign(secrets, f"msg_{next(number)}", at, body)

    ground.replace(webhook_signing, "sign", other)


def body_written_again(ground: Ground) -> None:
    send = OutboundClient.request_guarded

    async def spaced(self: Any, *given: Any, content: bytes, **named: Any) -> Any:
        ground.note()
        return await send(self, *given, content=json.dumps(json.loads(content), indent=1).encode(), **named)

    ground.replace(OutboundClient, "request_guarded", spaced)


def event_in_another_transaction(ground: Ground) -> None:
    insert_many = events_service.store.insert_many

    async def apart(connection: Any, rows: Any) -> None:
        ground.note()
        async with await psycopg.AsyncConnection.connect(ground.url) as other:
            await insert_many(other, rows)

    ground.replace(events_service.store, "insert_many", apart)


def unknown_callback_dropped(ground: Ground) -> None:
    async def ignore(uow: Any, row: Any, shown: Any, _: Any) -> None:
        ground.note()
        await inbox.store.settle_callback(uow, row.id, state=CallbackState.IGNORED, reason="unknown", facts=shown)

    ground.replace(inbox, "_park", ignore)


def handled_before_handling(ground: Ground) -> None:
    async def marked(uow: Any, callback_id: Any, facts: Any) -> None:
        ground.note()
        shown = [inbox.summary(fact) for fact in facts]
        await inbox.store.settle_callback(uow, callback_id, state=CallbackState.PROCESSED, reason=None, facts=shown)

    ground.replace(inbox, "settle", marked)


def refund_cap_only_read(ground: Ground) -> None:
    account = refund_postings.refundable_account

    def without_floor(*given: Any) -> Any:
        ground.note()
        return replace(account(*given), floor=None)

    ground.replace(refund_postings, "refundable_account", without_floor)
    ground.replace(Select, "with_for_update", lambda self, **_: self)


def new_provider_key_per_retry(ground: Ground) -> None:
    claim, number = attempts.claim, iter(range(10**6))

    async def again(*given: Any) -> Any:
        ground.note()
        ticket = await claim(*given)
        return ticket and replace(ticket, request=replace(ticket.request, key=f"try-{next(number)}"))

    ground.replace(attempts, "claim", again)


def day_by_the_servers_zone(ground: Ground) -> None:
    def here(_self: Any, moment: Any) -> Any:
        ground.note()
        return moment.astimezone(UTC).date()

    ground.replace(BusinessClock, "business_date", here)


def parts_rounded_alone(ground: Ground) -> None:
    def alone(self: Money, weights: Any) -> list[Money]:
        ground.note()
        return [Money(round(self.minor * weight / sum(weights)), self.currency) for weight in weights]

    ground.replace(Money, "allocate", alone)


def forgery_taken(ground: Ground) -> None:
    ground.replace(signing, "verifies", noting(ground, lambda *_: True))


def durability_off(ground: Ground) -> None:
    # In this database alone: the role is that of every other test on the server too.
    here = "do $$ begin execute format('alter role specie_app in database %I {}', current_database()); end $$"
    ground.note()
    ground.alter(here.format("set synchronous_commit = off"), here.format("reset synchronous_commit"))


def yen_times_hundred(ground: Ground) -> None:
    create = SimulatorAdapter.create_charge

    def larger(self: Any, request: Any) -> Any:
        ground.note()
        return create(self, replace(request, amount=Money(request.amount.minor * 100, request.amount.currency)))

    ground.replace(SimulatorAdapter, "create_charge", larger)


def claim_without_its_locks(ground: Ground) -> None:
    ready = str(sending_store._READY).replace("for no key update of e skip locked", "")
    ground.replace(sending_store, "_READY", text(ready))
    ground.replace(sending_store, "_CLAIM", sending_store._CLAIM.replace("for update skip locked", ""))
    ground.replace(sending_store, "claim", noting(ground, sending_store.claim))


def result_without_its_fence(ground: Ground) -> None:
    settle = sending_store.settle_delivered

    async def whoever(uow: Any, done: Any, now: Any) -> None:
        ground.note()
        for claimed in (each.claim for each in done):
            this = delivery.c.id == claimed.delivery_id.uuid
            as_claimed = {"state": "sending", "lease_until": claimed.lease_until, "next_at": None, "finished_at": None}
            await uow.execute(update(delivery).where(this).values(as_claimed))
            last = (await uow.execute(select(delivery.c.attempts).where(this))).scalar_one()
            await settle(uow, [Done(replace(claimed, attempt=last), each.outcome) for each in done], now)

    ground.replace(sending_store, "settle_delivered", whoever)


def act_committed_early(ground: Ground) -> None:
    early = re.sub(r":(\w+)", r"%(\1)s", str(audit_store._RECORD))

    async def apart(_uow: Any, values: Any) -> None:
        ground.note()
        ground.superuser.execute(early, values)  # type: ignore[call-overload]

    ground.replace(audit_store, "add", apart)


def everybody_seals(ground: Ground) -> None:
    _always_alone(ground, seal_store, "become_sealer")


def everybody_seals_the_trail(ground: Ground) -> None:
    _always_alone(ground, audit_store, "become_sealer")


def everybody_numbers_the_feed(ground: Ground) -> None:
    _always_alone(ground, events_service.store, "become_publisher")


def _always_alone(ground: Ground, where: Any, name: str) -> None:
    async def yes(_uow: Any) -> bool:
        ground.note()
        return True

    ground.replace(where, name, yes)


def payments_go_anywhere(ground: Ground) -> None:
    ground.note()
    ground.alter(
        "alter table specie.payment disable trigger payment_keeps_to_edges",
        "alter table specie.payment enable trigger payment_keeps_to_edges",
    )
