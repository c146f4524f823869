"""`specie openapi`: the API's document as it is kept in the repository."""

from pathlib import Path
from typing import Annotated

import typer

from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain
from specie.platform.config import load_settings


def openapi_command(
    out: Annotated[Path, typer.Option(help="The file.")] = Path("docs/reference/openapi.json"),
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit 6 when the file is not current.")] = False,
    json: Json = False,
) -> None:
    """Write the OpenAPI document of this version; needs no database."""
    from specie.app.api import create_app
    from specie.app.reference import snapshot_of

    # The address and the keys of an installation are not part of its API, so nothing of them is read here.
    nowhere = "postgresql://specie_app@127.0.0.1:1/specie"
    text = snapshot_of(create_app(load_settings(database_url=nowhere, system_url=nowhere)))
    if not check:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
        answer(json, {"file": str(out), "current": True}, f"Wrote {out}.")
        return
    if out.exists() and out.read_text(encoding="utf-8") == text:
        answer(json, {"file": str(out), "current": True}, f"{out} is current.")
        return
    complain(json, "check_failed", f"{out} is not the API of this version; run `specie openapi`.")
    raise typer.Exit(ExitCode.CHECK_FAILED)
