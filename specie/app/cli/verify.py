"""`specie verify`: add everything up again and say whether the books are sound."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from specie.app.cli.database import auditor_url, running_database
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer
from specie.platform.config import load_settings

if TYPE_CHECKING:
    from specie.app.verify import Finding, Report


def verify_command(json: Json = False) -> None:
    """Prove every balance, number and seal from the postings up; exit 8 and name the first wrong rows if one fails."""
    from specie.app.verify import verify

    with running_database(load_settings()) as settings:
        report = asyncio.run(verify(auditor_url(settings)))
    answer(json, _data(report), _text(report))
    if not report.is_sound:
        raise typer.Exit(ExitCode.BOOKS_BROKEN)


def _data(report: "Report") -> dict[str, Any]:
    return {
        "sound": report.is_sound,
        "checks": report.checked,
        "tenants": report.tenants,
        **report.counts,
        "findings": [asdict(finding) for finding in report.findings],
    }


def _text(report: "Report") -> str:
    counted = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in report.counts.items())
    proved = f"{report.checked} checks over {report.tenants} tenants: {counted}."
    if report.is_sound:
        return f"{typer.style('✓', fg='green')} The books are sound. {proved}"
    broken = "\n".join(_finding(finding) for finding in report.findings)
    return f"{typer.style('✗', fg='red')} The books are NOT sound. {proved}\n{broken}"


def _finding(finding: "Finding") -> str:
    rows = "\n".join("    " + ", ".join(f"{name} {value}" for name, value in row.items()) for row in finding.rows)
    return f"  {finding.module}: not true that {finding.sentence}. First wrong:\n{rows}"
