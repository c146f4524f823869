"""Files that speak for the merchant in a dispute. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime

from specie.kernel.ids import PrefixedId
from specie.payments.dispute_model import DisputeId

MOST_FILES = 10
MOST_AN_HOUR = 50
SHRED = "payments.shred_evidence"


class EvidenceFileId(PrefixedId, prefix="dsf"):
    """A file of a dispute's evidence."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file as kept; the size is in bytes of the cleaned content."""

    id: EvidenceFileId
    dispute_id: DisputeId
    name: str
    media_type: str
    size: int
    storage_key: str
    created_at: datetime
    created_by: str
