"""`specie tenant`: one tenant with its sandbox, out of an installation and into an empty one, as one file."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from specie.app.cli.backup import superuser_url
from specie.app.cli.database import running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain
from specie.app.cli.verify import report_data, report_text
from specie.kernel.errors import SpecieError, Unavailable
from specie.platform.config import load_settings

tenant = typer.Typer(help="A whole tenant as one file.", no_args_is_help=True, add_completion=False)


@tenant.command("export")
def export_command(
    slug: Annotated[str, typer.Argument(help="Short name of the tenant; its sandbox goes with it.")],
    out: Annotated[Path, typer.Option(help="A file that does not exist yet.")],
    json: Json = False,
) -> None:
    """Write everything a tenant owns, at one moment and while the platform works on; personal data stays sealed."""
    from specie.app.tenant_archive import ArchiveRefused, write_archive

    try:
        with running_database(load_settings()) as settings:
            made = write_archive(settings, superuser_url(settings), slug, out.absolute())
    except Unavailable:
        raise
    except ArchiveRefused as refusal:
        complain(json, "refused", f"Nothing was written: {refusal}.")
        raise typer.Exit(ExitCode.REFUSED) from None
    except SpecieError as refusal:
        complain(json, refusal.code, f"{refusal.title}: {refusal.detail}.")
        raise typer.Exit(ExitCode.REFUSED) from None
    data = {"file": str(out), "tenants": made.head.tenants, "rows": made.rows, "files": made.files}
    answer(json, data, f"Wrote {out}: {_counted(made.rows, made.files)}. It opens with the master key, which it lacks.")


@tenant.command("import")
def import_command(
    source: Annotated[Path, typer.Argument(help="A file that `specie tenant export` wrote.", exists=True)],
    keys: Annotated[Path | None, typer.Option(help="The keys of the installation that wrote it.")] = None,
    json: Json = False,
) -> None:
    """Take a tenant into an empty installation and prove it; exit 8 and keep nothing when anything does not hold."""
    from specie.app.backup import place_keys
    from specie.app.tenant_archive import ArchiveRefused, take_in
    from specie.platform import migrate

    settings = load_settings()
    if keys is not None:
        place_keys(settings.state, keys)
    try:
        with running_database(settings) as ready:
            migrate.upgrade(ready.owner_url)
            taken = asyncio.run(take_in(ready, superuser_url(ready), source))
    except ArchiveRefused as refusal:
        complain(json, "books_broken", f"Nothing was taken in: {refusal}.")
        raise typer.Exit(ExitCode.BOOKS_BROKEN) from refusal
    said = f"Took in {_counted(taken.rows, taken.files)}.\n{report_text(taken.report)}"
    data = {"tenants": taken.head.tenants, "rows": taken.rows, "files": taken.files}
    answer(json, data | {"proof": report_data(taken.report)}, said)


def _counted(rows: dict[str, int], files: int) -> str:
    entries = rows["specie.journal_entry"]
    return f"{entries:,} entries among {sum(rows.values()):,} rows, {files:,} files"
