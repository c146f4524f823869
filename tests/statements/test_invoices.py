"""A customer's statement says which invoices came, what paid them, and what is open; and it ties to their accounts."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg
import pypdf
import pytest
import pytest_asyncio

from specie.billing import receiving
from specie.platform.db import Database
from specie.statements import files, service
from specie.statements.heading import Letterhead
from specie.statements.invariants import INVARIANTS
from specie.statements.model import Statement
from specie.statements.service import WantedStatement
from tests.billing.office import VAULT, Office, line, open_office

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def office(database: Database) -> Office:
    """A small business with a customer."""
    return await open_office(database)


async def stated(office: Office, first: int, last: int) -> Statement:
    """The customer's statement of the days from so many days ago through so many."""
    wanted = WantedStatement(
        office.customer, office.currency, office.day - timedelta(days=first), office.day - timedelta(days=last)
    )
    return await office.run(lambda uow: service.make(uow, VAULT, wanted))


def told(statement: Statement) -> list[tuple[Any, ...]]:
    keys = ("number", "is_new", "paid", "credited", "owed", "is_overdue")
    return [tuple(one[key] for key in keys) for one in statement.stated["invoices"]["invoices"]]


async def test_a_statement_shows_invoices_issued_paid_credited_open_and_overdue(office: Office) -> None:
    late = await office.issued(line(100_000, taxes=()), due_days=3)
    paid = await office.issued(line(200_000, taxes=()), due_days=30)
    partly = await office.issued(line(300_000, taxes=()), due_days=30)
    await office.receive(250_000, [(paid, 200_000), (partly, 10_000)])
    office.pass_days(10)

    first = await stated(office, 10, 1)

    assert told(first) == [
        (late.number, True, 0, 0, 100_000, True),
        (paid.number, True, 200_000, 0, 0, False),
        (partly.number, True, 10_000, 0, 290_000, False),
    ]
    billed = first.stated["invoices"]
    assert (billed["owed"], billed["overdue"], billed["credit"]) == (390_000, 100_000, 40_000)


async def test_the_next_period_shows_what_was_open_and_leaves_out_what_was_paid_before(office: Office) -> None:
    paid = await office.issued(line(200_000, taxes=()), due_days=30)
    kept = await office.issued(line(100_000, taxes=()), due_days=30)
    await office.receive(200_000, [(paid, 200_000)])
    office.pass_days(5)
    first = await stated(office, 5, 1)
    await office.credit(kept)
    office.pass_days(5)

    second = await stated(office, 5, 1)

    assert first.stated["invoices"]["owed"] == 100_000
    assert told(second) == [(kept.number, False, 0, 100_000, 0, False)]
    assert first.digest == (await stated(office, 10, 6)).digest


async def test_an_invoice_taken_back_after_it_was_paid_is_credited_and_what_paid_it_is_told_apart(
    office: Office,
) -> None:
    paid = await office.issued(line(200_000, taxes=()), due_days=20)
    partly = await office.issued(line(300_000, taxes=()), due_days=30)
    await office.receive(210_000, [(paid, 200_000), (partly, 10_000)])
    office.pass_days(5)
    await office.credit(paid)
    await office.credit(partly)
    office.pass_days(5)

    both, later = await stated(office, 10, 1), await stated(office, 5, 1)

    assert told(both) == [
        (paid.number, True, 200_000, 200_000, 0, False),
        (partly.number, True, 10_000, 300_000, 0, False),
    ]
    assert [told(later)[n][2:5] for n in (0, 1)] == [(0, 200_000, 0), (0, 300_000, 0)]
    for made in (both, later):
        assert [one["to_credit"] for one in made.stated["invoices"]["invoices"]] == [200_000, 10_000]
        assert made.stated["invoices"]["credit"] == 210_000
    rows = list(csv.DictReader(io.StringIO(files.as_csv(later).decode("utf-8-sig"))))
    assert ("invoice credited of what was paid", "2000.00") in [(row["section"], row["amount"]) for row in rows]


async def test_what_was_credited_of_one_invoice_and_pays_another_has_paid_that_one(office: Office) -> None:
    first = await office.issued(line(200_000, taxes=()), due_days=20)
    await office.receive(200_000, [(first, 200_000)])
    await office.credit(first)
    other = await office.issued(line(150_000, taxes=()), due_days=30)
    await office.run(lambda uow: receiving.use_credit(uow, other.id))
    office.pass_days(5)

    made = await stated(office, 5, 1)

    assert told(made) == [
        (first.number, True, 200_000, 200_000, 0, False),
        (other.number, True, 150_000, 0, 0, False),
    ]


async def test_the_files_name_the_invoices(office: Office) -> None:
    late = await office.issued(line(100_000, taxes=()), due_days=1)
    office.pass_days(10)
    made = await stated(office, 10, 1)

    rows = list(csv.DictReader(io.StringIO(files.as_csv(made).decode("utf-8-sig"))))
    mine = [(row["section"], row["title"], row["amount"]) for row in rows if row["section"].startswith("invoice")]
    assert mine == [("invoice issued", late.number, "1000.00"), ("invoice overdue", late.number, "1000.00")]
    page = files.as_pdf(made, Letterhead("Kedai Senja", "Budi", ZoneInfo("Asia/Jakarta")))
    text = "".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(page)).pages)
    assert "Open invoices" in text
    assert str(late.number) in text


async def test_a_statement_from_before_invoices_were_part_of_it_still_has_its_files(office: Office) -> None:
    office.pass_days(3)
    made = await stated(office, 3, 1)
    said = {key: value for key, value in made.stated.items() if key != "invoices"}
    old = replace(made, content=orjson.dumps(said).decode())
    assert "invoice" not in files.as_csv(old).decode()
    assert files.as_pdf(old, Letterhead("Kedai Senja", "Budi", ZoneInfo("Asia/Jakarta"))).startswith(b"%PDF")


async def test_a_statement_whose_open_invoices_are_not_what_the_accounts_held_is_found(
    office: Office, superuser_connection: psycopg.Connection
) -> None:
    await office.issued(line(100_000, taxes=()))
    office.pass_days(3)
    made = await stated(office, 3, 1)
    broken = INVARIANTS["what a statement says is open of invoices is what their accounts held when its period ended"]
    assert superuser_connection.execute(broken).fetchall() == []  # type: ignore[call-overload]

    with superuser_connection.transaction(force_rollback=True):
        superuser_connection.execute("alter table specie.statement disable trigger user")
        superuser_connection.execute(
            "update specie.statement set content = replace(content, '100000', '90000') where id = %s", [made.id.uuid]
        )
        [row] = superuser_connection.execute(broken).fetchall()  # type: ignore[call-overload]
    assert (row[1], row[2]) == (made.id.uuid, "90000")
