"""`specie login`, `logout` and `whoami`: the key that other commands use when none is given."""

import sys
from typing import Annotated, Any

import typer

from specie.app.cli import saved_key
from specie.app.cli.client import Client, Key, Url
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain


def login_command(
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key from standard input.")] = False,
    url: Url = "",
    json: Json = False,
) -> None:
    """Keep an API key for later commands, once the platform has accepted it; it is asked for and never an argument."""
    text = _key(key_stdin, json)
    with Client(url, text) as client:
        tenant = client.get("/tenant")
        file = saved_key.write(client.url, text)
    answer(
        json, {"tenant": tenant, "url": client.url, "file": str(file)}, f"{_told(tenant, client.url)} Kept in {file}."
    )


def logout_command(json: Json = False) -> None:
    """Forget the kept key. It stays valid: end it with `specie keys rotate` or in the console."""
    had = saved_key.forget()
    answer(json, {"forgotten": had}, "The key is forgotten." if had else "There was no key.")


def whoami_command(url: Url = "", key: Key = "", json: Json = False) -> None:
    """Say in which tenant and mode the key works."""
    with Client(url, key) as client:
        tenant = client.get("/tenant")
    answer(json, {"tenant": tenant, "url": client.url}, _told(tenant, client.url))


def _told(tenant: dict[str, Any], url: str) -> str:
    return f"{tenant['name']} ({tenant['slug']}, {tenant['mode']}) at {url}."


def _key(from_stdin: bool, json: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().strip()
    if not sys.stdin.isatty():
        complain(json, "usage", "There is no terminal to ask at: use --key-stdin.")
        raise typer.Exit(ExitCode.USAGE)
    return str(typer.prompt("API key", hide_input=True, err=True)).strip()
