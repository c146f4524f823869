"""What only time brings about: the sandbox's clock moves on, and everything that was left lying falls due.

Each flow leaves something unfinished, moves the clock and sees it end. They run by themselves, since a clock that has
moved on would end what the other flows have just begun.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.faults.caller import Caller, Flow, rupiah
from tests.faults.figures import (
    account,
    cashback_of,
    collected,
    collected_for,
    owed_in_parts,
    paid_out,
    purse,
    rows,
)
from tests.faults.flows_credit import accept, offered
from tests.faults.flows_payments import sold
from tests.faults.ground import ACCOUNTS

_DAY = 86_400
SETTLED = "A week of coffee"
_INVOICES = "select count(*) from specie.billing_invoice where customer_id = %s and state <> 'draft'"
_CARDS = "select count(*) from specie.payment_method where party_id = %s and state = 'active'"


def _later(caller: Caller, days: int) -> None:
    for _ in range(days):
        caller.do("clock", "/sandbox/clock/advance", {"seconds": _DAY}, patience=20.0)


def _until(caller: Caller, path: str, wanted: Callable[[Any], bool], most_days: int) -> None:
    for _ in range(most_days):
        _later(caller, 1)
        if wanted(caller.read(path)):
            return


def left_lying(caller: Caller) -> None:
    """An offer nobody accepts, a purchase nobody pays, a payout nobody approves, and cashback nobody spends."""
    offered(caller, "time_shop", "time_asker", 5_000)
    body = {"merchant_id": caller["time_shop_party"], "customer_id": caller["time_asker_party"], "valid_hours": 1}
    caller.do("open", "/purchases", body | {"reference": caller.reference(), "amount": rupiah(3_000)})
    body = {"beneficiary_id": caller["time_asker_account"], "reference": caller.reference(), "amount": rupiah(60_000)}
    caller.log_in("owner")
    caller.do("payout", "/payouts", body, owner="owner")
    body = {"merchant_id": caller["time_shop_party"], "party_id": caller["time_earner_party"], "status": "confirmed"}
    caller.do("told", "/cashback/purchases", body | {"external_id": caller.reference(), "amount": rupiah(9_000)})
    _later(caller, 8)


def parts_fall_due(caller: Caller) -> None:
    """Both parts of 8,000 are collected from the purse when their weeks are over."""
    order = offered(caller, "time_shop", "time_buyer", 8_000)
    accept(caller, order, "time_shop", 8_000)
    _later(caller, 16)


def card_pays_the_parts(caller: Caller) -> None:
    """Both parts of 8,000 fall due, the purse is empty, and the saved card is charged 4,000 for each, once."""
    party = caller["card_buyer_party"]
    saved = caller.do("card", "/payment-methods", {"party_id": party, "kind": "card", "agreed_to": "Take the parts."})
    cards = f"/payment-methods?party_id={party}"
    caller.wait_for(cards, lambda found: {"id": saved.result, "status": "active"}.items() <= found["data"][0].items())
    order = offered(caller, "card_shop", "card_buyer", 8_000)
    accept(caller, order, "card_shop", 8_000)
    _until(caller, order, lambda found: found["state"] == "paid", 40)


def invoice_recurs(caller: Caller) -> None:
    """A customer is invoiced 5,000 by the week for two weeks: two invoices, each once."""
    begins = date.fromisoformat(caller.soon(_DAY)[:10])
    lines = [{"description": "Beans by the week", "quantity": "1", "unit_price": rupiah(5_000)}]
    body = {"customer_id": caller["subscriber_party"], "currency": "IDR", "lines": lines, "unit": "week"}
    days = {"starts_on": begins.isoformat(), "ends_on": (begins + timedelta(days=7)).isoformat()}
    made = caller.do("recur", "/billing/recurring-invoices", body | days)
    _until(caller, f"/billing/recurring-invoices/{made.result}", lambda found: found["state"] == "ended", 12)


def merchant_is_settled(caller: Caller) -> None:
    """A merchant's 30,000 leave for its account once, with the next run; the runs after it find nothing."""
    terms = {"merchant_id": caller["settled_shop_party"], "currency": "IDR", "delay_days": 0}
    terms |= {"beneficiary_id": caller["settled_shop_account"]}
    caller.log_in("owner")
    caller.do("terms", "/settlement-terms", terms, method="PUT", owner="owner")
    made = sold(caller, "settled_shop", SETTLED, 30_000)
    caller.wait_for(f"/payments/{made.result}", lambda found: found["status"] == "paid")
    _later(caller, 4)
    body = {"merchant_id": caller["settled_shop_party"], "currency": "IDR"}
    caller.do("settle", "/settlements", body, may_be_refused=True)


FLOWS = (
    Flow(
        left_lying,
        ("approvals.expire.", "purchases.expire.", "installments.expire.", "cashback."),
        {
            purse("time_asker"): (0, 0),
            paid_out(ACCOUNTS["time_asker"]): (0, 0),
            cashback_of("time_earner_party"): (0,),
        },
        moves_clock=True,
    ),
    Flow(
        parts_fall_due,
        ("installments.page.", "installments.day."),
        {purse("time_buyer"): (-8_000, 0), owed_in_parts("time_buyer_party"): (0,)},
        moves_clock=True,
    ),
    Flow(
        card_pays_the_parts,
        ("payments.method.", "payments.charge_saved.", "payments.charge.", "installments.collect."),
        {
            rows("saved cards", _CARDS, "card_buyer_party"): (1,),
            collected_for("Installment of"): (2, 8_000),
            purse("card_buyer"): (0, 0),
            purse("card_shop"): (8_000, 0),
            owed_in_parts("card_buyer_party"): (0,),
        },
        moves_clock=True,
    ),
    Flow(
        invoice_recurs,
        ("billing.recurring.",),
        {
            rows("invoices of the subscriber", _INVOICES, "subscriber_party"): (2,),
            account("asset:billing:receivable:%"): (-10_000,),
            account("income:billing:sales"): (10_000,),
        },
        moves_clock=True,
    ),
    Flow(
        merchant_is_settled,
        ("settlement.", "settle_now"),
        {
            collected(SETTLED): (1, 30_000),
            paid_out(ACCOUNTS["settled_shop"]): (1, 30_000),
            purse("settled_shop"): (0, 0),
        },
        moves_clock=True,
    ),
)
