"""The form of an archive, version 1: a compressed tar whose parts come in this order.

`format.json` (the head), `files/…` (as they are stored, sealed), `tables/<name>/<number>.csv` (at most eight megabytes
each, with a line of names), `manifest.json` (rows and SHA-256 of each table, SHA-256 of each file, the ends of the
chains and of the feeds), and `manifest.sig`: the signature over head and manifest of the installation that wrote them.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

FORMAT, VERSION = "specie-tenant", 1
HEAD, MANIFEST, SIGNATURE = "format.json", "manifest.json", "manifest.sig"
FILES, TABLES = "files/", "tables/"
PART_BYTES = 8_000_000
MOST_BYTES = 64_000_000
"""The most that a stored file, the head or the manifest has: these are held whole, rows go by in pieces."""
PURPOSE = "tenant archives"
"""What the key is derived for that signs them."""

Manifest = dict[str, Any]


class ArchiveRefused(Exception):
    """The file is not what an installation with this master key wrote, or does not fit; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Head:
    """What an archive says before anything else. `tables` names the columns of each, in their order."""

    format: str
    version: int
    specie: str
    revision: str
    made_at: str
    tenants: list[dict[str, str]]
    tables: dict[str, list[str]]

    def text(self) -> bytes:
        """As it stands in the file."""
        return json.dumps(asdict(self), indent=2).encode()

    @classmethod
    def read(cls, data: bytes) -> "Head":
        """The head. Raises ArchiveRefused for what is none, or is of another version."""
        try:
            said = json.loads(data)
            head = cls(**said)
        except (ValueError, TypeError) as error:
            raise ArchiveRefused(f"this is no archive of a tenant: {error}") from error
        if (head.format, head.version) != (FORMAT, VERSION):
            raise ArchiveRefused(f"this is {head.format} version {head.version}, not {FORMAT} version {VERSION}")
        return head


def table_part(table: str, number: int) -> str:
    """The name of one part of a table's rows."""
    return f"{TABLES}{table}/{number:06}.csv"


def names_line(columns: list[str]) -> bytes:
    """What every part of a table begins with."""
    return (",".join(columns) + "\n").encode()


def signed_over(head: bytes, manifest: bytes) -> bytes:
    """What the signature is over; the length keeps the two apart."""
    return len(head).to_bytes(8, "big") + head + manifest
