"""A tenant leaves as one file and comes back whole; a file that is anything else leaves nothing behind."""

import asyncio
import gzip
import io
import json
import tarfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from specie import events, ledger, parties
from specie.app import backup
from specie.app.cli import app
from specie.app.cli.exit_codes import ExitCode
from specie.app.tenant_archive import ArchiveRefused, archive_store, form, take_in, taking_in, write_archive
from specie.app.verify import verify
from specie.app.wiring import build
from specie.identity import store as identity_store
from specie.identity.scopes import system_scope
from specie.kernel.errors import NotFound
from specie.kernel.ids import PartyId
from specie.ledger import read_store
from specie.parties import PartyKind
from specie.platform.config import Settings, SettingsInvalid
from specie.platform.db import Database
from tests.app.callers import organisation
from tests.app.test_cli import environment
from tests.ledger.books import open_account, post
from tests.support.server import DatabaseUrls, ServerForTests

Parts = dict[str, bytes]
FILE = "documents/one"


@dataclass(frozen=True)
class Source:
    """An installation with two tenants, of which one leaves."""

    settings: Settings
    urls: DatabaseUrls
    archive: Path
    party: PartyId


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def source(
    settings: Settings, database: Database, database_urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Source]:
    services = build(settings)
    for slug in ("stays", "leaves"):
        made = await organisation(services, slug)
        scope = system_scope(made.live)
        cash = await open_account(database, scope, "asset:cash", "KWD")
        held = await open_account(database, scope, "liability:wallet", "KWD", floor=0)
        for _ in range(3):
            await post(database, scope, (cash, held, 7), (held, cash, 1))
        async with database.begin(scope) as uow:
            known = {"name": "Sari Dewi"}
            sari = await parties.create_party(
                uow, services.vault, kind=PartyKind.PERSON, roles=["customer"], known=known
            )
    async with database.system() as uow:
        await events.number_pending(uow, limit=1000)
    async with database.system() as uow:
        await ledger.seal_pending(uow)
    await services.db.close()
    with psycopg.connect(database_urls.superuser) as connection:
        connection.execute(_DOCUMENT, {"key": FILE, "slug": "leaves"})
    await services.storage.put(FILE, b"sealed")
    target = tmp_path_factory.mktemp("archive") / "leaves.tar.gz"
    await asyncio.to_thread(write_archive, settings, database_urls.superuser, "leaves", target)
    yield Source(settings, database_urls, target, sari.id)


_DOCUMENT = """
insert into specie.crm_file (tenant_id, id, party_id, sealed_for, name, media_type, size, storage_key, created_at,
       created_by)
select p.tenant_id, gen_random_uuid(), p.id, p.id, 'x', 'image/png', 6, %(key)s, now(), 'test'
  from specie.party p join specie.tenant t on t.id = p.tenant_id where t.slug = %(slug)s
"""


@contextmanager
def elsewhere(source: Source, server: ServerForTests, folder: Path) -> Iterator[tuple[Settings, DatabaseUrls]]:
    """A new installation with the same keys and nothing in it."""
    name = server.create_database()
    urls = server.urls(name)
    backup.write_keys(source.settings, folder / "keys")
    backup.place_keys(folder / "other", folder / "keys")
    changed = {"state": folder / "other", "database_url": urls.app, "auditor_url": urls.auditor}
    try:
        yield source.settings.model_copy(update=changed), urls
    finally:
        server.drop_database(name)


def parts_of(archive: Path) -> Parts:
    with tarfile.open(archive) as tar:
        return {about.name: tar.extractfile(about).read() for about in tar}  # type: ignore[union-attr]


def packed(parts: Parts, target: Path) -> Path:
    with tarfile.open(target, "w:gz") as tar:
        for name, data in parts.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            tar.addfile(about, io.BytesIO(data))
    return target


def rows(urls: DatabaseUrls) -> dict[str, int]:
    with psycopg.connect(urls.superuser) as connection:
        tables = [name for (name,) in connection.execute(_TABLES)]
        return {name: connection.execute(f"select count(*) from specie.{name}").fetchone()[0] for name in tables}  # type: ignore[index,arg-type]


async def name_of(settings: Settings, party: PartyId) -> str:
    services = build(settings)
    try:
        tenant = await identity_store.ask_tenant_by_slug(services.db, "leaves")
        assert tenant is not None
        async with services.db.begin(system_scope(tenant)) as uow:
            return (await parties.get_party(uow, services.vault, party)).person.name
    finally:
        await services.db.close()


def files_of(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.files).rglob("*") if path.is_file()]


_TABLES = "select relname from pg_class where relnamespace = 'specie'::regnamespace and relkind = 'r'"


async def test_what_comes_in_is_what_went_out_and_nothing_of_others(
    source: Source, postgres_server: ServerForTests, tmp_path: Path
) -> None:
    with elsewhere(source, postgres_server, tmp_path) as (settings, urls):
        taken = await take_in(settings, urls.superuser, source.archive)
        assert taken.report.is_sound
        assert taken.report.counts["entries"] == 3
        assert [each["slug"] for each in taken.head.tenants] == ["leaves", "leaves-sandbox"]
        assert rows(urls)["tenant"] == 2
        assert [file.read_bytes() for file in files_of(settings)] == [b"sealed"]
        assert await name_of(settings, source.party) == "Sari Dewi"
        again = tmp_path / "again.tar.gz"
        await asyncio.to_thread(write_archive, settings, urls.superuser, "leaves", again)
        before, after = parts_of(source.archive), parts_of(again)
        assert before["manifest.json"] == after["manifest.json"]


async def test_the_tenant_goes_on_where_it_was(source: Source, postgres_server: ServerForTests, tmp_path: Path) -> None:
    with elsewhere(source, postgres_server, tmp_path) as (settings, urls):
        await take_in(settings, urls.superuser, source.archive)
        there = Database(urls.app, urls.system)
        try:
            tenant = await identity_store.ask_tenant_by_slug(there, "leaves")
            assert tenant is not None
            scope = system_scope(tenant)
            fees = await open_account(there, scope, "income:fees", "KWD")
            async with there.begin(scope) as uow:
                [cash] = await read_store.accounts_with_code(uow, "asset:cash")
            assert (cash.balance.minor, cash.version) == (18, 6)
            await post(there, scope, (cash, fees, 5))
            async with there.system() as uow:
                await events.number_pending(uow, limit=1000)
            async with there.system() as uow:
                await ledger.seal_pending(uow)
        finally:
            await there.close()
        assert (await verify(urls.auditor)).is_sound


def changed(table: str, old: bytes, new: bytes) -> Callable[[Parts], Parts]:
    return lambda parts: {
        name: data.replace(old, new, 1) if name.startswith(f"tables/specie.{table}/") else data
        for name, data in parts.items()
    }


def without(name: str) -> Callable[[Parts], Parts]:
    return lambda parts: {each: data for each, data in parts.items() if each != name}


def with_strangers_clock(parts: Parts) -> Parts:
    """One row more, of a tenant that the archive does not name."""
    head = json.loads(parts["format.json"])["tables"]["specie.tenant_clock"]
    row = (",".join(head) + "\n00000000-0000-7000-8000-00000000000f,60\n").encode()
    last = {name: parts.pop(name) for name in ("manifest.json", "manifest.sig")}
    return {**parts, "tables/specie.tenant_clock/000009.csv": row, **last}


def head_with(**values: object) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        return parts | {"format.json": json.dumps(json.loads(parts["format.json"]) | values).encode()}

    return change


REFUSED: list[tuple[Callable[[Parts], Parts], str]] = [
    (changed("posting", b",7,", b",8,"), "specie.posting is not what was written"),
    (changed("posting", b",7,", b",seven,"), "the rows do not fit specie.posting"),
    (changed("tenant", b"leaves", b"steals"), "specie.tenant is not what was written"),
    (with_strangers_clock, "specie.tenant_clock is not what was written"),
    (without("tables/specie.posting/000001.csv"), "specie.posting is not what was written"),
    (without(f"files/{FILE}"), "the files are not those"),
    (lambda parts: parts | {f"files/{FILE}": b"other!"}, "the files are not those"),
    (lambda parts: parts | {"manifest.json": parts["manifest.json"] + b" "}, "not signed by"),
    (without("manifest.sig"), "not signed by"),
    (head_with(made_at="yesterday"), "not signed by"),
    (head_with(version=2), "specie-tenant version 2"),
    (head_with(revision="0001"), "upgrade the older one first"),
    (lambda parts: {"tables/specie.tenant/000002.csv": b"x", **parts}, "does not begin with"),
    (lambda parts: parts | {"tables/specie.session/000001.csv": b"x"}, "is no part of an archive"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED, ids=[said for _, said in REFUSED])
async def test_a_file_that_was_changed_is_refused_and_nothing_of_it_kept(
    source: Source, empty: tuple[Settings, DatabaseUrls], tmp_path: Path, change: Callable[[Parts], Parts], said: str
) -> None:
    settings, urls = empty
    file = packed(change(parts_of(source.archive)), tmp_path / "changed.tar.gz")
    before = rows(urls)
    with pytest.raises(ArchiveRefused, match=said):
        await take_in(settings, urls.superuser, file)
    assert rows(urls) == before
    assert files_of(settings) == []


@pytest.fixture(scope="module")
def empty(
    source: Source, postgres_server: ServerForTests, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, DatabaseUrls]]:
    """One empty installation for all that is refused: each leaves it empty."""
    with elsewhere(source, postgres_server, tmp_path_factory.mktemp("empty")) as made:
        yield made


@pytest.mark.parametrize("name", ["format.json", f"files/{FILE}", "manifest.json"])
async def test_a_part_larger_than_is_ever_written_is_refused_unread(
    source: Source, empty: tuple[Settings, DatabaseUrls], tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, urls = empty
    parts = parts_of(source.archive)
    monkeypatch.setattr(form, "MOST_BYTES", max(len(data) for data in parts.values()))
    file = packed(parts | {name: parts[name] + b" " * form.MOST_BYTES}, tmp_path / "large.tar.gz")
    with pytest.raises(ArchiveRefused, match=f"{name} has .* bytes"):
        await take_in(settings, urls.superuser, file)
    assert files_of(settings) == []


async def test_rows_of_any_length_go_by_in_pieces(
    source: Source, postgres_server: ServerForTests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_in, "_PIECE", 7)
    with elsewhere(source, postgres_server, tmp_path) as (settings, urls):
        taken = await take_in(settings, urls.superuser, source.archive)
        assert taken.report.counts["entries"] == 3


async def test_a_note_of_the_format_is_not_read_whatever_length_it_claims(
    empty: tuple[Settings, DatabaseUrls], tmp_path: Path
) -> None:
    settings, urls = empty
    file = tmp_path / "note.tar.gz"
    note = tarfile.TarInfo("note")
    note.type, note.size = tarfile.GNUTYPE_LONGNAME, 2**40
    file.write_bytes(gzip.compress(note.tobuf(tarfile.GNU_FORMAT)))
    with pytest.raises(ArchiveRefused, match="is no part of an archive"):
        await take_in(settings, urls.superuser, file)


async def test_a_file_that_breaks_off_is_refused(
    source: Source, empty: tuple[Settings, DatabaseUrls], tmp_path: Path
) -> None:
    settings, urls = empty
    whole = gzip.decompress(source.archive.read_bytes())
    file = tmp_path / "half.tar.gz"
    file.write_bytes(gzip.compress(whole[: len(whole) // 2]))
    with pytest.raises(ArchiveRefused):
        await take_in(settings, urls.superuser, file)
    assert rows(urls)["tenant"] == 0


async def test_an_installation_with_another_master_key_refuses(
    source: Source, empty: tuple[Settings, DatabaseUrls], tmp_path: Path
) -> None:
    settings, urls = empty
    stranger = settings.model_copy(update={"state": tmp_path / "stranger"})
    with pytest.raises(ArchiveRefused, match="not signed by an installation with this master key"):
        await take_in(stranger, urls.superuser, source.archive)


async def test_an_installation_with_tenants_refuses(source: Source) -> None:
    with pytest.raises(ArchiveRefused, match="has tenants already"):
        await take_in(source.settings, source.urls.superuser, source.archive)


def test_neither_way_goes_with_a_role_that_sees_a_part(source: Source, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="superuser"):
        write_archive(source.settings, source.urls.auditor, "leaves", tmp_path / "a.tar.gz")
    with pytest.raises(NotFound, match="no tenant nobody"):
        write_archive(source.settings, source.urls.superuser, "nobody", tmp_path / "a.tar.gz")
    assert list(tmp_path.iterdir()) == []


async def test_every_table_is_said_of_whether_a_tenant_owns_it(source: Source) -> None:
    async with await psycopg.AsyncConnection.connect(source.urls.superuser) as connection:
        owned = {table.name.rpartition(".")[2] for table in await archive_store.owned_tables(connection)}
        await connection.execute("create table specie.newcomer (id int primary key)")
        with pytest.raises(archive_store.TableUnknown, match="newcomer"):
            await archive_store.owned_tables(connection)
        await connection.rollback()
    assert {"tenant", "app_user", "posting", "idempotency", "due", "procrastinate_jobs", "api_key_lookup"} <= owned
    assert not owned & archive_store.LEFT_OUT


def test_the_commands_go_both_ways(source: Source, postgres_server: ServerForTests, tmp_path: Path) -> None:
    name, file, keys = postgres_server.create_database(), tmp_path / "leaves.tar.gz", tmp_path / "keys.json"
    backup.write_keys(source.settings, keys)
    here = variables(source.urls, source.settings.state)
    there = variables(postgres_server.urls(name), tmp_path / "there")
    try:
        made = CliRunner(env=here).invoke(app, ["tenant", "export", "leaves", "--out", str(file), "--json"])
        assert made.exit_code == ExitCode.OK, made.output
        assert file.stat().st_mode & 0o077 == 0
        taking = ["tenant", "import", str(file), "--keys", str(keys), "--json"]
        taken = CliRunner(env=there).invoke(app, taking)
        assert taken.exit_code == ExitCode.OK, taken.output
        assert json.loads(taken.stdout)["rows"] == json.loads(made.stdout)["rows"]
        again = CliRunner(env=there).invoke(app, taking)
        assert again.exit_code == ExitCode.BOOKS_BROKEN
        assert "has tenants already" in json.loads(again.stdout)["error"]["message"]
    finally:
        postgres_server.drop_database(name)


def variables(urls: DatabaseUrls, state: Path) -> dict[str, str]:
    named = {"DATABASE_URL": urls.app, "SPECIE_OWNER_URL": urls.owner, "SPECIE_AUDITOR_URL": urls.auditor}
    return environment(**named, SPECIE_BACKUP_URL=urls.superuser, SPECIE_STATE=str(state))
