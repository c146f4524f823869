"""Whoever is forgotten leaves no personal trace on payments; the payments stay."""

import psycopg
import pytest

from specie import parties, payments
from specie.kernel.ids import PartyId, PaymentId
from specie.parties import PartyKind
from specie.payments import service
from specie.platform.vault import KeyRing
from tests.support.shop import Shop

TRACES = "select customer_key, sealed_customer, amount_minor, state from specie.payment where id = %s"
CUSTOMER = {"name": "Sari", "email": "sari@example.com"}


async def merchant(shop: Shop) -> PartyId:
    ring: KeyRing = shop.services["vault"]
    async with shop.db.begin(shop.scope) as uow:
        known = {"name": "Kedai Senja"}
        made = await parties.create_party(uow, ring, kind=PartyKind.COMPANY, roles=["merchant"], known=known)
    return made.id


async def known_customer(shop: Shop, payment_id: PaymentId) -> dict[str, str] | None:
    async with shop.db.begin(shop.scope) as uow:
        return (await service.open_customers(uow, shop.services["vault"], [payment_id])).get(payment_id)


async def test_erasing_a_party_destroys_what_its_payments_knew_of_people(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    parties.on_erased(payments.forget_customers)
    one, other = await merchant(shop), await merchant(shop)
    theirs = await shop.payment(merchant_id=str(one), customer=CUSTOMER)
    kept = await shop.payment(merchant_id=str(other), customer=CUSTOMER)
    assert await known_customer(shop, theirs) == CUSTOMER
    async with shop.db.begin(shop.scope) as uow:
        assert await parties.erase(uow, one, reason="asked to be forgotten") is None
    assert superuser_connection.execute(TRACES, [theirs.uuid]).fetchone() == (None, None, 1_500_000, "created")
    assert await known_customer(shop, theirs) is None
    assert await known_customer(shop, kept) == CUSTOMER


async def person(shop: Shop, known: dict[str, str]) -> PartyId:
    async with shop.db.begin(shop.scope) as uow:
        made = await parties.create_party(
            uow, shop.services["vault"], kind=PartyKind.PERSON, roles=["customer"], known=known
        )
    return made.id


@pytest.mark.parametrize(
    "told",
    [{"name": "Sari", "email": " SARI@Example.com"}, {"name": "Sari", "phone": "0812 9876 5432"}],
)
async def test_erasing_a_person_finds_them_as_the_customer_of_other_merchants(
    shop: Shop, superuser_connection: psycopg.Connection, told: dict[str, str]
) -> None:
    parties.on_erased(payments.forget_customers)
    sari = await person(shop, {"name": "Sari", "email": "sari@example.com", "phone": "+62 812 9876 5432"})
    theirs = await shop.payment(customer=told)
    stranger = await shop.payment(customer={"name": "Sari", "email": "another.sari@example.com"})
    assert await known_customer(shop, theirs) == told
    async with shop.db.begin(shop.scope) as uow:
        assert await parties.erase(uow, sari, reason="asked to be forgotten") is None
    assert superuser_connection.execute(TRACES, [theirs.uuid]).fetchone() == (None, None, 1_500_000, "created")
    assert await known_customer(shop, theirs) is None
    assert await known_customer(shop, stranger) is not None


async def test_after_an_erasure_no_column_of_any_table_reads_as_the_person(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    parties.on_erased(payments.forget_customers)
    known = {"name": "Zoraida Kenanga", "email": "zoraida@kenanga.example", "phone": "+6281298760001"}
    zoraida = await person(shop, known)
    payment_id = await shop.payment(customer=known)
    await shop.pay(payment_id)
    async with shop.db.begin(shop.scope) as uow:
        assert await parties.erase(uow, zoraida, reason="asked to be forgotten") is None
    assert standing_in(superuser_connection, *known.values()) == []


def standing_in(connection: psycopg.Connection, *values: str) -> list[str]:
    """The columns of any table in which one of some texts stands, readable or as bytes."""
    columns = connection.execute(
        """select format('%I.%I', table_schema, table_name), format('%I', column_name), data_type
           from information_schema.columns
           join pg_tables on schemaname = table_schema and tablename = table_name
           where table_schema in ('specie', 'jobs') and data_type in ('text', 'json', 'jsonb', 'bytea', 'ARRAY',
                                                                      'character varying')"""
    ).fetchall()
    found = []
    for table, column, kind in columns:
        text = f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"
        query = f"select count(*) from {table} where {text} ilike any(%s)"
        if connection.execute(query, [[f"%{value}%" for value in values]]).fetchone() != (0,):  # type: ignore[call-overload]
            found.append(f"{table}.{column}")
    return found


async def test_the_search_through_every_table_finds_what_stands_there(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    await shop.payment(description="for zoraida@kenanga.example")
    assert "specie.payment.description" in standing_in(superuser_connection, "zoraida@kenanga.example")
