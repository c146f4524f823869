"""`specie logs tail`: the tenant's requests as they are answered."""

import json as json_module
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from specie.app.cli.client import API, Client, Key, Url
from specie.app.cli.output import Json

logs = typer.Typer(help="The request log of a tenant.", no_args_is_help=True, add_completion=False)

_PAUSE_SECONDS = 1.0
_PAGE = 100
# The log is written after the answer, so a line may show behind later ones.
_LATE = timedelta(seconds=10)
_OWN_ROUTE = f"{API}/requests"


@logs.command("tail")
def tail_command(
    status: Annotated[str, typer.Option(help="Only these answers: 422, or 5xx for a class.")] = "",
    path: Annotated[str, typer.Option(help="Only paths that begin so.")] = "",
    of: Annotated[str, typer.Option("--of", help="Only what this key asked (key_…).")] = "",
    last: Annotated[int, typer.Option(min=0, max=100, help="Begin with this many that were answered already.")] = 10,
    count: Annotated[int, typer.Option(help="Stop after this many; 0 goes on.")] = 0,
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Show requests, the newest last, and wait for more; with --json one object per line."""
    given = {"status": status, "path": path}
    wanted = {name: value for name, value in given.items() if value}
    shown = 0
    with Client(url, key) as client:
        for line in _lines(client, wanted, last):
            if of and not line["principal"].endswith(of):
                continue
            typer.echo(json_module.dumps(line) if json else _line(line))
            shown += 1
            if shown == count:
                return


def _lines(client: Client, wanted: dict[str, str], last: int) -> Iterator[dict[str, Any]]:
    """The last ones, then every one that follows, each once; what these look-ups themselves leave is passed over."""
    page = client.get("/requests", **wanted, limit=_PAGE)["data"]
    yield from [line for line in reversed(page) if line["route"] != _OWN_ROUTE][-last or len(page) :]
    seen = {_mark(line): line["at"] for line in page}
    while True:
        time.sleep(_PAUSE_SECONDS)
        since = _early_enough(seen)
        for line in reversed(_since(client, wanted, since)):
            if _mark(line) in seen:
                continue
            seen[_mark(line)] = line["at"]
            if line["route"] != _OWN_ROUTE:
                yield line
        seen = {mark: at for mark, at in seen.items() if not since or datetime.fromisoformat(at) >= since}


def _since(client: Client, wanted: dict[str, str], since: datetime | None) -> list[dict[str, Any]]:
    """Every request since a moment, the newest first."""
    begins = {"from": since.isoformat()} if since else {}
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/requests", **wanted, **begins, **cursor, limit=_PAGE)
        found += page["data"]
        if not page.get("next_cursor"):
            return found
        cursor = {"cursor": page["next_cursor"]}


def _early_enough(seen: dict[str, str]) -> datetime | None:
    return max(map(datetime.fromisoformat, seen.values())) - _LATE if seen else None


def _mark(line: dict[str, Any]) -> str:
    """What tells one line from another: the same request may have been tried again."""
    return f"{line['request_id']} {line['at']} {line['status']}"


def _line(line: dict[str, Any]) -> str:
    code = f"  {line['problem_code']}" if line["problem_code"] else ""
    again = "  replayed" if line["replayed"] else ""
    told = f"{line['at']}  {line['status']}  {line['duration_ms']:>5} ms  {line['method']:<6} {line['path']}"
    return f"{told}  {line['request_id']}{code}{again}"
