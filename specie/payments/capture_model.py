"""Captures of an authorised payment: their states and what a fact means for one. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from specie.kernel.ids import AttemptId, ConnectionId, PaymentId, PrefixedId
from specie.kernel.money import Money
from specie.providers import OperationState as AtProvider


class CaptureId(PrefixedId, prefix="cap"):
    """Some of an authorised amount, taken."""


class CaptureState(StrEnum):
    """Where a capture stands."""

    CREATED = "created"
    """Drawn from what was authorised and written down; the provider has not been called, or nobody knows."""
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


LIVE_CAPTURES = frozenset({CaptureState.CREATED, CaptureState.PENDING, CaptureState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Capture:
    """One taking of some of an authorised amount. `is_final`: what is left after it is let go."""

    id: CaptureId
    payment_id: PaymentId
    attempt_id: AttemptId
    connection_id: ConnectionId
    amount: Money
    is_final: bool
    state: CaptureState
    tries: int
    created_at: datetime
    updated_at: datetime
    provider_ref: str | None = None
    failure: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether the provider may still decide it either way."""
        return self.state in LIVE_CAPTURES


def capture_reference(capture_id: CaptureId) -> str:
    """Our reference at the provider: 32 characters of A-Z and 0-9."""
    return capture_id.uuid.hex.upper()


class CaptureRuling(StrEnum):
    """What a fact means for a capture."""

    BOOK = "book"
    FAIL = "fail"
    PROGRESS = "progress"
    EXCEPTION = "exception"
    NOTHING = "nothing"


def judge_capture(capture: Capture, state: AtProvider, amount: Money | None) -> CaptureRuling:
    """What the provider's word on a capture means. Money that was taken although we had given up is for a person."""
    if state is AtProvider.UNMAPPED or (state is AtProvider.SUCCEEDED and capture.state is CaptureState.FAILED):
        return CaptureRuling.EXCEPTION
    if not capture.is_live:
        return CaptureRuling.NOTHING
    if amount is not None and amount != capture.amount:
        return CaptureRuling.EXCEPTION
    if state is AtProvider.PENDING:
        waiting = capture.state in (CaptureState.CREATED, CaptureState.UNKNOWN)
        return CaptureRuling.PROGRESS if waiting else CaptureRuling.NOTHING
    return CaptureRuling.BOOK if state is AtProvider.SUCCEEDED else CaptureRuling.FAIL
