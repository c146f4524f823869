"""`specie verify`: add everything up again and say whether the books are sound."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from specie.app.cli.database import auditor_url, running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, counted
from specie.platform.config import Settings, load_settings

if TYPE_CHECKING:
    from specie.app.verify import Finding, Report


def verify_command(json: Json = False) -> None:
    """Prove every balance, number and seal from the postings up; exit 8 and name the first wrong rows if one fails."""
    from specie.app.verify import verify

    with running_database(load_settings()) as settings:
        report = asyncio.run(verify(auditor_url(settings), _public_key(settings)))
    answer(json, report_data(report), report_text(report))
    if not report.is_sound:
        raise typer.Exit(ExitCode.BOOKS_BROKEN)


def _public_key(settings: Settings) -> bytes | None:
    """The key that has signed the checkpoints; None where the master key is not at hand, as with an auditor."""
    from specie.app.proving import PURPOSE
    from specie.platform.signing import Signer

    if not settings.master_key.get_secret_value() and not settings.uses_embedded_database:
        return None
    return Signer(settings.sealing_key, PURPOSE).public_key


def report_data(report: "Report") -> dict[str, Any]:
    """The report for machines."""
    return {
        "sound": report.is_sound,
        "checks": report.checked,
        "tenants": report.tenants,
        **report.counts,
        "findings": [asdict(finding) for finding in report.findings],
    }


def report_text(report: "Report") -> str:
    """The report for people."""
    rows = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in report.counts.items())
    proved = f"{report.checked} checks over {counted(report.tenants, 'tenant', 'tenants')}: {rows}."
    if report.is_sound:
        return f"{typer.style('✓', fg='green')} The books are sound. {proved}"
    broken = "\n".join(_finding(finding) for finding in report.findings)
    return f"{typer.style('✗', fg='red')} The books are NOT sound. {proved}\n{broken}"


def _finding(finding: "Finding") -> str:
    rows = "\n".join("    " + ", ".join(f"{name} {value}" for name, value in row.items()) for row in finding.rows)
    return f"  {finding.module}: not true that {finding.sentence}. First wrong:\n{rows}"
