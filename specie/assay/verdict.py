"""What a judge says: every finding in the cell it falls into."""

import uuid
from collections import Counter
from dataclasses import dataclass, field

from specie.assay.journal import Operation, Told

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

    def judge_made(self, operation: Operation, ids: list[str]) -> None:
        """Hold what a client was told of something it ordered against the rows (uuids) that there are of it."""
        what = f"{operation.kind} {operation.key}: told {operation.told} {operation.result}, there are {ids}"
        if len(ids) > 1:
            self.find("doubled", what)
        elif operation.told is Told.UNKNOWN:
            self.find("unsettled", what)
        elif operation.told is Told.REFUSED and ids:
            self.find("phantom", what)
        elif operation.told is Told.DONE and ids != [uuid_text(operation.result)]:
            self.find("lost", what)


def uuid_text(prefixed: str) -> str:
    """The uuid behind an id such as `pay_…`, by the published alphabet and nothing of the service."""
    value = 0
    for character in prefixed.rpartition("_")[2]:
        value = value << 5 | _ALPHABET.index(character)
    return str(uuid.UUID(int=value))
