"""Problems that customers tell of: what one is, and its two states. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from specie.kernel.ids import EntryId, PartyId, PrefixedId, WalletId
from specie.kernel.money import Money


class ProblemId(PrefixedId, prefix="prb"):
    """Something a customer says is wrong with a movement of money."""


class ProblemState(StrEnum):
    """Whether somebody of the staff has answered."""

    OPEN = "open"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a customer says of a movement of its own wallet; `amount` is what moved. It moves no money by itself."""

    id: ProblemId
    party_id: PartyId
    wallet_id: WalletId
    entry_id: EntryId
    amount: Money
    is_incoming: bool
    body: str
    state: ProblemState
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None
    created_at: datetime
    created_by: str

    @property
    def version(self) -> int:
        """Grows with each change, for those who follow events."""
        return 1 if self.state is ProblemState.OPEN else 2
