"""What the simulator can be told to do with a payout, and what one says of itself. No I/O, no clock."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from specie.providers.simulator.rules import LATE_SECONDS, SECOND, Act, Mischief, Note

FEES = {"bank_account": 2_500, "ewallet": 1_000}
HOLDERS = ("BUDI SANTOSO", "SITI RAHAYU", "ANDI WIJAYA", "DEWI LESTARI", "RUDI HARTONO", "MAYA SARI")
_MISSING, _SILENT = "0404", "0408"


class PayoutPlay(StrEnum):
    """What happens to a payout: by a word of its scenario, or by the last digits of the account number."""

    SUCCESS = "success"
    DECLINE = "decline"
    LATE = "late"
    RETURNED = "returned"
    DOUBLED = "doubled"
    LOST = "lost"
    STUCK = "stuck"
    CONTRADICTED = "contradicted"
    ODD_STATE = "odd_state"


@dataclass(frozen=True, slots=True)
class SimulatedPayout:
    """A row of the simulator's book; the amount in minor units, moments in seconds of the simulator's clock."""

    id: str
    account: str
    reference: str
    amount: int
    currency: str
    rail: str
    bank_code: str
    number: str
    name: str
    state: str
    fee: int
    callback_url: str
    created_at: int
    occurred_at: int | None


ACTS: dict[PayoutPlay, Act] = {
    PayoutPlay.SUCCESS: Act("paid", (Note("paid"),)),
    PayoutPlay.DECLINE: Act("failed", (Note("failed"),)),
    PayoutPlay.LATE: Act("paid", (Note("processing"), Note("paid", after_seconds=LATE_SECONDS))),
    PayoutPlay.RETURNED: Act("returned", (Note("paid"), Note("returned", after_seconds=LATE_SECONDS))),
    PayoutPlay.DOUBLED: Act("paid", (Note("paid", copies=2),)),
    PayoutPlay.LOST: Act("paid", ()),
    PayoutPlay.STUCK: Act("processing", ()),
    PayoutPlay.CONTRADICTED: Act("paid", (Note("paid"), Note("failed", after_seconds=SECOND))),
    PayoutPlay.ODD_STATE: Act("processing", (Note("under_review_by_unit_7"),)),
}
BY_DIGITS = {
    "0001": (PayoutPlay.DECLINE, None),
    "0002": (PayoutPlay.SUCCESS, Mischief.NO_ANSWER),
    "0003": (PayoutPlay.LATE, None),
    "0004": (PayoutPlay.RETURNED, None),
    "0005": (PayoutPlay.DOUBLED, None),
    "0006": (PayoutPlay.LOST, None),
    "0007": (PayoutPlay.STUCK, None),
}


def payout_plays(scenario: str, number: str) -> tuple[PayoutPlay, Mischief | None]:
    """What a scenario such as `no_answer+lost` says, else what the account number's last digits say."""
    words = set(scenario.split("+"))
    play = next((play for play in PayoutPlay if play.value in words), None)
    mischief = next((mischief for mischief in Mischief if mischief.value in words), None)
    by_digits = BY_DIGITS.get(number[-4:], (PayoutPlay.SUCCESS, None))
    if play is None and mischief is None:
        return by_digits
    return play or PayoutPlay.SUCCESS, mischief


def holder_of(number: str) -> str | None:
    """Whose account the simulator says it is; None: there is no such account."""
    return None if number.endswith(_MISSING) else HOLDERS[sum(number.encode()) % len(HOLDERS)]


def is_silent(number: str) -> bool:
    """Whether the simulator's bank gives no answer about this account."""
    return number.endswith(_SILENT)


def public(payout: SimulatedPayout, *, state: str | None = None) -> dict[str, Any]:
    """A payout as the API and the callbacks tell of it."""
    shown = state or payout.state
    return {
        "id": payout.id,
        "reference": payout.reference,
        "amount": payout.amount,
        "currency": payout.currency,
        "state": shown,
        "fee": payout.fee if shown in ("paid", "returned") else None,
        "occurred_at": payout.occurred_at,
    }
