"""The `specie` command. Each command lives in a file of its own; this one only puts them together.

What only one command needs and takes long to import (Alembic, SQLAlchemy, the web server) is imported inside
it, so that `specie version` answers at once.
"""

import sys
from importlib.metadata import version

import psycopg
import typer

from specie.app.cli.assay import assay
from specie.app.cli.backup import backup_command, restore_command
from specie.app.cli.checkpoint import checkpoint_command
from specie.app.cli.clock import clock
from specie.app.cli.demo import demo_command
from specie.app.cli.doctor import doctor_command
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.export import export_command
from specie.app.cli.import_ import import_
from specie.app.cli.keys import keys
from specie.app.cli.listen import listen_command
from specie.app.cli.login import login_command, logout_command, whoami_command
from specie.app.cli.logs import logs
from specie.app.cli.mcp import mcp_command
from specie.app.cli.openapi import openapi_command
from specie.app.cli.output import Json, answer, complain
from specie.app.cli.party import party
from specie.app.cli.requests import get_command, post_command
from specie.app.cli.resending import events, webhooks
from specie.app.cli.schema import migrate_command
from specie.app.cli.serve import api_command, worker_command
from specie.app.cli.simulator import simulator_command
from specie.app.cli.tenant import tenant
from specie.app.cli.trigger import trigger_command
from specie.app.cli.up import up_command
from specie.app.cli.user import user
from specie.app.cli.verify import verify_command
from specie.kernel.errors import Unavailable
from specie.platform.config import SettingsInvalid
from specie.platform.postgres_binaries import PostgresUnavailable

__all__ = ["app", "main"]

app = typer.Typer(
    name="specie",
    help="One double-entry ledger under payments, wallets, payouts, invoices and stock.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("up")(up_command)
app.command("api")(api_command)
app.command("worker")(worker_command)
app.command("migrate")(migrate_command)
app.command("doctor")(doctor_command)
app.command("verify")(verify_command)
app.command("checkpoint")(checkpoint_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.command("export")(export_command)
app.add_typer(import_, name="import")
app.command("login")(login_command)
app.command("logout")(logout_command)
app.command("whoami")(whoami_command)
app.command("get")(get_command)
app.command("post")(post_command)
app.command("listen")(listen_command)
app.add_typer(logs, name="logs")
app.add_typer(events, name="events")
app.add_typer(webhooks, name="webhooks")
app.add_typer(keys, name="keys")
app.command("mcp")(mcp_command)
app.command("trigger")(trigger_command)
app.add_typer(assay, name="assay")
app.add_typer(clock, name="clock")
app.command("demo")(demo_command)
app.command("openapi")(openapi_command)
app.add_typer(party, name="party")
app.command("simulator")(simulator_command)
app.add_typer(tenant, name="tenant")
app.add_typer(user, name="user")


@app.command("version")
def version_command(json: Json = False) -> None:
    """Print the version."""
    number = version("specie")
    answer(json, {"version": number}, f"specie {number}")


def main() -> None:
    """Run the command line; expected failures become one sentence and their exit code."""
    try:
        app()
    except Exception as error:
        code = _expected(error)
        if code is None:
            raise
        # Read from the raw arguments, because the command may have failed before it saw its own options.
        complain("--json" in sys.argv, code.name.lower(), _said(error, code))
        sys.exit(code)


def _said(error: Exception, code: ExitCode) -> str:
    if code is ExitCode.SCHEMA_BEHIND:
        # What the database says is a query; what is wrong is that this one has no books yet, or older ones.
        return "The database lacks tables of this version: run `specie migrate`, or look whether it is the right one."
    return str(error).strip()


def _expected(error: Exception) -> ExitCode | None:
    from specie.app.cli.client import Refused, Unreachable

    if isinstance(error, Refused):
        return ExitCode.REFUSED
    if isinstance(error, Unreachable):
        return ExitCode.UNREACHABLE
    # SQLAlchemy wraps the driver's errors and keeps the original.
    original = getattr(error, "orig", error)
    if isinstance(original, SettingsInvalid):
        return ExitCode.SETTINGS
    if isinstance(original, PostgresUnavailable | Unavailable | psycopg.OperationalError):
        return ExitCode.DATABASE
    if isinstance(original, psycopg.errors.UndefinedTable):
        return ExitCode.SCHEMA_BEHIND
    return None
