"""Somebody whose name is sealed is found by the beginnings of its words, and by nobody else's key."""

import psycopg
import pytest
from sqlalchemy.dialects import postgresql

from specie import parties
from specie.kernel.ids import PartyId
from specie.kernel.scope import Scope
from specie.parties import PartyKind, jobs, store
from specie.parties.finding import look_up
from specie.parties.model import beginnings, searched_beginnings
from specie.platform.db import Database
from specie.platform.jobs import JobContext
from tests.parties.conftest import VAULT
from tests.support.scopes import fresh_scope


async def add(database: Database, scope: Scope, name: str, *roles: str, **known: str) -> PartyId:
    async with database.begin(scope) as uow:
        asked = {"name": name} | known
        made = await parties.create_party(uow, VAULT, kind=PartyKind.COMPANY, roles=roles or ["customer"], known=asked)
    return made.id


async def found(database: Database, scope: Scope, text: str, role: str | None = None) -> list[PartyId]:
    async with database.begin(scope) as uow:
        page = await parties.list_parties(uow, VAULT, kyc_state=None, role=role, after=None, limit=20, text=text)
    return [one.id for one in page.items]


def test_a_name_is_known_by_beginnings_without_case_accents_and_signs() -> None:
    assert beginnings("É'l Ño-x") == {"el", "no", "x"}
    assert beginnings("Abc Abd") == {"ab", "abc", "abd"}


def test_a_letter_that_is_still_being_typed_narrows_nothing() -> None:
    assert searched_beginnings("budi S") == ["budi"]
    assert searched_beginnings("S") == ["s"]
    assert searched_beginnings(" .,- ") == []


@pytest.mark.parametrize("text", ["toko", "MAJU", "ma to", "jay", "tòko májû", "maju-jaya toko"])
async def test_a_party_is_found_by_the_beginnings_of_the_words_of_its_name(database: Database, text: str) -> None:
    scope = fresh_scope()
    toko = await add(database, scope, "Toko Maju-Jaya")
    await add(database, scope, "Toko Mundur")
    assert toko in await found(database, scope, text)


@pytest.mark.parametrize("text", ["t", "oko", "tokoo", "toko mundur", "toko jaya x1", "..."])
async def test_what_no_word_begins_with_finds_nobody(database: Database, text: str) -> None:
    scope = fresh_scope()
    await add(database, scope, "Toko Maju-Jaya")
    assert await found(database, scope, text) == []


async def test_the_newest_come_first_and_a_role_narrows_a_search(database: Database) -> None:
    scope = fresh_scope()
    older = await add(database, scope, "Warung Satu", "supplier")
    newer = await add(database, scope, "Warung Dua", "customer", "supplier")
    await add(database, scope, "Warung Tiga", "customer")
    assert await found(database, scope, "warung", "supplier") == [newer, older]


async def test_a_search_goes_on_where_its_page_ended(database: Database) -> None:
    scope = fresh_scope()
    everybody = [await add(database, scope, f"Warung {number}") for number in range(3)]
    async with database.begin(scope) as uow:
        first = await parties.list_parties(uow, VAULT, kyc_state=None, role=None, after=None, limit=2, text="war")
        rest = await parties.list_parties(
            uow, VAULT, kyc_state=None, role=None, after=first.next_key, limit=2, text="war"
        )
    assert [one.id for one in [*first.items, *rest.items]] == everybody[::-1]


async def test_a_tax_number_is_found_however_it_is_grouped(database: Database) -> None:
    scope = fresh_scope()
    toko = await add(database, scope, "Toko", tax_number="01.234.567.8-901.000")
    await add(database, scope, "Warung", tax_number="01.234.567.8-901.001")
    assert await found(database, scope, "012345678901000") == [toko]


async def test_whole_contacts_and_ids_find_the_same_way(database: Database) -> None:
    scope = fresh_scope()
    toko = await add(database, scope, "Toko", email="toko@example.com", phone="+62 812 9876 5432")
    for text in ("TOKO@example.com", "0812 9876 5432", str(toko)):
        assert await found(database, scope, text) == [toko]


async def test_another_tenant_finds_nobody_with_the_same_words(database: Database) -> None:
    scope, other = fresh_scope(), fresh_scope()
    mine, theirs = await add(database, scope, "Toko Maju"), await add(database, other, "Toko Maju")
    assert (await found(database, scope, "toko"), await found(database, other, "toko")) == ([mine], [theirs])


async def test_one_beginning_has_another_digest_in_another_tenant(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    ids = [await add(database, fresh_scope(), "Toko") for _ in range(2)]
    rows = superuser_connection.execute(
        "select digest from specie.party_term where party_id = any(%s)", [[one.uuid for one in ids]]
    ).fetchall()
    assert len({digest for (digest,) in rows}) == len(rows) == 6


async def test_a_limited_caller_finds_nobody_else(database: Database) -> None:
    scope = fresh_scope()
    mine, _ = await add(database, scope, "Toko Satu"), await add(database, scope, "Toko Dua")
    assert await found(database, fresh_scope(scope.tenant_id, party_id=mine), "toko") == [mine]


async def test_a_new_name_is_found_and_the_old_one_is_not(database: Database) -> None:
    scope = fresh_scope()
    toko = await add(database, scope, "Toko Maju")
    async with database.begin(scope) as uow:
        await parties.change_party(uow, VAULT, toko, {"name": "Toko Baru"})
    assert (await found(database, scope, "baru"), await found(database, scope, "maju")) == ([toko], [])


async def test_nothing_is_left_to_find_of_who_was_erased(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    toko = await add(database, scope, "Toko Maju", tax_number="0123456789")
    async with database.begin(scope) as uow:
        assert await parties.erase(uow, toko, reason="asked to be forgotten") is None
    assert await found(database, scope, "toko") == []
    rows = superuser_connection.execute("select 1 from specie.party_term where party_id = %s", [toko.uuid])
    assert rows.fetchall() == []


async def test_those_who_were_here_before_become_findable_and_the_erased_stay_forgotten(
    database: Database, superuser_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = fresh_scope()
    known = [await add(database, scope, f"Toko {number}") for number in ("Satu", "Dua", "Tiga")]
    async with database.begin(scope) as uow:
        assert await parties.erase(uow, known[1], reason="asked to be forgotten") is None
    superuser_connection.execute("delete from specie.party_term where tenant_id = %s", [scope.tenant_id.uuid])
    assert await found(database, scope, "toko") == []

    monkeypatch.setattr(jobs, "_AT_ONCE", 1)
    context = JobContext(database, scope, {"vault": VAULT})
    after: str | None = None
    for _ in range(2):
        await jobs.find_names(context, after)
        after = superuser_connection.execute(
            "select args->'arguments'->>'after' from jobs.procrastinate_jobs where args->>'tenant_id' = %s"
            " order by id desc limit 1",
            [str(scope.tenant_id)],
        ).fetchone()[0]  # type: ignore[index]
    assert await found(database, scope, "toko") == [known[2], known[0]]


async def test_a_search_reads_its_page_from_the_index_of_beginnings(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        common = await look_up(uow, VAULT, "toko")
        rare = await look_up(uow, VAULT, "toko mundur")
    with superuser_connection.transaction(force_rollback=True):
        superuser_connection.execute("set local session_replication_role = replica")
        for statement in CROWD.split(";\n"):
            superuser_connection.execute(statement, {"tenant": scope.tenant_id.uuid, "digests": [*rare.terms]})
        superuser_connection.execute("set local role specie_app")
        superuser_connection.execute("select set_config('app.tenant_id', %s, true)", [str(scope.tenant_id.uuid)])
        async with database.begin(scope) as uow:
            queries = [
                store.search_query(uow, each, kyc_state=None, role="customer", after=None, limit=20)
                for each in (common, rare)
            ]
        for query in queries:
            compiled = query.compile(dialect=postgresql.psycopg.dialect())
            plan = [row[0] for row in superuser_connection.execute(f"explain {compiled}", compiled.params)]
            assert any("party_term_pkey" in line for line in plan), "\n".join(plan)
            assert not any("Seq Scan" in line or "Sort" in line for line in plan[3:]), "\n".join(plan)


# What is made here is never committed, so nothing has to fit together but what the planner looks at.
CROWD = """
insert into specie.party (tenant_id, id, kind, roles, person, kyc_state, version, created_at)
select %(tenant)s, uuidv7(), 'company', '{customer}', '', 'unverified', 1, now() from generate_series(1, 5000);
insert into specie.party_key (tenant_id, party_id, wrapped)
select tenant_id, id, '' from specie.party where tenant_id = %(tenant)s;
insert into specie.party_term (tenant_id, digest, party_id)
select tenant_id, digest, id from specie.party, unnest(%(digests)s::bigint[]) digest
 where tenant_id = %(tenant)s and uuid_hash(id) %% 20 = 0;
analyze specie.party, specie.party_key, specie.party_term
"""
