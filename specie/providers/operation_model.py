"""What may be done to a charge afterwards, as providers tell of it: a capture of its money, a refund of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from specie.kernel.ids import CallbackId, ConnectionId
from specie.kernel.money import Money
from specie.providers.model import Trust


class OperationState(StrEnum):
    """Where an operation stands at the provider, in our words. `unmapped`: in a word we do not know."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class ProviderOperation:
    """An operation on a charge as the provider tells of it. `provider_ref` is its own id, never the charge's.

    Where the provider does not tell our reference of the charge, `charge_reference` is empty and `charge_ref` its id.
    """

    reference: str
    provider_ref: str
    charge_reference: str
    state: OperationState
    raw_state: str
    amount: Money
    fee: Money | None
    occurred_at: datetime | None
    charge_ref: str = ""


@dataclass(frozen=True, slots=True)
class OperationFact:
    """What a provider says has happened to one operation on a charge."""

    connection_id: ConnectionId
    reference: str
    provider_ref: str
    charge_reference: str
    event_key: str
    state: OperationState
    raw_state: str
    amount: Money | None
    fee: Money | None
    occurred_at: datetime | None
    trust: Trust
    must_requery: bool
    callback_id: CallbackId | None = None
    charge_ref: str = ""
    """The provider's id of the charge, where it does not tell our reference."""

    @classmethod
    def told(cls, operation: ProviderOperation, connection_id: ConnectionId) -> Self:
        """The fact in an answer to our own question or order."""
        return cls(
            connection_id=connection_id,
            reference=operation.reference,
            provider_ref=operation.provider_ref,
            charge_reference=operation.charge_reference,
            event_key="",
            state=operation.state,
            raw_state=operation.raw_state,
            amount=operation.amount,
            fee=operation.fee,
            occurred_at=operation.occurred_at,
            trust=Trust.QUERIED,
            must_requery=False,
            charge_ref=operation.charge_ref,
        )
