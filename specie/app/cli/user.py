"""`specie user`: people who may log in, made or let in again on the machine itself; the first owner begins here."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from specie.app.cli.database import running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain
from specie.kernel.errors import SpecieError, Unavailable
from specie.kernel.ids import InvalidId, PartyId
from specie.platform.config import load_settings

if TYPE_CHECKING:
    from specie.app.new_user import Wanted

user = typer.Typer(help="People who may log in.", no_args_is_help=True, add_completion=False)

ROLES = ("owner", "admin", "finance", "operator", "sales", "viewer", "merchant", "customer", "platform_admin")
_PARTY_ROLES = ("merchant", "customer")


@user.command("create")
def create_command(
    email: Annotated[str, typer.Argument(help="The address to log in with.")],
    tenant: Annotated[str, typer.Option(help="Short name of the tenant to work in.")],
    name: Annotated[str, typer.Option(help="The person's name; default: the address.")] = "",
    role: Annotated[str, typer.Option(help=f"{', '.join(ROLES)}.")] = "owner",
    party: Annotated[str, typer.Option(help="Whom a merchant or customer acts for (pty_…).")] = "",
    found: Annotated[str, typer.Option(help="Make the tenant and its sandbox first, under this name.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    json: Json = False,
) -> None:
    """Make a user with a role in a tenant; the password is asked for and never an argument."""
    if role not in ROLES:
        _misused(json, f"The role is one of {', '.join(ROLES)}.")
    if (role in _PARTY_ROLES) != bool(party):
        _misused(json, "A merchant or customer acts for a party: --party pty_…. Other roles do not.")
    party_id = _party_id(party, json) if party else None
    password = _password(password_stdin, json)

    from specie.app.new_user import Wanted
    from specie.identity.model import Role

    wanted = Wanted(email, name or email, password, Role(role), tenant, found, party_id)
    answer(json, *_made(wanted, json))


def _made(wanted: "Wanted", json: bool) -> tuple[dict[str, object], str]:
    from specie.app.new_user import create_user

    try:
        with running_database(load_settings()) as settings:
            made = asyncio.run(create_user(settings, wanted))
    except Unavailable:
        raise
    except SpecieError as refusal:
        complain(json, refusal.code, f"{refusal.title}: {refusal.detail}.")
        raise typer.Exit(ExitCode.REFUSED) from None
    data: dict[str, object] = {
        "user_id": str(made.user_id),
        "member_id": str(made.member_id),
        "tenant_id": str(made.tenant.id),
        "tenant": made.tenant.slug,
        "role": wanted.role.value,
    }
    return data, f"{wanted.email} is {wanted.role.value} of {made.tenant.name} ({made.tenant.slug})."


@user.command("remove-second-factor")
def remove_second_factor_command(
    email: Annotated[str, typer.Argument(help="The address they log in with.")],
    tenant: Annotated[str, typer.Option(help="Short name of a tenant they work in; its audit log says so.")],
    json: Json = False,
) -> None:
    """Let somebody in again who has lost the phone and the recovery codes; they are told by mail."""
    from specie.app.new_user import remove_second_factor

    try:
        with running_database(load_settings()) as settings:
            member_id = asyncio.run(remove_second_factor(settings, email, tenant))
    except Unavailable:
        raise
    except SpecieError as refusal:
        complain(json, refusal.code, f"{refusal.title}: {refusal.detail}.")
        raise typer.Exit(ExitCode.REFUSED) from None
    said = f"{email} logs in with the password alone, and sets up another second factor. Every session has ended."
    answer(json, {"member_id": str(member_id), "tenant": tenant}, said)


def _password(from_stdin: bool, json: bool) -> str:
    """The password: the first line of standard input, or typed twice at a terminal."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        _misused(json, "There is no terminal to ask at: use --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _party_id(text: str, json: bool) -> PartyId:
    try:
        return PartyId.parse(text)
    except InvalidId as error:
        _misused(json, str(error))


def _misused(json: bool, message: str) -> NoReturn:
    complain(json, "usage", message)
    raise typer.Exit(ExitCode.USAGE)
