"""What the simulator can be told to do, and what a charge of its book says of itself. No I/O, no clock."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FEE_BASIS_POINTS = {"qr": 70, "virtual_account": 50, "ewallet": 150, "card": 290}
LATE_SECONDS = 3
SECOND = 1


class Play(StrEnum):
    """What happens to a charge: by its scenario at once, or by a button on its page."""

    SUCCESS = "success"
    DECLINE = "decline"
    TIMEOUT = "timeout"
    LATE = "late"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    LOST = "lost"
    BEFORE_ANSWER = "before_answer"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    BAD_SIGNATURE = "bad_signature"
    FOREIGN_KEY = "foreign_key"
    STALE_SIGNATURE = "stale_signature"
    CONTRADICTED = "contradicted"
    ODD_STATE = "odd_state"


class Mischief(StrEnum):
    """What happens to an order for a charge on the wire."""

    NO_ANSWER = "no_answer"
    """Accepted; the answer comes much later than anybody waits."""
    CUT = "cut"
    """Accepted; the connection breaks in the middle of the answer."""
    ERROR_AFTER = "error_after"
    """Accepted; the answer is a 500."""
    ERROR_BEFORE = "error_before"
    """Not accepted; the answer is a 500."""
    REFUSE = "refuse"
    """Not accepted, and said so."""
    SOFT = "soft_refuse"
    """Not accepted, and said that another provider might."""
    FORGET = "forget"
    """The idempotency keys are forgotten before the order is read."""


class Signing(StrEnum):
    """How a callback is signed."""

    RIGHT = "right"
    BAD = "bad"
    FOREIGN = "foreign"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Charge:
    """A row of the simulator's book; amounts in minor units, moments in seconds of the simulator's clock."""

    id: str
    account: str
    reference: str
    amount: int
    currency: str
    kind: str
    description: str
    state: str
    fee: int
    scenario: str
    callback_url: str
    return_url: str
    created_at: int
    expires_at: int
    occurred_at: int | None
    is_manual: int = 0
    """Whether a success only authorises it, to be captured later."""

    @property
    def is_open(self) -> bool:
        """Whether the customer can still pay."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Note:
    """One callback to send: which state it tells, after how many seconds, how it is signed, how often."""

    state: str
    after_seconds: int = 0
    signing: Signing = Signing.RIGHT
    copies: int = 1
    amount_change: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What a play does: the state the charge ends in, and the callbacks that tell of it."""

    state: str
    notes: tuple[Note, ...]
    amount_change: int = 0
    currency: str = ""


ACTS: dict[Play, Act] = {
    Play.SUCCESS: Act("paid", (Note("paid"),)),
    Play.DECLINE: Act("declined", (Note("declined"),)),
    Play.TIMEOUT: Act("expired", (Note("expired"),)),
    Play.LATE: Act("paid", (Note("expired"), Note("paid", after_seconds=LATE_SECONDS))),
    Play.DOUBLED: Act("paid", (Note("paid", copies=2),)),
    Play.REORDERED: Act("paid", (Note("paid"), Note("open", after_seconds=SECOND))),
    Play.LOST: Act("paid", ()),
    Play.BEFORE_ANSWER: Act("paid", (Note("paid"),)),
    Play.WRONG_AMOUNT: Act("paid", (Note("paid"),), amount_change=-1),
    Play.WRONG_CURRENCY: Act("paid", (Note("paid"),), currency="USD"),
    Play.BAD_SIGNATURE: Act("paid", (Note("paid", signing=Signing.BAD),)),
    Play.FOREIGN_KEY: Act("paid", (Note("paid", signing=Signing.FOREIGN),)),
    Play.STALE_SIGNATURE: Act("paid", (Note("paid", signing=Signing.STALE),)),
    Play.CONTRADICTED: Act("paid", (Note("paid"), Note("declined", after_seconds=SECOND))),
    Play.ODD_STATE: Act("open", (Note("under_review_by_unit_7"),)),
}


def plays(scenario: str) -> tuple[Play | None, Mischief | None]:
    """Read a scenario such as `success` or `no_answer+success`; `manual` and unknown words mean nothing."""
    words = set(scenario.split("+"))
    play = next((play for play in Play if play.value in words), None)
    mischief = next((mischief for mischief in Mischief if mischief.value in words), None)
    return play, mischief


def other_currency(currency: str, wanted: str) -> str:
    """The wanted currency, or another one when the charge has that already."""
    return "EUR" if currency == wanted else wanted


def fee_of(kind: str, amount: int) -> int:
    """What the simulator keeps of a paid charge, rounded down to minor units."""
    return amount * FEE_BASIS_POINTS[kind] // 10_000


def public(charge: Charge, page_url: str, *, state: str | None = None) -> dict[str, Any]:
    """A charge as the API and the callbacks tell of it."""
    shown = state or charge.state
    paid = shown == "paid"
    return {
        "id": charge.id,
        "reference": charge.reference,
        "amount": charge.amount,
        "currency": charge.currency,
        "kind": charge.kind,
        "state": shown,
        "fee": charge.fee if paid else None,
        "expires_at": charge.expires_at,
        "occurred_at": charge.occurred_at,
        "action": action(charge, page_url),
    }


def action(charge: Charge, page_url: str) -> dict[str, str]:
    """What the customer has to do. Whoever scans the code lands on the charge's own page."""
    if charge.kind == "qr":
        return {"kind": "qr_string", "text": page_url, "url": page_url}
    if charge.kind == "virtual_account":
        number = str(int(charge.id.removeprefix("chg_"), 16))[-12:]
        return {"kind": "virtual_account", "bank": "Simulator Bank", "number": number, "url": page_url}
    return {"kind": "redirect", "url": page_url}
