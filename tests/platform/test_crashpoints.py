"""Crash points: silent by default, exact when a trap is set."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from specie.platform import crashpoints


@pytest.fixture(autouse=True)
def _no_trap_left() -> Iterator[None]:
    yield
    crashpoints.install(None)


def test_a_crash_point_does_nothing_without_a_trap() -> None:
    crashpoints.crash_point("payments.charge.sent")


def test_an_installed_trap_sees_every_name() -> None:
    seen: list[str] = []
    crashpoints.install(seen.append)
    crashpoints.crash_point("a")
    crashpoints.crash_point("b")
    assert seen == ["a", "b"]


def test_the_environment_trap_springs_only_at_the_named_pass() -> None:
    crashpoints.from_environment({"SPECIE_CRASH_POINT": "ledger.commit.before:raise:2"})
    crashpoints.crash_point("ledger.commit.after")
    crashpoints.crash_point("ledger.commit.before")
    with pytest.raises(crashpoints.TrapSprung):
        crashpoints.crash_point("ledger.commit.before")
    crashpoints.crash_point("ledger.commit.before")


def test_without_the_variable_no_trap_is_set() -> None:
    crashpoints.from_environment({})
    assert crashpoints._trap is None


@pytest.mark.parametrize("value", ["x", "x:cut", ":kill", "x:kill:0", "x:kill:no"])
def test_a_misspelt_trap_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="SPECIE_CRASH_POINT"):
        crashpoints.from_environment({"SPECIE_CRASH_POINT": value})


def test_kill_ends_the_process_at_once() -> None:
    code = "from specie.platform import crashpoints as c\nc.from_environment()\nc.crash_point('x')\nprint('alive')"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"SPECIE_CRASH_POINT": "x:kill"}, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == b""
