"""Flows of money that leaves: sent, lost sight of, declined, sent back, in a batch, with a second person, signed.

The witness is the bank: it has one payout of each, whatever was tried how often.
"""

from typing import Any

from tests.faults.caller import Caller, Flow, rupiah
from tests.faults.figures import owed_to, paid_out, purse, rows
from tests.faults.ground import ACCOUNTS

FEE = 250
_ACCOUNTS_OF_ASKER = rows(
    "verified accounts of the asker",
    "select count(*) from specie.beneficiary where party_id = %s and state = 'verified'",
    "asker_party",
)


def _asked(caller: Caller, who: str, minor: int, scenario: str = "success") -> str:
    body = {
        "beneficiary_id": caller[f"{who}_account"],
        "reference": caller.reference(),
        "amount": rupiah(minor),
        "metadata": {"simulator": scenario},
    }
    caller.log_in("owner")
    return f"/payouts/{caller.do('payout', '/payouts', body, owner='owner').result}"


def _reaches(caller: Caller, path: str, state: str) -> None:
    caller.wait_for(path, lambda found: found["status"] == state)


def paid_out_and_told_twice(caller: Caller) -> None:
    """9,000 leave; the bank calls back two times."""
    _reaches(caller, _asked(caller, "withdrawer", 9_000, "doubled"), "succeeded")


def paid_out_in_doubt(caller: Caller) -> None:
    """The bank takes the order, answers with an error and never calls back; it is asked, by a person as well."""
    path = _asked(caller, "doubter", 8_000, "error_after+lost")
    caller.do("check", f"{path}/check", owner="owner")
    _reaches(caller, path, "succeeded")


def payout_declined_and_asked_again(caller: Caller) -> None:
    """The bank refuses, the money is back; asked for again under another reference it is refused again."""
    path = _asked(caller, "decliner", 7_000, "decline")
    _reaches(caller, path, "failed")
    again = caller.do("payout", f"{path}/again", {"reference": caller.reference()}, owner="owner")
    _reaches(caller, f"/payouts/{again.result}", "failed")


def payout_sent_back(caller: Caller) -> None:
    """The bank pays and sends the money back seconds later; nobody keeps a fee of it."""
    _reaches(caller, _asked(caller, "returner", 6_000, "returned"), "returned")


def payouts_in_a_batch(caller: Caller) -> None:
    """A file of two lines."""
    lines = [f"batcher,{amount},{caller.reference()},assay" for amount in ("10.00", "20.00")]
    csv = "\n".join(["account,amount,reference,description", *lines])
    body = {"wallet_id": caller["batcher"], "name": caller.reference(), "csv": csv}
    caller.log_in("owner")
    batch = caller.do("batch", "/payout-batches", body, owner="owner").result
    caller.do("batch", f"/payout-batches/{batch}/start", owner="owner")


def payout_with_a_second_person(caller: Caller) -> None:
    """Above the line it waits until somebody else has said yes."""
    path = _asked(caller, "asker", 50_000)
    caller.log_in("finance")
    waiting = caller.read("/approvals?status=open&limit=100")["data"]
    [asked] = [one["id"] for one in waiting if one["subject"]["id"] == path.rpartition("/")[2]]
    caller.do("approve", f"/approvals/{asked}/approve", {"reason": "it is known"}, owner="finance")
    _reaches(caller, path, "succeeded")


def paid_out_by_a_server(caller: Caller) -> None:
    """A server asks with a signature, which is made anew for every try."""
    body = {
        "beneficiary_id": caller["server_account"],
        "reference": caller.reference(),
        "amount": rupiah(4_000),
        "metadata": {"simulator": "success"},
    }
    made = caller.do("payout", "/server/payouts", body, owner="server")
    _reaches(caller, f"/payouts/{made.result}", "succeeded")


def account_added(caller: Caller) -> None:
    """A new account comes into the book, and the bank is asked whose it is."""
    number = f"51{caller.random.randrange(10**9, 10**10)}88"
    body = {"party_id": caller["asker_party"], "bank_code": "014", "number": number, "label": number}
    caller.log_in("owner")
    account = f"/beneficiaries/{caller.do('account', '/beneficiaries', body, owner='owner').result}"
    caller.wait_for(account, lambda found: found["status"] == "verified")


def supplier_paid_for_two_bills(caller: Caller) -> None:
    """Two bills over 4,000 and 3,000 leave in one payout, free of charge, and are paid when it has arrived."""
    bills = [_billed(caller, "supplier", minor) for minor in (4_000, 3_000)]
    _paid(caller, "supplier", bills)
    for bill in bills:
        caller.wait_for(f"/payables/bills/{bill}", lambda found: found["state"] == "paid")


def supplier_paid_in_vain(caller: Caller) -> None:
    """The bank pays 2,000 and sends them back seconds later: they are owed again, and none is left on the way."""
    bill = _billed(caller, "far_supplier", 2_000)
    _paid(caller, "far_supplier", [bill])
    caller.wait_for("/payables/payouts", lambda found: _shows(found["data"], bill, "returned"))


def _billed(caller: Caller, who: str, minor: int) -> str:
    day = caller.soon(0)[:10]
    body = {"supplier_id": caller[f"{who}_party"], "currency": "IDR", "their_number": caller.reference()}
    body |= {"billed_on": day, "due_on": day}
    lines = [{"description": "Freight", "quantity": "1", "unit_price": rupiah(minor)}]
    return caller.do("bill", "/payables/bills", body | {"lines": lines}).result


def _paid(caller: Caller, who: str, bills: list[str]) -> None:
    caller.log_in("owner")
    body = {"beneficiary_id": caller[f"{who}_account"], "bill_ids": bills}
    caller.do("supplier_payout", "/payables/payouts", body, owner="owner")


def _shows(payouts: list[dict[str, Any]], bill: str, state: str) -> bool:
    return any(one["state"] == state and one["bills"][0]["bill_id"] == bill for one in payouts)


FLOWS = (
    Flow(
        paid_out_and_told_twice,
        ("payouts.claim.", "payouts.send.", "payouts.poll.", "request_payout"),
        {purse("withdrawer"): (-9_000 - FEE, 0), paid_out(ACCOUNTS["withdrawer"]): (1, 9_000)},
    ),
    Flow(
        paid_out_in_doubt,
        ("payouts.ask.", "payouts.poll.", "payouts.check.", "check_payout"),
        {purse("doubter"): (-8_000 - FEE, 0), paid_out(ACCOUNTS["doubter"]): (1, 8_000)},
    ),
    Flow(
        payout_declined_and_asked_again,
        ("request_again",),
        {purse("decliner"): (0, 0), paid_out(ACCOUNTS["decliner"]): (0, 0)},
    ),
    Flow(
        payout_sent_back,
        ("payouts.send.",),
        {purse("returner"): (0, 0), paid_out(ACCOUNTS["returner"]): (1, 0)},
    ),
    Flow(
        payouts_in_a_batch,
        ("payouts.batch.", "read_batch", "start_batch"),
        {purse("batcher"): (-3_000 - 2 * FEE, 0), paid_out(ACCOUNTS["batcher"]): (2, 3_000)},
    ),
    Flow(
        payout_with_a_second_person,
        ("approve.",),
        {purse("asker"): (-50_000 - FEE, 0), paid_out(ACCOUNTS["asker"]): (1, 50_000)},
    ),
    Flow(
        paid_out_by_a_server,
        ("payouts.signed.", "request_payout_signed"),
        {purse("server"): (-4_000 - FEE, 0), paid_out(ACCOUNTS["server"]): (1, 4_000)},
    ),
    Flow(
        supplier_paid_for_two_bills,
        ("record_bill", "pay_bills", "payouts.send.", "payouts.poll."),
        {owed_to("supplier_party"): (0,), paid_out(ACCOUNTS["supplier"]): (1, 7_000), purse("supplier"): (0, 0)},
    ),
    Flow(
        supplier_paid_in_vain,
        ("record_bill", "pay_bills", "payouts.send.", "payouts.poll."),
        {owed_to("far_supplier_party"): (2_000,), paid_out(ACCOUNTS["far_supplier"]): (1, 0)},
    ),
    Flow(account_added, ("payouts.inquire.", "add_beneficiary"), {_ACCOUNTS_OF_ASKER: (1,)}),
)
