"""Flows of payments after the customer's yes: taken in parts, let go, given back, and disputed at the bank."""

from specie.assay.journal import Operation
from tests.faults.caller import Caller, Flow, rupiah
from tests.faults.figures import charges_in, collected, done_to, purse
from tests.faults.flows_plain import pay_at, pay_on_page

TAKEN_IN_PARTS, TAKEN_IN_DOUBT = "A table for six", "A room for two"
GIVEN_BACK, GIVEN_BACK_IN_DOUBT, DISPUTED = "A broken grinder", "A lost parcel", "An unknown charge"
GIVEN_UP = "A parcel never sent"

CHARGE_FOR = "select id from charge where description = ? order by created_at desc, rowid desc limit 1"


def sold(caller: Caller, shop: str, about: str, minor: int, **more: object) -> Operation:
    """A payment to a shop for something, which its customer makes on the hosted page."""
    body = {
        "merchant_id": caller[f"{shop}_party"],
        "reference": caller.reference(),
        "amount": rupiah(minor),
        "description": about,
        "metadata": {"simulator": "success"},
    }
    made = caller.do("payment", "/payments", body | more)
    pay_on_page(caller, made, "card")
    return made


def _reaches(caller: Caller, made: Operation, *states: str) -> str:
    path = f"/payments/{made.result}"
    caller.wait_for(path, lambda found: found["status"] in states)
    return path


def captured_in_parts(caller: Caller) -> None:
    """20,000 are authorised, 5,000 and 7,000 taken, the rest let go."""
    made = sold(caller, "capture_shop", TAKEN_IN_PARTS, 20_000, capture="manual")
    path = _reaches(caller, made, "authorized")
    for part in (5_000, 7_000):
        caller.do("part", f"{path}/captures", {"amount": rupiah(part)})
    caller.wait_for(path, lambda found: found["captured"]["amount"] == 12_000)
    caller.do("void", f"{path}/void")
    _reaches(caller, made, "paid")


def captured_in_doubt(caller: Caller) -> None:
    """The bank takes 6,000 of 20,000 and answers with an error; nobody is told, so it has to be asked."""
    words = {"simulator": "success", "simulator_capture": "lost+error_after"}
    made = sold(caller, "doubt_shop", TAKEN_IN_DOUBT, 20_000, capture="manual", metadata=words)
    path = _reaches(caller, made, "authorized")
    caller.do("part", f"{path}/captures", {"amount": rupiah(6_000), "final": True})
    caller.wait_for(path, lambda found: found["captured"]["amount"] == 6_000)


def refunded_in_parts(caller: Caller) -> None:
    """Of 20,000 first 4,000 go back, then 6,000; the bank takes its time."""
    words = {"simulator": "success", "simulator_refund": "slow"}
    made = sold(caller, "refund_shop", GIVEN_BACK, 20_000, metadata=words)
    path = _reaches(caller, made, "paid")
    for part in (4_000, 6_000):
        caller.do("refund", f"{path}/refunds", {"amount": rupiah(part), "reason": "it was broken"})


def refunded_in_doubt(caller: Caller) -> None:
    """The bank gives 9,000 back and answers with an error; nobody is told, and the shop asks as well."""
    words = {"simulator": "success", "simulator_refund": "lost+error_after"}
    made = sold(caller, "refund_doubt_shop", GIVEN_BACK_IN_DOUBT, 20_000, metadata=words)
    path = _reaches(caller, made, "paid")
    asked = caller.do("refund", f"{path}/refunds", {"amount": rupiah(9_000), "reason": "it was lost"})
    caller.do("check", f"/refunds/{asked.result}/check")


def disputed_and_lost(caller: Caller) -> None:
    """The customer's bank takes 20,000 back, and keeps them; the bank's own fee of 200 is the shop's."""
    made = sold(caller, "dispute_shop", DISPUTED, 20_000)
    path = _reaches(caller, made, "paid")
    charge = caller.at_the_bank(CHARGE_FOR, DISPUTED)
    caller.press(f"/dashboard/{charge}/dispute")
    caller.wait_for(path, lambda found: bool(found["disputes"]))
    caller.press(f"/dashboard/{charge}/dispute/lost")
    caller.wait_for(path, lambda found: found["disputes"][0]["status"] == "lost")


def disputed_and_accepted(caller: Caller) -> None:
    """The customer's bank asks for 20,000 back, and the shop gives in; the bank's answer gets lost."""
    words = {"simulator": "success", "simulator_acceptance": "lost+error_after"}
    made = sold(caller, "given_up_shop", GIVEN_UP, 20_000, metadata=words)
    path = _reaches(caller, made, "paid")
    charge = caller.at_the_bank(CHARGE_FOR, GIVEN_UP)
    caller.press(f"/dashboard/{charge}/dispute")
    found = caller.wait_for(path, lambda found: bool(found["disputes"]))
    caller.do("accept", f"/disputes/{found['disputes'][0]['id']}/accept", {"reason": "it was never sent"})
    caller.wait_for(path, lambda found: found["disputes"][0]["status"] == "lost")


def pay_by_hand(caller: Caller, payment_id: str, page: str, method: str = "card") -> None:
    """A customer goes from the hosted page to the bank's, and says yes there."""
    pay_at(caller, page, method)
    path = f"/payments/{payment_id}"
    found = caller.wait_for(path, lambda found: any(one["provider_ref"] for one in found["attempts"]))
    [charge] = [one["provider_ref"] for one in found["attempts"] if one["provider_ref"]]
    caller.press(f"/pay/{charge}/success")


FLOWS = (
    Flow(
        captured_in_parts,
        ("payments.capture.", "payments.void.", "create_capture", "void_payment"),
        {
            purse("capture_shop"): (12_000, 0),
            done_to(TAKEN_IN_PARTS, "capture"): (2, 12_000),
            charges_in("authorized", TAKEN_IN_PARTS): (0, 0),
        },
    ),
    Flow(
        captured_in_doubt,
        ("payments.capture.ask.", "payments.capture_poll."),
        {
            purse("doubt_shop"): (6_000, 0),
            done_to(TAKEN_IN_DOUBT, "capture"): (1, 6_000),
            charges_in("authorized", TAKEN_IN_DOUBT): (0, 0),
        },
    ),
    Flow(
        refunded_in_parts,
        ("payments.refund.", "payments.refund_poll.", "create_refund"),
        {
            purse("refund_shop"): (10_000, 0),
            collected(GIVEN_BACK): (1, 20_000),
            done_to(GIVEN_BACK, "refund"): (2, 10_000),
        },
    ),
    Flow(
        refunded_in_doubt,
        ("payments.refund.ask.", "payments.refund.check.", "check_refund"),
        {
            purse("refund_doubt_shop"): (11_000, 0),
            collected(GIVEN_BACK_IN_DOUBT): (1, 20_000),
            done_to(GIVEN_BACK_IN_DOUBT, "refund"): (1, 9_000),
        },
    ),
    Flow(
        disputed_and_lost,
        (),
        {
            purse("dispute_shop"): (0, 0),
            collected(DISPUTED): (1, 20_000),
            done_to(DISPUTED, "dispute"): (1, 20_000),
        },
    ),
    Flow(
        disputed_and_accepted,
        ("payments.accept.", "payments.accept_poll.", "accept_dispute"),
        {
            purse("given_up_shop"): (0, 0),
            collected(GIVEN_UP): (1, 20_000),
            done_to(GIVEN_UP, "dispute"): (1, 20_000),
        },
    ),
)
