"""The harness is itself tried: every planted defect must run, and must be found by the one whose task it is."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import caller
from tests.faults.crashes import Trial, Whole, attempt
from tests.faults.defects import DEFECTS
from tests.support.server import DatabaseUrls
from tests.support.state import reachable_folder

pytestmark = pytest.mark.breaks_the_books

SEED = int(os.environ.get("SPECIE_ASSAY_SEED", "4711"))
# Each costs seconds: the ordinary run tries a few, drawn by the seed.
IS_SMOKE = os.environ.get("SPECIE_ASSAY_PROFILE", "smoke") == "smoke"
NAMES = random.Random(SEED).sample(list(DEFECTS), 2) if IS_SMOKE else list(DEFECTS)


@pytest.fixture(scope="module")
def whole(database_urls: DatabaseUrls) -> Iterator[Whole]:
    with reachable_folder() as state, Whole(database_urls, state) as made:
        yield made


@pytest.fixture(scope="module")
def known() -> set[str]:
    """What is wrong already: the books stay broken by the defects that came before."""
    return set()


def test_every_defect_takes_the_place_of_something() -> None:
    every = "from tests.faults.defects import DEFECTS; [one.plant(print) for one in DEFECTS.values()]"
    subprocess.run([sys.executable, "-c", every], check=True, timeout=60)


@pytest.mark.parametrize("name", sorted(NAMES, key=list(DEFECTS).index))
def test_a_planted_defect_is_found_out(
    whole: Whole,
    database_urls: DatabaseUrls,
    known: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    # What will never settle need not be waited for as long as what might.
    monkeypatch.setattr(caller, "SETTLE_SECONDS", 15.0)
    defect = DEFECTS[name]
    trials = [Trial(defect.flow, defect.point, "kill", "first")] if defect.point else []
    found = set(attempt(whole, database_urls, tmp_path, [defect.flow], trials, defect=name))
    assert whole.noted("planted") == {name}
    assert any(defect.found_by in what for what in found - known), found - known
    known |= found
