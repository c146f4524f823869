"""Typed, prefixed, time-ordered ids.

In the database an id is a `uuid` (version 7, RFC 9562); at the edge it is text such as `pay_01jx3…`: the
type's prefix and 26 characters of Crockford base 32 (the TypeID form), so that text sorts as the ids do.
"""

import os
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Self
from uuid import UUID

from specie.kernel.clock import machine_nanoseconds
from specie.kernel.errors import SpecieError

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Two characters at a time: 26 of them hold 130 bits, the first never more than three.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)
_FORM = re.compile(f"[0-7][{_ALPHABET}]{{25}}")
_AS_PYTHON_READS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")


class InvalidId(SpecieError):
    """The text is not an id of the expected kind."""

    code = "id_invalid"
    status = 422
    title = "Not an id of this kind"


_last_tick = 0


def uuid7() -> UUID:
    """A new UUID version 7, strictly increasing within one process (RFC 9562 §6.2, method 3)."""
    global _last_tick
    # Milliseconds, then twelve bits of the fraction of a millisecond, as one growing number.
    tick = max(machine_nanoseconds() * 4096 // 1_000_000, _last_tick + 1)
    _last_tick = tick
    milliseconds, fraction = tick >> 12, tick & 0xFFF
    tail = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=(milliseconds << 80) | (0x7000 | fraction) << 64 | 0x8000_0000_0000_0000 | tail)


def first_uuid7(moment: datetime) -> UUID:
    """The lowest UUID version 7 that can have been made at a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7000 << 64 | 0x8000_0000_0000_0000)


# The same few ids (a wallet, its account, the request) are written and read many times while one request lives.
@lru_cache(maxsize=8192)
def _encode(value: int) -> str:
    return "".join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])


@lru_cache(maxsize=8192)
def _decode(body: str) -> UUID:
    return UUID(int=int(body.translate(_AS_PYTHON_READS), 32))


_kinds: dict[tuple[str, str], type["PrefixedId"]] = {}


@dataclass(frozen=True, slots=True, order=True)
class PrefixedId:
    """Base of all ids. Subclasses name their prefix: `class PaymentId(PrefixedId, prefix="pay")`."""

    prefix: ClassVar[str] = ""

    uuid: UUID

    def __init_subclass__(cls, prefix: str, **kwargs: Any) -> None:
        cls.prefix = prefix
        # Decorators may make the class anew; the last one is the kind.
        _kinds[prefix, cls.__qualname__] = cls

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.uuid.int == other.uuid.int

    def __hash__(self) -> int:
        return hash(self.uuid.int)

    @classmethod
    def new(cls) -> Self:
        """A fresh id."""
        return cls(uuid7())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the edge form. Raises InvalidId for another prefix, length or alphabet."""
        prefix, _, body = text.rpartition("_")
        if prefix != cls.prefix or not _FORM.fullmatch(body):
            raise InvalidId(f"expected {cls.prefix}_ and the 26 characters of an id", param="id")
        return cls(_decode(body))

    def __str__(self) -> str:
        return f"{self.prefix}_{_encode(self.uuid.int)}"


def kinds(prefix: str) -> list[type[PrefixedId]]:
    """The kinds of ids that begin with this prefix, of all modules imported so far; empty for no such prefix."""
    return [kind for (known, _), kind in _kinds.items() if known == prefix]


def prefixes() -> list[str]:
    """Every prefix that ids of the modules imported so far begin with."""
    return sorted({prefix for prefix, _ in _kinds})


class TenantId(PrefixedId, prefix="ten"):
    """An organisation that keeps its books here."""


class UserId(PrefixedId, prefix="usr"):
    """Somebody who logs in."""


class MembershipId(PrefixedId, prefix="mem"):
    """A user's role in a tenant."""


class SessionId(PrefixedId, prefix="ses"):
    """One log-in of one user."""


class ApiKeyId(PrefixedId, prefix="key"):
    """A key with which a server calls."""


class PartyId(PrefixedId, prefix="pty"):
    """A person or company money moves to or from."""


class DocumentId(PrefixedId, prefix="doc"):
    """A file that proves something about a party."""


class AccountId(PrefixedId, prefix="acct"):
    """A place money can be."""


class EntryId(PrefixedId, prefix="txn"):
    """A journal entry."""


class WalletId(PrefixedId, prefix="wal"):
    """What a party sees of its money in one currency and purpose."""


class HoldId(PrefixedId, prefix="hold"):
    """Money set aside in an account of its own."""


class TransferId(PrefixedId, prefix="trf"):
    """Money sent from wallet to wallet."""


class PaymentId(PrefixedId, prefix="pay"):
    """The state machine around collecting money."""


class AttemptId(PrefixedId, prefix="att"):
    """One try at one provider."""


class PaymentLinkId(PrefixedId, prefix="plink"):
    """A reusable or single link that makes payments."""


class ConnectionId(PrefixedId, prefix="con"):
    """A tenant's credentials at a provider."""


class CallbackId(PrefixedId, prefix="cb"):
    """What a provider sent us."""


class CheckoutId(PrefixedId, prefix="chk"):
    """A hosted page where a customer pays."""


class EventId(PrefixedId, prefix="evt"):
    """A published fact."""


class EndpointId(PrefixedId, prefix="whk"):
    """A tenant's address for webhooks."""


class DeliveryId(PrefixedId, prefix="dlv"):
    """One event on its way to one endpoint."""


class RequestId(PrefixedId, prefix="req"):
    """One HTTP request, job or command."""


class AuditId(PrefixedId, prefix="aud"):
    """One line of who did what."""


class ApprovalId(PrefixedId, prefix="apr"):
    """A command that waits for a second person."""
