"""Wire shapes of saved ways to pay."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from specie.kernel.ids import PartyId
from specie.payments.method_model import SavedMethod
from specie.payments.saving import SaveMethod
from specie.platform.http import Schema
from specie.platform.wire import id_text
from specie.providers import ChargeKind


class MethodIn(Schema):
    """A way to pay to be kept, with the sentence to which its owner has said yes."""

    party_id: str | None = Field(None, description="Whose; needed unless the caller is a customer")
    kind: Literal["card", "ewallet"]
    agreed_to: Annotated[str, Field(min_length=1, max_length=500, pattern="^[^\\x00]*$")]
    simulator: Annotated[str, Field(max_length=60, pattern="^[a-z_+]*$")] = Field(
        "", description="In a sandbox: what the simulator does with charges to it, such as `decline`"
    )

    def command(self) -> SaveMethod:
        """The use case's input."""
        owner = id_text(PartyId, self.party_id, "party_id") if self.party_id else None
        return SaveMethod(owner, ChargeKind(self.kind), self.agreed_to, self.simulator)


class MethodOut(Schema):
    """A saved way to pay. The newest active one is charged when the wallet has too little."""

    id: str
    party_id: str
    kind: str
    label: str
    status: str = Field(description="waiting, active, refused or removed")
    failure: str | None = Field(
        description="Why it was refused, or why the last charge to it failed; customer_needed: its bank asks its owner"
    )
    page_url: str | None = Field(description="While it waits for its owner: where it is given to the provider")
    agreed_to: str
    agreed_at: datetime
    created_at: datetime

    @classmethod
    def of(cls, method: SavedMethod) -> "MethodOut":
        """The wire form; the token stays inside."""
        return cls(
            id=str(method.id),
            party_id=str(method.party_id),
            kind=method.kind.value,
            label=method.label,
            status=method.state.value,
            failure=method.failure,
            page_url=method.page_url,
            agreed_to=method.consent["text"],
            agreed_at=datetime.fromisoformat(method.consent["at"]),
            created_at=method.created_at,
        )


class MethodsOut(Schema):
    """The saved ways to pay of one party, newest first."""

    data: list[MethodOut]
    can_save: list[str] = Field(description="The kinds that a connected provider keeps", examples=[["card"]])
