"""A minute of load while processes are killed, paused and cut off: the command users run, as they run it."""

import json
import subprocess
import sys
from pathlib import Path

# Several times what it takes on two free cores.
MOST_SECONDS = 800


def test_nothing_is_lost_and_nothing_is_doubled_while_processes_are_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "specie.app.cli", "assay", "--profile", "smoke", "--seed", "4711"]
    done = subprocess.run(
        [*command, "--report", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    assert (tmp_path / "report-smoke-4711.json").exists(), done.stderr
    report = json.loads((tmp_path / "report-smoke-4711.json").read_text())
    print((tmp_path / "report-smoke-4711.md").read_text())
    assert {cell: found for cell, found in report["findings"].items() if found} == {}
    assert report["broken"] == []
    assert report["too_little"] == []
    assert report["invariants"] > 50
    assert done.returncode == 0
