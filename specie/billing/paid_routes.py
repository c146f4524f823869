"""Payments received over HTTP: noting, allocating and paying back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import ledger, parties
from specie.billing import credit_document, errors, looks, paid_store, receiving
from specie.billing.model import CreditNoteId, InvoiceId, Method, ReceiptId
from specie.billing.paid_schemas import (
    AllocateIn,
    CreditRefundIn,
    CustomerAccountOut,
    CustomerCreditOut,
    MoneyReceivedIn,
    MoneyReceivedOut,
)
from specie.billing.public import pdf_answer
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import CurrencyCode, ListOf, id_text

router = ApiRouter(prefix="/billing", tags=["Billing"])

Limit = Annotated[int, Query(ge=1, le=100)]
_ALLOCATES = (errors.InvoiceMissing, errors.InvoiceCannotMove, errors.AllocatesTooMuch, errors.AllocationMismatch)


@router.get("/receipts", response_model=ListOf[MoneyReceivedOut])
async def list_receipts(
    edge: Edge = requires(Permission.BILLING_READ),
    customer_id: str | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Payments received, newest first, with what each has paid and what is left."""
    key = edge.cursor("receipts", cursor)
    customer = id_text(PartyId, customer_id, "customer_id") if customer_id else None

    async def read(uow: UnitOfWork) -> Page[MoneyReceivedOut]:
        page = await paid_store.receipts(uow, customer, UUID(key[0]) if key else None, limit)
        return Page(await looks.receipts(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page("receipts", await edge.read(read), lambda shown: shown)


@router.post("/receipts", status_code=201, response_model=MoneyReceivedOut)
@refuses(*_ALLOCATES, parties.PartyMissing, ledger.PeriodClosed)
async def record_receipt(body: MoneyReceivedIn, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Note money a customer paid and allocate it over invoices; what is left over is the customer's credit."""
    command = body.command()

    async def work(uow: UnitOfWork) -> MoneyReceivedOut:
        made = await receiving.receive(uow, command)
        [shown] = await looks.receipts(uow, edge.service("vault"), [made])
        return shown

    return await edge.money(work, lambda shown: shown)


@router.post("/receipts/{receipt_id}/allocate", response_model=MoneyReceivedOut)
@refuses(*_ALLOCATES, errors.ReceiptMissing)
async def allocate_receipt(
    receipt_id: str, body: AllocateIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Let what is left of a payment pay invoices."""
    wanted, shares = id_text(ReceiptId, receipt_id, "receipt_id"), body.shares()

    async def work(uow: UnitOfWork) -> MoneyReceivedOut:
        await receiving.allocate(uow, await receiving.source_of(uow, wanted), shares)
        return await _shown(uow, edge, wanted)

    return await edge.money(work, lambda shown: shown, status=200)


@router.post("/receipts/{receipt_id}/refund", response_model=MoneyReceivedOut)
@refuses(errors.ReceiptMissing, errors.AllocationMismatch, errors.RefundsTooMuch, ledger.PeriodClosed)
async def refund_receipt(
    receipt_id: str, body: CreditRefundIn, edge: Edge = requires(Permission.BILLING_MANAGE, step_up=True)
) -> Response:
    """Pay what is left of a payment back to the customer."""
    wanted, amount = id_text(ReceiptId, receipt_id, "receipt_id"), body.amount.money()

    async def work(uow: UnitOfWork) -> MoneyReceivedOut:
        await receiving.refund(uow, wanted, amount, Method(body.method), body.reason)
        return await _shown(uow, edge, wanted)

    return await edge.money(work, lambda shown: shown, status=200)


@router.get("/credit-notes/{credit_note_id}/pdf", response_class=Response)
@refuses(errors.CreditNoteMissing)
async def print_credit_note(credit_note_id: str, edge: Edge = requires(Permission.BILLING_READ)) -> Response:
    """The credit note as PDF."""
    wanted = id_text(CreditNoteId, credit_note_id, "credit_note_id")
    read = await edge.read(lambda uow: credit_document.read(uow, edge.service("vault"), wanted))
    return await pdf_answer(credit_document.told(read), read.head.colour)


@router.post("/credit-notes/{credit_note_id}/refund", response_model=CustomerCreditOut)
@refuses(errors.ReceiptMissing, errors.AllocationMismatch, errors.RefundsTooMuch, ledger.PeriodClosed)
async def refund_credit_note(
    credit_note_id: str, body: CreditRefundIn, edge: Edge = requires(Permission.BILLING_MANAGE, step_up=True)
) -> Response:
    """Pay what is left of a credit note back to the customer."""
    return await _refunded(edge, id_text(CreditNoteId, credit_note_id, "credit_note_id"), body)


@router.post("/invoices/{invoice_id}/deposit-refund", response_model=CustomerCreditOut)
@refuses(errors.ReceiptMissing, errors.AllocationMismatch, errors.RefundsTooMuch, ledger.PeriodClosed)
async def refund_deposit(
    invoice_id: str, body: CreditRefundIn, edge: Edge = requires(Permission.BILLING_MANAGE, step_up=True)
) -> Response:
    """Pay what no invoice has drawn of a deposit back to the customer."""
    return await _refunded(edge, id_text(InvoiceId, invoice_id, "invoice_id"), body)


async def _refunded(edge: Edge, source_id: CreditNoteId | InvoiceId, body: CreditRefundIn) -> Response:
    amount = body.amount.money()

    async def work(uow: UnitOfWork) -> CustomerCreditOut:
        source = await receiving.refund(uow, source_id, amount, Method(body.method), body.reason)
        return CustomerCreditOut.of(source, await receiving.left_of(uow, source))

    return await edge.money(work, lambda shown: shown, status=200)


@router.get("/customers/{party_id}/credit", response_model=list[CustomerCreditOut])
@refuses(parties.PartyMissing)
async def show_credit(
    party_id: str, edge: Edge = requires(Permission.BILLING_READ), currency: CurrencyCode = "IDR"
) -> list[CustomerCreditOut]:
    """What a customer has paid or was credited that pays nothing yet, oldest first."""
    customer, code = id_text(PartyId, party_id, "party_id"), Currency.of(currency)
    return await edge.read(lambda uow: looks.credits_of(uow, customer, code))


@router.get("/customers/{party_id}/account", response_model=list[CustomerAccountOut])
@refuses(parties.PartyMissing)
async def show_account(party_id: str, edge: Edge = requires(Permission.BILLING_READ)) -> list[CustomerAccountOut]:
    """What a customer owes, what of it is overdue and what it has left, by currency, with the documents behind each."""
    customer = id_text(PartyId, party_id, "party_id")

    async def read(uow: UnitOfWork) -> list[CustomerAccountOut]:
        await parties.get_party(uow, edge.service("vault"), customer)
        return await looks.accounts_of(uow, edge.service("vault"), customer)

    return await edge.read(read)


async def _shown(uow: UnitOfWork, edge: Edge, receipt_id: ReceiptId) -> MoneyReceivedOut:
    found = await paid_store.receipt_by_id(uow, receipt_id)
    if found is None:
        raise errors.ReceiptMissing(f"there is no payment {receipt_id}")
    [shown] = await looks.receipts(uow, edge.service("vault"), [found])
    return shown
