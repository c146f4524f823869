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
PROFILE = os.environ.get("SPECIE_ASSAY_PROFILE", "smoke")
SMOKE_TRIALS = 3


@pytest.fixture(scope="module")
def whole(database_urls: DatabaseUrls) -> Iterator[Whole]:
    with reachable_folder() as state, Whole(database_urls, state) as made:
        yield made


def test_every_crash_point_is_reached_by_a_flow_or_stands_outside_of_the_moneys_way(
    whole: Whole, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    assert attempt(whole, database_urls, tmp_path, list(FLOWS)) == []
    reached = whole.noted("reached")
    assert {point for point in everywhere() - reached if not outside(point)} == set()


def test_half_done_work_is_made_whole_wherever_it_stopped(
    whole: Whole, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    draw = random.Random(SEED)
    flows = draw.sample(sorted(FLOWS), 1) if PROFILE == "smoke" else sorted(FLOWS)
    possible = _trials(whole, database_urls, tmp_path, flows)
    trials = _drawn(possible, draw)
    wrong, sprung = {}, 0
    for trial in trials:
        found = attempt(whole, database_urls, tmp_path, [trial.flow], trial)
        sprung += trial.point in whole.noted("sprung")
        if found:
            wrong[str(trial)] = found
    print(f"\n{len(trials)} of {len(possible)} trials, seed {SEED}; the trap sprang in {sprung}")
    assert wrong == {}
    assert sprung >= len(trials) // 2


def _drawn(possible: list[Trial], draw: random.Random) -> list[Trial]:
    """A few in the ordinary run; in the gate each action at each point once, in a flow drawn by the seed; else all."""
    draw.shuffle(possible)
    if PROFILE == "smoke":
        return possible[:SMOKE_TRIALS]
    if PROFILE == "gate":
        return list({(trial.point, trial.action): trial for trial in possible}.values())
    return possible


def _trials(whole: Whole, urls: DatabaseUrls, folder: Path, flows: list[str]) -> list[Trial]:
    """Every crash point each flow passes when nothing goes wrong, with every action, at the first try and the next."""
    trials = []
    for flow in flows:
        assert attempt(whole, urls, folder, [flow]) == [], flow
        points = sorted(whole.noted("reached"))
        trials += [Trial(flow, *rest) for rest in product(points, ACTIONS, WHEN)]
    return trials
