"""Array literals for set-based inserts.

The driver's own list adaptation asks about the type of each element; a batch of many rows and columns
spends most of its time there. Columns of one kind need no asking.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID


def plain(values: Iterable[int | bool | UUID | date | datetime | None]) -> str:
    """The literal of an array of numbers, flags, uuids, dates or moments."""
    return "{" + ",".join(["NULL" if value is None else f'"{value}"' for value in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    """The literal of an array of texts, quoted so that no content can end its element."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def documents(values: Iterable[Any]) -> str:
    """The literal of an array of JSON documents; None is SQL's null, not JSON's."""
    return texts([None if value is None else json.dumps(value, separators=(",", ":")) for value in values])


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
