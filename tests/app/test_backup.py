"""A backup made while money moves comes back whole: every row, every chain; anything else is said."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specie import events, ledger
from specie.app import backup
from specie.app.backup import BackupUnsound
from specie.app.cli.exit_codes import ExitCode
from specie.kernel.scope import Scope
from specie.platform.config import Settings, SettingsInvalid
from specie.platform.db import Database
from tests.app.test_cli import specie
from tests.ledger.books import open_account, post
from tests.support.scopes import fresh_scope
from tests.support.server import DatabaseUrls, ServerForTests


@asynccontextmanager
async def moving_money(database: Database) -> AsyncIterator[Scope]:
    """Four callers post, and a sealer seals, until the block ends."""
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash", "KWD")
    wallet = await open_account(database, scope, "liability:wallet", "KWD", floor=0)
    stopping = asyncio.Event()

    async def caller() -> None:
        while not stopping.is_set():
            await post(database, scope, (cash, wallet, 5), (wallet, cash, 1))

    async def sealer() -> None:
        while not stopping.is_set():
            async with database.system() as uow:
                await events.number_pending(uow, limit=1000)
            async with database.system() as uow:
                await ledger.seal_pending(uow)
            await asyncio.sleep(0.05)

    tasks = [asyncio.create_task(work()) for work in (caller, caller, caller, caller, sealer)]
    await asyncio.sleep(0.5)
    try:
        yield scope
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


async def backed_up(settings: Settings, database: Database, urls: DatabaseUrls, target: Path) -> backup.Manifest:
    async with moving_money(database):
        made = await asyncio.to_thread(backup.back_up, settings, urls.superuser, target)
        await asyncio.sleep(0.2)
    return made


async def test_a_backup_under_load_comes_back_whole(
    settings: Settings, database: Database, database_urls: DatabaseUrls, postgres_server: ServerForTests, tmp_path: Path
) -> None:
    files = Path(settings.files)
    (files / "documents").mkdir(parents=True)
    (files / "documents" / "one").write_bytes(b"sealed")
    made = await backed_up(settings, database, database_urls, tmp_path / "backup")
    entries = made.contents["rows"]["specie.journal_entry"]
    assert entries > 0
    assert made.contents["heads"]
    with postgres_server.empty_database() as empty:
        other = settings.model_copy(update={"state": tmp_path / "other", "auditor_url": empty.auditor})
        backup.write_keys(settings, tmp_path / "keys")
        backup.place_keys(other.state, tmp_path / "keys")
        report = await asyncio.to_thread(backup.bring_back, other, empty.superuser, tmp_path / "backup")
        assert report.is_sound
        assert report.counts["entries"] == entries
        assert (Path(other.files) / "documents" / "one").read_bytes() == b"sealed"
    # More was posted after the moment of the backup, so there was a load.
    with psycopg.connect(database_urls.superuser) as connection:
        [after] = connection.execute("select count(*) from specie.journal_entry").fetchone() or [0]
    assert after > entries


async def test_keys_are_kept_apart_from_the_backup(
    settings: Settings, database: Database, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    await backed_up(settings, database, database_urls, tmp_path / "backup")
    kept = tmp_path / "keys"
    backup.write_keys(settings, kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    master = json.loads(kept.read_text())["master_key"].encode()
    written = [path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert written
    assert not [data for data in written if master in data or settings.sealing_key in data]


DIFFERENCES: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda document: document["contents"]["rows"].update({"specie.posting": 1}), "specie.posting has"),
    (lambda document: document["contents"]["heads"].clear(), "the chains of sealed blocks end elsewhere"),
    (lambda document: document.update(public_key="another"), "the master key is not the one of the backup"),
]


@pytest.mark.parametrize(("change", "said"), DIFFERENCES)
async def test_a_copy_that_differs_is_refused_with_what_differs(
    settings: Settings,
    database: Database,
    database_urls: DatabaseUrls,
    postgres_server: ServerForTests,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], Any],
    said: str,
) -> None:
    await backed_up(settings, database, database_urls, tmp_path / "backup")
    file = tmp_path / "backup" / "manifest.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    with postgres_server.empty_database() as empty:
        other = settings.model_copy(update={"auditor_url": empty.auditor})
        with pytest.raises(BackupUnsound, match=said):
            await asyncio.to_thread(backup.bring_back, other, empty.superuser, tmp_path / "backup")


def test_a_role_that_sees_only_a_part_makes_no_backup(
    settings: Settings, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    with pytest.raises(SettingsInvalid, match="SPECIE_BACKUP_URL"):
        backup.back_up(settings, database_urls.auditor, tmp_path / "backup")
    assert not list(tmp_path.glob("*backup*"))


async def test_the_commands_rehearse_a_backup_in_a_scratch_folder(
    settings: Settings, database: Database, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    async with moving_money(database):
        pass
    folder, keys = tmp_path / "backup", tmp_path / "keys.json"
    variables = {
        "DATABASE_URL": database_urls.app,
        "SPECIE_AUDITOR_URL": database_urls.auditor,
        "SPECIE_BACKUP_URL": database_urls.superuser,
        "SPECIE_STATE": str(settings.state),
    }
    made = specie("backup", str(folder), "--keys", str(keys), "--json", **variables)
    assert made.returncode == ExitCode.OK, made.stderr
    told = specie("restore", str(folder), "--check", "--keys", str(keys), "--json", **variables)
    assert told.returncode == ExitCode.OK, told.stderr
    assert json.loads(told.stdout)["entries"] == json.loads(made.stdout)["rows"]["specie.journal_entry"]
    inside = specie("backup", str(tmp_path / "b"), "--keys", str(tmp_path / "b" / "keys"), **variables)
    assert inside.returncode == ExitCode.SETTINGS
