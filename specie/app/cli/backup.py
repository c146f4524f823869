"""`specie backup` and `specie restore`: the whole installation at one moment, and the proof that it comes back."""

import shutil
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from specie.app.cli.database import DATABASE, prepared, running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain
from specie.app.cli.verify import report_data, report_text
from specie.platform.config import Settings, SettingsInvalid, load_settings
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import SUPERUSER

if TYPE_CHECKING:
    from specie.app.verify import Report


def backup_command(
    target: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    keys: Annotated[Path | None, typer.Option(help="Write the keys to this file, kept elsewhere.")] = None,
    json: Json = False,
) -> None:
    """Write the database, the files and a manifest, at one moment and while the platform works on."""
    from specie.app.backup import back_up, write_keys

    target = target.absolute()
    if keys is not None and keys.absolute().is_relative_to(target):
        raise SettingsInvalid("the keys must not lie in the backup they open")
    with running_database(load_settings()) as settings:
        if keys is not None:
            write_keys(settings, keys)
        manifest = back_up(settings, superuser_url(settings), target)
    entries = manifest.contents["rows"]["specie.journal_entry"]
    files = "" if manifest.has_files else " The bucket with the files is not part of it."
    said = f"Wrote {target}: {entries:,} entries, {len(manifest.contents['heads'])} chains.{files}"
    if keys is None:
        said += " The keys are not in it: keep the master key elsewhere, or name a file with --keys."
    answer(json, {"folder": str(target), "made_at": manifest.made_at, **manifest.contents}, said)


def restore_command(
    source: Annotated[Path, typer.Argument(help="A folder that `specie backup` wrote.")],
    keys: Annotated[Path | None, typer.Option(help="The file with the keys.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Restore to a scratch folder, prove it, throw it away.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring a backup back into an empty state folder and prove it; exit 8 when it is not what was backed up."""
    source = source.absolute()
    settings = load_settings()
    if not check:
        if (settings.state / "pg").exists():
            raise SettingsInvalid(f"{settings.state} holds a database already; set SPECIE_STATE to an empty folder")
        report = _restored(settings, source, keys, json)
    else:
        # The server's own account has to pass through, so not below a private folder of ours.
        scratch = Path(tempfile.mkdtemp(prefix="specie-restore-", dir="/var/tmp"))
        # The account that the server runs as has to pass through.
        scratch.chmod(0o711)
        try:
            report = _restored(settings, source, keys, json, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    where = "A scratch folder" if check else str(settings.state)
    said = f"{where} holds what was backed up: every row and every chain.\n{report_text(report)}"
    answer(json, report_data(report), said)
    if not report.is_sound:
        raise typer.Exit(ExitCode.BOOKS_BROKEN)


def _restored(settings: Settings, source: Path, keys: Path | None, json: bool, scratch: Path | None = None) -> "Report":
    from specie.app.backup import BackupUnsound, Manifest, bring_back, place_keys

    Manifest.read(source)
    if scratch is not None:
        settings = _scratch_settings(settings, scratch, takes_keys=keys is None)
    if keys is not None:
        place_keys(settings.state, keys)
    server = EmbeddedPostgres(settings.state)
    server.start()
    try:
        ready = prepared(server, settings)
        return bring_back(ready, server.url(SUPERUSER, DATABASE), source)
    except BackupUnsound as error:
        complain(json, "books_broken", f"What came back is not what was backed up: {error}.")
        raise typer.Exit(ExitCode.BOOKS_BROKEN) from error
    finally:
        server.stop()


def _scratch_settings(settings: Settings, scratch: Path, *, takes_keys: bool) -> Settings:
    """An installation of its own in the scratch folder, with the keys of this one unless others are named."""
    master = b64encode(settings.sealing_key).decode() if takes_keys else ""
    secret = settings.signing_key.decode() if takes_keys else ""
    own: dict[str, object] = {"state": scratch, "database_url": "", "storage_url": ""}
    return settings.model_copy(update=own | {"master_key": SecretStr(master), "secret_key": SecretStr(secret)})


def superuser_url(settings: Settings) -> str:
    """The role that sees through row security. Raises SettingsInvalid when a database was given without it."""
    if settings.backup_url:
        return settings.backup_url
    server = EmbeddedPostgres(settings.state)
    if not server.adopt():
        raise SettingsInvalid("SPECIE_BACKUP_URL: needed to back up a database given by DATABASE_URL")
    return server.url(SUPERUSER, DATABASE)
