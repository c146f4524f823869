"""`specie migrate`: bring the database's schema up to this version of the program."""

from typing import Annotated

import typer

from specie.app.cli.database import running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer
from specie.platform.config import SettingsInvalid, load_settings


def migrate_command(
    check: Annotated[bool, typer.Option("--check", help="Only say what is pending; exit 5 if anything.")] = False,
    json: Json = False,
) -> None:
    """Apply the pending schema migrations as the owner role."""
    from specie.platform import migrate

    with running_database(load_settings()) as settings:
        if not settings.owner_url:
            raise SettingsInvalid("SPECIE_OWNER_URL: needed to migrate a database given by DATABASE_URL")
        if check:
            _report_pending(json, migrate.pending(settings.owner_url))
            return
        applied = migrate.upgrade(settings.owner_url)
        current = migrate.current(settings.owner_url)
    summary = f"Applied {', '.join(applied)}." if applied else "Nothing to apply."
    answer(json, {"applied": applied, "current": current}, f"{summary} The schema is at {current}.")


def _report_pending(json: bool, pending: list[str]) -> None:
    text = f"Pending: {', '.join(pending)}." if pending else "The schema is current."
    answer(json, {"pending": pending}, text)
    if pending:
        raise typer.Exit(ExitCode.SCHEMA_BEHIND)
