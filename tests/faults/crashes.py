"""One trial: a flow runs into one crash point, everybody tries again, and then the books must be right."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from specie.assay.journal import Journal
from specie.assay.judge import Evidence, judge, loose_transfers, still_open
from tests.faults import caller as calling
from tests.faults.caller import Caller
from tests.faults.figures import read
from tests.faults.flows import FLOWS
from tests.faults.ground import prepare
from tests.faults.whole import LOG
from tests.support.server import DatabaseUrls
from tests.support.soundness import broken_invariants

ACTIONS = ("kill", "raise", "hang", "cut")
WHEN = ("first", "retry")
SIDE_BY_SIDE = 6


@dataclass(frozen=True, slots=True)
class Trial:
    """Which crash point does what to which flow, at the first try or at the first and the second."""

    flow: str
    point: str
    action: str
    when: str

    @property
    def trap(self) -> str:
        """What springs: where, and what it does."""
        return f"{self.point} {self.action}"

    def __str__(self) -> str:
        return f"{self.flow}: {self.point} {self.action} on {self.when}"


class Whole:
    """Installations forked from one prepared process, all on the same sockets, and what is known about them."""

    def __init__(self, urls: DatabaseUrls, state: Path) -> None:
        self._urls, self.state = urls, state
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=100) for _ in range(2)]
        self.url, self.bank_url = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in self._listeners)
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("SPECIE_")} | {
            "DATABASE_URL": urls.app,
            "SPECIE_SYSTEM_URL": urls.system,
            "SPECIE_STATE": str(state),
            "SPECIE_PORT": self.url.rpartition(":")[2],
            "SPECIE_SIMULATOR_URL": self.bank_url,
            "SPECIE_PRIVATE_TARGETS": "true",
            "SPECIE_DATABASE_POOL": "4",
            "SPECIE_RATE_LIMIT_ADDRESS": "1000000",
            "SPECIE_RATE_LIMIT_ACTOR": "1000000",
            "SPECIE_RATE_LIMIT_LOGIN": "1000000",
        }
        self._pids: list[int] = []
        self.defect = ""
        self.trials: Sequence[Trial] = ()
        self.ground: dict[str, str] = {}

    def __enter__(self) -> "Whole":
        fds = [one.fileno() for one in self._listeners]
        for one in self._listeners:
            one.set_inheritable(True)
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.whole", *map(str, fds)],
            cwd=Path(__file__).parents[2],
            env=self._environment,
            pass_fds=fds,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.state / "whole.log").open("ab"),
            text=True,
        )
        assert self._answer() == "ready", (self.state / "whole.log").read_text()[-3000:]
        self._prepare()
        return self

    def _prepare(self) -> None:
        """Make what the flows start from, once, with nothing in the way."""
        journal = Journal(self.state / "preparing.jsonl")
        self.begin()
        caller = Caller(self, journal)
        try:
            caller.read("/wallets?limit=1")
            self.ground = prepare(caller)
        finally:
            caller.close()
            journal.close()
            self.end_all()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.end_all()
        self._mother.kill()
        self._mother.wait()
        for one in self._listeners:
            one.close()

    def secret(self, kind: str, owner: str) -> str:
        """One of the demo's `api_keys` or `passwords`."""
        return str(json.loads((self.state / "secrets" / "demo.json").read_text())[kind][owner])

    def begin(self, *, armed: bool = False) -> None:
        """Start an installation into the traps that have not sprung as often as their trials want."""
        order: dict[str, Any] = {"superuser": self._urls.superuser, "armed": armed, "defect": self.defect}
        sprung = Counter(self._notes("sprung"))
        order["traps"] = [
            [trial.point, trial.action]
            for trial in self.trials
            for _ in range((1 + (trial.when == "retry")) - sprung[trial.trap])
        ]
        assert self._mother.stdin is not None
        self._mother.stdin.write(json.dumps(order) + "\n")
        self._mother.stdin.flush()
        self._pids.append(int(self._answer()))

    def arm(self) -> None:
        os.kill(self._pids[-1], signal.SIGUSR1)

    def alive(self) -> int:
        """How many installations there are."""
        self._pids = [pid for pid in self._pids if Path(f"/proc/{pid}").exists()]
        return len(self._pids)

    def end_all(self) -> None:
        for pid in self._pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        while self.alive():
            time.sleep(0.01)

    def noted(self, what: str) -> set[str]:
        """The crash points `reached`, the traps `sprung` or the defects `planted` so far."""
        return set(self._notes(what))

    def _notes(self, what: str) -> list[str]:
        log = self.state / LOG
        lines = log.read_text().splitlines() if log.exists() else []
        return [name for kind, _, name in (line.partition(" ") for line in lines) if kind == what]

    @property
    def bank_book(self) -> Path:
        """The simulator's own book."""
        return self.state / "simulator" / "book.db"

    def forget_notes(self) -> None:
        (self.state / LOG).unlink(missing_ok=True)

    def _answer(self) -> str:
        assert self._mother.stdout is not None
        return self._mother.stdout.readline().strip()


def attempt(
    whole: Whole,
    urls: DatabaseUrls,
    folder: Path,
    flows: Sequence[str],
    trials: Sequence[Trial] = (),
    *,
    defect: str = "",
) -> list[str]:
    """Run flows side by side, into traps where there are trials, until all has settled; returns what is wrong then."""
    whole.forget_notes()
    whole.defect, whole.trials = defect, trials
    before = loose_transfers(urls.auditor)
    ends = _Ends(whole, urls, flows)
    path = folder / f"{time.monotonic_ns()}.jsonl"
    journal = Journal(path)
    whole.begin()
    caller = Caller(whole, journal)
    try:
        caller.read("/wallets?limit=1")
        whole.arm()
        caller.under_way = True
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(lambda flow: FLOWS[flow].do(caller), flows))
        wrong = _settle(caller, urls, ends)
    except AssertionError as error:
        wrong = [str(error)]
    finally:
        caller.close()
        journal.close()
    whole.end_all()
    evidence = Evidence(journal.operations, [], path, whole.bank_book, folder / "no-receiver", urls.auditor, {}, before)
    found = judge(evidence).findings
    wrong += [f"{cell}: {what}" for cell, all_found in found.items() for what in all_found]
    return wrong + broken_invariants(urls.auditor)


class _Ends:
    """By how much flows have moved what they are to move, counted from now."""

    def __init__(self, whole: Whole, urls: DatabaseUrls, flows: Sequence[str]) -> None:
        self._wanted = {figure: change for flow in flows for figure, change in FLOWS[flow].ends.items()}
        self._look = lambda: {one: read(one, whole.ground, urls.auditor, whole.bank_book) for one in self._wanted}
        self._before = self._look()

    def missed(self) -> list[str]:
        """A sentence for each figure that has not moved as it should."""
        now = self._look()
        moved = {one: tuple(b - a for a, b in zip(self._before[one], now[one], strict=True)) for one in self._wanted}
        return [
            f"{one.about}: {moved[one]} instead of {wanted}"
            for one, wanted in self._wanted.items()
            if moved[one] != wanted
        ]


def _settle(caller: Caller, urls: DatabaseUrls, ends: _Ends) -> list[str]:
    """Wait until nothing is open, with somebody always there to work; a promise for later is waited for too."""
    deadline = time.monotonic() + calling.SETTLE_SECONDS
    left: list[str] = []
    while time.monotonic() < deadline:
        caller.revive()
        left = [*_open(urls, caller.whole.bank_book), *ends.missed()]
        if not left:
            return []
        time.sleep(0.1)
    return left


def _open(urls: DatabaseUrls, bank_book: Path) -> list[str]:
    """What has still to come to its end; also what is to happen within a minute of the sandbox's clock."""
    ahead = "(select coalesce(max(make_interval(secs => offset_seconds)), interval '0') from specie.tenant_clock)"
    promised = (
        "select 'a hold' from specie.hold where state = 'held'"
        f"   and expires_at < current_timestamp + {ahead} + interval '1 minute'"
        " union all select 'a scheduled transfer' from specie.scheduled_transfer where state = 'scheduled'"
        f"   and due_at < current_timestamp + {ahead} + interval '1 minute'"
        " union all select 'the job ' || task_name from procrastinate_jobs"
        "   where status in ('todo', 'doing', 'aborting')"
    )
    with psycopg.connect(urls.auditor) as books:
        left = [str(row[0]) for row in books.execute(promised)]
    others = still_open(urls.auditor, bank_book)
    return [f"unsettled: {what}" for what in left] + [f"unsettled: {n} {what}" for what, n in others.items()]
