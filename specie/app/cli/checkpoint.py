"""`specie checkpoint`: verify everything and sign it, now instead of at the next hour."""

import asyncio
from typing import TYPE_CHECKING

import typer

from specie.app.cli.database import auditor_url, running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain
from specie.app.cli.verify import report_data, report_text
from specie.platform.config import Settings, SettingsInvalid, load_settings

if TYPE_CHECKING:
    from specie.app.verify import Report
    from specie.ledger import Checkpoint


def checkpoint_command(json: Json = False) -> None:
    """Verify the books and sign a checkpoint over them; exit 8 and sign nothing when they are not sound."""
    with running_database(load_settings()) as settings:
        if not settings.system_url:
            raise SettingsInvalid("SPECIE_SYSTEM_URL: needed to sign the books of every tenant")
        report, made = asyncio.run(_signed(settings))
    if not report.is_sound:
        answer(json, report_data(report), report_text(report))
        raise typer.Exit(ExitCode.BOOKS_BROKEN)
    if made is None:
        complain(json, "busy", "Another process is making a checkpoint at this moment.")
        raise typer.Exit(ExitCode.REFUSED)
    data = {"number": made.number, "note": made.note, "hash": made.hash.hex(), "signature": made.signature.hex()}
    answer(json, data, f"{report_text(report)}\nCheckpoint {made.number} is signed; its hash is {made.hash.hex()}.")


async def _signed(settings: Settings) -> "tuple[Report, Checkpoint | None]":
    from specie.app.proving import PURPOSE, prove_and_sign
    from specie.platform.db import Database
    from specie.platform.signing import Signer
    from specie.platform.storage import open_storage

    db = Database(settings.database_url, settings.system_url, pool_size=1)
    try:
        signer = Signer(settings.sealing_key, PURPOSE)
        return await prove_and_sign(db, auditor_url(settings), signer, open_storage(settings.files))
    finally:
        await db.close()
