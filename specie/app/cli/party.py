"""`specie party`: acts on a person or company, over the API as anybody would."""

from typing import Annotated, Any

import typer

from specie.app.cli.client import Client, Key, Url
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain

party = typer.Typer(help="People and companies.", no_args_is_help=True, add_completion=False)


@party.callback()
def _group() -> None:
    """Keeps `erase` a word of its own while it is the only command."""


@party.command("erase")
def erase_command(
    party_id: Annotated[str, typer.Argument(help="Whom to forget (pty_…).")],
    reason: Annotated[str, typer.Option(help="Why, without saying who: it stays on record.")] = "",
    confirm: Annotated[bool, typer.Option("--confirm", help="Do it; without, only show what would happen.")] = False,
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Show what erasing somebody would forget and keep; with --confirm, forget them for good."""
    if confirm and not reason:
        complain(json, "usage", "Say why: --reason TEXT.")
        raise typer.Exit(ExitCode.USAGE)
    with Client(url, key) as client:
        if confirm:
            made = client.post(f"/parties/{party_id}/erase", {"reason": reason})
            answer(json, made, _outcome(made))
        else:
            seen = client.get(f"/parties/{party_id}/erasure")
            answer(json, seen, _shown(seen))


def _outcome(made: dict[str, Any]) -> str:
    if made.get("status") == "needs_approval":
        return f"Nothing has been erased: a second person decides about {made['approval_id']}."
    return f"{made['id']} has been erased."


def _shown(seen: dict[str, Any]) -> str:
    lines = [f"{seen['party_id']}:"]
    lines += [f"  forgotten  {each['number']:>6}  {each['kind'].replace('_', ' ')}" for each in seen["forgotten"]]
    lines += [f"  kept       {each['number']:>6}  {each['kind'].replace('_', ' ')}" for each in seen["kept"]]
    lines += [f"Cannot be erased now: {reason}." for reason in seen["reasons"]]
    if not seen["reasons"]:
        second = ", and a second person decides" if seen["needs_second_person"] else ""
        lines.append(f"Erase with --reason TEXT --confirm{second}. It cannot be undone.")
    return "\n".join(lines)
