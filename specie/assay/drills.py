"""Drills: one trouble each, planned to the second, under load and before the same judge."""

from dataclasses import dataclass

from specie.assay.profile import Fault, Profile

_LEAST = {"operations": 60, "acknowledged_in_trouble": 5}


@dataclass(frozen=True, slots=True)
class Drill:
    """What is tried, in a sentence for people, and the plan; `Fault.seconds` is how long, or by how much."""

    name: str
    shows: str
    profile: Profile
    faults: list[Fault]


def _drill(name: str, shows: str, *faults: Fault, **least: int) -> Drill:
    length = max(fault.at + (fault.seconds if fault.action == "fill" else 0.0) for fault in faults) + 8.0
    profile = Profile(name, 3, length, 90, 0, 6, 0.0, _LEAST | least, is_strict=True)
    return Drill(name, shows, profile, list(faults))


DRILLS = {
    drill.name: drill
    for drill in (
        _drill(
            "disk-full",
            "The disk of PostgreSQL fills up twice under load and is freed again.",
            Fault(3.0, "fill", "disk", 7.0),
            Fault(16.0, "fill", "disk", 7.0),
            fill=2,
            answered_503=1,
        ),
        _drill(
            "fail-over",
            "The primary is killed three times; each time its synchronous standby takes over.",
            Fault(4.0, "fail_over", "postgres"),
            Fault(14.0, "fail_over", "postgres"),
            Fault(24.0, "fail_over", "postgres"),
            fail_over=3,
        ),
    )
}
