"""Flows of what is sold and accounted for: stock, invoices, statements, and the bank's statement."""

import json
from datetime import date, timedelta

import httpx2

from tests.faults.caller import Caller, Flow, rupiah
from tests.faults.figures import account, collected, purse, rows
from tests.faults.flows_payments import pay_by_hand, sold

RECONCILED = "A crate of cups"
_TWICE = (
    "select count(*) from (select 1 from specie.recon_line"
    " where match_id is not null group by source_id, key having count(*) > 1) twice"
)
_STATEMENTS = "select count(*), coalesce(max(n), 0) - count(*) from specie.statement"
_OLDEST, _DAYS = date(1990, 1, 1), 10_000


def goods_bought_sold_and_counted(caller: Caller) -> None:
    """Ten bags at 5,000 come, four are sold, one of them comes back, two go elsewhere, and one is missing."""
    here = {"warehouse_id": caller["warehouse"]}
    goods = {"product_id": caller["product"]}

    def moved(path: str, quantity: str, **more: object) -> str:
        body = here | {"lines": [goods | {"quantity": quantity} | more]}
        return str(json.loads(caller.do("stock", f"/stock/{path}", body).answer)["movements"][0]["id"])

    moved("receipts", "10", unit_cost=rupiah(5_000))
    sale = moved("deliveries", "4")
    caller.do("stock", f"/stock/movements/{sale}/return", {"quantity": "1"})
    elsewhere = {"to_warehouse_id": caller["other_warehouse"], "lines": [goods | {"quantity": "2"}]}
    caller.do("stock", "/stock/transfers", here | elsewhere)
    level = caller.read(f"/stock/levels?warehouse_id={caller['warehouse']}")["data"][0]
    moved("counts", str(int(level["on_hand"]) - 1))


def invoiced_paid_and_credited(caller: Caller) -> None:
    """Of an invoice over 10,000 the bank brings 3,000, 2,000 are credited, and 5,000 are paid on the hosted page."""
    lines = [{"description": "Beans", "quantity": "2", "unit_price": rupiah(5_000)}]
    body = {"customer_id": caller["invoiced_party"], "currency": "IDR", "lines": lines}
    invoice = caller.do("invoice", "/billing/invoices", body | {"reference": caller.reference()}).result
    path = f"/billing/invoices/{invoice}"
    caller.do("invoice", f"{path}/issue")
    shares = [{"invoice_id": invoice, "amount": rupiah(3_000)}]
    paid = {"customer_id": caller["invoiced_party"], "amount": rupiah(3_000), "allocations": shares}
    caller.do("receipt", "/billing/receipts", paid | {"reference": caller.reference()})
    caller.do("credit", f"{path}/credit-notes", {"reason": "stale", "lines": [{"n": 1, "quantity": "0.4"}]})
    link = json.loads(caller.do("link", f"{path}/pay-link").answer)
    pay_by_hand(caller, link["payment_id"], httpx2.URL(link["checkout_path"]).path)
    caller.wait_for(path, lambda found: found["open"]["amount"] == 0)


def statement_of_a_day(caller: Caller) -> None:
    """The statement of a day long ago."""
    day = str(_OLDEST + timedelta(days=caller.random.randrange(_DAYS)))
    body = {"party_id": caller["plain_payer_party"], "currency": "IDR", "from_day": day, "through_day": day}
    caller.do("statement", "/statements", body)


def reconciled_with_the_bank(caller: Caller) -> None:
    """A payment of 11,000 is fetched with the bank's statement, and the live balance compared."""
    begun = caller.soon(-2)
    made = sold(caller, "recon_shop", RECONCILED, 11_000)
    caller.wait_for(f"/payments/{made.result}", lambda found: found["status"] == "paid")
    sources = caller.read("/reconciliation/sources")["data"]
    [source] = [f"/reconciliation/sources/{one['id']}" for one in sources if one["kind"] == "provider"]
    caller.do("fetch", f"{source}/fetch", {"since": begun, "until": caller.soon(60)})
    caller.do("balance", f"{source}/balance")
    caller.do("run", f"{source}/run")


FLOWS = (
    Flow(
        goods_bought_sold_and_counted,
        ("receive_goods", "deliver_goods", "take_goods_back", "transfer_goods", "count_stock"),
        {
            account("asset:stock:%"): (-30_000,),
            account("expense:cost-of-goods:%"): (-15_000,),
            account("expense:stock-adjustments:%"): (-5_000,),
        },
    ),
    Flow(
        invoiced_paid_and_credited,
        ("issue_invoice", "record_receipt", "credit_invoice", "pay_link"),
        {
            account("asset:billing:receivable:%"): (0,),
            account("liability:billing:credits:%"): (0,),
            account("income:billing:sales"): (8_000,),
            account("asset:bank:billing"): (-3_000,),
        },
    ),
    Flow(
        statement_of_a_day,
        ("make_statement",),
        {rows("statements, and numbers left out", _STATEMENTS): (1, 0)},
    ),
    Flow(
        reconciled_with_the_bank,
        ("reconciliation.", "fetch_statement"),
        {
            purse("recon_shop"): (11_000, 0),
            collected(RECONCILED): (1, 11_000),
            rows("lines of statements that are matched twice", _TWICE): (0,),
        },
    ),
)
