"""Every crash point of the money's way, tried in every flow that reaches it: half-done work is always made whole."""

import os
import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.faults.crashes import ACTIONS, FLOWS, WHEN, Trial, Whole, attempt
from tests.faults.points import everywhere, outside
from tests.support.server import DatabaseUrls
from tests.support.state import reachable_folder

SEED = int(os.environ.get("SPECIE_ASSAY_SEED", "4711"))
# In the ordinary run a few trials drawn by the seed; all of them take most of an hour.
TRIALS = {"smoke": 6, "gate": None}.get(os.environ.get("SPECIE_ASSAY_PROFILE", "smoke"))


@pytest.fixture(scope="module")
def whole(database_urls: DatabaseUrls) -> Iterator[Whole]:
    with reachable_folder() as state, Whole(database_urls, state) as made:
        yield made


@pytest.fixture(scope="module")
def reached(whole: Whole, database_urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The crash points each flow passes when nothing goes wrong, by the flow's name."""
    folder = tmp_path_factory.mktemp("undisturbed")
    found = {}
    for flow in FLOWS:
        assert attempt(whole, database_urls, folder, flow) == [], flow
        found[flow] = whole.noted("reached")
    return found


def test_every_crash_point_is_reached_by_a_flow_or_stands_outside_of_the_moneys_way(
    reached: dict[str, set[str]],
) -> None:
    on_the_way = set().union(*reached.values())
    unexplained = {point for point in everywhere() - on_the_way if not outside(point)}
    assert unexplained == set()


def test_half_done_work_is_made_whole_wherever_it_stopped(
    whole: Whole, database_urls: DatabaseUrls, reached: dict[str, set[str]], tmp_path: Path
) -> None:
    trials = [
        Trial(flow, point, action, when)
        for flow, points in sorted(reached.items())
        for point, action, when in product(sorted(points), ACTIONS, WHEN)
    ]
    random.Random(SEED).shuffle(trials)
    wrong, sprung = {}, 0
    for trial in trials[:TRIALS]:
        found = attempt(whole, database_urls, tmp_path, trial.flow, trial)
        sprung += trial.point in whole.noted("sprung")
        if found:
            wrong[str(trial)] = found
    print(f"\n{len(trials[:TRIALS])} of {len(trials)} trials, seed {SEED}; the trap sprang in {sprung}")
    assert wrong == {}
    assert sprung >= len(trials[:TRIALS]) // 2
