"""Every crash point of the money's way, tried in every flow that reaches it: half-done work is always made whole."""

import os
import random
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest

from tests.faults.crashes import ACTIONS, WHEN, Trial, Whole, attempt
from tests.faults.flows import AT_ONCE, BY_ITSELF, FLOWS
from tests.faults.points import everywhere, outside
from tests.faults.together import batches
from tests.support.server import DatabaseUrls
from tests.support.state import reachable_folder

# The sample of `make test` stays the same from run to run; SPECIE_ASSAY_SEED draws another.
SEED = int(os.environ.get("SPECIE_ASSAY_SEED") or 4711)
PROFILE = os.environ.get("SPECIE_ASSAY_PROFILE", "smoke")
FLOWS_IN_SAMPLE = 4


class Range:
    """One prepared installation that flows are sent into traps of."""

    def __init__(self, whole: Whole, urls: DatabaseUrls, folder: Path) -> None:
        self.whole = whole
        self._urls = urls
        self._folder = folder

    def run(self, flows: Sequence[str], trials: Sequence[Trial] = ()) -> list[str]:
        """What is wrong after flows ran side by side."""
        return attempt(self.whole, self._urls, self._folder, flows, trials)

    def points_of(self, flows: Sequence[str]) -> set[str]:
        """The crash points that flows pass when nothing goes wrong."""
        assert self.run(flows) == [], flows
        return self.whole.noted("reached")


@pytest.fixture(scope="module")
def shooting_range(database_urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    with reachable_folder() as state, Whole(database_urls, state) as whole:
        yield Range(whole, database_urls, tmp_path_factory.mktemp("journals"))


@pytest.fixture(scope="module")
def passed(shooting_range: Range) -> dict[str, set[str]]:
    """What is passed by the flows that run side by side, and by each of those that move the clock."""
    together = shooting_range.points_of(AT_ONCE)
    return dict.fromkeys(AT_ONCE, together) | {flow: shooting_range.points_of([flow]) for flow in BY_ITSELF}


def test_every_crash_point_is_reached_by_a_flow_or_stands_outside_of_the_moneys_way(
    passed: dict[str, set[str]],
) -> None:
    reached = set[str]().union(*passed.values())
    assert {point for point in everywhere() - reached if not outside(point)} == set()


def test_half_done_work_is_made_whole_wherever_it_stopped(shooting_range: Range, passed: dict[str, set[str]]) -> None:
    draw = random.Random(SEED)
    trials = _sample(passed, draw) if PROFILE == "smoke" else _many(shooting_range, draw)
    print(f"\n{len(trials)} trials; again with SPECIE_ASSAY_SEED={SEED}")
    wrong, sprung = {}, 0
    for batch in batches(trials):
        found = shooting_range.run([trial.flow for trial in batch], batch)
        traps = shooting_range.whole.noted("sprung")
        sprung += sum(trial.trap in traps for trial in batch)
        if found:
            wrong |= _found_alone(shooting_range, batch) or {" + ".join(map(str, batch)): found}
    print(f"the trap sprang in {sprung}")
    assert wrong == {}
    assert sprung >= len(trials) // 2


def _found_alone(shooting_range: Range, batch: list[Trial]) -> dict[str, list[str]]:
    """Which of several trials that went wrong together do so by themselves."""
    alone = {str(trial): shooting_range.run([trial.flow], [trial]) for trial in batch if len(batch) > 1}
    return {trial: found for trial, found in alone.items() if found}


def _sample(passed: dict[str, set[str]], draw: random.Random) -> list[Trial]:
    """A few flows with one fault each, at a point the flow is there for."""
    trials: list[Trial] = []
    for flow in draw.sample([flow for flow in AT_ONCE if FLOWS[flow].own], FLOWS_IN_SAMPLE):
        own = sorted(point for point in passed[flow] if point.startswith(FLOWS[flow].own))
        free = [point for point in own if point not in {trial.point for trial in trials}]
        trials.append(Trial(flow, draw.choice(free or own), draw.choice(ACTIONS), draw.choice(WHEN)))
    return trials


def _many(shooting_range: Range, draw: random.Random) -> list[Trial]:
    """In the gate each action at each point once, in a flow drawn by the seed; else everything."""
    points = {flow: sorted(shooting_range.points_of([flow])) for flow in FLOWS}
    trials = [Trial(flow, *rest) for flow in FLOWS for rest in product(points[flow], ACTIONS, WHEN)]
    draw.shuffle(trials)
    return list({trial.trap: trial for trial in trials}.values()) if PROFILE == "gate" else trials
