"""A purchase in the words of its page."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request

from specie.checkout.model import Stage
from specie.checkout.order_model import ENDED, OrderView, OwnView
from specie.checkout.rendering import language_for
from specie.checkout.texts import TEXTS, amount_text, day_text, moment_text
from specie.installments import Cost, LineKind, Plan
from specie.kernel.money import Money
from specie.purchases import Possible, Preview, TenderKind

_PURSES = (TenderKind.CASHBACK, TenderKind.WALLET)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of two columns: what it is, and how much."""

    name: str
    amount: str


@dataclass(frozen=True, slots=True)
class Purse:
    """A tender with a field of its own."""

    name: str
    label: str
    hint: str
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """The plans that a customer with credit can choose."""

    hint: str
    plans: list[tuple[str, str]]


def shown(
    view: OrderView, own: OwnView | None, preview: Preview | None, zone: ZoneInfo, request: Request
) -> dict[str, Any]:
    """What the template fills in; amounts to the minor unit, in the reader's language."""
    language = language_for(request)
    purchase = view.purchase
    done = purchase.completed_at
    return {
        "view": view,
        "own": own,
        "stage": str(view.stage),
        "amount": amount_text(purchase.amount, language),
        "expires": moment_text(purchase.expires_at, zone, language),
        "paid_at": moment_text(done, zone, language) if done else "",
        "events_url": "" if view.stage in ENDED else f"/api/v1/checkout/orders/{view.page.token}/events",
        "rows": _rows(view, own, preview, language),
        "costs": _costs(preview.cost, language) if preview and preview.cost else [],
        "purses": [_purse(one, language) for one in own.possible if one.kind in _PURSES] if own else [],
        "parts": _parts(own, language),
        "takes_provider": TenderKind.PROVIDER in purchase.tenders,
        "rest": _rest(own, language) if own else "",
    }


def _rows(view: OrderView, own: OwnView | None, preview: Preview | None, language: str) -> list[Row]:
    """Each tender with what it pays or has paid; without any, nothing."""
    words = TEXTS[language]
    if preview is not None:
        return [Row(words[each.wish.kind.value], amount_text(each.amount, language)) for each in preview.shares]
    if own is None or view.stage not in (Stage.WAITING, Stage.PAID):
        return []
    return [Row(words[leg.kind.value], amount_text(leg.amount, language)) for leg in own.legs]


def _costs(cost: Cost, language: str) -> list[Row]:
    """What is due when, and what all of it costs beyond the amount itself."""
    words, currency = TEXTS[language], cost.amount.currency
    rows = []
    for line in cost.lines:
        day = words["due_on"].format(day=day_text(line.due_on, language))
        name = words["today"] if line.kind is LineKind.DOWN_PAYMENT else day
        rows.append(Row(name, amount_text(Money(line.total, currency), language)))
    extra = Row(words["cost"], amount_text(Money(cost.interest + cost.fee, currency), language))
    return [*rows, extra, Row(words["parts_total"], amount_text(Money(cost.total, currency), language))]


def _purse(one: Possible, language: str) -> Purse:
    words, most = TEXTS[language], one.most
    if most is None or not most.minor:
        return Purse(one.kind.value, words[one.kind.value], words["nothing_there"], is_empty=True)
    hint = words["up_to"].format(most=amount_text(most, language))
    return Purse(one.kind.value, words[one.kind.value], hint, is_empty=False)


def _parts(own: OwnView | None, language: str) -> Parts | None:
    found = next((one for one in own.possible if one.kind is TenderKind.INSTALLMENTS), None) if own else None
    if found is None or not found.plans or found.most is None or not found.most.minor:
        return None
    hint = TEXTS[language]["credit_left"].format(most=amount_text(found.most, language))
    return Parts(hint, [(str(plan.id), _plan_text(plan, language)) for plan in found.plans])


def _plan_text(plan: Plan, language: str) -> str:
    return f"{plan.name} ({TEXTS[language]['parts'].format(parts=plan.terms.parts)})"


def _rest(own: OwnView, language: str) -> str:
    missing = next((leg.amount for leg in own.legs if leg.kind is TenderKind.PROVIDER), None)
    return TEXTS[language]["pay_rest"].format(amount=amount_text(missing, language)) if missing is not None else ""
