"""How commands answer: sentences for people, one JSON object with `--json`."""

import json
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]


def answer(as_json: bool, data: dict[str, Any], text: str) -> None:
    """Print the result of a command."""
    typer.echo(json.dumps(data) if as_json else text)


def counted(number: int, one: str, many: str) -> str:
    """How many there are of something, as people say it: `1 entry`, `3,850 entries`."""
    return f"{number:,} {one if number == 1 else many}"


def complain(as_json: bool, code: str, message: str) -> None:
    """Print why a command failed: on standard error for people, as JSON on standard output."""
    if as_json:
        typer.echo(json.dumps({"error": {"code": code, "message": message}}))
    else:
        typer.echo(message, err=True)
