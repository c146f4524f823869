"""Everything that must be green, cheapest first: `make test`.

The static checks of Python and the checks of the web run side by side, then the tests. Each step prints its name and
its time; a failure ends its side, and the run after both. What the machine lacks is skipped and
said at the end, unless SPECIE_TEST_REQUIRE_ALL=1 makes it a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
REQUIRE_ALL = os.environ.get("SPECIE_TEST_REQUIRE_ALL") == "1"
WORKERS = os.environ.get("SPECIE_TEST_WORKERS", "3")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Step:
    """One command of the check, run in a folder of the repository."""

    name: str
    command: tuple[str, ...]
    folder: str = "."


@dataclass(frozen=True)
class Lack:
    """A tool this machine does not have: what goes unchecked for it, and how to get it."""

    tool: str
    unchecked: str
    remedy: str


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(BIN / name), *arguments)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


LINT = (
    Step("lock files", _python("tools.lockcheck")),
    Step("ruff check", _tool("ruff", "check", "--quiet", ".")),
    Step("ruff format", _tool("ruff", "format", "--check", "--quiet", ".")),
    Step("house linter", _python("tools.houselint")),
    Step("module map", _python("tools.module_map", "--check")),
    Step("import contracts", _tool("lint-imports", "--no-logo")),
    Step("dependencies", _tool("deptry", "--no-ansi", ".")),
    Step("migration lint", _python("tools.migration_lint")),
    Step("mypy", _tool("mypy", "--no-error-summary")),
)
WEB_LINT = (
    Step("web lint", ("npm", "run", "--silent", "lint"), "web"),
    Step("web types", ("npm", "run", "--silent", "typecheck"), "web"),
    Step("client lint", ("npm", "run", "--silent", "lint"), "sdks/typescript"),
)
WEB_TESTS = (Step("web tests", ("npm", "test", "--silent"), "web"),)
PYTEST_OPTIONS = (
    f"-n {WORKERS} --dist loadscope --no-loadscope-reorder -p tools.require_everything -p tools.show_failures "
    "-rfEs --tb=short --durations=40 --durations-min=3"
)
PYTEST = _python("pytest", *PYTEST_OPTIONS.split())


def lacking() -> list[Lack]:
    """What this machine does not have."""
    lacks = []
    if not shutil.which("npm"):
        lacks.append(Lack("Node 20", "the web's lint, types and tests", "https://nodejs.org/"))
    # A path in CHROMIUM wins, as it does in the browser tests.
    named = os.environ.get("CHROMIUM")
    if not any(shutil.which(browser) for browser in ((named,) if named else BROWSERS)):
        remedy = "apt-get install chromium, or set CHROMIUM to a browser"
        lacks.append(Lack("chromium", "the browser tests", remedy))
    return lacks


def run_step(step: Step) -> bool:
    """Runs one step, showing its output only when it fails; returns whether it passed."""
    started = time.perf_counter()
    done = subprocess.run(
        step.command, cwd=ROOT / step.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    said = f"{step.name:.<24}{verdict:.>8} {time.perf_counter() - started:6.1f} s\n".encode()
    if done.returncode:
        said += done.stdout + f"\n`{' '.join(step.command)}` failed in {step.folder}/\n".encode()
    # Written at once, because another step may end at the same moment.
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()
    return done.returncode == 0


def run_beside(*sides: tuple[Step, ...]) -> bool:
    """Runs the steps of each side one after the other until one fails, the sides side by side; whether all passed."""
    with ThreadPoolExecutor(len(sides)) as threads:
        return all(list(threads.map(lambda steps: all(map(run_step, steps)), sides)))


def run_pytest() -> tuple[int, str]:
    """Runs the tests, showing them as they run; returns the exit code and pytest's closing line."""
    colour = "--color=yes" if sys.stdout.isatty() else "--color=auto"
    # Many machines tell Python not to write bytecode: then each process would compile 300 files of tests anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        (*PYTEST, colour), cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        tail = b""
        while chunk := os.read(process.stdout.fileno(), 65536):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            tail = (tail + chunk)[-4096:]
    return process.returncode, tail.decode(errors="replace").strip().rpartition("\n")[2]


def announce(lacks: list[Lack]) -> None:
    """Says loudly what was not checked."""
    bar = "!" * 78
    print(f"\n{bar}\n!!  NOT EVERYTHING WAS CHECKED: this machine lacks")
    for lack in lacks:
        print(f"!!    {lack.tool}: without it {lack.unchecked} did not run.\n!!      Get it: {lack.remedy}")
    print(bar, flush=True)


def main(arguments: list[str]) -> int:
    """Runs the check, or with `lint` only its static part; returns the exit code."""
    lacks = lacking()
    if lacks and REQUIRE_ALL:
        announce(lacks)
        return 1
    only_lint = arguments == ["lint"]
    has_npm = not any(lack.tool.startswith("Node") for lack in lacks)
    web = WEB_LINT if only_lint else WEB_LINT + WEB_TESTS
    if not run_beside(LINT, web if has_npm else ()):
        return 1
    code, closing_line = (0, "lint: all green") if only_lint else run_pytest()
    if lacks:
        announce(lacks)
        print(closing_line)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
