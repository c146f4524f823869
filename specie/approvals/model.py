"""Requests for approval, their states, and who may decide; no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from specie.approvals.errors import ApprovalEnded, MakerCannotDecide
from specie.kernel.ids import ApprovalId, PartyId
from specie.kernel.money import Money

LASTS = timedelta(days=7)


class ApprovalState(StrEnum):
    """Where a request can be."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ApprovalMove(StrEnum):
    """What can happen to a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


NEXT: dict[tuple[ApprovalState, ApprovalMove], ApprovalState] = {
    (ApprovalState.OPEN, ApprovalMove.APPROVE): ApprovalState.APPROVED,
    (ApprovalState.OPEN, ApprovalMove.REFUSE): ApprovalState.REFUSED,
    (ApprovalState.OPEN, ApprovalMove.EXPIRE): ApprovalState.EXPIRED,
    (ApprovalState.OPEN, ApprovalMove.WITHDRAW): ApprovalState.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class NewApproval:
    """A request to make. `before` and `after` say what a yes would change; nothing personal in clear."""

    kind: str
    subject: tuple[str, str]
    amount: Money | None = None
    party_id: PartyId | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    lasts: timedelta = LASTS


@dataclass(frozen=True, slots=True)
class Approval:
    """A request that a second person decides. `maker` and `checker` are people; `asked_by` may be their key."""

    id: ApprovalId
    kind: str
    subject: tuple[str, str]
    amount: Money | None
    party_id: PartyId | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    note: str
    state: ApprovalState
    asked_by: str
    maker: str
    asked_at: datetime
    expires_at: datetime
    version: int
    checker: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    def after_move(self, move: ApprovalMove) -> "Approval":
        """The request after a move. Raises ApprovalEnded."""
        state = NEXT.get((self.state, move))
        if state is None:
            raise ApprovalEnded(f"{self.id} is {self.state}", state=str(self.state))
        return replace(self, state=state, version=self.version + 1)

    def decided(self, move: ApprovalMove, checker: str, at: datetime, reason: str) -> "Approval":
        """The request after a person's decision. Raises ApprovalEnded, also past its time, or MakerCannotDecide."""
        changed = self.after_move(move)
        if at >= self.expires_at:
            raise ApprovalEnded(f"{self.id} has run out", state=str(ApprovalState.EXPIRED))
        if checker == self.maker:
            raise MakerCannotDecide("you asked for this yourself; somebody else has to decide")
        return replace(changed, checker=checker, decided_at=at, reason=reason)


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """From which amount on a kind of act needs a second person; in minor units of one currency."""

    kind: str
    above: Money
