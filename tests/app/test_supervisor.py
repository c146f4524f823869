"""The supervisor: a crash is followed by a restart, each a little later than the last."""

import os
import signal
import subprocess
import sys
import threading
from multiprocessing.process import BaseProcess

import pytest

from specie.app.cli.supervisor import (
    HEALTHY_SECONDS,
    LONGEST_DELAY_SECONDS,
    Child,
    Supervisor,
    child_environment,
)


def test_each_crash_in_a_row_doubles_the_wait_up_to_a_limit() -> None:
    child = Child("api", [], {}, started_at=float("inf"))
    waits = [child.note_crash() for _ in range(10)]
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == LONGEST_DELAY_SECONDS


def test_a_crash_after_a_healthy_life_counts_as_the_first() -> None:
    child = Child("api", [], {}, crashes=5)
    assert child.note_crash() == 0.5
    assert HEALTHY_SECONDS > LONGEST_DELAY_SECONDS


def test_a_killed_child_is_started_again_and_a_signal_stops_all() -> None:
    child = Child("worker", ["version"], child_environment())
    said: list[str] = []
    started: list[BaseProcess] = []

    def tick() -> None:
        if child.process and child.process not in started:
            started.append(child.process)
        if len(started) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    guard = threading.Timer(60, os.kill, (os.getpid(), signal.SIGTERM))
    guard.start()
    try:
        Supervisor([child], tick, said.append).run()
    finally:
        guard.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert len(started) == 2
    assert said[0] == "worker stopped with 0; it starts again in 0.5 s"
    assert all(process.exitcode is not None for process in started)


def test_children_never_see_the_owner_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECIE_OWNER_URL", "postgresql://specie_owner@db/specie")
    assert "SPECIE_OWNER_URL" not in child_environment(SPECIE_PORT="1")


def test_what_is_imported_before_the_fork_starts_no_thread() -> None:
    script = "import threading, specie.app.cli.preloaded; print(threading.active_count())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "1"
