"""Flows over wallets and the ledger, and payments of every ending."""

import json

import httpx2

from specie.assay.journal import Operation
from tests.faults.caller import Caller, Flow, rupiah


def transfer(caller: Caller) -> None:
    """Send money twice: decided ahead, and under locks because something else has moved the wallet in between."""
    sender = caller["sender"]
    body = {"from_wallet_id": sender, "to": {"wallet_id": caller["recipient"]}, "amount": rupiah(11)}
    caller.do("transfer", "/transfers", body, [11])
    placed = caller.do("hold", f"/wallets/{sender}/holds", {"amount": rupiah(15), "reason": "a table"}, [15])
    caller.do("transfer", "/transfers", body, [11])
    caller.do("release", f"/holds/{placed.result}/release", {}, [15])


def scheduled_transfer(caller: Caller) -> None:
    payer, payee = caller["plain_payer"], caller["plain_payee"]
    body = {"from_wallet_id": payer, "to": {"wallet_id": payee}, "amount": rupiah(12)}
    # On a slow machine the time may have passed before the request is read, and it is refused.
    caller.do("scheduled", "/transfers", body | {"scheduled_for": caller.soon(8)}, may_be_refused=True)


def hold(caller: Caller) -> None:
    payer, payee = caller["plain_payer"], caller["plain_payee"]
    placed = caller.do("hold", f"/wallets/{payer}/holds", {"amount": rupiah(13), "reason": "a table"}, [13])
    taken = {"to_wallet_id": payee, "amount": rupiah(3)}
    caller.do("capture", f"/holds/{placed.result}/capture", taken, [3])
    caller.do("release", f"/holds/{placed.result}/release", {}, [10])


def hold_that_runs_out(caller: Caller) -> None:
    payer = caller["plain_payer"]
    body = {"amount": rupiah(14), "reason": "a table", "expires_at": caller.soon(8)}
    caller.do("hold", f"/wallets/{payer}/holds", body, [14])


def bulk(caller: Caller) -> None:
    code = f"expense:assay:{caller.random.getrandbits(40)}"
    debit, credit = (caller.do("account", "/ledger/accounts", {"code": f"{code}:{n}", "currency": "IDR"}) for n in "ab")
    moves = [{"debit_account": debit.result, "credit_account": credit.result, "amount": rupiah(n)} for n in (1, 2, 3)]
    entries = [{"description": "Assay", "postings": [move]} for move in moves]
    caller.do("bulk", "/ledger/entries/bulk", {"entries": entries}, [1, 2, 3])


def overdraft(caller: Caller) -> None:
    """Take more out of an account than its floor allows, which is refused."""
    code = f"asset:assay:{caller.random.getrandbits(40)}"
    full = caller.do("account", "/ledger/accounts", {"code": f"{code}:full", "currency": "IDR", "floor": 0})
    other = caller.do("account", "/ledger/accounts", {"code": f"{code}:other", "currency": "IDR"})
    move = {"debit_account": other.result, "credit_account": full.result, "amount": rupiah(5)}
    entry = {"description": "Assay", "postings": [move]}
    caller.do("bulk", "/ledger/entries/bulk", {"entries": [entry]}, [5], may_be_refused=True)


def payment(caller: Caller) -> None:
    pay_on_page(caller, ordered(caller, "success"))


def payment_without_callback(caller: Caller) -> None:
    made = ordered(caller, "lost")
    pay_on_page(caller, made)
    caller.do("check", f"/payments/{made.result}/check", {}, owner="merchant")


def payment_that_has_to_be_asked_for(caller: Caller) -> None:
    pay_on_page(caller, ordered(caller, "lost"))


def payment_in_doubt(caller: Caller) -> None:
    pay_on_page(caller, ordered(caller, "error_after+success"))


def payment_with_a_forged_callback(caller: Caller) -> None:
    made = ordered(caller, "bad_signature")
    pay_on_page(caller, made)
    caller.do("check", f"/payments/{made.result}/check", {}, owner="merchant")


def payment_called_off(caller: Caller) -> None:
    made = ordered(caller, "manual")
    pay_on_page(caller, made)
    caller.do("cancel", f"/payments/{made.result}/cancel", {}, owner="merchant")


def top_up(caller: Caller) -> None:
    body = {"amount": rupiah(15_000), "reference": caller.reference(), "metadata": {"simulator": "doubled"}}
    pay_on_page(caller, caller.do("top_up", "/top-ups", body | {"party_id": caller["plain_payer_party"]}))


def ordered(caller: Caller, scenario: str) -> Operation:
    body = {"amount": rupiah(16_000), "reference": caller.reference(), "metadata": {"simulator": scenario}}
    return caller.do("payment", "/payments", body, owner="merchant")


def pay_on_page(caller: Caller, made: Operation, method: str = "qr") -> None:
    """A customer opens the payment's page, pays, and waits."""
    pay_at(caller, httpx2.URL(json.loads(made.answer)["checkout_url"]).path, method)


def pay_at(caller: Caller, page: str, method: str = "qr") -> None:
    """A customer opens a hosted page, pays, and waits."""
    caller.visit(page)
    caller.visit(f"{page}/pay", {"method": method})
    # What the page asks for while the customer waits.
    caller.visit(f"/api/v1/checkout/{page.rpartition('/')[2]}")


FLOWS = tuple(
    map(
        Flow,
        (
            *(transfer, scheduled_transfer, hold, hold_that_runs_out, bulk, overdraft),
            *(payment, payment_in_doubt, payment_without_callback, payment_with_a_forged_callback),
            *(payment_that_has_to_be_asked_for, payment_called_off, top_up),
        ),
    )
)
