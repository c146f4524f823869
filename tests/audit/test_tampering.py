"""Whatever a superuser changes in a sealed trail is found, at the right number."""

import psycopg
import pytest

from specie import audit
from specie.platform.db import Database
from tests.audit.trail import act, fault_of, rows_of, seal
from tests.support.scopes import fresh_scope

pytestmark = pytest.mark.breaks_the_books

TAMPERINGS = {
    "a changed field": "update specie.audit set reason = 'x' where tenant_id = %(t)s and id = %(third)s",
    "a changed actor": "update specie.audit set actor = 'user:x' where tenant_id = %(t)s and id = %(third)s",
    "a shifted time": (
        "update specie.audit set at = at + interval '1 microsecond' where tenant_id = %(t)s and id = %(third)s"
    ),
    "a deleted row": "delete from specie.audit where tenant_id = %(t)s and id = %(third)s",
    "a deleted seal": "delete from specie.audit_seal where tenant_id = %(t)s and n = 3",
    "a changed hash": ("update specie.audit_seal set hash = sha256('x'::bytea) where tenant_id = %(t)s and n = 3"),
}


@pytest.mark.parametrize("name", list(TAMPERINGS))
async def test_verify_names_the_first_wrong_number(
    database: Database, superuser_connection: psycopg.Connection, name: str
) -> None:
    scope = fresh_scope()
    await act(database, scope, times=5)
    await seal(database)
    third = (await rows_of(database, scope))[2].id
    changed = superuser_connection.execute(TAMPERINGS[name], {"t": scope.tenant_id.uuid, "third": third})
    assert changed.rowcount == 1
    found = await fault_of(database, scope)
    assert found is not None
    assert found[0] == 3


async def test_a_cut_tail_is_found_by_the_head(database: Database, superuser_connection: psycopg.Connection) -> None:
    scope = fresh_scope()
    await act(database, scope, times=5)
    await seal(database)
    superuser_connection.execute("delete from specie.audit_seal where tenant_id = %s and n > 3", [scope.tenant_id.uuid])
    assert await fault_of(database, scope) == (4, "the chain does not end where its head says")


async def test_the_invariants_hold_and_find_a_row_slipped_in(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    await act(database, scope, times=3)
    await seal(database)
    stray = "every audit row is sealed or waiting to be, never both"
    query = audit.INVARIANTS[stray]
    before = superuser_connection.execute(query).fetchall()
    superuser_connection.execute("delete from specie.audit_seal where tenant_id = %s and n = 3", [scope.tenant_id.uuid])
    assert len(superuser_connection.execute(query).fetchall()) == len(before) + 1
