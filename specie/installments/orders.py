"""Plans, offers and consent: how an order begins."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

import orjson

from specie import audit, events, ledger, parties, payments, wallets
from specie.installments import allocating, day_store, extras, postings, schedule, standing, store
from specie.installments.errors import (
    CostChanged,
    CustomerRequired,
    MerchantRequired,
    OfferExpired,
    OrderMissing,
    OrderReferenceTaken,
    PlanEnded,
    PlanMissing,
    TermsInvalid,
)
from specie.installments.events import order_event
from specie.installments.model import (
    CreditLine,
    Open,
    Order,
    OrderAccounts,
    OrderEvent,
    OrderId,
    OrderState,
    Plan,
    PlanId,
    Terms,
    require_sound,
)
from specie.installments.schedule import Line, LineKind
from specie.installments.standing import Standing, account, start_of
from specie.kernel.business_days import countries
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.platform import due
from specie.platform.db import UnitOfWork

RUN_DAY = "installments.run_day"


@dataclass(frozen=True, slots=True)
class Cost:
    """What an amount costs in parts, as it is shown before consent. Minor units of the amount's currency.

    `fingerprint` names exactly this cost: consent to it books these lines and no others.
    """

    amount: Money
    lines: Sequence[Line]
    down_payment: int
    interest: int
    fee: int
    fingerprint: str

    @property
    def total(self) -> int:
        """What the customer pays in all."""
        return self.amount.minor + self.interest + self.fee

    def shown(self) -> dict[str, Any]:
        """What is kept with the consent."""
        lines = [
            {"due_on": line.due_on.isoformat(), "principal": line.principal, "interest": line.interest, "fee": line.fee}
            for line in self.lines
        ]
        return {
            "fingerprint": self.fingerprint,
            "amount": self.amount.minor,
            "currency": self.amount.currency.code,
            "interest": self.interest,
            "fee": self.fee,
            "total": self.total,
            "lines": lines,
        }


def cost_of(terms: Terms, amount: Money, starts_on: date) -> Cost:
    """The cost of an amount bought on a day. Raises AmountOutsidePlan."""
    lines = schedule.plan(terms, amount.minor, starts_on)
    facts = [amount.minor, amount.currency.code, terms.to_json(), [[str(x.due_on), x.total] for x in lines]]
    return Cost(
        amount=amount,
        lines=lines,
        down_payment=sum(line.principal for line in lines if line.kind is LineKind.DOWN_PAYMENT),
        interest=sum(line.interest for line in lines),
        fee=sum(line.fee for line in lines),
        fingerprint=hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32],
    )


def cost_of_terms(terms: Terms, amount: Money, starts_on: date) -> Cost:
    """The cost by terms that are only being written. Raises TermsInvalid or AmountOutsidePlan."""
    return cost_of(_known(require_sound(terms)), amount, starts_on)


def _known(terms: Terms) -> Terms:
    if terms.country is not None and terms.country not in countries():
        raise TermsInvalid("the holidays of this country are not known", param="country")
    return terms


async def create_plan(
    uow: UnitOfWork,
    merchant_id: PartyId | None,
    name: str,
    currency: Currency,
    terms: Terms,
    *,
    usual_order: bool = False,
) -> Plan:
    """Offer a plan; with `usual_order` payments pay what is owed in the order that the merchant's plans usually have.

    Raises MerchantRequired, PartyMissing or TermsInvalid.
    """
    merchant = uow.scope.party_id or merchant_id
    if merchant is None:
        raise MerchantRequired("say whose plan it is", param="merchant_id")
    await _require_party(uow, merchant, "merchant_id")
    if usual_order:
        terms = replace(terms, allocation=await allocating.usual(uow, merchant))
    _known(require_sound(terms))
    plan = Plan(PlanId.new(), merchant, name, currency, terms, is_active=True, version=1, created_at=uow.now)
    await store.insert_plan(uow, plan)
    await audit.record(
        uow, action="installment_plan.create", subject=("installment_plan", str(plan.id)), after=terms.to_json()
    )
    return plan


async def get_plan(uow: UnitOfWork, plan_id: PlanId) -> Plan:
    """One plan. Raises PlanMissing."""
    plan = await store.plan_by_id(uow, plan_id)
    if plan is None:
        raise PlanMissing(f"there is no installment plan {plan_id}", param="plan_id")
    return plan


async def plans_of(uow: UnitOfWork, merchant_id: PartyId, limit: int) -> list[Plan]:
    """The plans a merchant offers, newest first."""
    return list((await store.plans(uow, merchant_id, True, None, limit)).items)


async def end_plan(uow: UnitOfWork, plan_id: PlanId) -> Plan:
    """Offer a plan no longer; running orders go on. Raises PlanMissing."""
    plan = await get_plan(uow, plan_id)
    if uow.scope.party_id not in {None, plan.merchant_id}:
        raise PlanMissing(f"there is no installment plan {plan_id}", param="plan_id")
    if not plan.is_active:
        return plan
    ended = replace(plan, is_active=False, version=plan.version + 1)
    await store.end_plan(uow, ended)
    await audit.record(uow, action="installment_plan.end", subject=("installment_plan", str(plan_id)))
    return ended


@dataclass(frozen=True, slots=True)
class OfferOrder:
    """A purchase that is to be paid by a plan, once its customer agrees."""

    plan_id: PlanId
    amount: Money
    reference: str
    title: str = ""
    customer_id: PartyId | None = None
    valid_for: timedelta = timedelta(days=7)


async def preview(uow: UnitOfWork, plan_id: PlanId, amount: Money) -> Cost:
    """What an amount would cost if it were accepted today. Raises PlanMissing, PlanEnded or AmountOutsidePlan."""
    plan = await _offered(uow, plan_id, amount)
    return cost_of(plan.terms, amount, uow.business_date)


async def _offered(uow: UnitOfWork, plan_id: PlanId, amount: Money) -> Plan:
    plan = await get_plan(uow, plan_id)
    if not plan.is_active:
        raise PlanEnded(f"{plan.name} is no longer offered", param="plan_id")
    if plan.currency.code != amount.currency.code:
        raise wallets.WalletCurrency(f"the plan is in {plan.currency}", param="amount")
    return plan


async def offer(uow: UnitOfWork, command: OfferOrder) -> Order:
    """Make an order that waits for its customer's consent; nothing is owed yet.

    Raises PlanMissing, PlanEnded, AmountOutsidePlan, CustomerRequired, PartyMissing or OrderReferenceTaken.
    """
    plan = await _offered(uow, command.plan_id, command.amount)
    customer = command.customer_id or uow.scope.party_id
    if customer is None or customer == plan.merchant_id:
        raise CustomerRequired("say who pays", param="customer_id")
    if uow.scope.party_id not in {None, plan.merchant_id, customer}:
        raise PlanMissing(f"there is no installment plan {plan.id}", param="plan_id")
    await _require_party(uow, customer, "customer_id")
    cost_of(plan.terms, command.amount, uow.business_date)
    order = Order(
        id=OrderId.new(),
        plan_id=plan.id,
        merchant_id=plan.merchant_id,
        customer_id=customer,
        reference=command.reference,
        title=command.title,
        amount=command.amount,
        terms=plan.terms,
        state=OrderState.OFFERED,
        version=1,
        schedule=0,
        created_at=uow.now,
        expires_at=uow.now + command.valid_for,
    )
    if not await store.insert_order(uow, order):
        raise OrderReferenceTaken(f"{command.reference!r} has been used", param="reference")
    await _note(uow, "offer", order, {"amount_minor": order.amount.minor, "plan_id": str(plan.id)})
    await events.record(uow, order_event("offered", order))
    return order


async def accept(uow: UnitOfWork, order_id: OrderId, fingerprint: str) -> Standing:
    """The customer agrees to the cost named by its fingerprint: the order begins, all in this commit.

    The merchant is paid, the customer's down payment and credit line are taken. Raises OrderMissing,
    OrderCannotMove, OfferExpired, OfferStale, CostChanged, CreditLineExceeded, CreditLineBlocked, InsufficientFunds,
    LimitExceeded or WalletFrozen.
    """
    before = await standing.load(uow, order_id, lock=True)
    order, day = before.order, uow.business_date
    require_customer(uow, order)
    order.after(OrderEvent.ACCEPT)
    if order.expires_at <= uow.now:
        raise OfferExpired("ask the merchant for a new offer")
    cost = cost_of(order.terms, order.amount, day)
    if cost.fingerprint != fingerprint:
        raise CostChanged("show the cost again and ask for consent to it", param="fingerprint")
    consent = cost.shown() | {"at": uow.now.isoformat(), "by": str(uow.scope.actor)}
    accounts = await open_accounts(uow, order)
    ready = replace(before, order=replace(order, accounts=accounts))
    draft = await _booking(uow, ready.order, cost)
    step = standing.Change(OrderEvent.ACCEPT, "accepted", {}, draft, cost.lines, "booked")
    started = {"starts_on": day, "earned_through": day, "consent": consent}
    after = await standing.change(uow, ready, step, **started)
    await _note(uow, "accept", after.order, {"fingerprint": fingerprint, "total_minor": cost.total})
    await extras.tell_begun(uow, after.order, draft.id)
    if await day_store.start_days(uow, day):
        await schedule_day(uow, day + timedelta(days=1))
    return after


async def schedule_day(uow: UnitOfWork, day: date) -> None:
    """Plan the run of a day for its first moment."""
    await due.schedule(uow, kind=RUN_DAY, at=start_of(uow.scope, day), payload={"day": day.isoformat()})


async def open_accounts(uow: UnitOfWork, order: Order) -> OrderAccounts:
    """The accounts of an order, opened now."""
    specs = postings.order_accounts(order.id, order.customer_id, order.currency)
    return OrderAccounts(**{name: await account(uow, spec) for name, spec in specs.items()})


async def _booking(uow: UnitOfWork, order: Order, cost: Cost) -> ledger.EntryDraft:
    to = await places_of(uow, order)
    draws = await draws_of(uow, order, cost.down_payment)
    owed = Open(order.amount.minor, cost.interest, cost.fee, 0)
    fee = schedule.merchant_fee_of(order.terms, order.amount.minor)
    return postings.book(order, owed, draws, await seller_of(uow, order), fee, to)


async def places_of(uow: UnitOfWork, order: Order) -> dict[str, AccountId]:
    """Where the parts of a beginning order go besides its own accounts and the merchant: our income."""
    return {name: await account(uow, postings.income(name, order.currency)) for name in ("merchant_fees", "fees")}


async def seller_of(uow: UnitOfWork, order: Order) -> postings.Seller:
    """The merchant who is paid as an order begins, at once or by its settlement."""
    wallet = await wallets.ensure_wallet(uow, order.merchant_id, order.currency)
    debt = await account(uow, wallets.debt_account(order.merchant_id, order.currency))
    settled = await payments.settled_parties(uow, [order.merchant_id], order.currency)
    return postings.Seller(wallet, debt, order.merchant_id in settled)


async def draws_of(uow: UnitOfWork, order: Order, amount_minor: int) -> list[wallets.Draw]:
    """Which of the customer's purses pay an amount; without any, a new one that refuses."""
    if not amount_minor:
        return []
    await wallets.ensure_wallet(uow, order.customer_id, order.currency)
    return await wallets.draw(uow, order.customer_id, Money(amount_minor, order.currency))


async def cancel(uow: UnitOfWork, order_id: OrderId) -> Order:
    """Call an offer off before it is accepted. Raises OrderMissing or OrderCannotMove."""
    found = await standing.load(uow, order_id, lock=True)
    order = replace(found.order.after(OrderEvent.CANCEL), ended_at=uow.now)
    await store.update_order(uow, order)
    await _note(uow, "cancel", order, {})
    await events.record(uow, order_event("cancelled", order))
    return order


def require_customer(uow: UnitOfWork, order: Order) -> None:
    """Raise OrderMissing for a merchant: it sees the order, and the customer's money is not its to move."""
    if uow.scope.party_id not in {None, order.customer_id}:
        raise OrderMissing("only the customer can do this")


def require_merchant(uow: UnitOfWork, order: Order) -> None:
    """Raise OrderMissing for a customer, who sees the order and does not decide on the merchant's side."""
    if uow.scope.party_id not in {None, order.merchant_id}:
        raise OrderMissing("only the merchant can do this")


async def set_line(
    uow: UnitOfWork, party_id: PartyId, limit: Money, *, is_blocked: bool, reason: str = ""
) -> CreditLine:
    """Set how much a customer may owe in a currency, and whether new orders are taken. Raises PartyMissing.

    A limit below what is owed stops new orders and takes nothing back.
    """
    await _require_party(uow, party_id, "party_id")
    specs = postings.line_accounts(party_id, limit.currency)
    kept = {name: await ledger.ensure_account(uow, spec) for name, spec in specs.items()}
    before = await line_of(uow, party_id, limit.currency)
    why = reason or "credit line for installments"
    await ledger.set_floor(uow, kept["line"].id, -limit, reason=why)
    await ledger.freeze(uow, kept["line"].id, debits=False, credits=is_blocked, reason=why)
    after = cast(CreditLine, await line_of(uow, party_id, limit.currency))
    subject = ("credit_line", f"{party_id}/{limit.currency}")
    told = before.told() if before else None
    await audit.record(
        uow, action="credit_line.set", subject=subject, before=told, after=after.told(), reason=reason or None
    )
    return after


async def line_of(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> CreditLine | None:
    """A customer's credit line in a currency; None when nobody has set one."""
    code = postings.line_accounts(party_id, currency)["line"].code
    found = [one for one in await ledger.accounts_with_code(uow, code) if one.currency.code == currency.code]
    if not found or found[0].floor is None:
        return None
    return CreditLine(party_id, -found[0].floor, -found[0].balance, found[0].credits_frozen)


async def still_runs(uow: UnitOfWork, party_id: PartyId) -> str | None:
    """Why a party cannot be forgotten yet: it pays an order in parts, or sold by one; None when it may be."""
    running = await store.orders(uow, store.OrderFilter(state="active", customer_id=party_id), None, 1)
    sold = await store.orders(uow, store.OrderFilter(state="active", merchant_id=party_id), None, 1)
    return "an installment order is still running" if running.items or sold.items else None


async def own_line(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> CreditLine:
    """A customer's credit line; without one an empty line. Raises PartyMissing, also to another party."""
    if uow.scope.party_id not in {None, party_id}:
        raise parties.PartyMissing(f"there is no party {party_id}", param="party_id")
    await _require_party(uow, party_id, "party_id")
    nothing = Money.zero(currency)
    return await line_of(uow, party_id, currency) or CreditLine(party_id, nothing, nothing, is_blocked=False)


async def _require_party(uow: UnitOfWork, party_id: PartyId, param: str) -> None:
    if party_id not in await parties.tiers(uow, [party_id]):
        raise parties.PartyMissing(f"there is no party {party_id}", param=param)


async def _note(uow: UnitOfWork, act: str, order: Order, after: Mapping[str, Any]) -> None:
    await audit.record(
        uow, action=f"installment_order.{act}", subject=("installment_order", str(order.id)), after=after
    )
