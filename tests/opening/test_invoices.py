"""Invoices that were open in the system used before are owed here one by one, and billing works on them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from specie import approvals, billing, ledger, opening
from specie.approvals import ApprovalImpossible
from specie.billing import (
    InvoiceId,
    LineDraft,
    Method,
    Receive,
    WriteInvoice,
    ageing,
    crediting,
    document,
    e_invoice,
    invoicing,
    letter_store,
    receiving,
    store,
)
from specie.billing.document import Document
from specie.billing.errors import EInvoiceImpossible
from specie.billing.model import Invoice, InvoiceState
from specie.kernel.ids import EntryId
from specie.kernel.money import Money
from specie.ledger import InsufficientFunds
from specie.reports import business_store
from tests.opening.desk import CUT_OVER, IDR, RING, Desk, account, file_of, invoice

OPEN = "asset:billing:receivable:"


async def brought(desk: Desk, *rows: dict[str, str], on: date = CUT_OVER) -> list[Invoice]:
    """The invoices that a file has brought in, in the order of its lines."""
    done = await desk.send(file_of(*rows), on=on)
    ids = [InvoiceId.parse(each["document"]["id"]) for each in done["lines"]]
    async with desk.database.begin(desk.scope) as uow:
        found = await billing.invoices_by_ids(uow, ids)
    return [found[each] for each in ids]


async def look(desk: Desk, of: Invoice) -> tuple[InvoiceState, int, int]:
    """The state of an invoice, what is open of it and what may be credited."""
    async with desk.database.begin(desk.scope) as uow:
        now = await invoicing.standing(uow, of.id)
    return now.invoice.state, now.open_minor, now.creditable_minor


async def reverse(desk: Desk, entry_id: EntryId | None) -> None:
    assert entry_id is not None
    async with desk.database.begin(desk.scope) as uow:
        await ledger.reverse(uow, entry_id, effective_at=uow.now, reason="it was never sent")


async def read(desk: Desk, of: Invoice) -> Document:
    async with desk.database.begin(desk.scope) as uow:
        return await document.read(uow, RING, of.id)


async def test_each_invoice_is_owed_by_its_old_number_and_nothing_is_sold_or_taxed_again(desk: Desk) -> None:
    one, other = await brought(
        desk,
        invoice("wulan@old.example", "2025/0318", "750", total="1000.50", note="paid in part in October"),
        invoice(desk.customer, "INV-00001", "250", due_on="2026-02-01"),
    )
    assert (one.number, one.n, one.state, one.customer_id) == ("2025/0318", None, InvoiceState.ISSUED, desk.customer)
    assert (one.issued_on, one.due_on, one.note) == (date(2025, 11, 3), date(2025, 12, 3), "paid in part in October")
    assert (one.total_minor, one.original_total_minor, one.tax_minor) == (75_000, 100_050, 0)
    books = await desk.books()
    assert books == {f"{OPEN}{one.id}": 75_000, f"{OPEN}{other.id}": 25_000, "equity:opening": 100_000}
    async with desk.database.begin(desk.scope) as uow:
        written = await invoicing.draft(uow, WriteInvoice(desk.customer, IDR, [LineDraft("Tea", Decimal(1), 500)]))
        assert (await invoicing.issue(uow, RING, written.id)).number == "INV-00001"
    assert await desk.difference() == 0


async def test_what_was_open_ages_from_the_cut_over_date_on(desk: Desk) -> None:
    await brought(desk, invoice(desk.customer, "1", "100"), invoice(desk.customer, "2", "50", due_on="2026-01-01"))
    async with desk.database.begin(desk.scope) as uow:
        then = await ageing.ages(uow, IDR, CUT_OVER)
        before = await ageing.ages(uow, IDR, CUT_OVER - timedelta(days=1))
    assert [(each.number, each.open_minor) for each in then.parties[0].documents] == [("1", 10_000), ("2", 5_000)]
    assert (then.control, sum(then.buckets.values()), before.control) == (15_000, 15_000, 0)
    assert then.buckets["1_30"] == 10_000


async def test_money_that_comes_in_pays_what_has_been_due_longest(desk: Desk) -> None:
    one, other = await brought(
        desk, invoice(desk.customer, "2", "50", due_on="2026-03-01"), invoice(desk.customer, "1", "100")
    )
    async with desk.database.begin(desk.scope) as uow:
        await receiving.receive(uow, Receive(desk.customer, Money(12_000, IDR), Method.BANK))
    assert await look(desk, other) == (InvoiceState.PAID, 0, 10_000)
    assert await look(desk, one) == (InvoiceState.PART_PAID, 3_000, 5_000)


async def test_a_credit_note_lowers_what_is_open_and_what_is_sold_on_its_own_day(desk: Desk) -> None:
    [one] = await brought(desk, invoice(desk.customer, "1", "100"))
    async with desk.database.begin(desk.scope) as uow:
        await crediting.credit(uow, RING, one.id, "nobody will ever pay it", {1: Decimal("0.4")})
    assert await look(desk, one) == (InvoiceState.ISSUED, 6_000, 6_000)
    assert (await desk.books())["income:billing:sales"] == -4_000


async def test_what_was_sold_before_is_no_sale_of_any_day(desk: Desk) -> None:
    await brought(desk, invoice(desk.customer, "1", "100"))
    async with desk.database.begin(desk.scope) as uow:
        found = await business_store.sales(uow, "IDR", date(2025, 1, 1), uow.business_date, "customer")
    assert list(found) == []


async def test_a_reminder_looks_at_its_due_date(desk: Desk) -> None:
    [one] = await brought(desk, invoice(desk.customer, "1", "100"))
    async with desk.database.begin(desk.scope) as uow:
        found = await letter_store.to_remind(uow, 7, date(2025, 12, 3), 10)
    assert found == [(one.id, desk.customer)]


async def test_it_prints_as_a_statement_and_not_as_the_invoice_it_was(desk: Desk) -> None:
    [one] = await brought(desk, invoice(desk.customer, "2025/0318", "750", total="1000.50"))
    told = document.told(await read(desk, one))
    assert (told["kind"], told["number"], told["to"], told["net"]) == (
        "Statement of account",
        "2025/0318",
        "Account of",
        "",
    )
    assert told["facts"] == [("Invoice of", "3 November 2025"), ("Due", "3 December 2025"), ("To pay", "IDR 750")]
    [line] = told["lines"]
    assert line["description"] == (
        "Open on 1 January 2026 of invoice 2025/0318 of 3 November 2025, which came to IDR 1,000.50"
    )
    assert told["notice"].startswith("This is not a tax invoice.")
    assert billing.printed(told, "#1f4fd8").startswith(b"%PDF")


async def test_its_electronic_form_was_issued_elsewhere(desk: Desk) -> None:
    [one] = await brought(desk, invoice(desk.customer, "1", "100"))
    with pytest.raises(EInvoiceImpossible) as refused:
        e_invoice.of_document(await read(desk, one), None)
    assert "it was issued in the system used before, and so is its electronic form" in refused.value.facts["reasons"]


WRONG = [
    ({"party": "nobody@old.example"}, "opening_line_invalid", "party"),
    ({"number": ""}, "opening_line_invalid", "number"),
    ({"number": "9" * 61}, "opening_line_invalid", "number"),
    ({"amount": "0"}, "opening_line_invalid", "amount"),
    ({"amount": "-5"}, "opening_line_invalid", "amount"),
    ({"amount": "125,000,000.00"}, "opening_line_invalid", "amount"),
    ({"amount": "125.000.000,00"}, "opening_line_invalid", "amount"),
    ({"amount": "125.000"}, "opening_line_invalid", "amount"),
    ({"currency": "XXX"}, "currency_unknown", "currency"),
    ({"total": "99.99"}, "opening_line_invalid", "total"),
    ({"total": "1,000.00"}, "opening_line_invalid", "total"),
    ({"issued_on": "03.11.2025"}, "opening_line_invalid", "issued_on"),
    ({"issued_on": "2025-11-31"}, "opening_line_invalid", "issued_on"),
    ({"issued_on": "2026-01-01", "due_on": "2026-01-31"}, "opening_line_invalid", "issued_on"),
    ({"due_on": ""}, "opening_line_invalid", "due_on"),
    ({"due_on": "2025-11-02"}, "opening_line_invalid", "due_on"),
    ({"account": "asset:billing:x"}, "opening_line_invalid", "account"),
    ({"note": "n" * 201}, "opening_line_invalid", "note"),
]


async def test_each_wrong_line_is_named_with_its_column_and_nothing_is_owed(desk: Desk) -> None:
    rows = [invoice(desk.customer, f"W-{n}", "100") | wrong for n, (wrong, _, _) in enumerate(WRONG)]
    content = file_of(invoice(desk.customer, "1", "100"), *rows)
    seen = await desk.send(content, look=True)
    told = [(line["code"], line["column"]) for line in seen["lines"]]
    assert told == [(None, None), *((code, column) for _, code, column in WRONG)]
    refused = await desk.send(content, 409)
    assert (refused["code"], refused["refused"]) == ("opening_has_errors", len(WRONG))
    assert (await desk.books(), await desk.entries()) == ({}, 0)


async def test_a_number_of_a_customer_comes_in_once_in_letters_of_any_size(desk: Desk) -> None:
    content = file_of(invoice(desk.customer, "İ-1a", "100"), invoice("wulan@old.example", "İ-1A", "100", "EUR"))
    again = (await desk.send(content, look=True))["lines"][1]
    assert (again["code"], again["problem"]) == ("opening_line_repeated", "line 2 is about the same")
    await brought(desk, invoice(desk.customer, "İ-1A", "100"))
    [line] = (await desk.send(file_of(invoice(desk.customer, "İ-1a", "5")), look=True))["lines"]
    assert (line["code"], line["column"]) == ("opening_line_repeated", "number")
    await desk.send(file_of(invoice(desk.customer, "İ-1a", "5")), 409)
    assert (await desk.books())["equity:opening"] == 10_000


async def test_reversing_its_entry_withdraws_it_and_lets_a_corrected_one_come_in(desk: Desk) -> None:
    [one] = await brought(desk, invoice(desk.customer, "1", "100"))
    await reverse(desk, one.entry_id)
    assert await look(desk, one) == (InvoiceState.VOID, 0, 0)
    assert await desk.books() == {}
    told = document.told(await read(desk, one))
    assert (told["state"], told["paid"], told["open"]) == ("void", "", "IDR 0")
    [other] = await brought(desk, invoice(desk.customer, "1", "90"))
    assert await look(desk, other) == (InvoiceState.ISSUED, 9_000, 9_000)


async def test_the_customers_statement_does_not_say_that_a_withdrawn_one_was_paid(desk: Desk) -> None:
    [one, other] = await brought(
        desk, invoice(desk.customer, "1", "100"), invoice(desk.customer, "2", "50", due_on="2025-12-04")
    )
    async with desk.database.begin(desk.scope) as uow:
        begun = uow.now
        await receiving.receive(
            uow, Receive(desk.customer, Money(5_000, IDR), Method.BANK, "", [(other.id, Money(5_000, IDR))])
        )
    await reverse(desk, one.entry_id)
    async with desk.database.begin(desk.scope) as uow:
        since, until = begun - timedelta(days=1), uow.now + timedelta(days=1)
        found = await billing.invoices_stated(uow, desk.customer, IDR, since, until)
    told = [(each.number, each.paid_minor, each.credited_minor, each.open_minor) for each in found]
    assert told == [("1", 0, 10_000, 0), ("2", 5_000, 0, 0)]


@pytest.mark.parametrize("act", ["paid", "credited"])
async def test_what_was_paid_or_credited_in_part_is_not_withdrawn(desk: Desk, act: str) -> None:
    [one] = await brought(desk, invoice(desk.customer, "1", "100"))
    async with desk.database.begin(desk.scope) as uow:
        if act == "paid":
            await receiving.receive(uow, Receive(desk.customer, Money(1, IDR), Method.BANK))
        else:
            await crediting.credit(uow, RING, one.id, "broken", {1: Decimal("0.1")})
    before, stood = await desk.books(), await look(desk, one)
    with pytest.raises(InsufficientFunds):
        await reverse(desk, one.entry_id)
    assert (await desk.books(), await look(desk, one)) == (before, stood)


async def with_line(desk: Desk) -> None:
    async with desk.database.begin(desk.scope) as uow:
        await approvals.set_line(uow, ledger.JOURNAL_KIND, IDR, Money(100, IDR))


async def test_a_second_person_sees_the_documents_and_says_yes_to_all_of_them(desk: Desk) -> None:
    await with_line(desk)
    content = file_of(account("asset:bank", "1", type="asset"), invoice(desk.customer, "1", "100", total="120"))
    asked = await desk.send(content)
    [_, shown] = (await desk.client.get(f"/opening-imports/{asked['id']}")).json()["lines"]
    assert shown["document"] == {
        "id": None,
        "number": "1",
        "issued_on": "2025-11-03",
        "due_on": "2025-12-03",
        "total": {"amount": 12_000, "currency": "IDR"},
        "note": "",
    }
    assert (shown["party_name"], await desk.books()) == ("Wulan", {})
    async with desk.database.begin(desk.scope) as uow:
        request = await approvals.open_about(uow, (opening.KIND, asked["id"]))
    assert request is not None
    assert (request.after["lines"], request.after["open_invoices"]) == (2, 1)
    [other] = (await desk.send(file_of(invoice(desk.customer, "1", "5")), look=True))["lines"]
    assert (other["code"], asked["id"] in other["problem"]) == ("opening_line_repeated", True)

    await desk.decide(asked["approval_id"], yes=True)

    [_, posted] = (await desk.client.get(f"/opening-imports/{asked['id']}")).json()["lines"]
    async with desk.database.begin(desk.scope) as uow:
        one = await invoicing.get(uow, InvoiceId.parse(posted["document"]["id"]))
        entry = await ledger.get_entry(uow, EntryId.parse(posted["entry_id"]))
    assert (one.entry_id, one.total_minor, entry.metadata["approval_id"]) == (entry.id, 10_000, asked["approval_id"])
    assert entry.approver not in {None, str(desk.scope.actor)}


async def test_a_number_that_was_given_meanwhile_stays_with_the_second_person(desk: Desk) -> None:
    await with_line(desk)
    asked = await desk.send(file_of(invoice(desk.customer, "INV-00001", "100")))
    async with desk.database.begin(desk.scope) as uow:
        written = await invoicing.draft(uow, WriteInvoice(desk.customer, IDR, [LineDraft("Tea", Decimal(1), 500)]))
        await invoicing.issue(uow, RING, written.id)
    before = await desk.books()
    with pytest.raises(ApprovalImpossible) as refused:
        await desk.decide(asked["approval_id"], yes=True)
    assert (refused.value.facts["reason"], await desk.books()) == ("opening_has_errors", before)


async def test_a_look_owes_nothing(desk: Desk) -> None:
    [line] = (await desk.send(file_of(invoice("wulan@old.example", "1", "100")), look=True))["lines"]
    assert (line["party_name"], line["debit"]["amount"], line["document"]["id"]) == ("Wulan", 10_000, None)
    async with desk.database.begin(desk.scope) as uow:
        assert (await store.invoices(uow, store.InvoiceFilter(), None, 10)).items == []
    assert await desk.books() == {}
