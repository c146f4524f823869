"""`specie trigger`: make an event happen for real in a sandbox, by the requests that would make it happen anywhere."""

from typing import Annotated

import typer

from specie.app.cli.client import Client, Key, Url
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain


def trigger_command(
    event: Annotated[str, typer.Argument(help="The event to cause, such as payment.paid; without it, the list.")] = "",
    override: Annotated[list[str] | None, typer.Option(help="Another value, as amount=1500 or currency=JPY.")] = None,
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Cause an event in a sandbox; the object it is about is printed."""
    if key.startswith("spc_live_"):
        complain(json, "usage", "This key is live; trigger works in a sandbox only.")
        raise typer.Exit(ExitCode.USAGE)
    wishes = dict(part.split("=", 1) for part in override or [] if "=" in part)
    with Client(url, key) as client:
        known = client.get("/sandbox/triggers")["data"]
        if event not in known:
            complain(json, "usage", f"Say one of: {', '.join(known)}.")
            raise typer.Exit(ExitCode.USAGE)
        caused = client.post("/sandbox/triggers", {"event": event, "override": wishes})
    made = caused["object"]
    about = made.get("id") or made.get("entry_id") or ""
    answer(json, caused, f"{event}: {about} is {made.get('status', 'made')}")
