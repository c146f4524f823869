"""What a judge says: every finding in the cell it falls into."""

import uuid
from collections import Counter
from dataclasses import dataclass, field

CELLS = ("lost", "doubled", "phantom", "unsettled", "altered", "odd")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(slots=True)
class Verdict:
    """What was counted, and every finding by the cell it falls into."""

    operations: int = 0
    retried: int = 0
    told: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    findings: dict[str, list[str]] = field(default_factory=lambda: {cell: [] for cell in CELLS})

    def find(self, cell: str, what: str) -> None:
        """Add a finding."""
        self.findings[cell].append(what)


def uuid_text(prefixed: str) -> str:
    """The uuid behind an id such as `pay_…`, by the published alphabet and nothing of the service."""
    value = 0
    for character in prefixed.rpartition("_")[2]:
        value = value << 5 | _ALPHABET.index(character)
    return str(uuid.UUID(int=value))
