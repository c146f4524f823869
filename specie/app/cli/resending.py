"""`specie events` and `specie webhooks`: look at what happened, and send it again to those who missed it."""

from typing import Annotated, Any

import typer

from specie.app.cli.client import Client, Key, Url
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.listen import Forwarder
from specie.app.cli.output import Json, answer, complain

events = typer.Typer(help="What happened in a tenant.", no_args_is_help=True, add_completion=False)
webhooks = typer.Typer(help="What was sent to whom.", no_args_is_help=True, add_completion=False)

EventArgument = Annotated[str, typer.Argument(help="The event (evt_…).")]
_PAGE = 100


@events.command("resend")
def resend_command(
    event: EventArgument,
    endpoint: Annotated[str, typer.Option(help="Only to this endpoint (whk_…).")] = "",
    forward_to: Annotated[str, typer.Option(help="Only to this address, signed as `listen` signs; no endpoint.")] = "",
    secret: Annotated[str, typer.Option(help="Sign with this whsec_… what is forwarded.")] = "",
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Send every delivery of an event again: the same id and the same bytes; exit 6 when there was none.

    With --forward-to a program of your own gets the event from here, whether an endpoint had it or not.
    """
    if bool(forward_to) != bool(secret) or (forward_to and endpoint):
        complain(json, "usage", "--forward-to and --secret go together, and without --endpoint.")
        raise typer.Exit(ExitCode.USAGE)
    if forward_to:
        _forward(event, Forwarder(forward_to, secret), Client(url, key), json)
        return
    wanted = {"event_id": event} | ({"endpoint_id": endpoint} if endpoint else {})
    with Client(url, key) as client:
        found = client.get("/webhook-deliveries", **wanted, limit=_PAGE)["data"]
        if not found:
            client.get(f"/events/{event}")
            complain(json, "check_failed", f"No endpoint has been sent {event}; `specie webhooks recover` sends it.")
            raise typer.Exit(ExitCode.CHECK_FAILED)
        sent = [client.post(f"/webhook-deliveries/{one['id']}/resend") for one in found]
    answer(json, {"event": event, "deliveries": sent}, "\n".join(map(_delivery, sent)))


def _forward(event: str, forward: Forwarder, client: Client, json: bool) -> None:
    with client:
        outcome = forward(client.get(f"/events/{event}"))
    if not (outcome.isdecimal() and 200 <= int(outcome) < 300):
        complain(json, "check_failed", f"{event} was not taken: {outcome}")
        raise typer.Exit(ExitCode.CHECK_FAILED)
    answer(json, {"event": event, "answered": int(outcome)}, f"{event}  -> {outcome}")


@webhooks.command("recover")
def recover_command(
    endpoint: Annotated[str, typer.Argument(help="The endpoint (whk_…).")],
    since: Annotated[str, typer.Option(help="From this moment on, RFC 3339.")] = "",
    since_n: Annotated[int, typer.Option(min=0, help="From this number of the feed on.")] = 0,
    through_n: Annotated[int, typer.Option(min=0, help="Up to this number; without it, to the feed's end.")] = 0,
    everything: Annotated[bool, typer.Option("--all", help="Also what the endpoint has accepted.")] = False,
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Send an endpoint what it missed since a point; with --all everything since then, as a replay."""
    if bool(since) == bool(since_n):
        complain(json, "usage", "Say from where: --since MOMENT or --since-n NUMBER.")
        raise typer.Exit(ExitCode.USAGE)
    span: dict[str, Any] = {"since": since} if since else {"since_n": since_n}
    span |= {"through_n": through_n} if through_n else {}
    with Client(url, key) as client:
        reach = client.post(f"/webhook-endpoints/{endpoint}/recover", span | {"include_delivered": everything})
    answer(json, reach, f"Events {reach['since_n']} to {reach['through_n']} are on their way to {endpoint}.")


@webhooks.command("list")
def list_command(
    state: Annotated[str, typer.Option(help="pending, sending, delivered or dead.")] = "",
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Deliveries, the newest first; `--state dead` shows what waits for somebody to send it again."""
    with Client(url, key) as client:
        found = client.get("/webhook-deliveries", **({"state": state} if state else {}), limit=_PAGE)["data"]
    answer(json, {"deliveries": found}, "\n".join(map(_delivery, found)) or "None.")


def _delivery(one: dict[str, Any]) -> str:
    return f"{one['id']}  {one['state']:<9}  {one['event_type']}  {one['event_id']}  {one['endpoint_id']}"
