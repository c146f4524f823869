"""What is open of documents by how long it has been due: of invoices here, and of suppliers' bills alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from specie.kernel.ids import PartyId, PrefixedId

BUCKETS: Sequence[tuple[str, int]] = (("not_due", 0), ("1_30", 30), ("31_60", 60), ("61_90", 90))
"""Names of the steps and the most days of lateness in each; what is later is `over_90`."""
OLDEST = "over_90"


def bucket_of(due_on: date, day: date) -> str:
    """In which step something due on a date is on a day."""
    late = (day - due_on).days
    return next((name for name, most in BUCKETS if late <= most), OLDEST)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """What was open of one document, in minor units."""

    id: PrefixedId
    party_id: PartyId
    number: str
    due_on: date
    open_minor: int


@dataclass(frozen=True, slots=True)
class PartyAges:
    """What was open with one party on the day: by step and by document, in minor units."""

    party_id: PartyId
    buckets: Mapping[str, int]
    documents: Sequence[OpenDocument]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.buckets.values())


@dataclass(frozen=True, slots=True)
class Ages:
    """What was open at the end of a day. The buckets sum to `control`: the balance of the documents' accounts."""

    day: date
    buckets: Mapping[str, int]
    parties: Sequence[PartyAges]
    control: int

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.buckets.values())


def ages_of(day: date, documents: Sequence[OpenDocument], control: int) -> Ages:
    """Open documents by age and party, who has most of it first; `control` is what the accounts held."""
    by_party = sorted(documents, key=lambda each: each.party_id.uuid)
    parties = [
        PartyAges(party, _buckets(found, day), found)
        for party, group in groupby(by_party, key=lambda each: each.party_id)
        for found in [list(group)]
    ]
    parties.sort(key=lambda one: (-one.total, str(one.party_id)))
    return Ages(day, _buckets(documents, day), parties, control)


def _buckets(documents: Sequence[OpenDocument], day: date) -> dict[str, int]:
    found = {name: 0 for name, _ in BUCKETS} | {OLDEST: 0}
    for each in documents:
        found[bucket_of(each.due_on, day)] += each.open_minor
    return found
