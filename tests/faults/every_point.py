"""Every crash point × action × flow × first try or retry, in as many sittings as it takes.

`python -m tests.faults.every_point REPORT [--minutes 30] [--seed 4711]` goes on where the report stops and ends when
the time is over or nothing is left. The report has one JSON line for each batch of trials, and says what went wrong.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from tests.faults.crashes import ACTIONS, WHEN, Trial, Whole, attempt
from tests.faults.flows import FLOWS
from tests.faults.together import batches
from tests.support.server import DatabaseUrls, shared_server
from tests.support.state import reachable_folder


class Report:
    """What has been tried, on the disk after every batch."""

    def __init__(self, file: Path) -> None:
        self._file = file
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        self.points: dict[str, list[str]] = {one["flow"]: one["points"] for one in lines if "points" in one}
        self.batches: list[dict[str, Any]] = [one for one in lines if "trials" in one]

    def reached(self, flow: str, points: list[str]) -> None:
        """Note what a flow passes when nothing goes wrong."""
        self.points[flow] = points
        self._write({"flow": flow, "points": points})

    def tried(self, trials: list[Trial], sprung: int, wrong: dict[str, list[str]], seconds: float) -> None:
        """Note what became of trials."""
        line = {"trials": [str(trial) for trial in trials], "sprung": sprung, "seconds": round(seconds, 1)}
        self.batches.append(line | {"wrong": wrong})
        self._write(self.batches[-1])

    @property
    def done(self) -> set[str]:
        """Every trial that has been made."""
        return {trial for batch in self.batches for trial in batch["trials"]}

    def page(self, of: int) -> str:
        """The whole of it in a few lines."""
        wrong = {trial: found for batch in self.batches for trial, found in batch["wrong"].items()}
        sprung, seconds = (sum(batch[name] for batch in self.batches) for name in ("sprung", "seconds"))
        head = f"{len(self.done)} of {of} trials, the trap sprang in {sprung}, {seconds:.0f} s; {len(wrong)} went wrong"
        return "\n".join([head, *(f"  {trial}: {found[0][:300]}" for trial, found in wrong.items())])

    def _write(self, line: dict[str, Any]) -> None:
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")


class Sitting:
    """One prepared installation, and the time there is."""

    def __init__(self, whole: Whole, urls: DatabaseUrls, folder: Path, report: Report, ends: float) -> None:
        self._whole, self._urls, self._folder, self._report, self._ends = whole, urls, folder, report, ends

    def go_on(self, seed: int) -> int:
        """Try what has not been tried until the time is over; returns how many trials there are in all."""
        for flow in FLOWS:
            if flow not in self._report.points and self._has_time():
                wrong = attempt(self._whole, self._urls, self._folder, [flow])
                assert wrong == [], (flow, wrong)
                self._report.reached(flow, sorted(self._whole.noted("reached")))
        trials = list(all_trials(self._report.points))
        left = [trial for trial in trials if str(trial) not in self._report.done]
        # Not for secrets: a sitting that is cut short has still seen a bit of everything.
        random.Random(seed).shuffle(left)
        for batch in batches(left):
            if not self._has_time():
                break
            self._try(batch)
        return len(trials)

    def _try(self, batch: list[Trial]) -> None:
        began = time.monotonic()
        found = self._run(batch)
        traps = self._whole.noted("sprung")
        wrong = self._blamed(batch, found) if found else {}
        sprung = sum(trial.trap in traps for trial in batch)
        self._report.tried(batch, sprung, wrong, time.monotonic() - began)
        print(f"{len(self._report.done)} {'; '.join(map(str, batch))}: {'WRONG' if wrong else 'whole'}", flush=True)

    def _blamed(self, batch: list[Trial], found: list[str]) -> dict[str, list[str]]:
        """What goes wrong together is tried again alone, so that the one whose fault it is is named."""
        alone = {str(trial): self._run([trial]) for trial in batch if len(batch) > 1}
        return {trial: wrong for trial, wrong in alone.items() if wrong} or {" + ".join(map(str, batch)): found}

    def _run(self, batch: list[Trial]) -> list[str]:
        return attempt(self._whole, self._urls, self._folder, [trial.flow for trial in batch], batch)

    def _has_time(self) -> bool:
        return time.monotonic() < self._ends


def all_trials(points: dict[str, list[str]]) -> Iterator[Trial]:
    """The product."""
    for flow, passed in points.items():
        for point, action, when in product(passed, ACTIONS, WHEN):
            yield Trial(flow, point, action, when)


def main() -> int:
    """Go on with the report that is named; exit 1 when something in it went wrong."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("report", type=Path)
    asked.add_argument("--minutes", type=float, default=30)
    asked.add_argument("--seed", type=int, default=4711)
    given = asked.parse_args()
    report = Report(given.report)
    with shared_server() as server, reachable_folder() as state, tempfile.TemporaryDirectory() as journals:
        name = server.create_database()
        try:
            with Whole(server.urls(name), state) as whole:
                ends = time.monotonic() + given.minutes * 60
                sitting = Sitting(whole, server.urls(name), Path(journals), report, ends)
                trials = sitting.go_on(given.seed)
        finally:
            server.drop_database(name)
    print(report.page(trials))
    return any(batch["wrong"] for batch in report.batches)


if __name__ == "__main__":
    sys.exit(main())
