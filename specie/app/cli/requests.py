"""`specie get` and `specie post`: any resource of the API, with the kept key."""

import json as json_module
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from specie.app.cli.client import Client, Key, Url, fresh_key
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, complain

PathArgument = Annotated[str, typer.Argument(help="Below /api/v1, such as /wallets or /payments/pay_….")]
Data = Annotated[str, typer.Option("--data", help="The body as JSON; @FILE reads a file, - standard input.")]
Fields = Annotated[list[str] | None, typer.Argument(help="name=value of the query.", show_default=False)]


def get_command(path: PathArgument, fields: Fields = None, url: Url = "", key: Key = "", json: Json = False) -> None:
    """Read anything; prints the JSON of the answer."""
    query = _pairs(fields or [], json)
    with Client(url, key) as client:
        _print(client.get(_below(path), **query), json)


def post_command(
    path: PathArgument,
    data: Data = "{}",
    idempotency_key: Annotated[
        str, typer.Option("--idempotency-key", help="Say it to ask again for the same thing; default: a new one.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; nothing does.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Needed with a live key: this moves real money.")] = False,
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Do anything, once for each idempotency key; prints the JSON of the answer. Live keys need --live."""
    body = _body(data, json)
    headers = {"Idempotency-Key": idempotency_key} if idempotency_key else fresh_key()
    with Client(url, key) as client:
        if client.is_live and not (live or dry_run):
            _misused(json, "This key is live: say --live to mean it, or --dry-run.")
        query = {"dry_run": "true"} if dry_run else {}
        _print(client.ask("POST", _below(path), json=body, headers=headers, params=query), json)


def _print(told: Any, json: bool) -> None:
    typer.echo(json_module.dumps(told, indent=None if json else 2, ensure_ascii=False))


def _below(path: str) -> str:
    return "/" + path.removeprefix("/api/v1").lstrip("/")


def _body(text: str, json: bool) -> Any:
    try:
        if text == "-":
            return json_module.load(sys.stdin)
        if text.startswith("@"):
            return json_module.loads(Path(text[1:]).read_text(encoding="utf-8"))
        return json_module.loads(text)
    except (OSError, ValueError) as error:
        _misused(json, f"--data cannot be read: {error}")


def _pairs(fields: list[str], json: bool) -> dict[str, str]:
    if any("=" not in each for each in fields):
        _misused(json, "Say each parameter as name=value.")
    return dict(each.split("=", 1) for each in fields)


def _misused(json: bool, message: str) -> NoReturn:
    complain(json, "usage", message)
    raise typer.Exit(ExitCode.USAGE)
