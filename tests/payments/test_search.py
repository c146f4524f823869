"""Payments are found by whose they are and by how much, over an index."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from specie import parties, payments
from specie.kernel.ids import PartyId
from specie.parties import Contact, PartyKind
from specie.payments import service, store
from specie.payments.search_store import AmountFilter, PaymentFilter
from tests.support.shop import Shop

SARI = {"name": "Sari", "email": "Sari@Example.com"}


async def found(shop: Shop, **query: Any) -> list[str]:
    answer = await shop.client.get(f"{shop.url}/api/v1/payments", params=query, headers=shop.headers)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


async def test_a_customers_address_finds_exactly_its_payments(shop: Shop) -> None:
    hers = await shop.payment(customer=SARI)
    await shop.payment(customer={"email": "sari@example.com.au"})
    await shop.payment(customer={"name": "sari@example.com"})
    assert await found(shop, customer_email=" sari@example.COM ") == [str(hers)]
    assert await found(shop, customer_email="ari@example.com") == []


async def test_an_address_finds_its_owners_top_ups_too(shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as uow:
        ring = shop.services["vault"]
        sari = await parties.create_party(uow, ring, kind=PartyKind.PERSON, roles=["customer"], known=SARI)
    amount = {"amount": 5_000, "currency": "IDR"}
    bought = await shop.payment(customer=SARI)
    await shop.post("/top-ups", {"party_id": str(PartyId.new()), "amount": amount})
    hers = (await shop.post("/top-ups", {"party_id": str(sari.id), "amount": amount})).json()["id"]
    assert await found(shop, customer_email="sari@example.com") == [hers, str(bought)]


async def test_another_tenant_does_not_find_the_address(shop: Shop, running: Shop) -> None:
    await running.payment(customer=SARI, merchant_id=str(running.merchant))
    assert await found(shop, customer_email="sari@example.com") == []


async def test_a_text_that_is_no_address_is_refused(shop: Shop) -> None:
    answer = await shop.get("/payments?customer_email=sari")
    assert (answer.status_code, answer.json()["code"], answer.json()["param"]) == (
        422,
        "field_invalid",
        "customer_email",
    )


async def test_a_forgotten_customer_is_not_found_any_more(shop: Shop) -> None:
    await shop.payment(customer=SARI)
    async with shop.db.begin(shop.scope) as uow:
        await payments.forget_customers(uow, shop.merchant, Contact(None, None))
    assert await found(shop, customer_email="sari@example.com") == []


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ({"amount": 200}, [200]),
        ({"amount[gte]": 200}, [300, 200]),
        ({"amount[lte]": 200}, [200, 100]),
        ({"amount[gte]": 150, "amount[lte]": 250}, [200]),
        ({"amount": 200, "currency": "JPY"}, []),
        ({"amount": 200, "currency": "IDR"}, [200]),
    ],
)
async def test_amounts_are_found_exactly_or_within_bounds(
    shop: Shop, query: dict[str, Any], amounts: list[int]
) -> None:
    made = {minor: str(await shop.payment(minor=minor)) for minor in (100, 200, 300)}
    assert await found(shop, **query) == [made[minor] for minor in amounts]


@pytest.mark.parametrize("typed", ["Order-47", "ORDER-4711", "order-4711"])
async def test_a_reference_is_found_by_its_beginning_in_letters_of_any_size(shop: Shop, typed: str) -> None:
    made = str(await shop.payment(reference="Order-4711"))
    await shop.payment(reference="order-12")
    assert await found(shop, q=typed) == [made]


@pytest.mark.parametrize("typed", ["%", "order_4711", "4711"])
async def test_what_is_typed_is_no_pattern(shop: Shop, typed: str) -> None:
    await shop.payment(reference="order-4711")
    assert await found(shop, q=typed) == []


async def test_amounts_are_above_zero(shop: Shop) -> None:
    assert (await shop.get("/payments?amount=0")).status_code == 422


@pytest.mark.parametrize(
    ("typed", "worse", "index"),
    [
        ({"customer_email": "sari@example.com"}, ["seqscan"], "payment_by_customer_email"),
        ({"amount": 15_000}, ["seqscan"], "payment_by_amount"),
        ({"q": "order-4711"}, ["seqscan", "indexscan"], "payment_by_reference"),
    ],
)
async def test_the_search_reads_an_index(shop: Shop, typed: dict[str, Any], worse: list[str], index: str) -> None:
    async with shop.db.begin(shop.scope) as uow:
        address = typed.get("customer_email")
        payer = await service.payer_of(uow, shop.services["vault"], address) if address else None
        wanted = PaymentFilter(q=typed.get("q"), payer=payer, amounts=AmountFilter(exactly=typed.get("amount")))
        query = store.search_query(uow, wanted, None, 20)
        # In a table of a few rows reading all of it, as it lies or the newest first, would always win.
        for way in worse:
            await uow.execute(text(f"set local enable_{way} = off"))
        compiled = query.compile(dialect=postgresql.psycopg.dialect())
        cursor = await (await uow.raw()).execute(f"explain {compiled}", compiled.params)
        plan = "\n".join(row[0] for row in await cursor.fetchall())
    assert index in plan
