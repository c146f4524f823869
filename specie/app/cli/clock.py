"""`specie clock`: where a sandbox's clock stands, and moving it on."""

import re
from typing import Annotated, Any

import typer

from specie.app.cli.client import Client, Key, Url
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain, counted

clock = typer.Typer(help="A sandbox's own clock.", no_args_is_help=True, add_completion=False)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
# Weeks with many open payments hold thousands of things that fall due.
_LONGEST_SECONDS = 900.0
_SPAN = re.compile(r"([1-9][0-9]{0,8})([smhdw])")


@clock.command("show")
def show_command(url: Url = "", key: Key = "", json: Json = False) -> None:
    """Print the sandbox's time."""
    with Client(url, key) as client:
        _answer(client.get("/sandbox/clock"), json)


@clock.command("advance")
def advance_command(
    span: Annotated[str, typer.Argument(help="How far: 90s, 15m, 6h, 3d, 2w.")],
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Move the clock on; what falls due on the way happens in its order."""
    found = _SPAN.fullmatch(span)
    if found is None:
        complain(json, "usage", "Say how far as a number and a unit: 90s, 15m, 6h, 3d or 2w.")
        raise typer.Exit(ExitCode.USAGE)
    with Client(url, key) as client:
        body = {"seconds": int(found[1]) * _UNITS[found[2]]}
        _answer(client.post("/sandbox/clock/advance", body, timeout=_LONGEST_SECONDS), json)


def _answer(told: dict[str, Any], json: bool) -> None:
    done = f"; {counted(told['done'], 'thing', 'things')} fell due" if told["done"] else ""
    answer(json, told, f"It is {told['now']} in the sandbox{done}.")
