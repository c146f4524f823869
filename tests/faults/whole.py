"""A whole installation in one process, forked again and again: API, worker and simulator on sockets given to it.

`python -m tests.faults.whole API_FD SIMULATOR_FD` makes everything that takes long once and then forks a child for
each line it reads: a JSON object with the trap to set. It answers with the child's process id. What the child does is
what three processes do elsewhere; in one process a single trap reaches all crash points there are.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from datetime import timedelta
from functools import partial, partialmethod
from pathlib import Path
from typing import Any

import procrastinate
import psycopg
from fastapi import FastAPI

from specie.app import demo, sandbox_clock, worker
from specie.app.api import create_app
from specie.app.loops import Loop
from specie.app.wiring import Services, build
from specie.identity import wiring
from specie.identity.passwords import PasswordHasher
from specie.payments import acceptances, attempts, captures, refunds
from specie.payouts import attempts as payout_attempts
from specie.platform import crashpoints, jobs
from specie.platform.config import Settings, load_settings
from specie.platform.postgres import die_with_parent_by
from specie.platform.telemetry import configure_logs
from specie.providers.simulator.server import create_app as create_simulator
from tests.faults.defects import DEFECTS
from tests.support.shop import served

HANG_SECONDS = 6.0
# Longer than a process stands still, so that it is the lease which decides.
LEASE = timedelta(seconds=8)
STALLED_SECONDS = 3.0
LOG = "crash-points.log"


class Trap:
    """Writes down every crash point it hears of; once armed, springs at one of them, one time."""

    def __init__(self, log: Path, order: dict[str, Any]) -> None:
        self._log = log
        self._traps = [tuple(trap) for trap in order.get("traps", ())]
        self._armed = bool(order.get("armed"))
        self._superuser = order.get("superuser", "")
        self._seen: set[tuple[str, str]] = set()

    def arm(self, *_: object) -> None:
        self._armed = True

    def __call__(self, name: str) -> None:
        if not self._armed:
            return
        self.note_once("reached", name)
        trap = next((trap for trap in self._traps if trap[0] == name), None)
        if trap is not None:
            self._traps.remove(trap)
            self._note("sprung", " ".join(trap))
            getattr(self, f"_{trap[1]}")(name)

    def note_once(self, what: str, name: str) -> None:
        if (what, name) not in self._seen:
            self._seen.add((what, name))
            self._note(what, name)

    def _note(self, what: str, name: str) -> None:
        with self._log.open("a") as log:
            log.write(f"{what} {name}\n")

    def _kill(self, _name: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _raise(self, name: str) -> None:
        raise crashpoints.TrapSprung(name)

    def _hang(self, _name: str) -> None:
        # The whole process stands still, as if it were paused; others go on and it wakes up late.
        time.sleep(HANG_SECONDS)

    def _cut(self, _name: str) -> None:
        with psycopg.connect(self._superuser, autocommit=True) as superuser:
            superuser.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s", [_own_name()]
            )


def _own_name() -> str:
    return f"whole-{os.getpid()}"


def _hasten() -> None:
    """What gives up or asks again after a minute does so after seconds here. Everything keeps its order."""
    for module in (acceptances, attempts, captures, refunds, payout_attempts):
        module._LEASE = LEASE
        module._FIRST_POLL_SECONDS = 1
    sandbox_clock._PATIENCE_OF_QUEUE_SECONDS = 5
    worker.jobs.rescue_stalled = partial(jobs.rescue_stalled, seconds_since_heartbeat=STALLED_SECONDS)
    worker.Loop = lambda name, step, seconds: Loop(name, step, 1.0 if name == "rescue" else seconds)
    # What makes a password dear to guess makes a trial slow, and proves nothing here.
    wiring.PasswordHasher = partial(PasswordHasher, kibibytes=1024)
    run = procrastinate.App.run_worker_async
    procrastinate.App.run_worker_async = partialmethod(run, update_heartbeat_interval=0.5)


def main() -> None:
    _hasten()
    settings = load_settings()
    configure_logs(level="error", form=settings.log_format)
    listeners = [socket.socket(fileno=int(fd)) for fd in sys.argv[1:3]]
    _make_demo(settings)
    app, services = create_app(settings), build(settings)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _child(json.loads(line), app, services, listeners)
        print(child, flush=True)


def _make_demo(settings: Settings) -> None:
    """A day of the demo is all the people and wallets that are needed; made in a child, which leaves no thread."""
    child = os.fork()
    if child == 0:
        demo.DAYS = 1
        asyncio.run(demo.seed(settings))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit("the demo could not be made")


def _child(order: dict[str, Any], app: FastAPI, services: Services, listeners: list[socket.socket]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if follow := die_with_parent_by(signal.SIGKILL):
        follow()
    # The answers to the driver go by standard output; what is logged must not get between them.
    os.dup2(2, 1)
    os.environ["PGAPPNAME"] = _own_name()
    trap = Trap(services.settings.state / LOG, order)
    signal.signal(signal.SIGUSR1, trap.arm)
    crashpoints.install(trap)
    if defect := order.get("defect"):
        DEFECTS[defect].plant(lambda: trap.note_once("planted", defect))
    asyncio.run(_run(app, services, listeners))
    os._exit(0)


async def _run(app: FastAPI, services: Services, listeners: list[socket.socket]) -> None:
    book = services.settings.state / "simulator" / "book.db"
    async with served(create_simulator(book), listeners[1]), served(app, listeners[0]):
        await worker.work_until(asyncio.Event(), services)


if __name__ == "__main__":
    main()
