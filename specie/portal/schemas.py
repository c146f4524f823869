"""The wire shapes of portals."""

from collections.abc import Sequence
from datetime import datetime

from specie.billing import Letter, LetterOut
from specie.kernel.ids import PartyId
from specie.platform.http import Schema
from specie.portal.model import Portal


class PortalOut(Schema):
    """Where a customer's own page is, below the platform's address (null: it has none), and the mails that told it."""

    customer_id: str
    path: str | None
    opened_at: datetime | None
    letters: list[LetterOut]

    @classmethod
    def of(cls, customer_id: PartyId, portal: Portal | None, letters: Sequence[Letter]) -> "PortalOut":
        """The wire form."""
        return cls(
            customer_id=str(customer_id),
            path=portal.path if portal else None,
            opened_at=portal.opened_at if portal else None,
            letters=[LetterOut.of(each) for each in letters],
        )
