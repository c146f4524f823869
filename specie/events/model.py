"""A fact to publish; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from specie.kernel.ids import PartyId


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact about one object at one version. `data` holds ids and amounts, never personal data in clear.

    An event that belongs to a journal entry shares the entry's uuid, given as `id`.
    """

    type: str
    subject: tuple[str, str]
    version: int
    data: Mapping[str, Any]
    id: UUID | None = None
    party_id: PartyId | None = None
    schema_version: int = 1
