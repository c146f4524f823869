"""Which trials can be made at the same time."""

from collections.abc import Iterator, Sequence

from tests.faults.crashes import Trial
from tests.faults.flows import FLOWS

# With more of them at once, installations die faster than they can be started.
AT_MOST_TOGETHER = 4


def batches(trials: Sequence[Trial]) -> Iterator[list[Trial]]:
    """Trials that can be made at the same time: of different flows and points, and none of them moves the clock."""
    left = list(trials)
    while left:
        batch: list[Trial] = []
        for trial in left:
            if len(batch) == AT_MOST_TOGETHER:
                break
            is_alone = FLOWS[trial.flow].moves_clock
            if not batch or not (is_alone or FLOWS[batch[0].flow].moves_clock or _meet(trial, batch)):
                batch.append(trial)
        left = [trial for trial in left if trial not in batch]
        yield batch


def _meet(trial: Trial, batch: Sequence[Trial]) -> bool:
    return any(trial.flow == other.flow or trial.point == other.point for other in batch)
