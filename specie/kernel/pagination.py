"""Pages with signed cursors: stable under inserts, and not to be built by hand."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from specie.kernel.errors import SpecieError

T = TypeVar("T")
U = TypeVar("U")

_SIGNATURE_BYTES = 12


class InvalidCursor(SpecieError):
    """The cursor was not made by this installation for this list."""

    code = "cursor_invalid"
    status = 422
    title = "Invalid cursor"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in a stable order; `next_key` is the sort key of the last one when more follow."""

    items: Sequence[T]
    next_key: tuple[Any, ...] | None = None

    @classmethod
    def cut(cls, rows: Sequence[T], limit: int, key: Callable[[T], tuple[Any, ...]]) -> "Page[T]":
        """Make a page of at most `limit` from up to `limit + 1` rows."""
        if len(rows) <= limit:
            return cls(rows)
        return cls(rows[:limit], key(rows[limit - 1]))

    def map(self, convert: Callable[[T], U]) -> "Page[U]":
        """The same page with converted items."""
        return Page([convert(item) for item in self.items], self.next_key)


class CursorSigner:
    """Turns sort keys into opaque text and back. Keys hold text, whole numbers and None only."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def encode(self, list_name: str, key: tuple[Any, ...]) -> str:
        """Opaque, URL-safe text for a sort key of the named list."""
        body = json.dumps(key, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(list_name, body) + body).decode().rstrip("=")

    def decode(self, list_name: str, cursor: str) -> tuple[Any, ...]:
        """The sort key of a cursor. Raises InvalidCursor for text made elsewhere or for another list."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError):
            raise InvalidCursor("use next_cursor of the page before", param="cursor") from None
        signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(list_name, body)):
            raise InvalidCursor("use next_cursor of the page before", param="cursor")
        return tuple(json.loads(body))

    def _sign(self, list_name: str, body: bytes) -> bytes:
        return hmac.new(self._secret, list_name.encode() + b"\0" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
