"""Installments over HTTP: plans, orders and figures."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import ledger, parties, wallets
from specie.installments import allocating, collecting_store, errors, figures, orders, standing, store
from specie.installments.allocation_schemas import AllocationIn, UsualAllocationOut
from specie.installments.figure_schemas import BoardOut, CreditLineIn, CreditLineOut, InstallmentSettlementOut
from specie.installments.model import Component, Order, OrderId, OrderState, PlanId
from specie.installments.schemas import (
    CostOut,
    Detail,
    OrderDetail,
    OrderIn,
    OrderOut,
    OrderRef,
    PlanIn,
    PlanOut,
    PreviewIn,
)
from specie.installments.standing import Standing
from specie.installments.store import OrderFilter
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission, Verification
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import BusinessDay, CurrencyCode, ListOf, id_text

router = ApiRouter(prefix="/installments", tags=["Installments"])

Limit = Annotated[int, Query(ge=1, le=100)]
State = Literal["offered", "reserved", "active", "paid", "cancelled", "expired", "charged_off"]
_COST = (errors.PlanMissing, errors.PlanEnded, errors.AmountOutsidePlan, errors.TermsInvalid, wallets.WalletCurrency)


@router.get("/plans", response_model=ListOf[PlanOut])
async def list_plans(
    edge: Edge = requires(Permission.INSTALLMENTS_READ),
    merchant_id: str | None = None,
    active: bool | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Plans, newest first; a merchant sees its own."""
    key = edge.cursor("installment_plans", cursor)
    wanted = edge.scope.party_id or (id_text(PartyId, merchant_id, "merchant_id") if merchant_id else None)

    async def read(uow: UnitOfWork) -> Page[PlanOut]:
        page = await store.plans(uow, wanted, active, UUID(key[0]) if key else None, limit)
        names = await parties.names(uow, edge.service("vault"), list({plan.merchant_id for plan in page.items}))
        return page.map(lambda plan: PlanOut.of(plan, names))

    return edge.page("installment_plans", await edge.read(read), lambda shown: shown)


@router.post("/plans", status_code=201, response_model=PlanOut)
@refuses(errors.TermsInvalid, errors.MerchantRequired, parties.PartyMissing)
async def create_plan(body: PlanIn, edge: Edge = requires(Permission.INSTALLMENTS_CREATE)) -> Response:
    """Offer a way of paying in parts. Its terms stay as they are; another plan replaces it."""
    merchant, currency, terms = body.merchant(), Currency.of(body.currency), body.terms.terms()
    by_usual = body.terms.allocation is None
    return await edge.write(
        lambda uow: orders.create_plan(uow, merchant, body.name, currency, terms, usual_order=by_usual),
        PlanOut.of,
        status=201,
    )


@router.get("/allocations/{party_id}", response_model=UsualAllocationOut)
@refuses(errors.MerchantRequired, parties.PartyMissing)
async def show_usual_allocation(
    party_id: str, edge: Edge = requires(Permission.INSTALLMENTS_READ)
) -> UsualAllocationOut:
    """In which order payments pay what is owed by a merchant's plans that name no order of their own."""
    wanted = id_text(PartyId, party_id, "party_id")
    return _allocation(wanted, await edge.read(lambda uow: allocating.own_usual(uow, wanted)))


@router.put("/allocations/{party_id}", response_model=UsualAllocationOut)
@refuses(errors.MerchantRequired, errors.TermsInvalid, parties.PartyMissing)
async def set_usual_allocation(
    party_id: str, body: AllocationIn, edge: Edge = requires(Permission.INSTALLMENTS_CREATE)
) -> Response:
    """Give a merchant's plans from now on this order; plans that are there keep theirs."""
    wanted, order = id_text(PartyId, party_id, "party_id"), [Component(each) for each in body.allocation]
    return await edge.write(
        lambda uow: allocating.set_usual(uow, wanted, order), lambda after: _allocation(wanted, after)
    )


def _allocation(merchant_id: PartyId, found: Sequence[Component]) -> UsualAllocationOut:
    return UsualAllocationOut(merchant_id=str(merchant_id), allocation=[each.value for each in found])


@router.post("/plans/{plan_id}/end", response_model=PlanOut)
@refuses(errors.PlanMissing)
async def end_plan(plan_id: str, edge: Edge = requires(Permission.INSTALLMENTS_CREATE)) -> Response:
    """Offer a plan no longer; running orders go on."""
    wanted = id_text(PlanId, plan_id, "plan_id")
    return await edge.write(lambda uow: orders.end_plan(uow, wanted), PlanOut.of)


@router.post("/preview", response_model=CostOut)
@refuses(*_COST)
async def preview(body: PreviewIn, edge: Edge = requires(Permission.INSTALLMENTS_READ)) -> CostOut:
    """What an amount costs in parts if it is accepted today: the schedule that will be booked, line by line."""
    amount = body.amount.money()

    async def read(uow: UnitOfWork) -> CostOut:
        day = uow.business_date
        if body.terms is not None:
            return CostOut.of(orders.cost_of_terms(body.terms.terms(), amount, day), day)
        wanted = id_text(PlanId, body.plan_id or "", "plan_id")
        return CostOut.of(await orders.preview(uow, wanted, amount), day)

    return await edge.read(read)


@router.get("/orders", response_model=ListOf[OrderOut])
async def list_orders(
    edge: Edge = requires(Permission.INSTALLMENTS_READ),
    state: State | None = None,
    merchant_id: str | None = None,
    customer_id: str | None = None,
    late: bool = False,
    due_today: bool = False,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Orders, newest first; a merchant or customer sees its own."""
    key = edge.cursor("installment_orders", cursor)
    merchant = id_text(PartyId, merchant_id, "merchant_id") if merchant_id else None
    customer = id_text(PartyId, customer_id, "customer_id") if customer_id else None

    async def read(uow: UnitOfWork) -> Page[OrderOut]:
        day = uow.business_date
        wanted = OrderFilter(state, merchant, customer, late, day if due_today else None)
        page = await store.orders(uow, wanted, UUID(key[0]) if key else None, limit)
        found = await standing.load_many(uow, page.items)
        names = await _names(uow, edge, page.items)
        return Page([OrderOut.of(each, day, names) for each in found], page.next_key)

    return edge.page("installment_orders", await edge.read(read), lambda shown: shown)


@router.post("/orders", status_code=201, response_model=OrderRef)
@refuses(*_COST, errors.CustomerRequired, errors.OrderReferenceTaken, parties.PartyMissing)
async def offer_order(
    body: OrderIn, edge: Edge = requires(Permission.INSTALLMENTS_CREATE, verification=Verification.ANY)
) -> Response:
    """Make an order that waits for its customer's consent; nothing is owed before."""
    command = body.command()
    return await edge.money(lambda uow: orders.offer(uow, command), OrderRef.of_order)


@router.get("/orders/{order_id}", response_model=OrderDetail)
@refuses(errors.OrderMissing)
async def show_order(order_id: str, edge: Edge = requires(Permission.INSTALLMENTS_READ)) -> OrderDetail:
    """One order with its schedule, versions, late fees and postings; an offer with its cost today."""
    wanted = id_text(OrderId, order_id, "order_id")
    return OrderDetail.opened(await edge.read(lambda uow: _detail(uow, edge, wanted)))


async def _detail(uow: UnitOfWork, edge: Edge, order_id: OrderId) -> Detail:
    found = await standing.load(uow, order_id)
    order, day = found.order, uow.business_date
    is_offer = order.state is OrderState.OFFERED
    # A customer sees what it pays, not what the merchant pays us.
    is_ours = uow.scope.party_id in {None, order.merchant_id}
    charged = (await store.late_fees_of(uow, [order_id]))[order_id]
    return Detail(
        found=found,
        day=day,
        names=await _names(uow, edge, [order]),
        plan=await orders.get_plan(uow, order.plan_id),
        versions=await store.versions_of(uow, order_id),
        late_fees=[(fee.due_on, fee.amount_minor, fee.charged_on) for fee in charged],
        collections=await collecting_store.of_order(uow, order_id),
        entries=await _entries(uow, order_id) if is_ours else [],
        offer=orders.cost_of(order.terms, order.amount, day) if is_offer else None,
        shows_merchant_fee=is_ours,
    )


async def _entries(uow: UnitOfWork, order_id: OrderId) -> list[dict[str, Any]]:
    found = [await ledger.get_entry(uow, entry_id) for entry_id in await store.entries_of(uow, order_id)]
    return await ledger.entries_told(uow, found)


async def _names(uow: UnitOfWork, edge: Edge, found: Sequence[Order]) -> dict[PartyId, str]:
    ids = {party for order in found for party in (order.merchant_id, order.customer_id)}
    return await parties.names(uow, edge.service("vault"), list(ids))


@router.get("/board", response_model=BoardOut)
async def show_board(
    currency: CurrencyCode, edge: Edge = requires(Permission.INSTALLMENTS_READ), merchant_id: str | None = None
) -> BoardOut:
    """Orders by state and open parts by age, from the ledger."""
    merchant = id_text(PartyId, merchant_id, "merchant_id") if merchant_id else None
    return BoardOut.of(await edge.read(lambda uow: figures.board(uow, merchant, Currency.of(currency))))


@router.get("/settlement", response_model=list[InstallmentSettlementOut])
@refuses(errors.DayAhead)
async def show_settlement(
    edge: Edge = requires(Permission.INSTALLMENTS_READ),
    day: BusinessDay | None = None,
    merchant_id: str | None = None,
) -> list[InstallmentSettlementOut]:
    """What a business day did for each merchant: bought, fees, returned, net, and what customers paid."""
    merchant = id_text(PartyId, merchant_id, "merchant_id") if merchant_id else None

    async def read(uow: UnitOfWork) -> list[InstallmentSettlementOut]:
        wanted: date = day or uow.business_date
        return [InstallmentSettlementOut.of(row, wanted) for row in await figures.settlement(uow, wanted, merchant)]

    return await edge.read(read)


@router.get("/lines/{party_id}/{currency}", response_model=CreditLineOut)
@refuses(parties.PartyMissing)
async def show_line(
    party_id: str, currency: CurrencyCode, edge: Edge = requires(Permission.INSTALLMENTS_READ)
) -> CreditLineOut:
    """A customer's credit line in a currency; a customer sees its own, a merchant none."""
    wanted = id_text(PartyId, party_id, "party_id")
    return CreditLineOut.of(await edge.read(lambda uow: orders.own_line(uow, wanted, Currency.of(currency))))


@router.put("/lines/{party_id}/{currency}", response_model=CreditLineOut)
@refuses(parties.PartyMissing)
async def set_line(
    party_id: str, currency: CurrencyCode, body: CreditLineIn, edge: Edge = requires(Permission.INSTALLMENTS_MANAGE)
) -> Response:
    """Set how much a customer may owe, and whether new orders are taken. What is owed already stays."""
    wanted, limit = id_text(PartyId, party_id, "party_id"), Money(body.limit_minor, Currency.of(currency))
    return await edge.write(
        lambda uow: orders.set_line(uow, wanted, limit, is_blocked=body.is_blocked, reason=body.reason or ""),
        CreditLineOut.of,
    )


def shown(found: Standing, edge: Edge) -> OrderOut:
    """An order after a change, as its answer shows it."""
    return OrderOut.of(found, edge.scope.clock.business_date(edge.scope.clock.now()))
