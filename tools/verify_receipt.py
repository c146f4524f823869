#!/usr/bin/env python3
"""Check a Specie receipt without Specie: one file, Python 3.11, and the `cryptography` package for the signature.

    python verify_receipt.py receipt.json --key BASE64_OF_THE_PUBLIC_KEY

A receipt holds an entry with its postings and the way from it to a signed checkpoint. Every hash on the way is
computed here from the entry itself. Take the key from where you noted it (`GET /api/v1/ledger/checkpoints/key`), not
from the receipt; without --key the signature is checked by the key in the receipt, and that is said.

With --checkpoint FILE the receipt must also be of that very checkpoint: your own copy of it.

Leaves with 0 when everything fits, 1 when anything does not, 2 when the command or the file is wrong.
"""

import argparse
import hashlib
import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ENTRY = (
    *("id", "recipe", "description", "effective_at", "recorded_at", "business_date", "actor", "request_id"),
    *("idempotency_key", "reverses", "callback_id", "approver", "metadata"),
)
_POSTING = (
    *("line", "debit_account", "credit_account", "currency", "amount_minor", "debit_version", "credit_version"),
    *("debit_balance_minor", "credit_balance_minor", "debit_floor_minor", "credit_floor_minor", "is_memo"),
    *("debit_identity", "credit_identity"),
)


Receipt = dict[str, Any]


class Wrong(Exception):
    """The receipt proves nothing; the message says at which step it breaks."""


def sha256(*parts: bytes) -> bytes:
    """The hash of the parts one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def field(value: str | None) -> bytes:
    """A value as its length and its bytes; a missing one has a length of its own."""
    if value is None:
        return b"\xff\xff\xff\xff"
    data = value.encode("utf-8")
    return len(data).to_bytes(4, "big") + data


def entry_bytes(receipt: Receipt) -> bytes:
    """The entry and its postings in the form that was sealed."""
    values = [receipt["entry"][name] for name in _ENTRY]
    values += [posting[name] for posting in receipt["postings"] for name in _POSTING]
    return b"".join(field(value) for value in values)


def root(leaf: bytes, index: int, size: int, path: list[str]) -> bytes:
    """The root of a tree of `size` leaves, from one leaf and the hashes beside its way up (RFC 6962)."""
    if not 0 <= index < size:
        raise Wrong("a place lies outside of its tree")
    found, last = leaf, size - 1
    for beside in map(bytes.fromhex, path):
        if last == 0:
            raise Wrong("a path is too long")
        if index & 1 or index == last:
            found = sha256(b"\x01", beside, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = sha256(b"\x01", found, beside)
        index, last = index >> 1, last >> 1
    if last:
        raise Wrong("a path is too short")
    return found


def tenant_bytes(text: str) -> bytes:
    """The 16 bytes of an id such as ten_…"""
    number = 0
    for letter in text.removeprefix("ten_"):
        number = number * 32 + _ALPHABET.index(letter)
    return number.to_bytes(16, "big")


def number(value: int) -> bytes:
    """A number as eight bytes."""
    return value.to_bytes(8, "big")


def note_of(text: str) -> dict[str, str]:
    """The facts of a checkpoint's note by name. Raises Wrong for another form."""
    first, *lines = text.splitlines()
    if first != "specie checkpoint 1" or not text.endswith("\n"):
        raise Wrong("the note is not that of a checkpoint")
    return dict(line.split(" ", 1) for line in lines)


def computed_root(receipt: Receipt) -> bytes:
    """From the entry up: its block, the tenant's blocks, all tenants."""
    n, block, blocks = receipt["event_n"], receipt["block"], receipt["blocks"]
    event = bytes.fromhex(receipt["event_digest"])
    if len(event) != 32:
        raise Wrong("the event's digest is not one")
    leaf = sha256(b"\x00", event, entry_bytes(receipt))
    size = block["last_n"] - block["first_n"] + 1
    block_root = root(leaf, n - block["first_n"], size, block["path"])
    numbers = number(block["first_n"]) + number(block["last_n"]) + number(block["entries"])
    sealed = block["sealed_at"].encode("ascii")
    block_hash = sha256(b"\x02", bytes.fromhex(block["previous_hash"]), numbers, block_root, sealed)
    first, last = blocks["first"], blocks["last"]
    blocks_root = root(block_hash, block["number"] - first, last - first + 1, blocks["path"])
    tenant = sha256(b"\x03", tenant_bytes(receipt["tenant_id"]), number(first), number(last), blocks_root)
    signed = receipt["checkpoint"]
    return root(tenant, signed["position"], int(note_of(signed["note"])["tenants"]), signed["path"])


def check(receipt: Receipt, key: str | None = None, checkpoint: Receipt | None = None) -> None:
    """Raises Wrong when the receipt is not proved by the key and, when given, by your copy of the checkpoint."""
    if receipt["receipt"] != 1:
        raise Wrong("a receipt of another version")
    signed = receipt["checkpoint"]
    if computed_root(receipt).hex() != note_of(signed["note"])["root"]:
        raise Wrong("the entry does not lead to the root of the checkpoint")
    public = Ed25519PublicKey.from_public_bytes(b64decode(key or signed["public_key"]))
    try:
        public.verify(b64decode(signed["signature"]), signed["note"].encode("utf-8"))
    except InvalidSignature:
        raise Wrong("the checkpoint is not signed by the key") from None
    if checkpoint is not None and checkpoint["note"] != signed["note"]:
        raise Wrong("the checkpoint is not the one of your copy")


def shown(receipt: Receipt) -> str:
    """The proved entry for people; amounts in minor units."""
    entry, note = receipt["entry"], note_of(receipt["checkpoint"]["note"])
    lines = [f"{entry['id']}  {entry['recipe']}  {entry['business_date']}  {entry['description']}"]
    for posting in receipt["postings"]:
        debit, credit = (json.loads(posting[f"{side}_identity"])[0] for side in ("debit", "credit"))
        lines.append(f"  {posting['amount_minor']} {posting['currency']}  debit {debit}  credit {credit}")
    return "\n".join([*lines, f"is in checkpoint {note['number']}, root {note['root']}."])


def main() -> int:
    """Read the command line, check, and say what was found."""
    parser = argparse.ArgumentParser(description="Check a Specie receipt without Specie.")
    parser.add_argument("receipt", type=Path)
    parser.add_argument("--key", help="the public key in base64, as you noted it")
    parser.add_argument("--checkpoint", type=Path, help="your copy of the checkpoint")
    asked = parser.parse_args()
    try:
        receipt = json.loads(asked.receipt.read_text("utf-8"))
        copy = json.loads(asked.checkpoint.read_text("utf-8")) if asked.checkpoint else None
    except (OSError, ValueError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    try:
        check(receipt, asked.key, copy)
        said = shown(receipt)
    except Wrong as error:
        print(f"NOT PROVED: {error}.")
        return 1
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, AttributeError):
        print("NOT PROVED: the receipt is not in the form of one.")
        return 1
    print(f"PROVED. {said}")
    if not asked.key:
        print(f"Checked by the key in the receipt itself: {receipt['checkpoint']['public_key']}. Compare it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
