"""How long and how hard: the profiles of a run, and the schedule of faults a seed draws for one."""

import random
from dataclasses import dataclass
from typing import Any

# Each hand holds every fault once, so even a short run meets each of them.
_HAND = (
    ("kill", "api"),
    ("kill", "postgres"),
    ("kill", "worker"),
    ("pause", "api"),
    ("kill", "simulator"),
    ("black_hole", "wire"),
    ("kill", "backend"),
    ("pause", "worker"),
    ("stop", "api"),
    ("kill", "every_api"),
    ("end", "backend"),
    ("stop", "worker"),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """One size of run. `cut_share` of all commits are cut at the wire, half before, half after.

    Times are in seconds; healing ends as soon as everything is settled, and the faults take longer on a slow machine.
    It may last as long as a lease and the pause between two questions that providers are asked.

    `least` names what must have happened at least so often for the run to count. In a strict run every error must be
    a problem document that says what to do, so a 500 is a finding.
    """

    name: str
    calm: float
    faults: float
    healing: float
    fault_every: float
    clients: int
    cut_share: float
    least: dict[str, int]
    is_strict: bool = False
    # Refusals that free their key and that two processes with different clocks need not agree about.
    of_the_clock: frozenset[str] = frozenset()
    # Seconds between two steps of a client: where times are measured, the load must leave the machine room.
    rest: float = 0.0
    # Whether a second tenant works beside the first, in other currencies, and money goes back and is invoiced.
    has_neighbour: bool = False

    @property
    def seconds(self) -> float:
        """The longest a run takes once it is under load."""
        return self.calm + self.faults + self.healing


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: seconds after the calm phase, what happens to whom, and for how long where that has a length."""

    at: float
    action: str
    victim: str
    seconds: float = 0.0


_SMOKE_LEAST = {"operations": 30, "retried": 1, "kills": 6, "commits_cut_before": 1, "commits_cut_after": 1}
_GATE_LEAST = {"operations": 5_000, "retried": 100, "kills": 60, "commits_cut_before": 50, "commits_cut_after": 50}
_GATE_LEAST |= {"settlements asked for": 10, "refunds asked for": 20, "tenants that posted": 2}
_GATE_LEAST |= {"payouts asked for": 20, "purchases paid": 20}
_GATE_LEAST |= {"purchases by several means": 10, "refunds of purchases": 10}
_NIGHT_LEAST = {name: number * 12 for name, number in _GATE_LEAST.items()}
_RELEASE_LEAST = {name: number * 30 for name, number in _GATE_LEAST.items()}

PROFILES = {
    profile.name: profile
    for profile in (
        Profile("smoke", 5, 40, 240, 3.2, 6, 0.02, _SMOKE_LEAST, has_neighbour=True),
        Profile("gate", 70, 540, 240, 4.0, 8, 0.02, _GATE_LEAST, has_neighbour=True),
        Profile("nightly", 600, 9_600, 600, 4.0, 12, 0.02, _NIGHT_LEAST, has_neighbour=True),
        Profile("release", 1_800, 25_200, 1_800, 4.0, 16, 0.02, _RELEASE_LEAST, has_neighbour=True),
    )
}


def schedule(profile: Profile, seed: int) -> list[Fault]:
    """The faults of a run, the same for the same profile and seed."""
    # Not for secrets: the point of a seed is that the draw can be had again.
    draw = random.Random(seed)  # noqa: S311
    faults: list[Fault] = []
    hand: list[tuple[str, str]] = []
    at = 0.0
    # Every fault has its turn, however the times between them fell.
    while (at := at + draw.uniform(0.6, 1.4) * profile.fault_every) < profile.faults or len(faults) < len(_HAND):
        if not hand:
            hand = draw.sample(_HAND, len(_HAND))
        action, victim = hand.pop()
        seconds = draw.uniform(0.5, 4.0) if action in {"pause", "black_hole"} else 0.0
        faults.append(Fault(round(at, 3), action, victim, round(seconds, 3)))
    return faults


def faults_of(report: dict[str, Any]) -> list[Fault]:
    """The schedule a report was made with."""
    return [Fault(**fault) for fault in report["schedule"]]
