"""`specie assay`: break an installation in every way there is, then prove that nothing was lost."""

import asyncio
import json as json_text
import random
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specie.app.cli.assay_site import AssaySite
    from specie.assay.drills import Drill
    from specie.assay.profile import Fault, Profile
    from specie.assay.report import Report

assay = typer.Typer(help="Break a throw-away installation under load and prove that nothing was lost.")
_ReportFolder = Annotated[Path, typer.Option("--report", help="Folder for the report.")]
_Program = Annotated[str, typer.Option("--program", hidden=True, help="The module to run instead of specie.")]
_REPORTS = Path(".specie/assay")
_SPECIE = "specie.app.cli"
_MOST_SEEDS = 100_000


@assay.callback(invoke_without_command=True)
def assay_command(
    context: typer.Context,
    profile: Annotated[str, typer.Option(help="smoke, gate, nightly or release.")] = "smoke",
    seed: Annotated[int | None, typer.Option(help="Fixes inputs and faults; drawn when left out.")] = None,
    report: _ReportFolder = _REPORTS,
    program: _Program = _SPECIE,
    json: Json = False,
) -> None:
    """Load, kill, pause and cut, then hold clients, provider and receivers against the books; exit 8 on any finding."""
    from specie.assay.profile import PROFILES, schedule

    if context.invoked_subcommand:
        return
    if profile not in PROFILES:
        complain(json, "usage", f"--profile is one of {', '.join(PROFILES)}")
        raise typer.Exit(ExitCode.USAGE)
    # Not for secrets: any number will do.
    drawn = random.randrange(_MOST_SEEDS) if seed is None else seed  # noqa: S311
    wanted = PROFILES[profile]
    _run(wanted, drawn, schedule(wanted, drawn), report, program, json)


@assay.command("replay")
def replay_command(
    document: Annotated[Path, typer.Argument(help="The JSON report of an earlier run.")],
    report: _ReportFolder = _REPORTS / "replayed",
    program: _Program = _SPECIE,
    json: Json = False,
) -> None:
    """Run again with the inputs and faults of a report. Real processes: the moments differ, the plan does not."""
    from specie.assay.profile import PROFILES, faults_of

    earlier: dict[str, Any] = json_text.loads(document.read_text())
    _run(PROFILES[earlier["profile"]], earlier["seed"], faults_of(earlier), report, program, json)


@assay.command("drill")
def drill_command(
    name: Annotated[str, typer.Argument(help="One of the drills, or `all`; without a name they are listed.")] = "",
    seed: Annotated[int | None, typer.Option(help="Fixes what clients ask for; drawn when left out.")] = None,
    old: Annotated[Path | None, typer.Option(help="A folder with an older version, to upgrade from.")] = None,
    report: _ReportFolder = _REPORTS,
    json: Json = False,
) -> None:
    """One planned trouble under load before the same judge: a full disk, a fail-over, wrong clocks, noise."""
    from specie.app.cli.drills import obstacle
    from specie.assay.drills import DRILLS

    if not name:
        answer(json, {drill.name: drill.shows for drill in DRILLS.values()}, _listed(DRILLS))
        return
    if name not in {*DRILLS, "all"}:
        complain(json, "usage", f"the drills are {', '.join(DRILLS)}, and all of them are `all`")
        raise typer.Exit(ExitCode.USAGE)
    chosen = list(DRILLS) if name == "all" else [name]
    held = 0
    for one in chosen:
        if why := obstacle(one, old):
            complain(json, "drill_not_held", f"The drill {one} was NOT held: {why}.")
            continue
        held += 1
        # Not for secrets: any number will do.
        drawn = random.randrange(_MOST_SEEDS) if seed is None else seed  # noqa: S311
        _run(DRILLS[one].profile, drawn, DRILLS[one].faults, report, _SPECIE, json, old)
    if held < len(chosen):
        raise typer.Exit(ExitCode.SETTINGS)


def _listed(drills: "dict[str, Drill]") -> str:
    return "\n".join(f"{drill.name:16} {drill.shows}" for drill in drills.values())


def _run(
    profile: "Profile",
    seed: int,
    plan: "list[Fault]",
    folder: Path,
    program: str,
    json: bool,
    old: Path | None = None,
) -> None:
    from specie.app.cli.assay_site import AssaySite
    from specie.app.cli.drills import site_of

    with _state() as state:
        site = site_of(profile.name, state, seed, old) if profile.is_strict else AssaySite(state, seed, program)
        made = asyncio.run(_assay(profile, seed, plan, state, site, json))
        document, page = made.write(folder)
        if not made.passed:
            # The books of all parties, for whoever looks for the cause.
            kept = folder / f"books-{profile.name}-{seed}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(state, kept, ignore=shutil.ignore_patterns("pg", "postgres-programs", "secrets"))
    data = {"passed": made.passed, "headline": made.headline, "report": str(document)}
    answer(json, data, f"{made.headline}\n{_outcome(made)}\nReport: {page}")
    if not made.passed:
        raise typer.Exit(ExitCode.BOOKS_BROKEN)


def _outcome(made: "Report") -> str:
    if made.passed:
        return typer.style("✓", fg="green") + f" Passed. Longest outage {made.longest_outage:.1f} s."
    first = next((what for found in made.findings.values() for what in found), None)
    return typer.style("✗", fg="red") + " " + (first or next(iter([*made.broken, *made.too_little])))


async def _assay(
    profile: "Profile", seed: int, plan: "list[Fault]", state: Path, site: "AssaySite", json: bool
) -> "Report":
    from specie.app.verify import verify
    from specie.assay.run import Run

    def say(text: str) -> None:
        if not json:
            typer.echo(text, err=True)

    async def checks() -> tuple[int, list[str]]:
        found = await verify(site.auditor_url)
        return found.checked, [f"{one.module}: not true that {one.sentence} ({one.rows[:1]})" for one in found.findings]

    if task := asyncio.current_task():
        # Told to end, it still takes its processes and its database with it.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    say(f"profile {profile.name}, seed {seed}: preparing an installation in {state}")
    async with site:
        return await Run(profile, seed, plan, state, site, site.wire, checks, say).go()


@contextmanager
def _state() -> "Iterator[Path]":
    """A folder the database server's unprivileged account can reach, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="specie-assay-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
