"""Flows of credit and cashback: purchases in parts, earned and spent cashback, and purchases paid by several means."""

import json

import httpx2

from tests.faults.caller import Caller, Flow, rupiah
from tests.faults.figures import cashback_of, collected, done_to, owed_in_parts, purse
from tests.faults.flows_payments import pay_by_hand, sold

BICYCLE, FOLLOWED, UMBRELLA = "A bicycle", "Beans for a member", "An umbrella"


def bought_in_parts(caller: Caller) -> None:
    """10,000 in two parts: agreed to, 4,000 paid ahead of time, and what is left paid off."""
    order = offered(caller, "part_shop", "part_payer", 10_000)
    accept(caller, order, "part_shop", 10_000)
    caller.do("part", f"{order}/pay", {"amount": rupiah(4_000), "ahead": "next"})
    quote = json.loads(caller.do("quote", f"{order}/quote").answer)["id"]
    caller.do("part", f"{order}/payoff", {"quote_id": quote})


def offered(caller: Caller, shop: str, buyer: str, minor: int) -> str:
    """An order in parts that waits for its customer's yes."""
    body = {"plan_id": caller[f"{shop}_plan"], "customer_id": caller[f"{buyer}_party"], "amount": rupiah(minor)}
    order = caller.do("order", "/installments/orders", body | {"reference": caller.reference()})
    return f"/installments/orders/{order.result}"


def accept(caller: Caller, order: str, shop: str, minor: int) -> None:
    """The customer's yes to what it costs."""
    wanted = {"plan_id": caller[f"{shop}_plan"], "amount": rupiah(minor)}
    cost = json.loads(caller.do("preview", "/installments/preview", wanted).answer)
    caller.do("accept", f"{order}/accept", {"fingerprint": cost["fingerprint"]})


def earned_spent_and_taken_back(caller: Caller) -> None:
    """20,000 bought bring 2,000; 500 of them are spent, and goods for 5,000 go back, which takes 500 back."""
    body = {"merchant_id": caller["earn_shop_party"], "party_id": caller["earner_party"], "amount": rupiah(20_000)}
    bought = caller.do("told", "/cashback/purchases", body | {"external_id": caller.reference()})
    path = f"/cashback/purchases/{bought.result}"
    caller.do("told", f"{path}/confirm")
    caller.wait_for(path, lambda found: all(one["status"] == "available" for one in found["cashback"]))
    spent = {"merchant_id": caller["earn_shop_party"], "party_id": caller["earner_party"], "amount": rupiah(500)}
    caller.do("spend", "/cashback/payments", spent)
    caller.do("told", f"{path}/returns", {"external_id": caller.reference(), "amount": rupiah(5_000)})


def cashback_of_a_payment(caller: Caller) -> None:
    """A member pays 20,000 on the hosted page, which brings 2,000; 5,000 go back, and 500 with them."""
    member = {"name": "saver", "email": "saver@assay.example"}
    made = sold(caller, "follow_shop", FOLLOWED, 20_000, customer=member)
    caller.wait_for(f"/payments/{made.result}", lambda found: found["status"] == "paid")
    caller.do("refund", f"/payments/{made.result}/refunds", {"amount": rupiah(5_000), "reason": "too many"})


def bought_by_three_means(caller: Caller) -> None:
    """20,000: 8,000 from the wallet, 5,000 in parts, 7,000 on the hosted page. Then all of it goes back."""
    body = {"merchant_id": caller["buy_shop_party"], "customer_id": caller["buyer_party"], "title": BICYCLE}
    body |= {"reference": caller.reference(), "amount": rupiah(20_000)}
    path = f"/purchases/{caller.do('open', '/purchases', body).result}"
    wanted = {"plan_id": caller["buy_shop_plan"], "amount": rupiah(5_000)}
    cost = json.loads(caller.do("preview", "/installments/preview", wanted).answer)
    tenders = [
        {"kind": "wallet", "amount": rupiah(8_000)},
        wanted | {"kind": "installments", "fingerprint": cost["fingerprint"]},
        {"kind": "provider"},
    ]
    held = caller.do("pay", f"{path}/pay", {"tenders": tenders})
    [payment] = [leg["payment_id"] for leg in json.loads(held.answer)["legs"] if leg["kind"] == "provider"]
    pay_by_hand(caller, payment, httpx2.URL(caller.read(f"/payments/{payment}")["checkout_url"]).path)
    caller.wait_for(path, lambda found: found["status"] == "completed")
    caller.do("return", f"{path}/refunds", {"reason": "it does not fit"})


def purchase_falls_through(caller: Caller) -> None:
    """3,000 of 8,000 are set aside, the rest is to come from outside; its payment is called off, and all is let go."""
    body = {"merchant_id": caller["buy_shop_party"], "customer_id": caller["chooser_party"], "title": UMBRELLA}
    body |= {"reference": caller.reference(), "amount": rupiah(8_000)}
    path = f"/purchases/{caller.do('open', '/purchases', body).result}"
    tenders = [{"kind": "wallet", "amount": rupiah(3_000)}, {"kind": "provider"}]
    held = caller.do("pay", f"{path}/pay", {"tenders": tenders})
    [payment] = [leg["payment_id"] for leg in json.loads(held.answer)["legs"] if leg["kind"] == "provider"]
    caller.do("cancel", f"/payments/{payment}/cancel")
    caller.wait_for(path, lambda found: found["status"] == "open")
    caller.do("cancel", f"{path}/cancel")


FLOWS = (
    Flow(
        bought_in_parts,
        ("offer_order", "accept_order", "pay_order", "pay_off_order"),
        {purse("part_payer"): (-10_000, 0), purse("part_shop"): (10_000, 0), owed_in_parts("part_payer_party"): (0,)},
    ),
    Flow(
        earned_spent_and_taken_back,
        ("cashback.mature.", "record_purchase", "confirm_purchase", "return_goods", "pay_from_purses"),
        {cashback_of("earner_party"): (1_000,), purse("earn_shop"): (500, 0)},
    ),
    Flow(
        cashback_of_a_payment,
        ("cashback.follow.",),
        {cashback_of("saver_party"): (1_500,), purse("follow_shop"): (15_000, 0), collected(FOLLOWED): (1, 20_000)},
    ),
    Flow(
        bought_by_three_means,
        ("purchases.", "open_purchase", "pay_purchase", "refund_purchase"),
        {
            purse("buyer"): (0, 0),
            purse("buy_shop"): (0, 0),
            cashback_of("buyer_party"): (0,),
            owed_in_parts("buyer_party"): (0,),
            collected(BICYCLE): (1, 7_000),
            done_to(BICYCLE, "refund"): (1, 7_000),
        },
    ),
    Flow(
        purchase_falls_through,
        ("purchases.look.", "purchases.tender.released", "cancel_purchase"),
        {purse("chooser"): (0, 0), collected(UMBRELLA): (0, 0)},
    ),
)
