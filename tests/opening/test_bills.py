"""Bills that were owed in the system used before are owed here one by one, and payables work on them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from specie import ledger, payables
from specie.billing import LineDraft, Method
from specie.kernel.ids import EntryId
from specie.kernel.money import Money
from specie.ledger import InsufficientFunds
from specie.opening import documents
from specie.payables import Bill, BillId, BillKnown, BillState, Pay, RecordBill, paying, store
from tests.opening.desk import CUT_OVER, IDR, Desk, bill, file_of, invoice

OWED = "liability:payables:owed:"


async def brought(desk: Desk, *rows: dict[str, str]) -> list[Bill]:
    """The bills that a file has brought in, in the order of its lines."""
    done = await desk.send(file_of(*rows))
    ids = [BillId.parse(each["document"]["id"]) for each in done["lines"]]
    async with desk.database.begin(desk.scope) as uow:
        found = await store.bills_by_ids(uow, ids)
    return [found[each] for each in ids]


async def look(desk: Desk, of: Bill) -> tuple[BillState, int]:
    """The state of a bill and what is owed of it."""
    async with desk.database.begin(desk.scope) as uow:
        now = (await store.bills_by_ids(uow, [of.id]))[of.id]
        return now.state, (await paying.owed_of(uow, [now]))[of.id]


def recorded(desk: Desk, number: str) -> RecordBill:
    """A bill that comes in after the move."""
    lines = [(LineDraft("Rent", Decimal(1), 500), None)]
    return RecordBill(desk.customer, IDR, number, lines, date(2026, 1, 5), date(2026, 1, 20))


async def reverse(desk: Desk, entry_id: EntryId | None) -> None:
    assert entry_id is not None
    async with desk.database.begin(desk.scope) as uow:
        await ledger.reverse(uow, entry_id, effective_at=uow.now, reason="it was paid before")


async def test_each_bill_is_owed_by_its_suppliers_number_and_nothing_is_bought_or_taxed_again(desk: Desk) -> None:
    one, other = await brought(
        desk,
        bill("wulan@old.example", "F-118", "750", total="1000.50", note="disputed"),
        bill(desk.customer, "F-119", "250"),
    )
    assert (one.number, one.their_number, one.n, one.state) == ("F-118", "F-118", None, BillState.OPEN)
    assert (one.total_minor, one.original_total_minor, one.tax_minor, one.reason) == (75_000, 100_050, 0, "disputed")
    books = await desk.books()
    assert books == {f"{OWED}{one.id}": 75_000, f"{OWED}{other.id}": 25_000, "equity:opening": -100_000}
    async with desk.database.begin(desk.scope) as uow:
        assert (await payables.record(uow, recorded(desk, "F-120"))).number == "BILL-00001"
        [line] = await store.lines_of(uow, one.id)
    assert (
        line.line.description == "Owed on 1 January 2026 of bill F-118 of 3 November 2025, which came to IDR 1,000.50"
    )
    assert await desk.difference() == 0


async def test_what_was_owed_ages_from_the_cut_over_date_on_and_is_paid_longest_due_first(desk: Desk) -> None:
    one, other = await brought(
        desk, bill(desk.customer, "2", "50", due_on="2026-03-01"), bill(desk.customer, "1", "100")
    )
    async with desk.database.begin(desk.scope) as uow:
        then = await paying.ages(uow, IDR, CUT_OVER)
        before = await paying.ages(uow, IDR, CUT_OVER - timedelta(days=1))
        await payables.pay(uow, Pay(desk.customer, Money(12_000, IDR), Method.BANK))
    assert (then.control, then.buckets["1_30"], then.buckets["not_due"], before.control) == (15_000, 10_000, 5_000, 0)
    assert await look(desk, other) == (BillState.PAID, 0)
    assert await look(desk, one) == (BillState.PART_PAID, 3_000)


async def test_a_debit_note_lowers_what_is_owed_and_what_was_spent_on_its_own_day(desk: Desk) -> None:
    [one] = await brought(desk, bill(desk.customer, "1", "100"))
    async with desk.database.begin(desk.scope) as uow:
        await payables.debit(uow, one.id, "half of it was never delivered", {1: Decimal("0.5")})
    assert await look(desk, one) == (BillState.OPEN, 5_000)
    assert (await desk.books())["expense:payables:bought"] == -5_000


async def test_a_number_of_a_supplier_comes_in_once_and_is_not_recorded_again(desk: Desk) -> None:
    await brought(desk, bill(desk.customer, "F-1", "100"))
    before = await desk.books()
    # The same number on an invoice is another document.
    lines = (await desk.send(file_of(bill(desk.customer, "f-1", "5"), invoice(desk.customer, "F-1", "5")), look=True))[
        "lines"
    ]
    assert [(line["code"], line["column"]) for line in lines] == [("opening_line_repeated", "number"), (None, None)]
    with pytest.raises(BillKnown):
        async with desk.database.begin(desk.scope) as uow:
            await payables.record(uow, recorded(desk, "F-1"))
    assert await desk.books() == before


async def test_one_that_is_recorded_while_a_file_comes_in_is_owed_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk.database.begin(desk.scope) as uow:
        await payables.record(uow, recorded(desk, "F-1"))
    before = await desk.books()

    async def nothing(*_: object) -> set[tuple[str, str]]:
        return set()

    # As when it was not there yet at the time of the question.
    monkeypatch.setattr(documents, "known", nothing)
    refused = await desk.send(file_of(bill(desk.customer, "F-1", "100")), 409)
    assert (refused["code"], await desk.books()) == ("bill_recorded_before", before)


async def test_reversing_its_entry_withdraws_it_unless_something_of_it_was_paid(desk: Desk) -> None:
    one, other = await brought(
        desk, bill(desk.customer, "1", "100"), bill(desk.customer, "2", "70", due_on="2026-05-01")
    )
    async with desk.database.begin(desk.scope) as uow:
        await payables.pay(uow, Pay(desk.customer, Money(1, IDR), Method.BANK))
    before = await desk.books()
    with pytest.raises(InsufficientFunds):
        await reverse(desk, one.entry_id)
    assert (await desk.books(), await look(desk, one)) == (before, (BillState.PART_PAID, 9_999))

    await reverse(desk, other.entry_id)
    assert await look(desk, other) == (BillState.VOID, 0)
    [again] = await brought(desk, bill(desk.customer, "2", "60"))
    assert await look(desk, again) == (BillState.OPEN, 6_000)
