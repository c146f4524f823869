"""Flows that lock the same rows lock them in the same order: no deadlock, so that nobody has to be tried again."""

import pytest

from specie.platform import db
from specie.platform.db import Database
from tests.interleavings.stepper import Stepper
from tests.interleavings.test_pairs import MOST_STEPS, processes, stepper, trade, trial
from tests.interleavings.trade import Trade

__all__ = ["processes", "stepper", "trade"]

PAIRS = [("charge", "credit"), ("credit", "charge")]


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
async def test_no_two_flows_wait_for_each_other(
    trade: Trade,
    stepper: Stepper,
    processes: list[Database],
    monkeypatch: pytest.MonkeyPatch,
    pair: tuple[str, str],
) -> None:
    alone = [(0, MOST_STEPS), (1, MOST_STEPS)]
    _, flows = await trial(trade, stepper, processes, pair, alone)
    # A deadlock is no longer tried again, and so is seen.
    monkeypatch.setattr(db, "_RETRIED_STATES", frozenset())
    # After each lock of the first the second runs as far as it can: who locks the other way round meets it there.
    locks = [n for n, sent in enumerate(flows[0].steps, 1) if "stock_level" in sent or "account" in sent]
    for at in locks:
        (outcomes, _), _ = await trial(trade, stepper, processes, pair, [(0, at), (1, MOST_STEPS)])
        assert outcomes == ("done", "done"), at
