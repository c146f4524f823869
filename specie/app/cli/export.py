"""`specie export`: the books as a file that another program reads."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer

from specie.app.cli.client import Key, Url
from specie.app.cli.database import auditor_url, running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.export_document import DOCUMENTS, fetched, keep
from specie.app.cli.output import Json, answer, complain, counted
from specie.kernel.ids import InvalidId, TenantId
from specie.platform.config import load_settings

if TYPE_CHECKING:
    from specie.app.export import Format, Totals

FORMATS = ("beancount", "hledger", "csv")


def export_command(
    format: Annotated[str, typer.Argument(help="beancount, hledger or csv; ubl or camt053 of one document.")],  # noqa: A002
    document: Annotated[str, typer.Argument(help="For ubl an invoice, for camt053 a statement.")] = "",
    tenant: Annotated[str, typer.Option(help="Only the books of this tenant (ten_…).")] = "",
    out: Annotated[Path | None, typer.Option(help="Write to this file; without it, to standard output.")] = None,
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Write the books of every tenant, as of now, as the read-only role; or one document, over the API."""
    if json and out is None:
        _misused(json, "With --json say where the file goes: --out FILE.")
    if format in DOCUMENTS:
        if not document:
            _misused(json, f"Say which document: {DOCUMENTS[format][0]}.")
        _hand_over(fetched(format, document, url, key), document, out, json)
        return
    if format not in FORMATS or document:
        _misused(json, f"The format is one of {', '.join((*FORMATS, *DOCUMENTS))}; the last two of one document.")
    only = _tenant_id(tenant, json) if tenant else None
    with running_database(load_settings()) as settings:
        from specie.app.export import Format

        totals = asyncio.run(_export(auditor_url(settings), Format(format), only, out))
    if out is not None:
        answer(json, _data(totals, out), _text(totals, out))


def _hand_over(content: bytes, document: str, out: Path | None, json: bool) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        return
    keep(content, out)
    answer(json, {"file": str(out), "document": document, "bytes": len(content)}, f"Wrote {out}: {document}.")


async def _export(url: str, format: "Format", only: TenantId | None, out: Path | None) -> "Totals":  # noqa: A002
    from specie.app.export import read_books, write

    with _sink(out) as file:
        async with read_books(url, only) as books:
            return await write(books, format, file.write)


@contextmanager
def _sink(out: Path | None) -> Iterator[TextIO]:
    """The file to write to; one with a name appears under it only when it is complete."""
    if out is None:
        yield sys.stdout
        return
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            yield file
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def _data(totals: "Totals", out: Path) -> dict[str, object]:
    return {
        "file": str(out),
        "tenants": totals.tenants,
        "accounts": totals.accounts,
        "entries": totals.entries,
        "debits_minor": dict(totals.debits_minor),
    }


def _text(totals: "Totals", out: Path) -> str:
    tenants = counted(totals.tenants, "tenant", "tenants")
    accounts = counted(totals.accounts, "account", "accounts")
    return f"Wrote {out}: {tenants}, {accounts}, {counted(totals.entries, 'entry', 'entries')}."


def _tenant_id(text: str, json: bool) -> TenantId:
    try:
        return TenantId.parse(text)
    except InvalidId as error:
        _misused(json, str(error))


def _misused(json: bool, message: str) -> NoReturn:
    complain(json, "usage", message)
    raise typer.Exit(ExitCode.USAGE)
