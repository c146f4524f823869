"""The durable books of the outside parties: one JSON document a line, on the disk before anything else happens."""

import json
import os
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Told(StrEnum):
    """The three answers there are."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Operation:
    """One intended effect: what was asked under which key, and what was told in the end.

    `amounts` are the minor units its entries must move when it is done, in any order.
    """

    kind: str
    key: str
    path: str
    asked: dict[str, Any]
    amounts: list[int] = field(default_factory=list)
    told: Told = Told.UNKNOWN
    result: str = ""
    status: int = 0
    answer: str = ""
    tries: int = 0
    told_at: float = 0.0
    house: str = ""
    """Which of the tenants asked."""


class Book:
    """An append-only file of lines; each is flushed to the disk before `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self.path = path
        self.lines = 0

    def write(self, **line: Any) -> None:
        """Add a line."""
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.lines += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Journal:
    """What clients meant to do and what they were told, in a book."""

    def __init__(self, path: Path) -> None:
        self._book = Book(path)
        self.operations: list[Operation] = []
        self.oddities: list[str] = []
        self.answers: Counter[str] = Counter()

    def intend(self, operation: Operation) -> None:
        """Write an operation down before it is sent for the first time."""
        self.operations.append(operation)
        self._book.write(moment="intend", **asdict(operation))

    def settle(self, operation: Operation) -> None:
        """Write down what was told, and when (on the monotonic clock of this machine)."""
        operation.told_at = time.monotonic()
        self._book.write(
            moment="told", key=operation.key, told=operation.told, result=operation.result, tries=operation.tries
        )

    def odd(self, what: str) -> None:
        """Write down an answer that must never be given."""
        self.oddities.append(what)
        self._book.write(moment="odd", what=what)

    def close(self) -> None:
        """Close the book."""
        self._book.close()


def read_back(path: Path) -> list[dict[str, Any]]:
    """The lines of a book as they stand on the disk."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
