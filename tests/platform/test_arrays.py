"""Arrays reach the server as the values they were made of."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specie.platform import arrays

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)


def returned(connection: psycopg.Connection, kind: str, array: arrays.Array) -> object:
    row = connection.execute(f"select %b::{kind}[]", [array]).fetchone()  # type: ignore[call-overload]
    return row[0]


@REUSED
@given(values=st.lists(st.none() | TEXT, max_size=8))
def test_any_text_comes_back_unchanged(superuser_connection: psycopg.Connection, values: list[str | None]) -> None:
    assert returned(superuser_connection, "text", arrays.texts(values)) == values


@REUSED
@given(value=st.dictionaries(TEXT, TEXT | st.integers(-(2**53), 2**53) | st.booleans() | st.none(), max_size=4))
def test_any_document_comes_back_unchanged(superuser_connection: psycopg.Connection, value: dict[str, object]) -> None:
    assert returned(superuser_connection, "jsonb", arrays.documents([value, None])) == [value, None]


@pytest.mark.parametrize(
    ("kind", "make", "values"),
    [
        ("bigint", arrays.bigints, [0, -(2**53), 2**63 - 1, None]),
        ("integer", arrays.integers, [0, -(2**31), None]),
        ("boolean", arrays.booleans, [True, False]),
        ("uuid", arrays.uuids, [UUID(int=0), uuid4(), None]),
        ("timestamptz", arrays.moments, [datetime(1999, 3, 1, 12, 0, 0, 123456, tzinfo=UTC), None]),
        ("date", arrays.days, [date(2028, 2, 29), date(1999, 12, 31), None]),
        ("text", arrays.texts, []),
    ],
)
def test_typed_values_come_back_unchanged(
    superuser_connection: psycopg.Connection,
    kind: str,
    make: Callable[[Sequence[Any]], arrays.Array],
    values: list[object],
) -> None:
    assert returned(superuser_connection, kind, make(values)) == values
