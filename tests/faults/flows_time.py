"""What only time brings about: the sandbox's clock moves on, and everything that was left lying falls due.

Each flow leaves something unfinished, moves the clock and sees it end. They run by themselves, since a clock that has
moved on would end what the other flows have just begun.
"""

from tests.faults.caller import Caller, Flow, rupiah
from tests.faults.figures import cashback_of, collected, owed_in_parts, paid_out, purse
from tests.faults.flows_credit import accept, offered
from tests.faults.flows_payments import sold
from tests.faults.ground import ACCOUNTS

_DAY = 86_400
SETTLED = "A week of coffee"


def _later(caller: Caller, days: int) -> None:
    for _ in range(days):
        caller.do("clock", "/sandbox/clock/advance", {"seconds": _DAY}, patience=20.0)


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
