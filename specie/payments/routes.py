"""Payments over HTTP."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from specie import wallets
from specie.kernel.ids import PartyId, PaymentId, PaymentLinkId
from specie.kernel.money import Money
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission, Verification
from specie.payments import charging, detail, dispute_store, errors, extras, refund_store, service, store, terms_service
from specie.payments.model import ExceptionId, Payment, PaymentException, PaymentState
from specie.payments.schemas import (
    ExceptionClose,
    ExceptionOut,
    PaymentDetail,
    PaymentIn,
    PaymentListed,
    PaymentOut,
    StatusOut,
    TopUpIn,
    payment_fields,
)
from specie.payments.search_store import AmountFilter, PaymentFilter
from specie.payments.service import CreatePayment
from specie.payments.terms_schemas import ReturnKeyIn, ReturnKeyOut, TermsIn, TermsOut
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.jobs import JobContext
from specie.platform.vault import KeyRing
from specie.platform.wire import CurrencyCode, ListOf, SearchText, id_text, states_text

router = ApiRouter(tags=["Payments"])

_LIST = "payments"
_EXCEPTIONS = "payment-exceptions"

Limit = Annotated[int, Query(ge=1, le=100)]
Minor = Annotated[int | None, Query(ge=1, le=Money.MAX_MINOR, description="Minor units")]


@router.post("/payments", status_code=201, response_model=PaymentOut)
@refuses(
    *(errors.MerchantRequired, errors.ReferenceTaken, errors.ReturnUrlUnlisted),
    *(errors.SplitInvalid, errors.SplitReceiver, wallets.WalletFrozen),
)
async def create_payment(
    body: PaymentIn, edge: Edge = requires(Permission.PAYMENTS_CREATE, verification=Verification.ANY)
) -> Response:
    """Ask for a payment; the answer holds the address of its hosted page."""
    return await _create(edge, body.command())


@router.post("/top-ups", status_code=201, response_model=PaymentOut)
@refuses(errors.MerchantRequired, errors.ReferenceTaken, errors.ReturnUrlUnlisted, wallets.WalletFrozen)
async def create_top_up(
    body: TopUpIn, edge: Edge = requires(Permission.PAYMENTS_CREATE, verification=Verification.ANY)
) -> Response:
    """Put money into a wallet; it is credited when the provider has confirmed it."""
    return await _create(edge, body.command(f"top-up-{edge.key() or edge.scope.request_id}"))


async def _create(edge: Edge, command: CreatePayment) -> Response:
    ring: KeyRing = edge.service("vault")

    async def work(uow: UnitOfWork) -> tuple[Payment, str | None]:
        payment = await service.create(uow, ring, command)
        await wallets.require_taking(uow, payment.party_id, payment.amount.currency)
        return payment, _address(edge, await extras.checkout_path(uow, payment))

    def present(made: tuple[Payment, str | None]) -> PaymentOut:
        return PaymentOut(**payment_fields(made[0]) | {"checkout_url": made[1]})

    return await edge.money(work, present)


def _filter(
    status: Annotated[SearchText | None, Query(description="One or several, separated by commas")] = None,
    kind: SearchText | None = None,
    merchant_id: SearchText | None = None,
    payment_link_id: SearchText | None = None,
    reference: SearchText | None = None,
    created_from: Annotated[AwareDatetime | None, Query(alias="created[gte]")] = None,
    created_to: Annotated[AwareDatetime | None, Query(alias="created[lte]")] = None,
    q: Annotated[SearchText | None, Query(description="An id or the beginning of a reference")] = None,
) -> PaymentFilter:
    return PaymentFilter(
        states=states_text(PaymentState, status, "status"),
        party_id=id_text(PartyId, merchant_id, "merchant_id") if merchant_id else None,
        kind=kind,
        reference=reference,
        link_id=id_text(PaymentLinkId, payment_link_id, "payment_link_id") if payment_link_id else None,
        created_from=created_from,
        created_to=created_to,
        q=q,
    )


def _amounts(
    amount: Minor = None,
    at_least: Annotated[Minor, Query(alias="amount[gte]")] = None,
    at_most: Annotated[Minor, Query(alias="amount[lte]")] = None,
    currency: Annotated[CurrencyCode | None, Query()] = None,
) -> AmountFilter:
    return AmountFilter(amount, at_least, at_most, currency)


@router.get("/payments", response_model=ListOf[PaymentListed])
async def list_payments(
    wanted: Annotated[PaymentFilter, Depends(_filter)],
    amounts: Annotated[AmountFilter, Depends(_amounts)],
    edge: Edge = requires(Permission.PAYMENTS_READ),
    customer_email: Annotated[SearchText | None, Query(description="The whole address")] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Payments, newest first. An address finds what a shop was told of it, and its owner's own top-ups."""
    before = _before(edge, _LIST, cursor)
    ring: KeyRing = edge.service("vault")

    async def read(uow: UnitOfWork) -> Page[PaymentListed]:
        payer = await service.payer_of(uow, ring, customer_email) if customer_email else None
        rows = await store.find_payments(uow, replace(wanted, amounts=amounts, payer=payer), before, limit)
        page = Page.cut(rows, limit, key=lambda payment: (str(payment.id.uuid),))
        names = await extras.party_names(uow, [payment.party_id for payment in page.items])
        ids = [payment.id for payment in page.items]
        customers = await service.open_customers(uow, ring, ids)
        back = await refund_store.refunded_sums(uow, ids)
        held = await dispute_store.disputed(uow, ids)
        return page.map(
            lambda each: PaymentListed.named(
                each, names.get(each.party_id), customers.get(each.id), back.get(each.id, 0), disputed=each.id in held
            )
        )

    return edge.page(_LIST, await edge.read(read), lambda listed: listed)


@router.get("/payments/{payment_id}", response_model=PaymentDetail)
@refuses(errors.PaymentMissing)
async def show_payment(payment_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> PaymentDetail:
    """One payment with its timeline, attempts, postings, callbacks, exceptions, events and deliveries."""
    wanted = id_text(PaymentId, payment_id, "payment_id")
    ring, settings = edge.service("vault"), edge.service("settings")
    gathered = await edge.read(lambda uow: detail.gather(uow, ring, wanted, public_url=settings.public_url))
    return PaymentDetail.opened(gathered)


@router.get("/payments/{payment_id}/status", response_model=StatusOut)
@refuses(errors.PaymentMissing)
async def show_status(payment_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> StatusOut:
    """Where a payment stands."""
    wanted = id_text(PaymentId, payment_id, "payment_id")
    return StatusOut.of(await edge.read(lambda uow: service.get_payment(uow, wanted)))


@router.post("/payments/{payment_id}/cancel", response_model=PaymentOut)
@refuses(errors.PaymentMissing, errors.PaymentCannotMove, errors.ChargeUnknown)
async def cancel_payment(payment_id: str, edge: Edge = requires(Permission.PAYMENTS_MANAGE)) -> Response:
    """Call a payment off; a charge that is open is withdrawn at the provider first."""
    wanted = id_text(PaymentId, payment_id, "payment_id")
    if not edge.dry_run:
        await charging.withdraw_live(job_context(edge), wanted)
    return await edge.write(lambda uow: service.cancel(uow, wanted), PaymentOut.of)


@router.post("/payments/{payment_id}/check", response_model=PaymentOut)
@refuses(errors.PaymentMissing)
async def check_payment(payment_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> Response:
    """Ask the provider now."""
    wanted = id_text(PaymentId, payment_id, "payment_id")
    if not edge.dry_run:
        await charging.check(job_context(edge), wanted)
    return await edge.write(lambda uow: service.get_payment(uow, wanted), PaymentOut.of)


@router.get("/payment-exceptions", response_model=ListOf[ExceptionOut])
async def list_exceptions(
    edge: Edge = requires(Permission.PAYMENTS_MANAGE),
    open_only: Annotated[bool, Query(alias="open")] = True,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """What does not fit and waits for a person, newest first."""
    before = _before(edge, _EXCEPTIONS, cursor)

    async def read(uow: UnitOfWork) -> Page[PaymentException]:
        wanted = True if open_only else None
        rows = await store.exceptions(uow, payment_id=None, is_open=wanted, before=before, limit=limit)
        return Page.cut(rows, limit, key=lambda found: (str(found.id.uuid),))

    return edge.page(_EXCEPTIONS, await edge.read(read), ExceptionOut.of)


@router.post("/payment-exceptions/{exception_id}/close", response_model=ExceptionOut)
@refuses(errors.ExceptionMissing)
async def close_exception(
    exception_id: str, body: ExceptionClose, edge: Edge = requires(Permission.PAYMENTS_MANAGE)
) -> Response:
    """Mark an exception as dealt with, and say how."""
    wanted = id_text(ExceptionId, exception_id, "exception_id")
    return await edge.write(lambda uow: service.close_exception(uow, wanted, body.note), ExceptionOut.of)


@router.get("/payment-settings", response_model=TermsOut)
async def show_terms(edge: Edge = requires(Permission.PAYMENTS_READ), merchant_id: str | None = None) -> TermsOut:
    """The payment terms in force for a merchant, or the tenant's."""
    party_id = id_text(PartyId, merchant_id, "merchant_id") if merchant_id else None
    return TermsOut.of(await edge.read(lambda uow: terms_service.get_terms(uow, party_id)))


@router.patch("/payment-settings", response_model=TermsOut)
async def change_terms(body: TermsIn, edge: Edge = requires(Permission.TENANT_WRITE)) -> Response:
    """Set fees, hold, return addresses and looks; of one merchant or of the whole tenant."""
    party_id = id_text(PartyId, body.merchant_id, "merchant_id") if body.merchant_id else None
    return await edge.write(lambda uow: terms_service.change_terms(uow, party_id, body.wanted()), TermsOut.of)


@router.post("/payment-settings/return-key", status_code=201, response_model=ReturnKeyOut)
async def new_return_key(
    body: ReturnKeyIn, edge: Edge = requires(Permission.TENANT_WRITE, rehearsable=False)
) -> Response:
    """Make the key that signs the way back to the shop. It is shown this once and never stored in answers."""
    party_id = id_text(PartyId, body.merchant_id, "merchant_id") if body.merchant_id else None
    ring: KeyRing = edge.service("vault")
    return await edge.write(
        lambda uow: terms_service.new_return_key(uow, ring, party_id),
        lambda made: ReturnKeyOut(return_key=made),
        status=201,
        shown_once="return_key",
    )


def job_context(edge: Edge) -> JobContext:
    """What the functions that call providers work with, in the caller's own scope."""
    return JobContext(edge.db, edge.scope, edge.request.app.state.services)


def _address(edge: Edge, path: str | None) -> str | None:
    return f"{edge.service('settings').public_url}{path}" if path else None


def _before(edge: Edge, name: str, cursor: str | None) -> UUID | None:
    key = edge.cursor(name, cursor)
    return UUID(key[0]) if key else None
