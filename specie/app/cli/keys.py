"""`specie keys`: API keys, as whoever runs the installation; no key may make or replace keys over the API."""

import asyncio
from typing import Annotated, NoReturn

import typer

from specie.app.cli.database import running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain
from specie.kernel.errors import SpecieError, Unavailable
from specie.kernel.ids import ApiKeyId, InvalidId
from specie.platform.config import load_settings

keys = typer.Typer(help="API keys of a tenant.", no_args_is_help=True, add_completion=False)

Slug = Annotated[str, typer.Option(help="Short name of the tenant; a sandbox has one of its own.")]


@keys.command("list")
def list_command(tenant: Slug, json: Json = False) -> None:
    """Show the keys that are valid, without their text."""
    from specie.app.tenant_keys import Seen, valid_keys

    async def look() -> list[Seen]:
        with running_database(load_settings()) as settings:
            return await valid_keys(settings, tenant)

    try:
        found = asyncio.run(look())
    except SpecieError as refusal:
        _refused(refusal, json)
    lines = [f"{each.id}  {each.hint}  until {each.expires_at:%Y-%m-%d}  {each.name}" for each in found]
    answer(json, {"keys": [each.data() for each in found]}, "\n".join(lines) or "None.")


@keys.command("rotate")
def rotate_command(
    key: Annotated[str, typer.Argument(help="The key to replace (key_…).")],
    tenant: Slug,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=168, help="How long the old one stays valid beside it.")
    ] = 24,
    json: Json = False,
) -> None:
    """Make a successor with the same rights and print its text, this once; the old key ends after the overlap."""
    from specie.app.tenant_keys import Replaced, replace_key

    async def change() -> Replaced:
        with running_database(load_settings()) as settings:
            return await replace_key(settings, tenant, ApiKeyId.parse(key), overlap_hours)

    try:
        made = asyncio.run(change())
    except InvalidId as error:
        complain(json, "usage", str(error))
        raise typer.Exit(ExitCode.USAGE) from None
    except SpecieError as refusal:
        _refused(refusal, json)
    data = {"id": str(made.id), "replaces": key, "key": made.text}
    answer(json, data, f"{made.text}\n{made.id} replaces {key}, which ends in {overlap_hours} hours.")


def _refused(refusal: SpecieError, json: bool) -> NoReturn:
    if isinstance(refusal, Unavailable):
        raise refusal
    complain(json, refusal.code, f"{refusal.title}: {refusal.detail}.")
    raise typer.Exit(ExitCode.REFUSED) from None
