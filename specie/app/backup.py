"""Backup and restore: one moment of the database, the files, and what the books held, so that a copy can be proved.

Key material is never part of a backup: with it the copy would open everything, so it is written to a place of its own.
"""

import asyncio
import json
import os
import shutil
from base64 import b64encode
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from specie.app import backup_store
from specie.app.proving import PURPOSE
from specie.app.verify import Report, verify
from specie.kernel.clock import machine_now
from specie.platform import postgres_dump
from specie.platform.config import Settings, SettingsInvalid
from specie.platform.secret_files import secret_file
from specie.platform.signing import Signer

DUMP, FILES, MANIFEST = "database.dump", "files", "manifest.json"
_KEYS = ("secret_key", "master_key")


class BackupUnsound(Exception):
    """What was restored is not what was backed up; the message names the first differences."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    version: str
    public_key: str
    contents: dict[str, Any]
    has_files: bool

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a finished backup. Raises SettingsInvalid where there is none."""
        try:
            return cls(**json.loads((folder / MANIFEST).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise SettingsInvalid(f"{folder} holds no finished backup: {error}") from error


def back_up(settings: Settings, url: str, target: Path) -> Manifest:
    """Write a backup into a new folder while the platform works on; the folder appears when it is complete.

    `url` names a role that sees through row security. Raises SettingsInvalid for another role or a folder that
    exists, PostgresUnavailable when the dump fails.
    """
    if target.exists():
        raise SettingsInvalid(f"{target} exists already; name a new folder")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    unfinished.mkdir(mode=0o700, parents=True)
    try:
        manifest = _written(settings, url, unfinished)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return manifest


def _written(settings: Settings, url: str, folder: Path) -> Manifest:
    with backup_store.snapshot(url) as (connection, name):
        if not backup_store.sees_everything(connection):
            raise SettingsInvalid("SPECIE_BACKUP_URL: the role must be a superuser or have bypassrls to see every row")
        postgres_dump.dump(url, folder / DUMP, name)
        contents = backup_store.contents(connection)
    manifest = Manifest(
        made_at=machine_now().isoformat(),
        version=version("specie"),
        public_key=_public_key(settings),
        contents=contents,
        # After the dump: a file is stored before the row that names it, so none is missed.
        has_files=_copy_files(settings, folder / FILES),
    )
    document = {name: getattr(manifest, name) for name in Manifest.__slots__}
    (folder / MANIFEST).write_text(json.dumps(document, indent=2))
    return manifest


def _copy_files(settings: Settings, target: Path) -> bool:
    """Copy a folder of files; a bucket is backed up where it is."""
    if "://" in settings.files and not settings.files.startswith("file://"):
        return False
    source = Path(settings.files.removeprefix("file://"))
    if source.exists():
        shutil.copytree(source, target)
    else:
        target.mkdir()
    return True


def write_keys(settings: Settings, target: Path) -> None:
    """Write the keys the backup opens with, for its owner alone; refuses a file that exists."""
    document = {
        "secret_key": settings.signing_key.decode(),
        "master_key": b64encode(settings.sealing_key).decode(),
    }
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file)


def place_keys(state: Path, source: Path) -> None:
    """Put kept keys into an empty state folder. Raises SettingsInvalid for a file that is none of ours."""
    try:
        kept = json.loads(source.read_text())
        values = {name: str(kept[name]) for name in _KEYS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsInvalid(f"{source} holds no keys of a backup: {error}") from error
    for name, value in values.items():
        secret_file(state / "secrets" / name, lambda value=value: value)  # type: ignore[misc]


def bring_back(settings: Settings, url: str, source: Path) -> Report:
    """Restore into an empty database and prove it: what is there is what was backed up, and the books are sound.

    Raises BackupUnsound that names what differs, PostgresUnavailable when the restore fails.
    """
    manifest = Manifest.read(source)
    postgres_dump.restore(url, source / DUMP)
    if manifest.has_files:
        shutil.copytree(source / FILES, settings.files, dirs_exist_ok=True)
    with backup_store.snapshot(url) as (connection, _):
        differences = _differences(manifest.contents, backup_store.contents(connection))
    if manifest.public_key != _public_key(settings):
        differences.append("the master key is not the one of the backup")
    if differences:
        raise BackupUnsound("; ".join(differences[:5]))
    return asyncio.run(verify(settings.auditor_url, Signer(settings.sealing_key, PURPOSE).public_key))


def _differences(was: dict[str, Any], is_now: dict[str, Any]) -> list[str]:
    found = [
        f"{name} is {is_now[name]}, was {was[name]}" for name in ("revision", "checkpoint") if is_now[name] != was[name]
    ]
    rows = was["rows"] | is_now["rows"]
    for table in sorted(rows):
        before, after = was["rows"].get(table), is_now["rows"].get(table)
        if before != after:
            found.append(f"{table} has {after} rows, had {before}")
    if is_now["heads"] != was["heads"]:
        found.append("the chains of sealed blocks end elsewhere")
    return found


def _public_key(settings: Settings) -> str:
    return b64encode(Signer(settings.sealing_key, PURPOSE).public_key).decode()
