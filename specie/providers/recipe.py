"""Signatures as data: which values are put together in which order, and how the text becomes a signature.

Most providers sign by joining values and hashing the result. One engine does them all, so an adapter holds a recipe and
no cryptography of its own.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Algorithm = Literal["md5", "sha1", "sha256", "sha512"]
Form = Literal["hex", "HEX", "base64"]

ROUND = "<round>"
"""The name under which a recipe's first round is available to the second."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one signature is made.

    `fields` names the values to join with `separator`; a name that starts with `=` stands for the text behind it.
    `key` names the value that keys an HMAC; without it the text is only hashed, and the secret is one of the fields.
    `key_is_hex`: the key is written in hexadecimal digits. `first` is a round before this one, its result called
    ROUND.
    """

    fields: tuple[str, ...]
    algorithm: Algorithm
    separator: str = ""
    form: Form = "hex"
    key: str = ""
    key_is_hex: bool = False
    first: "Recipe | None" = None

    def text(self, values: Mapping[str, str]) -> str:
        """The text that is signed. Raises KeyError for a value nobody gave."""
        if self.first is not None:
            values = {**values, ROUND: self.first.sign(values)}
        return self.separator.join(name[1:] if name.startswith("=") else values[name] for name in self.fields)

    def sign(self, values: Mapping[str, str]) -> str:
        """The signature over the values. Raises KeyError for a value nobody gave."""
        content = self.text(values).encode()
        if self.key:
            key = bytes.fromhex(values[self.key]) if self.key_is_hex else values[self.key].encode()
            return _written(hmac.new(key, content, self.algorithm).digest(), self.form)
        # The providers chose the algorithm; nothing of ours relies on it beyond talking to them.
        return _written(hashlib.new(self.algorithm, content, usedforsecurity=False).digest(), self.form)

    def verifies(self, values: Mapping[str, str], given: str) -> bool:
        """Whether the signature is right, in constant time.

        An empty signature never is, nor one made with an empty key; missing values make no signature at all.
        """
        if self.key and not values.get(self.key):
            return False
        try:
            expected = self.sign(values)
        except (KeyError, ValueError):
            return False
        return bool(given) and hmac.compare_digest(expected.encode(), given.encode())


def _written(digest: bytes, form: Form) -> str:
    if form == "base64":
        return base64.b64encode(digest).decode()
    return digest.hex().upper() if form == "HEX" else digest.hex()
