"""The text of an API key: `spc_live_` or `spc_test_`, 43 random characters, 6 of checksum; all base 62.

The checksum is for secret scanners and for refusing typing errors without a look into the database. It proves nothing.
"""

import re
import secrets
import zlib
from dataclasses import dataclass, field

from specie.kernel.scope import Mode

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_LENGTH = 43
_CHECK_LENGTH = 6
_PREFIXES = {Mode.LIVE: "spc_live_", Mode.SANDBOX: "spc_test_"}
_SHAPE = re.compile(r"(spc_(?:live|test)_)([0-9A-Za-z]{43})([0-9A-Za-z]{6})")

MARK = "spc_"
"""What every key begins with, and no other credential does."""


@dataclass(frozen=True, slots=True)
class KeyText:
    """A well-formed key. Only `secret` identifies it; the mode is checked against the tenant's."""

    mode: Mode
    secret: str = field(repr=False)

    @property
    def full(self) -> str:
        """The whole text, shown once."""
        head = _PREFIXES[self.mode] + self.secret
        return head + _checksum(head)

    @property
    def hint(self) -> str:
        """What may be shown later: prefix and last four characters."""
        return f"{_PREFIXES[self.mode]}…{self.full[-4:]}"


def new_key(mode: Mode) -> KeyText:
    """A fresh key with 256 bits from the system's generator."""
    return KeyText(mode, "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH)))


def read_key(text: str) -> KeyText | None:
    """The key in a text, or None when its form or checksum is wrong."""
    found = _SHAPE.fullmatch(text)
    if found is None or _checksum(found[1] + found[2]) != found[3]:
        return None
    mode = next(mode for mode, prefix in _PREFIXES.items() if prefix == found[1])
    return KeyText(mode, found[2])


def _checksum(head: str) -> str:
    value = zlib.crc32(head.encode())
    digits = []
    for _ in range(_CHECK_LENGTH):
        value, digit = divmod(value, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
