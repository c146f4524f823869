"""Start-up: what is unsafe is named, and the process leaves before anything listens."""

import base64
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from specie.app import selfcheck
from specie.platform.config import Settings
from specie.platform.revisions import newest_revision
from tests.support.server import DatabaseUrls


@pytest.fixture
def safe(database_urls: DatabaseUrls, tmp_path: Path) -> Settings:
    return Settings(state=tmp_path, database_url=database_urls.app, system_url=database_urls.system, _env_file=None)


@pytest.fixture
def unsafe_table(owner_connection: psycopg.Connection) -> Iterator[str]:
    owner_connection.execute("alter table specie.due no force row level security")
    yield "due"
    owner_connection.execute("alter table specie.due force row level security")


def faults(settings: Settings) -> str:
    return "; ".join(selfcheck.faults(settings))


def test_a_sound_installation_has_no_fault(safe: Settings) -> None:
    assert faults(safe) == ""


def test_a_superuser_is_refused(safe: Settings, database_urls: DatabaseUrls) -> None:
    found = faults(safe.model_copy(update={"database_url": database_urls.superuser}))
    assert "specie_super is a superuser or bypasses row security" in found


def test_the_owner_of_the_tables_is_refused(safe: Settings, database_urls: DatabaseUrls) -> None:
    assert "the role owns tables" in faults(safe.model_copy(update={"database_url": database_urls.owner}))


def test_a_sweeping_role_that_sees_everything_is_refused(safe: Settings, database_urls: DatabaseUrls) -> None:
    assert "connect as specie_system" in faults(safe.model_copy(update={"system_url": database_urls.superuser}))


def test_a_table_without_forced_row_security_is_named(safe: Settings, unsafe_table: str) -> None:
    assert f"row security is not forced on {unsafe_table}" in faults(safe)


def test_a_table_whose_triggers_are_switched_off_is_named(
    safe: Settings, superuser_connection: psycopg.Connection
) -> None:
    superuser_connection.execute("alter table specie.payment disable trigger all")
    try:
        assert "triggers are switched off on payment" in faults(safe)
    finally:
        superuser_connection.execute("alter table specie.payment enable trigger all")


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_database_that_can_lose_commits_is_refused(
    safe: Settings, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    facts = selfcheck.read_facts(safe.database_url)
    weak = type(facts)(
        facts.server_version, facts.major_version, facts.role, facts.sees_through_row_security, {setting: "off"}
    )
    monkeypatch.setattr(selfcheck, "read_facts", lambda url: weak)
    assert f"{setting} is off, so the database can lose commits" in faults(safe)


def test_a_schema_of_another_revision_is_refused(safe: Settings, superuser_connection: psycopg.Connection) -> None:
    newest = newest_revision()
    superuser_connection.execute("update specie.schema_version set version_num = '0001'")
    try:
        assert f"the schema is at 0001, this program needs {newest}" in faults(safe)
    finally:
        superuser_connection.execute(
            sql.SQL("update specie.schema_version set version_num = {}").format(sql.Literal(newest))
        )


def test_one_secret_for_two_purposes_is_refused(safe: Settings) -> None:
    class Same(Settings):
        @property
        def signing_key(self) -> bytes:
            return self.sealing_key

    key = base64.b64encode(b"k" * 32).decode()
    same = Same(
        state=safe.state,
        database_url=safe.database_url,
        system_url=safe.system_url,
        master_key=key,  # type: ignore[arg-type]
        _env_file=None,
    )
    assert "SPECIE_SECRET_KEY and SPECIE_MASTER_KEY are the same" in faults(same)


def test_an_unsafe_start_leaves_with_78_and_says_why(
    safe: Settings, database_urls: DatabaseUrls, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        selfcheck.require_safe(safe.model_copy(update={"database_url": database_urls.superuser}))
    assert left.value.code == 78
    assert "Specie does not start" in capsys.readouterr().err
