"""`specie demo`: a fresh database with people, wallets and ninety days of business in it."""

import asyncio
import shutil
from typing import Annotated

import typer

from specie.app.cli.database import DATABASE, prepared
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain
from specie.platform.config import Settings, SettingsInvalid, load_settings
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import SUPERUSER, drop_database


def demo_command(
    fill: Annotated[
        bool, typer.Option("--fill", help="Delete nothing: add the demo data to the database, unless they are there.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete what is there without asking.")] = False,
    json: Json = False,
) -> None:
    """Delete the embedded database and make it anew with demo data; prints the logins."""
    settings = load_settings()
    if fill:
        _fill(settings, json)
        return
    if settings.is_production or not settings.uses_embedded_database:
        raise SettingsInvalid("DATABASE_URL: the demo deletes its database, so it only works with the embedded one")
    server = EmbeddedPostgres(settings.state)
    if server.adopt():
        complain(json, "database", "The database is in use; stop `specie up` first.")
        raise typer.Exit(ExitCode.DATABASE)
    if not yes and not _agreed(settings, json):
        raise typer.Exit(ExitCode.USAGE)
    server.start()
    try:
        logins = _made_anew(server, settings)
    finally:
        server.stop()
    _tell(logins, json, "Start it with: specie up --demo")


def _fill(settings: Settings, json: bool) -> None:
    if settings.is_production:
        raise SettingsInvalid("SPECIE_ENVIRONMENT: in production there is no demo data")
    if settings.uses_embedded_database:
        raise SettingsInvalid("DATABASE_URL: needed here; `specie up --demo` fills the embedded database")
    _tell(seeded(settings), json)


def _tell(logins: list[dict[str, str]], json: bool, *more: str) -> None:
    answer(json, {"logins": logins}, "\n".join([*map(login_line, logins), *more]))


def _agreed(settings: Settings, json: bool) -> bool:
    if json:
        complain(json, "usage", "With --json say --yes as well: everything in the database will be deleted.")
        return False
    return typer.confirm(f"Delete everything in {settings.state} and fill it with demo data?")


def _made_anew(server: EmbeddedPostgres, settings: Settings) -> list[dict[str, str]]:
    from specie.platform import migrate

    drop_database(server.url(SUPERUSER, "postgres"), DATABASE)
    for folder in ("simulator", "files", "mail"):
        shutil.rmtree(settings.state / folder, ignore_errors=True)
    ready = prepared(server, settings)
    migrate.upgrade(ready.owner_url)
    return seeded(ready)


def seeded(settings: Settings) -> list[dict[str, str]]:
    """Make the demo data unless they are there; returns the logins."""
    from specie.app.demo import seed
    from specie.platform.telemetry import configure_logs

    # Ninety days of business write many lines, and the answer of the command goes to the same place.
    configure_logs(level="error", form=settings.log_format)
    return asyncio.run(seed(settings))


def login_line(login: dict[str, str]) -> str:
    """How a login is shown."""
    if "api_key" in login:
        return f"{login['role']}: {login['api_key']}"
    return f"Log in as {login['email']} with {login['password']} ({login['role']})"
