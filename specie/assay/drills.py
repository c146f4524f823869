"""Drills: one trouble each, planned to the second, under load and before the same judge."""

from dataclasses import dataclass, replace

from specie.assay.profile import Fault, Profile

_LEAST = {"operations": 60, "acknowledged_in_trouble": 5}
# What the next fault waits for, and the end of the load.
_LASTING = {"fill", "calm", "noise"}
_ROUNDS, _ROUND_SECONDS = 6, 2.5


@dataclass(frozen=True, slots=True)
class Drill:
    """What is tried, in a sentence for people, and the plan; `Fault.seconds` is how long, or by how much."""

    name: str
    shows: str
    profile: Profile
    faults: list[Fault]


def _drill(name: str, shows: str, *faults: Fault, **least: int) -> Drill:
    length = max(fault.at + (fault.seconds if fault.action in _LASTING else 0.0) for fault in faults) + 8.0
    profile = Profile(name, 3, length, 90, 0, 6, 0.0, _LEAST | least, is_strict=True)
    return Drill(name, shows, profile, list(faults))


def _with_clocks_apart(drill: Drill) -> Drill:
    """A promise for later may be in the past for one process and ahead for another."""
    return replace(drill, profile=replace(drill.profile, of_the_clock=frozenset({"schedule_in_past"})))


def _with_room(drill: Drill) -> Drill:
    """Where waiting is measured, the load beside it is a few clients that rest."""
    return replace(drill, profile=replace(drill.profile, clients=2, rest=0.5))


def _rounds() -> list[Fault]:
    """Quiet and noise in turns, so that whatever else the machine does falls on both."""
    actions = ("calm", "noise") * _ROUNDS
    return [Fault(1.0 + _ROUND_SECONDS * at, action, "tenants", _ROUND_SECONDS) for at, action in enumerate(actions)]


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
        _with_clocks_apart(
            _drill(
                "clock-jumps",
                "The clocks of APIs and workers jump two hours ahead, then one behind, then disagree by three.",
                Fault(4.0, "jump", "every_clock", 7_200),
                Fault(12.0, "jump", "every_clock", -3_600),
                Fault(20.0, "jump", "every_other_clock", 7_200),
                # What was planned by a clock that was ahead must come due before the judge looks.
                Fault(28.0, "jump", "every_clock", 10_800),
                jump=4,
            )
        ),
        _drill(
            "backup",
            "Two backups are made under load; the second comes back elsewhere and answers as before.",
            Fault(5.0, "back_up", "books"),
            Fault(15.0, "back_up", "books"),
            back_up=2,
        ),
        _drill(
            "rolling-upgrade",
            "An older version works on while the schema is migrated and its processes are replaced.",
            Fault(5.0, "migrate", "schema"),
            Fault(13.0, "renew", "one_of_each"),
            Fault(23.0, "renew", "the_others"),
            migrate=1,
            renew=2,
        ),
        _with_room(
            _drill(
                "noisy-tenant",
                "One tenant asks for 50 times what it may have; another one's times are measured without and with it.",
                *_rounds(),
                calm=_ROUNDS,
                noise=_ROUNDS,
                operations=40,
            )
        ),
    )
}
