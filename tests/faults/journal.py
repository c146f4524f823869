"""What a client was told, written down before and after each call: the book the ledger's books are held against."""

import json
import os
from dataclasses import asdict, dataclass
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
    """One intended effect: kind, key, what was asked, what was told in the end."""

    kind: str
    key: str
    asked: dict[str, Any]
    told: Told = Told.UNKNOWN
    result: str = ""
    tries: int = 0


class Journal:
    """An append-only file, flushed to the disk before each send."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self.operations: list[Operation] = []

    def intend(self, operation: Operation) -> None:
        """Write an operation down before it is sent for the first time."""
        self.operations.append(operation)
        self._write("intend", operation)

    def settle(self, operation: Operation, told: Told, result: str) -> None:
        """Write down what was told."""
        operation.told, operation.result = told, result
        self._write("told", operation)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, moment: str, operation: Operation) -> None:
        self._file.write(json.dumps({"moment": moment, **asdict(operation)}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
