"""What the page of a purchase shows, and what its form means. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from specie.checkout.errors import AmountUnreadable
from specie.checkout.model import Brand, Stage, read_amount
from specie.installments import PlanId
from specie.kernel.ids import InvalidId
from specie.kernel.money import Currency, Money
from specie.purchases import Leg, Possible, Preview, Purchase, PurchaseId, PurchaseState, TenderKind, Wish

ENDED = (Stage.PAID, Stage.CANCELLED, Stage.EXPIRED)
"""Where nothing follows any more."""
_PURSES = (TenderKind.CASHBACK, TenderKind.WALLET)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A purchase's page."""

    purchase_id: PurchaseId
    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Where it is, below this installation's address."""
        return f"/buy/{self.token}"


@dataclass(frozen=True, slots=True)
class OrderView:
    """What everybody with the link may see: who asks for how much, for what, and whether it is over."""

    page: OrderPage
    purchase: Purchase
    stage: Stage
    brand: Brand
    is_test: bool
    now: datetime

    @property
    def seconds_left(self) -> int:
        """Until the purchase expires, by the tenant's own clock."""
        return max(0, int((self.purchase.expires_at - self.now).total_seconds()))


@dataclass(frozen=True, slots=True)
class OwnView:
    """What only the customer sees: what it has to pay with, and what pays or has paid."""

    name: str
    possible: Sequence[Possible]
    legs: Sequence[Leg]
    payment_path: str | None
    """Where the provider's part is paid while it is missing."""


def order_stage(purchase: Purchase, now: datetime) -> Stage:
    """What to show of a purchase."""
    if purchase.state is not PurchaseState.OPEN:
        return {
            PurchaseState.HELD: Stage.WAITING,
            PurchaseState.COMPLETED: Stage.PAID,
            PurchaseState.CANCELLED: Stage.CANCELLED,
            PurchaseState.EXPIRED: Stage.EXPIRED,
        }[purchase.state]
    if purchase.expires_at <= now:
        return Stage.EXPIRED
    is_declined = purchase.failure is not None and purchase.failure.startswith("payment_")
    return Stage.DECLINED if is_declined else Stage.CHOOSE


def proposal(purchase: Purchase, possible: Sequence[Possible]) -> dict[str, str]:
    """The form as it is first shown: the customer's own money, as far as it goes and the merchant takes it."""
    rest, typed = purchase.amount, {}
    for kind in _PURSES:
        most = next((one.most for one in possible if one.kind is kind), None)
        part = min(rest, most) if most is not None else Money.zero(rest.currency)
        typed[kind.value] = amount_typed(part) if part.minor else ""
        rest = rest - part
    return typed


def read_choice(purchase: Purchase, form: Mapping[str, str]) -> list[Wish]:
    """The tenders that a form names; an empty field or zero is none, and a provider pays what is left.

    Raises AmountUnreadable, naming the field, or AmountOutOfRange.
    """
    currency = purchase.amount.currency
    wishes = [Wish(kind, part) for kind in _PURSES if (part := _amount_in(form, kind, currency)) is not None]
    plan_id = _plan_in(form)
    if plan_id is not None:
        part = _amount_in(form, TenderKind.INSTALLMENTS, currency)
        wishes.append(Wish(TenderKind.INSTALLMENTS, part, plan_id, form.get("fingerprint") or None))
    if TenderKind.PROVIDER in purchase.tenders:
        wishes.append(Wish(TenderKind.PROVIDER))
    return wishes


def _amount_in(form: Mapping[str, str], kind: TenderKind, currency: Currency) -> Money | None:
    typed = form.get(kind.value, "").strip()
    if not typed:
        return None
    try:
        amount = read_amount(typed, currency)
    except AmountUnreadable as unreadable:
        raise AmountUnreadable(unreadable.detail, param=kind.value) from None
    return amount if amount.minor else None


def _plan_in(form: Mapping[str, str]) -> PlanId | None:
    try:
        return PlanId.parse(form["plan"]) if form.get("plan") else None
    except InvalidId:
        return None


def settled_form(preview: Preview) -> dict[str, str]:
    """A form that names exactly what a preview shows, so that consent to it is consent to nothing else."""
    form = {each.wish.kind.value: amount_typed(each.amount) for each in preview.shares}
    form.pop(TenderKind.PROVIDER.value, None)
    in_parts = next((each for each in preview.shares if each.wish.plan_id is not None), None)
    if in_parts is not None and preview.cost is not None:
        form |= {"plan": str(in_parts.wish.plan_id), "fingerprint": preview.cost.fingerprint}
    return form


def amount_typed(money: Money) -> str:
    """An amount as somebody would type it: digits, and decimals only where they are not zero."""
    whole, fraction = divmod(money.minor, 10**money.currency.exponent)
    return f"{whole}.{fraction:0{money.currency.exponent}d}" if fraction else str(whole)
