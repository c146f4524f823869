"""Keeps child processes running: restarts the crashed with back-off, stops all of them cleanly."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from specie.app.cli import nursery
from specie.kernel.clock import monotonic

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
# A child that lived this long was healthy, so its next crash counts as the first.
HEALTHY_SECONDS = 60.0
STOP_SECONDS = 25.0
_TICK_SECONDS = 0.2


@dataclass
class Child:
    """One command of this program that has to stay running."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    listener: socket.socket | None = None
    process: BaseProcess | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    crashes: int = 0

    def start(self) -> None:
        """Start the process."""
        self.started_at = monotonic()
        self.process = nursery.start(self.name, self.arguments, self.environment, self.listener)

    def note_crash(self) -> float:
        """Record that the process ended by itself and return the seconds until it is started again."""
        lived = monotonic() - self.started_at
        self.crashes = 1 if lived > HEALTHY_SECONDS else self.crashes + 1
        delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** (self.crashes - 1))
        self.process = None
        self.start_again_at = monotonic() + delay
        return delay


class Supervisor:
    """Runs children until SIGINT or SIGTERM.

    `tick` is called between two looks at them; raising there stops all.
    """

    def __init__(self, children: Sequence[Child], tick: Callable[[], None], say: Callable[[str], None]) -> None:
        self._children = children
        self._tick = tick
        self._say = say
        self._stopping = threading.Event()

    def run(self) -> None:
        """Start every child and keep it running; returns once a signal has come and all have stopped."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())
        try:
            for child in self._children:
                child.start()
            while not self._stopping.wait(_TICK_SECONDS):
                self._tick()
                for child in self._children:
                    self._look_after(child)
        finally:
            self._stop_all()

    def _look_after(self, child: Child) -> None:
        if child.process is None:
            if monotonic() >= child.start_again_at:
                child.start()
            return
        code = child.process.exitcode
        if code is None:
            return
        delay = child.note_crash()
        self._say(f"{child.name} stopped with {code}; it starts again in {delay:g} s")

    def _stop_all(self) -> None:
        running = [child.process for child in self._children if child.process]
        for process in running:
            process.terminate()
        deadline = monotonic() + STOP_SECONDS
        for process in running:
            process.join(timeout=max(0.0, deadline - monotonic()))
            if process.exitcode is None:
                process.kill()
                process.join()


def child_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment with these variables, without the owner's URL: that only migrates."""
    kept = {name: value for name, value in os.environ.items() if name != "SPECIE_OWNER_URL"}
    return kept | variables
