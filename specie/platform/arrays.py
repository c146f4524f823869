"""Arrays as parameters of set-based statements, in PostgreSQL's binary form.

The driver's own list adaptation asks about the type of each element and sends text; a batch of many rows and
columns spends most of its time there. Columns of one known type need no asking, and the server no parsing. The
form is that of `array_recv` in PostgreSQL's arrayfuncs.c: dimensions, null flag, element type, bounds, elements.
"""

import struct
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

T = TypeVar("T", bound=Hashable)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(2000, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_NULL = b"\xff\xff\xff\xff"


@dataclass(frozen=True, slots=True)
class Array:
    """A one-dimensional array, ready to send: the element's type and the array in binary form."""

    element_oid: int
    data: bytes


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> Buffer:
        return obj.data


psycopg.adapters.register_dumper(Array, _ArrayDumper)


def uuids(values: Sequence[UUID | None]) -> Array:
    """`uuid[]`."""
    return _array(2950, [None if value is None else b"\0\0\0\x10" + value.int.to_bytes(16, "big") for value in values])


def bigints(values: Sequence[int | None]) -> Array:
    """`bigint[]`."""
    pack = struct.Struct(">iq").pack
    return _array(20, [None if value is None else pack(8, value) for value in values])


def integers(values: Sequence[int | None]) -> Array:
    """`integer[]`."""
    pack = struct.Struct(">ii").pack
    return _array(23, [None if value is None else pack(4, value) for value in values])


def booleans(values: Sequence[bool]) -> Array:
    """`boolean[]`."""
    return _array(16, [b"\0\0\0\x01\x01" if value else b"\0\0\0\x01\0" for value in values])


def moments(values: Sequence[datetime | None]) -> Array:
    """`timestamptz[]`, of aware moments."""
    pack = struct.Struct(">iq").pack
    return _array(1184, _each_once(values, lambda value: pack(8, (value - _EPOCH) // _MICROSECOND)))


def days(values: Sequence[date | None]) -> Array:
    """`date[]`."""
    pack = struct.Struct(">ii").pack
    return _array(1082, _each_once(values, lambda value: pack(4, (value - _EPOCH_DAY).days)))


def texts(values: Sequence[str | None]) -> Array:
    """`text[]`."""
    return _array(25, _each_once(values, _text))


def binaries(values: Sequence[bytes | None]) -> Array:
    """`bytea[]`."""
    return _array(17, [None if value is None else _sized(value) for value in values])


def documents(values: Sequence[Any]) -> Array:
    """`jsonb[]`; None is SQL's null, not JSON's."""
    return _array(3802, [None if value is None else _sized(b"\x01" + orjson.dumps(value)) for value in values])


def _each_once(values: Sequence[T | None], encode: Callable[[T], bytes]) -> list[bytes | None]:
    """The elements in binary form. A batch's columns hold the same few values over and over, so equal ones are one."""
    encoded: dict[T | None, bytes | None] = {value: None if value is None else encode(value) for value in set(values)}
    return [encoded[value] for value in values]


def _text(value: str) -> bytes:
    data = value.encode()
    return len(data).to_bytes(4, "big") + data


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _array(oid: int, elements: Sequence[bytes | None]) -> Array:
    if not elements:
        return Array(oid, struct.pack(">iii", 0, 0, oid))
    has_null = None in elements
    head = struct.pack(">iiiii", 1, has_null, oid, len(elements), 1)
    parts: Iterable[bytes] = [_NULL if part is None else part for part in elements] if has_null else elements  # type: ignore[assignment]
    return Array(oid, head + b"".join(parts))
