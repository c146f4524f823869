"""Payouts and attempts: their states, the edges between them, the judgement of a fact. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from specie.kernel.ids import (
    AttemptId,
    CallbackId,
    ConnectionId,
    EntryId,
    HoldId,
    PartyId,
    PrefixedId,
    WalletId,
)
from specie.kernel.money import Money
from specie.payouts.errors import PayoutCannotMove
from specie.providers import ErrorClass, PayoutFact, PayoutRail, PayoutState


class PayoutId(PrefixedId, prefix="po"):
    """Money that leaves."""


class BeneficiaryId(PrefixedId, prefix="ben"):
    """An account in a party's book to which its money may leave."""


class BatchId(PrefixedId, prefix="pob"):
    """Payouts that were asked for in one file."""


class State(StrEnum):
    """Where a payout stands."""

    REQUESTED = "requested"
    """Its money is set aside; a second person has to say yes."""
    APPROVED = "approved"
    """It may leave; no provider has been called for it yet."""
    SENT = "sent"
    UNKNOWN = "unknown"
    """A provider was called and nobody knows what it did. It is asked; nothing is sent again."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What moves a payout."""

    APPROVE = "approve"
    CANCEL = "cancel"
    SEND = "send"
    LOSE_SIGHT = "lose_sight"
    HEAR = "hear"
    TURN_AWAY = "turn_away"
    SUCCEED = "succeed"
    FAIL = "fail"
    RETURN = "return"


class AttemptState(StrEnum):
    """Where one try at one provider stands."""

    CREATED = "created"
    """Written down; the provider has not been called, or nobody has recorded its answer."""
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    RETURNED = "returned"
    FAILED = "failed"
    SET_ASIDE = "set_aside"
    """Money left that does not fit the payout; it stands in suspense."""


LIVE_ATTEMPTS = frozenset({AttemptState.CREATED, AttemptState.PENDING, AttemptState.UNKNOWN})
LIVE = frozenset({State.REQUESTED, State.APPROVED, State.SENT, State.UNKNOWN})

# The same edges stand in the migration, where a trigger holds everybody to them.
EDGES: dict[tuple[State, Move], State] = {
    (State.REQUESTED, Move.APPROVE): State.APPROVED,
    (State.REQUESTED, Move.CANCEL): State.CANCELLED,
    (State.APPROVED, Move.CANCEL): State.CANCELLED,
    (State.APPROVED, Move.SEND): State.SENT,
    (State.SENT, Move.TURN_AWAY): State.APPROVED,
    (State.UNKNOWN, Move.TURN_AWAY): State.APPROVED,
    (State.SENT, Move.LOSE_SIGHT): State.UNKNOWN,
    (State.UNKNOWN, Move.HEAR): State.SENT,
    (State.SENT, Move.SUCCEED): State.SUCCEEDED,
    (State.UNKNOWN, Move.SUCCEED): State.SUCCEEDED,
    (State.SENT, Move.FAIL): State.FAILED,
    (State.UNKNOWN, Move.FAIL): State.FAILED,
    (State.SUCCEEDED, Move.RETURN): State.RETURNED,
}

_FINAL_ATTEMPTS = (AttemptState.RETURNED, AttemptState.SET_ASIDE)
ATTEMPT_EDGES: frozenset[tuple[AttemptState, AttemptState]] = frozenset(
    [
        (AttemptState.CREATED, AttemptState.PENDING),
        (AttemptState.CREATED, AttemptState.UNKNOWN),
        (AttemptState.UNKNOWN, AttemptState.PENDING),
        *((live, AttemptState.FAILED) for live in LIVE_ATTEMPTS),
        *((live, AttemptState.SUCCEEDED) for live in LIVE_ATTEMPTS),
        (AttemptState.SUCCEEDED, AttemptState.RETURNED),
        *((state, AttemptState.SET_ASIDE) for state in (*LIVE_ATTEMPTS, AttemptState.FAILED)),
    ]
)


def moved(payout_id: PayoutId, state: State, move: Move) -> State:
    """The state after a move. Raises PayoutCannotMove."""
    target = EDGES.get((state, move))
    if target is None:
        raise PayoutCannotMove(f"a payout that is {state} cannot {move}", payout_id=str(payout_id), state=str(state))
    return target


@dataclass(frozen=True, slots=True)
class Payout:
    """Money that leaves a wallet. `amount` arrives, `fee` is what we take beside it; both are held from the start."""

    id: PayoutId
    party_id: PartyId
    wallet_id: WalletId
    beneficiary_id: BeneficiaryId
    hold_id: HoldId
    reference: str
    amount: Money
    fee: Money
    description: str
    state: State
    version: int
    source: str
    requested_by: str
    created_at: datetime
    updated_at: datetime
    batch_id: BatchId | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    needs_approval: bool = False
    entry_id: EntryId | None = None
    return_entry_id: EntryId | None = None
    provider_fee: Money | None = None
    ended_at: datetime | None = None
    failure: str | None = None
    attention: str | None = None

    @property
    def total(self) -> Money:
        """What leaves the wallet."""
        return self.amount + self.fee


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one provider. `leased_until` is machine time: until then its call may still be under way."""

    id: AttemptId
    payout_id: PayoutId
    connection_id: ConnectionId
    number: int
    state: AttemptState
    tries: int
    created_at: datetime
    updated_at: datetime
    leased_until: datetime
    provider_ref: str | None = None
    reason: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether it may still lead to money without anybody sending anew."""
        return self.state in LIVE_ATTEMPTS


def reference_of(attempt_id: AttemptId) -> str:
    """Our reference at the provider: 32 characters of A-Z and 0-9, which every provider takes."""
    return attempt_id.uuid.hex.upper()


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way of a payout or an attempt."""

    machine: str
    subject: str
    seq: int
    from_state: str | None
    to_state: str
    at: datetime
    cause: str
    callback_id: CallbackId | None


class BeneficiaryState(StrEnum):
    """Whether money may leave to an account."""

    CHECKING = "checking"
    VERIFIED = "verified"
    REJECTED = "rejected"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """An account in a party's book. `hint` is what may be shown of its number."""

    id: BeneficiaryId
    party_id: PartyId
    rail: PayoutRail
    bank_code: str
    hint: str
    label: str
    state: BeneficiaryState
    created_at: datetime
    usable_from: datetime
    version: int
    checked_at: datetime | None = None
    connection_id: ConnectionId | None = None


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What is sealed of a beneficiary."""

    number: str = field(repr=False)
    holder_name: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Terms:
    """What applies to a tenant's payouts. `fee_fixed` and `minimum` are in minor units by currency."""

    fee_rate: Decimal = Decimal(0)
    fee_fixed: Mapping[str, int] = field(default_factory=dict)
    minimum: Mapping[str, int] = field(default_factory=dict)
    rounding: str = "ROUND_HALF_UP"
    cool_off_seconds: int = 86_400


def fee_for(terms: Terms, amount: Money) -> Money:
    """What is taken for paying out an amount: rate and fixed part, rounded once."""
    fixed = Money(terms.fee_fixed.get(amount.currency.code, 0), amount.currency)
    return amount.rate(terms.fee_rate, terms.rounding) + fixed


def portion(available: Money, percent: int, terms: Terms) -> Money:
    """The largest amount that, with its fee, fits into this part of what is available."""
    budget = available.minor * percent // 100
    fixed = terms.fee_fixed.get(available.currency.code, 0)
    minor = max(int(Decimal(budget - fixed) // (1 + terms.fee_rate)), 0)
    # A rate that rounds up could take a unit too much; the next smaller amount then fits.
    while minor > 0 and minor + fee_for(terms, Money(minor, available.currency)).minor > budget:
        minor -= 1
    return Money(minor, available.currency)


@dataclass(frozen=True, slots=True)
class Route:
    """How one connection is used for payouts; no throttle means as fast as they come.

    Lower positions are tried first; at one position the order of the connections decides.
    """

    connection_id: ConnectionId
    is_enabled: bool = True
    per_minute: int | None = None
    position: int = 0


# A refusal of these kinds says nothing against the payout itself: another provider may take it.
_ELSEWHERE = frozenset(
    {
        ErrorClass.PROVIDER_DOWN,
        ErrorClass.RATE_LIMITED,
        ErrorClass.UNSUPPORTED,
        ErrorClass.LIMIT,
        ErrorClass.AUTH,
    }
)


def may_go_elsewhere(error_class: ErrorClass) -> bool:
    """Whether a certain refusal leaves the payout worth trying at another provider."""
    return error_class in _ELSEWHERE


class Ruling(StrEnum):
    """What a fact means for a payout."""

    SUCCEED = "succeed"
    RETURN = "return"
    FAIL = "fail"
    PROGRESS = "progress"
    SET_ASIDE = "set_aside"
    ATTENTION = "attention"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ruling and, where it is not plain, why."""

    ruling: Ruling
    reason: str = ""


def judge(payout: Payout, attempt: Attempt, fact: PayoutFact, *, is_booked: bool) -> Verdict:
    """What a fact means. `is_booked`: that this very payout has left has been posted before, whoever told of it."""
    if fact.state is PayoutState.UNMAPPED:
        return Verdict(Ruling.ATTENTION if attempt.is_live else Ruling.NOTHING, "unmapped_state")
    if fact.state is PayoutState.SUCCEEDED:
        return Verdict(Ruling.NOTHING, "booked before") if is_booked else _judge_money(payout, attempt, fact)
    if fact.state is PayoutState.RETURNED:
        return _judge_return(payout, attempt, fact, is_booked=is_booked)
    if fact.state is PayoutState.PENDING:
        waiting = attempt.state in (AttemptState.CREATED, AttemptState.UNKNOWN)
        return Verdict(Ruling.PROGRESS if waiting else Ruling.NOTHING)
    # A late "failed" never takes back what has left, nor ends twice.
    return Verdict(Ruling.FAIL if attempt.is_live else Ruling.NOTHING)


def _judge_return(payout: Payout, attempt: Attempt, fact: PayoutFact, *, is_booked: bool) -> Verdict:
    if is_booked:
        came_back = payout.state is State.SUCCEEDED and attempt.state is AttemptState.SUCCEEDED
        return Verdict(Ruling.RETURN if came_back else Ruling.NOTHING)
    left = _judge_money(payout, attempt, fact)
    return Verdict(Ruling.RETURN) if left.ruling is Ruling.SUCCEED else Verdict(Ruling.ATTENTION, left.reason)


def _judge_money(payout: Payout, attempt: Attempt, fact: PayoutFact) -> Verdict:
    if fact.amount is None or not fact.provider_ref:
        return Verdict(Ruling.ATTENTION, "amount_missing")
    if fact.amount.currency.code != payout.amount.currency.code:
        return Verdict(Ruling.SET_ASIDE, "currency_mismatch")
    if fact.amount.minor != payout.amount.minor:
        return Verdict(Ruling.SET_ASIDE, "amount_mismatch")
    if not attempt.is_live or payout.state not in (State.SENT, State.UNKNOWN):
        return Verdict(Ruling.SET_ASIDE, "left_after_the_end")
    return Verdict(Ruling.SUCCEED)
