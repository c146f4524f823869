"""One effect and one answer per (tenant, principal, key).

The order is the same everywhere: the key's advisory lock (not granted: somebody else is on it), the stored
answers, then the work, then the answer: all in the transaction of the effect. So a crash leaves neither, and a
key is never stuck "in progress". Keys of the batcher's commands live in the journal itself, which registers as a
second place with `also_look_in`.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, func, insert, select

from specie.kernel.card_numbers import has_card_number
from specie.kernel.errors import SpecieError
from specie.platform.db import UnitOfWork
from specie.platform.tables import idempotency

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_BOUNDARY = re.compile(r"multipart/form-data\s*;.*?boundary=\"?([^\";]{8,70})", re.IGNORECASE)


class KeyRequired(SpecieError):
    """A request that moves money carries no idempotency key."""

    code = "idempotency_key_required"
    status = 400
    title = "Idempotency-Key is required"


class KeyInvalid(SpecieError):
    """The header is there, but not one key of 1 to 255 visible ASCII characters."""

    code = "idempotency_key_invalid"
    status = 400
    title = "Idempotency-Key is malformed"


class KeyReused(SpecieError):
    """The key has already answered a different request."""

    code = "idempotency_key_reused"
    status = 422
    title = "Idempotency-Key was used for another request"


class KeyInProgress(SpecieError):
    """The first request with this key is still being worked on."""

    code = "idempotency_in_progress"
    status = 409
    title = "The first request with this key is still running"
    retryable = True

    def __init__(self) -> None:
        super().__init__("repeat the request with the same key in a moment", headers={"Retry-After": "1"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What was or will be answered: status, media type and exact body."""

    status: int
    body: str
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a request asked, as digests per part, so that a reuse can name what differs without storing it."""

    parts: dict[str, str]

    def differences(self, other: dict[str, str]) -> list[str]:
        """The names of the parts that differ, sorted."""
        names = self.parts.keys() | other.keys()
        return sorted(name for name in names if self.parts.get(name) != other.get(name))


def parse_key(values: list[str]) -> str | None:
    """The key of the header's values, or None. Raises KeyInvalid for several, empty, long or non-ASCII ones."""
    if not values:
        return None
    if len(values) > 1 or not _KEY.fullmatch(values[0]):
        raise KeyInvalid("send one header of 1 to 255 visible ASCII characters")
    if has_card_number(values[0]):
        raise KeyInvalid("a card's number is no key; a random one is")
    return values[0]


def fingerprint(method: str, path: str, query: str, body: bytes) -> Fingerprint:
    """Digest method, concrete path, query and each top-level field of a JSON body (or the body's bytes)."""
    parts = {"method": method, "path": path}
    if query:
        parts["query"] = _digest(query.encode())
    return Fingerprint(parts | _body_parts(body))


def as_asked(body: bytes, content_type: str) -> bytes:
    """The body without a form's boundary: clients draw that anew for every try, and it is no part of what is asked.

    Only where it divides the form: what merely looks like it is asked. Each part comes with its length, or one that
    holds what divides another form would read like two of its parts.
    """
    boundary = _BOUNDARY.match(content_type)
    if boundary is None:
        return body
    divides = rb"(?:\A|\r\n)--" + re.escape(boundary[1].encode("latin-1")) + rb"(?=\r\n|--)"
    return b"".join(b"%d:%b" % (len(part), part) for part in re.split(divides, body))


def _body_parts(body: bytes) -> dict[str, str]:
    if not body:
        return {}
    try:
        document = orjson.loads(body)
    except ValueError:
        return {"body": _digest(body)}
    if not isinstance(document, dict):
        return {"body": _digest(_canonical(document))}
    return {f"body.{name}": _digest(_canonical(value)) for name, value in document.items()}


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


SecondPlace = Callable[[UnitOfWork, str, str], Awaitable[dict[str, str] | None]]

_second_places: list[SecondPlace] = []


def also_look_in(place: SecondPlace) -> None:
    """Register another keeper of keys: `place(uow, principal, key)` gives the fingerprint parts it holds, or None."""
    _second_places.append(place)


async def lock(uow: UnitOfWork, key: str) -> None:
    """Take the key's advisory lock for this transaction. Raises KeyInProgress at once when another one has it."""
    name = f"{uow.scope.tenant_id.uuid}/{uow.scope.principal}/{key}"
    granted = (await uow.execute(select(func.pg_try_advisory_xact_lock(lock_number(name))))).scalar_one()
    if not granted:
        raise KeyInProgress


def lock_number(name: str) -> int:
    """A signed 64-bit lock number for a name; two names share one about never, and then only wait needlessly."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


async def find(uow: UnitOfWork, key: str, asked: Fingerprint) -> Answer | None:
    """The stored answer of this key, or None. Raises KeyReused, naming what differs, for another request's key."""
    row = await _stored(uow, key)
    if row is not None:
        _require_same(asked, row.fingerprint)
        return Answer(row.status, row.body, row.media_type)
    for place in _second_places:
        parts = await place(uow, uow.scope.principal, key)
        if parts is not None:
            _require_same(asked, parts)
    return None


async def remember(uow: UnitOfWork, key: str, asked: Fingerprint, answer: Answer) -> None:
    """Store the answer in the transaction of its effect."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "principal": uow.scope.principal,
        "key": key,
        "fingerprint": asked.parts,
        "status": answer.status,
        "media_type": answer.media_type,
        "body": answer.body,
        "request_id": uow.scope.request_id.uuid,
        "created_at": uow.now,
    }
    await uow.execute(insert(idempotency).values(row))


def _require_same(asked: Fingerprint, parts: dict[str, str]) -> None:
    differing = asked.differences(parts)
    if differing:
        raise KeyReused(f"the first request differs in: {', '.join(differing)}", differs=differing)


async def _stored(uow: UnitOfWork, key: str) -> Row[Any] | None:
    query = select(idempotency).where(
        idempotency.c.tenant_id == uow.scope.tenant_id.uuid,
        idempotency.c.principal == uow.scope.principal,
        idempotency.c.key == key,
    )
    return (await uow.execute(query)).one_or_none()
