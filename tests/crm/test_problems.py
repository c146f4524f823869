"""Problems told by customers: of their own movements only, one at a time, answered once, gone with the customer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
from sqlalchemy import select

from specie import identity, ledger, wallets
from specie.crm import problem_routes
from specie.crm.tables import problem
from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.permissions import Permission
from specie.kernel.scope import Scope
from specie.ledger import REVERSE, AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.platform.db import UnitOfWork
from specie.platform.forgetting import forget_traffic
from specie.wallets import Wallet
from tests.crm.teams import VAULT, Team
from tests.events.facts import feed, publish_all
from tests.support.asgi import calling

_GIFT = Recipe("test.gift", 1, undo=REVERSE)


async def paid_in(team: Team, party_id: PartyId, minor: int = 5_000) -> tuple[Wallet, EntryId]:
    """A party's wallet, and the entry that brought money into it."""
    currency = Currency.of("IDR")

    async def work(uow: UnitOfWork) -> tuple[Wallet, EntryId]:
        wallet = await wallets.ensure_wallet(uow, party_id, currency)
        spec = AccountSpec("equity:gifts", AccountType.EQUITY, currency)
        source = await ledger.ensure_account(uow, spec)
        leg = Leg(source.id, wallet.available_account, Money(minor, currency))
        return wallet, (await ledger.post(uow, EntryDraft(recipe=_GIFT, legs=[leg]))).id

    return await team.do(work)


@asynccontextmanager
async def client_of(team: Team, party_id: PartyId | None = None) -> AsyncIterator[httpx2.AsyncClient]:
    """Sari's client, or that of a customer in person."""
    scope: Scope = team.now()
    if party_id is not None:
        scope = replace(scope, party_id=party_id, permissions=frozenset({Permission.WALLETS_READ}))
    services = {"vault": VAULT, identity.SERVICE: team.people}
    async with calling(team.database, scope, [problem_routes.router], services) as client:
        yield client


async def told(team: Team, party_id: PartyId, wallet: Wallet, entry_id: EntryId) -> httpx2.Response:
    body = {"wallet_id": str(wallet.id), "entry_id": str(entry_id), "body": "I never ordered this"}
    async with client_of(team, party_id) as client:
        return await client.post("/problems", json=body)


async def listed(team: Team, party_id: PartyId | None = None, query: str = "") -> list[dict[str, Any]]:
    async with client_of(team, party_id) as client:
        found: list[dict[str, Any]] = (await client.get(f"/problems{query}")).json()["data"]
    return found


async def test_what_a_customer_tells_is_read_and_answered_by_the_staff(team: Team) -> None:
    wallet, entry_id = await paid_in(team, team.budi)
    made = (await told(team, team.budi, wallet, entry_id)).json()
    assert (made["status"], made["direction"], made["amount"]["amount"]) == ("open", "in", 5_000)
    [seen] = await listed(team, query="?status=open")
    assert (seen["id"], seen["body"], seen["party_name"]) == (made["id"], "I never ordered this", "Budi Santoso")

    async with client_of(team) as sari:
        answer = {"answer": "It was a gift of ours."}
        answered = await sari.post(f"/problems/{made['id']}/answer", json=answer)
        again = await sari.post(f"/problems/{made['id']}/answer", json=answer)

    assert answered.json()["status"] == "answered"
    assert (again.status_code, again.json()["code"]) == (409, "problem_answered")
    [own] = await listed(team, team.budi, f"?entry_id={entry_id}")
    assert (own["answer"], own["answered_by"]) == ("It was a gift of ours.", None)
    await publish_all(team.database)
    types = [event.type for event in await feed(team.database, team.now())]
    assert [name for name in types if name.startswith("problem.")] == ["problem.reported", "problem.answered"]


async def test_of_one_movement_one_problem_is_open_at_a_time(team: Team) -> None:
    wallet, entry_id = await paid_in(team, team.budi)
    first, second = [await told(team, team.budi, wallet, entry_id) for _ in range(2)]
    assert (first.status_code, second.status_code, second.json()["code"]) == (201, 409, "problem_open")
    assert len(await listed(team, team.budi)) == 1


async def test_nobody_tells_of_or_reads_what_is_somebody_elses(team: Team) -> None:
    wallet, entry_id = await paid_in(team, team.budi)
    other, others_entry = await paid_in(team, team.company)
    foreign = await told(team, team.company, wallet, entry_id)
    mixed = await told(team, team.company, other, entry_id)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "wallet_not_found")
    assert (mixed.status_code, mixed.json()["code"]) == (404, "wallet_movement_unknown")
    assert await listed(team) == []

    made = (await told(team, team.company, other, others_entry)).json()
    assert await listed(team, team.budi) == []
    async with client_of(team, team.budi) as budi:
        refused = await budi.post(f"/problems/{made['id']}/answer", json={"answer": "Mine"})
    assert refused.status_code == 403
    assert [each["status"] for each in await listed(team)] == ["open"]


async def test_what_was_said_is_sealed(team: Team) -> None:
    wallet, entry_id = await paid_in(team, team.budi)
    await told(team, team.budi, wallet, entry_id)

    async def kept(uow: UnitOfWork) -> bytes:
        return bytes((await uow.execute(select(problem.c.body))).scalar_one())

    assert b"ordered" not in await team.do(kept)


async def test_a_stored_answer_forgets_the_words_with_the_customer(team: Team) -> None:
    wallet, entry_id = await paid_in(team, team.budi)
    body = {"wallet_id": str(wallet.id), "entry_id": str(entry_id), "body": "I, Budi, was at home"}
    async with client_of(team, team.budi) as client:
        first = await client.post("/problems", json=body, headers={"Idempotency-Key": "told-once"})
        assert first.json()["body"] == "I, Budi, was at home"
        await team.do(lambda uow: forget_traffic(uow, str(team.budi)))
        again = await client.post("/problems", json=body, headers={"Idempotency-Key": "told-once"})
    assert (again.headers["idempotent-replayed"], again.json()["id"]) == ("true", first.json()["id"])
    assert again.json()["body"] == "***"
