"""Array literals reach the server as the values they were made of."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specie.platform import arrays

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(st.none() | TEXT, max_size=8))
def test_any_text_comes_back_unchanged(superuser_connection: psycopg.Connection, values: list[str | None]) -> None:
    [found] = superuser_connection.execute("select %s::text[]", [arrays.texts(values)]).fetchone() or [None]
    assert found == values


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=st.dictionaries(TEXT, TEXT | st.integers() | st.booleans() | st.none(), max_size=4))
def test_any_document_comes_back_unchanged(superuser_connection: psycopg.Connection, value: dict[str, object]) -> None:
    [found] = superuser_connection.execute("select %s::jsonb[]", [arrays.documents([value, None])]).fetchone() or [None]
    assert found == [value, None]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [0, -(2**53), None]),
        ("boolean", [True, False, None]),
        ("uuid", [UUID(int=0), uuid4(), None]),
        ("timestamptz", [datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC), None]),
        ("date", [date(2026, 2, 28), None]),
    ],
)
def test_plain_values_come_back_unchanged(
    superuser_connection: psycopg.Connection, kind: str, values: list[object]
) -> None:
    row = superuser_connection.execute(f"select %s::{kind}[]", [arrays.plain(values)]).fetchone()  # type: ignore[arg-type]
    assert row is not None
    assert row[0] == values
