"""`specie listen`: follow a tenant's events on a laptop, and hand them to a program there as webhooks."""

import json as json_module
import time
from collections.abc import Iterator
from typing import Annotated, Any

import httpx2
import typer

from specie.app.cli.client import API, Client, Key, Refused, Unreachable, Url
from specie.app.cli.output import Json
from specie.kernel.clock import machine_timestamp
from specie.platform import webhook_signing

_PAUSE_SECONDS = 1.0
_FORWARD_SECONDS = 15.0
# The platform says something at least this often, so that a longer silence is a broken line.
_SILENCE_SECONDS = 45.0


def listen_command(
    forward_to: Annotated[str, typer.Option(help="Send each event to this address, signed as a webhook.")] = "",
    wanted: Annotated[str, typer.Option("--events", help="Types or families, such as payment.*,wallet.opened.")] = "*",
    after: Annotated[int, typer.Option(help="Begin after this number; default: what happens from now on.")] = -1,
    count: Annotated[int, typer.Option(help="Stop after this many events; 0 goes on.")] = 0,
    secret: Annotated[str, typer.Option(help="Sign with this whsec_… instead of a new one.")] = "",
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Show events as they happen. Nothing needs to be reachable from outside; a lost line is taken up again."""
    from specie.events import matches

    patterns = [part.strip() for part in wanted.split(",")]
    forward = Forwarder(forward_to, secret or webhook_signing.new_secret()) if forward_to else None
    if forward and not json:
        typer.echo(f"Forwarding to {forward_to}, signed with {forward.secret}", err=True)
    seen = 0
    with Client(url, key) as client:
        for event in _followed(client, after):
            if not any(matches(pattern, event["type"]) for pattern in patterns):
                continue
            outcome = forward(event) if forward else ""
            typer.echo(json_module.dumps(event) if json else _line(event, outcome))
            seen += 1
            if seen == count:
                return


class Forwarder:
    """Posts events to one address as deliveries of a webhook endpoint would arrive there."""

    def __init__(self, address: str, secret: str) -> None:
        self.secret = secret
        self._address = address
        self._http = httpx2.Client(timeout=_FORWARD_SECONDS, trust_env=False)

    def __call__(self, event: dict[str, Any]) -> str:
        """Send one event; returns the status answered, or what went wrong."""
        body = json_module.dumps(_message(event), separators=(",", ":")).encode()
        headers = webhook_signing.sign([self.secret], event["id"], machine_timestamp(), body)
        try:
            answer = self._http.post(
                self._address, content=body, headers=headers | {"Content-Type": "application/json"}
            )
        except httpx2.HTTPError as error:
            return type(error).__name__
        return str(answer.status_code)


def _message(event: dict[str, Any]) -> dict[str, Any]:
    """What a delivery of this event says."""
    about = {name: event[name] for name in ("n", "schema_version")} | {"event_id": event["id"]}
    return {
        "type": event["type"],
        "timestamp": event["occurred_at"],
        "data": about | {"object": {**event["data"], **event["subject"]}},
    }


def _line(event: dict[str, Any], outcome: str) -> str:
    told = f"{event['n']:>6}  {event['occurred_at']}  {event['type']}  {event['subject']['id']}"
    return f"{told}  -> {outcome}" if outcome else told


def _followed(client: Client, after: int) -> Iterator[dict[str, Any]]:
    """Every event after a number, for ever; -1 stands for the number of the newest one."""
    if after < 0:
        after = _newest(client)
    while True:
        try:
            for event in _stream(client, after):
                after = event["n"]
                yield event
        except Unreachable as error:
            typer.echo(f"{error}; trying again", err=True)
        time.sleep(_PAUSE_SECONDS)


def _newest(client: Client) -> int:
    found = client.get("/events", before=2**63 - 1, limit=1)["data"]
    return found[0]["n"] if found else 0


def _stream(client: Client, after: int) -> Iterator[dict[str, Any]]:
    try:
        with client.http.stream(
            "GET", f"{API}/events/stream", params={"after": after}, timeout=_SILENCE_SECONDS
        ) as answer:
            if answer.is_error:
                answer.read()
                raise Refused(answer.status_code, answer.json())
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield json_module.loads(line.removeprefix("data: "))
    except httpx2.HTTPError as error:
        raise Unreachable(f"{client.url} broke off ({type(error).__name__})") from error
