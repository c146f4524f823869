"""Installments: purchases paid in parts, from a merchant's plan to the last part or its charge-off.

Owns plans, orders, the versions of their schedules, late fees, pauses, returns and payoff quotes. What is open of an
order is the balance of the order's accounts; the merchant is paid at once, in the entry in which the customer begins
to owe.
"""

from specie.installments.changing import charge_off, pause, reschedule, take_back, waive
from specie.installments.collecting import payment_ended, payment_paid
from specie.installments.errors import (
    AmountOutsidePlan,
    CostChanged,
    CreditLineBlocked,
    CreditLineExceeded,
    OfferStale,
    OrderCannotMove,
    OrderMissing,
    OrderReferenceTaken,
    PlanEnded,
    PlanMissing,
    ReturnTooLarge,
)
from specie.installments.extras import follow_begin, keep_returns
from specie.installments.invariants import INVARIANTS

# Imported so that every process that schedules this work also knows it.
from specie.installments.jobs import run_day
from specie.installments.model import CreditLine, Interest, Interval, Order, OrderId, OrderState, Plan, PlanId, Terms
from specie.installments.orders import (
    Cost,
    OfferOrder,
    accept,
    create_plan,
    get_plan,
    line_of,
    offer,
    plans_of,
    preview,
    set_line,
    still_runs,
)
from specie.installments.paying import pay, pay_off, quote, recover
from specie.installments.reserving import Reserved, begin, let_go, reserve
from specie.installments.schedule import LineKind
from specie.installments.standing import Standing, load, of_customer, of_customer_by
from specie.installments.store import entries_of

__all__ = [
    "INVARIANTS",
    "AmountOutsidePlan",
    "Cost",
    "CostChanged",
    "CreditLine",
    "CreditLineBlocked",
    "CreditLineExceeded",
    "Interest",
    "Interval",
    "LineKind",
    "OfferOrder",
    "OfferStale",
    "Order",
    "OrderCannotMove",
    "OrderId",
    "OrderMissing",
    "OrderReferenceTaken",
    "OrderState",
    "Plan",
    "PlanEnded",
    "PlanId",
    "PlanMissing",
    "Reserved",
    "ReturnTooLarge",
    "Standing",
    "Terms",
    "accept",
    "begin",
    "charge_off",
    "create_plan",
    "entries_of",
    "follow_begin",
    "get_plan",
    "keep_returns",
    "let_go",
    "line_of",
    "load",
    "of_customer",
    "of_customer_by",
    "offer",
    "pause",
    "pay",
    "pay_off",
    "payment_ended",
    "payment_paid",
    "plans_of",
    "preview",
    "quote",
    "recover",
    "reschedule",
    "reserve",
    "run_day",
    "set_line",
    "still_runs",
    "take_back",
    "waive",
]
