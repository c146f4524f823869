"""`specie import`: files of others, taken in over the API."""

from pathlib import Path
from typing import Annotated, Any

import typer

from specie.app.cli.client import Client, Key, Url, fresh_key
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain

import_ = typer.Typer(help="Take in files of others.", no_args_is_help=True, add_completion=False)

FORMATS = ("csv", "mt940", "camt053", "provider")
_LONGEST_SECONDS = 300.0


@import_.command("statement")
def statement_command(
    file: Annotated[Path, typer.Argument(help="The statement.", exists=True, dir_okay=False)],
    source: Annotated[
        str, typer.Option(help="The source it belongs to (rsrc_…); `specie get /reconciliation/sources`.")
    ],
    format: Annotated[str, typer.Option(help=f"{', '.join(FORMATS)}.")],  # noqa: A002
    yes: Annotated[bool, typer.Option("--yes", help="Take it in; without it, only say what would match.")] = False,
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Show what a bank's or provider's statement would match; with --yes take it in, all of it or nothing."""
    if format not in FORMATS:
        complain(json, "usage", f"The format is one of {', '.join(FORMATS)}.")
        raise typer.Exit(ExitCode.USAGE)
    with Client(url, key) as client:
        told = client.ask(
            "POST",
            f"/reconciliation/sources/{source}/imports",
            files={"file": (file.name, file.read_bytes())},
            data={"format": format},
            params={} if yes else {"dry_run": "true"},
            headers=fresh_key(),
            timeout=_LONGEST_SECONDS,
        )
    answer(json, {"imported": yes, **told}, _told(told, imported=yes))


def _told(told: dict[str, Any], *, imported: bool) -> str:
    matched = sum(told["matched"].values())
    rules = ", ".join(f"{number} by {rule}" for rule, number in told["matched"].items())
    counted = f"{told['lines']} lines, {matched} matched" + (f" ({rules})" if rules else "")
    after = f"{told['new_exceptions']} new exceptions, {told['open_items']} open items."
    last = "" if imported else " Nothing was taken in; say --yes to do it."
    return f"{counted}, {after}{last}"
