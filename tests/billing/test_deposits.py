"""A deposit is money of the customer that a later invoice draws, once and only as far as it was paid."""

from decimal import Decimal

import pytest

from specie.billing import paid_store, receiving
from specie.billing.errors import AllocatesTooMuch, AllocationMismatch, CreditsTooMuch, LineInvalid, RefundsTooMuch
from specie.billing.model import Invoice, InvoiceState, Method, SourceKind
from specie.kernel.money import Money
from specie.platform.db import Database
from tests.billing.office import Office, line, open_office


@pytest.fixture
async def office(database: Database) -> Office:
    return await open_office(database)


async def _deposit(office: Office, minor: int = 50_000) -> Invoice:
    return await office.issued(line(minor, taxes=()), is_deposit=True)


async def _credit(office: Office) -> dict[SourceKind, int]:
    found = await office.run(lambda uow: receiving.credits_of(uow, office.customer, office.currency))
    return {source.kind: left for source, left in found}


async def test_what_is_paid_of_a_deposit_is_no_income_and_pays_a_later_invoice(office: Office) -> None:
    deposit = await _deposit(office)
    assert await office.books("income:billing:sales") == 0
    assert await _credit(office) == {}
    await office.receive(20_000, [(deposit, 20_000)])
    assert await _credit(office) == {SourceKind.DEPOSIT: 20_000}
    await office.receive(30_000, [(deposit, 30_000)])
    assert (await office.look(deposit.id)).invoice.state is InvoiceState.PAID
    sale = await office.issued(line(100_000))
    await office.run(lambda uow: receiving.use_credit(uow, sale.id))
    found = await office.look(sale.id)
    assert (found.open_minor, found.invoice.state) == (61_000, InvoiceState.PART_PAID)
    assert await office.books("income:billing:sales") == 100_000
    assert await _credit(office) == {}
    with pytest.raises(AllocatesTooMuch) as twice:
        await office.run(lambda uow: receiving.use_credit(uow, sale.id))
    assert (twice.value.code, await office.open(sale)) == ("allocation_too_large", [61_000])


async def test_an_unpaid_deposit_draws_nothing_and_is_taken_back_by_a_credit_note(office: Office) -> None:
    deposit, sale = await _deposit(office), await office.issued(line(100_000))
    source = await office.run(lambda uow: receiving.source_of(uow, deposit.id))
    with pytest.raises(AllocatesTooMuch) as refused:
        await office.run(lambda uow: receiving.allocate(uow, source, [(sale.id, office.money(1))]))
    assert (refused.value.facts["most"], await office.open(sale)) == (0, [111_000])
    note = await office.credit(deposit)
    assert (await office.look(deposit.id)).invoice.state is InvoiceState.VOID
    assert (await office.left(note), await _credit(office)) == (0, {})


async def test_what_nobody_paid_of_a_deposit_is_taken_back_by_an_amount_and_then_whole(office: Office) -> None:
    deposit = await office.issued(line(10_001, taxes=()), line(39_999, taxes=()), is_deposit=True)
    await office.receive(20_000, [(deposit, 20_000)])
    with pytest.raises(CreditsTooMuch) as refused:
        await office.credit(deposit, amount=office.money(30_001))
    assert (refused.value.facts["most"], await office.open(deposit)) == (30_000, [30_000])

    part = await office.credit(deposit, amount=office.money(3_333))
    assert (part.total_minor, await office.open(deposit)) == (3_333, [26_667])
    rest = await office.credit(deposit)
    assert (rest.total_minor, await office.open(deposit)) == (26_667, [0])
    assert (await office.look(deposit.id)).invoice.state is InvoiceState.PAID
    assert await _credit(office) == {SourceKind.DEPOSIT: 20_000}
    taken = await office.run(lambda uow: paid_store.credited_minor(uow, deposit.id))
    assert taken == {1: 10_001, 2: 19_999}


async def test_an_amount_is_taken_back_of_a_deposit_alone_and_in_its_currency(office: Office) -> None:
    deposit, sale = await _deposit(office), await office.issued(line(100_000))
    with pytest.raises(LineInvalid) as sold:
        await office.credit(sale, amount=office.money(1))
    with pytest.raises(LineInvalid) as lines:
        await office.credit(deposit, {1: Decimal(1)}, office.money(1))
    with pytest.raises(LineInvalid) as foreign:
        await office.credit(deposit, amount=Money.of(1, "JPY"))
    assert {each.value.param for each in (sold, lines, foreign)} == {"amount"}
    assert await office.open(deposit, sale) == [50_000, 111_000]


async def test_what_was_paid_of_a_deposit_goes_back_by_a_refund_and_not_by_a_credit_note(office: Office) -> None:
    deposit = await _deposit(office)
    await office.receive(50_000, [(deposit, 50_000)])
    with pytest.raises(CreditsTooMuch) as refused:
        await office.credit(deposit)
    assert (refused.value.code, await _credit(office)) == ("credit_too_large", {SourceKind.DEPOSIT: 50_000})
    with pytest.raises(RefundsTooMuch):
        await office.run(lambda uow: receiving.refund(uow, deposit.id, office.money(50_001), Method.BANK, "called off"))
    await office.run(lambda uow: receiving.refund(uow, deposit.id, office.money(50_000), Method.BANK, "called off"))
    assert (await _credit(office), await office.books("asset:bank:billing")) == ({}, 0)


async def test_a_deposit_charges_no_tax_and_pays_no_other_deposit(office: Office) -> None:
    with pytest.raises(LineInvalid) as taxed:
        await office.drafted(line(50_000), is_deposit=True)
    assert (taxed.value.code, taxed.value.param) == ("invoice_line_invalid", "lines")
    first, second = await _deposit(office), await _deposit(office)
    await office.receive(50_000, [(first, 50_000)])
    source = await office.run(lambda uow: receiving.source_of(uow, first.id))
    with pytest.raises(AllocationMismatch):
        await office.run(lambda uow: receiving.allocate(uow, source, [(second.id, office.money(10))]))
    assert await office.open(second) == [50_000]
