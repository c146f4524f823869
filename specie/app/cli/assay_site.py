"""An installation to be harmed: PostgreSQL behind a wire that cuts, two APIs, two workers, the provider simulator."""

import asyncio
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg

from specie.app.cli.database import DATABASE
from specie.assay.journal import Book, Operation
from specie.assay.profile import Fault
from specie.assay.run import Conclusion
from specie.assay.wire import Wire
from specie.platform.postgres import HOST, EmbeddedPostgres, die_with_parent_by
from specie.platform.postgres_binaries import PostgresUnavailable
from specie.platform.postgres_roles import APP, AUDITOR, SUPERUSER, SYSTEM

_NEIGHBOUR = "owner@neighbour.example"
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGTERM, "pause": signal.SIGSTOP}
_LOOK_SECONDS = 0.2
_READY_SECONDS = 90.0
_VICTIM_SECONDS = 10.0
# The load comes from one address on purpose, so no limit by address or key may stand in its way.
_SETTINGS = {
    "SPECIE_PRIVATE_TARGETS": "true",
    "SPECIE_LOG_LEVEL": "warning",
    "SPECIE_RATE_LIMIT_ADDRESS": "1000000",
    "SPECIE_RATE_LIMIT_ACTOR": "1000000",
    "SPECIE_RATE_LIMIT_LOGIN": "1000000",
    "SPECIE_DATABASE_POOL": "6",
}


@dataclass
class Kept:
    """A process that is started again whenever it has ended; `settings` come on top of the installation's."""

    kind: str
    command: Sequence[str]
    program: str
    settings: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    process: subprocess.Popen[bytes] | None = None


class AssaySite:
    """The installation, in a state folder of its own; an asynchronous context manager.

    `program` is the module that stands in for `specie`, so that a defect can be planted in what is tried. Drills
    override what is done before the server and before the services start, what a fault is, and what is concluded.
    """

    server_settings: Mapping[str, str] = {"max_connections": "120"}

    def __init__(self, state: Path, seed: int, program: str = "specie.app.cli") -> None:
        self.state = state
        self.seed = seed
        self.provider_book = state / "simulator" / "book.db"
        self.wire_book = Book(state / "wire.jsonl")
        self.server = EmbeddedPostgres(state, settings=self.server_settings)
        self.wire = Wire(lambda: (HOST, self.server.port or 0), seed, self.wire_book)
        self._program = program
        # Not for secrets: which of two processes is hit is drawn by the seed.
        self._draw = random.Random(seed)  # noqa: S311
        self._listener = socket.socket()
        self._listener.bind((HOST, 0))
        self._listener.listen(1024)
        self.url = f"http://{HOST}:{self._listener.getsockname()[1]}"
        self.kept: list[Kept] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.environment: Mapping[str, str] = {}

    @property
    def auditor_url(self) -> str:
        """The read-only role, past the wire."""
        return self.server.url(AUDITOR, DATABASE)

    def api_key(self, owner: str) -> str:
        """The demo's API key of the `merchant` or of the whole `sandbox`."""
        kept = json.loads((self.state / "secrets" / "demo.json").read_text())
        return str(kept["api_keys"][owner])

    def login(self) -> tuple[str, str]:
        """The address and the password of the demo's owner."""
        kept = json.loads((self.state / "secrets" / "demo.json").read_text())
        return "owner@warung-kopi.example", str(kept["passwords"]["owner"])

    def neighbour(self) -> tuple[str, str]:
        """Found a second tenant; the address and the password of its owner."""
        password = secrets.token_urlsafe(24)
        words = ("user", "create", _NEIGHBOUR, "--tenant", "neighbour", "--found", "Neighbour", "--password-stdin")
        self.run(*words, given=password)
        return _NEIGHBOUR, password

    async def __aenter__(self) -> "AssaySite":
        self.environment = self._variables(await self.wire.start())
        await asyncio.to_thread(self.fill)
        await asyncio.to_thread(self.before_server)
        await asyncio.to_thread(self.server.start)
        await asyncio.to_thread(self.before_services)
        fd = str(self._listener.fileno())
        simulator = ["simulator", "--host", HOST]
        for kind, command in (*2 * [("api", ["api", "--fd", fd])], *2 * [("worker", ["worker"])]):
            self.kept.append(Kept(kind, command, self._program))
        self.kept.append(Kept("simulator", simulator, self._program))
        self.dress()
        self._begin(self._keep_running())
        self._begin(self._keep_database())
        await self._ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._end_processes)
        await self.wire.stop()
        await asyncio.to_thread(self.server.stop)
        self._listener.close()
        self.wire_book.close()

    def before_server(self) -> None:
        """What a drill prepares while nobody runs."""

    def before_services(self) -> None:
        """What a drill prepares once the database serves."""

    def dress(self) -> None:
        """What a drill changes in the processes before they start."""

    async def conclude(self, _operations: list[Operation]) -> Conclusion:
        """What only this kind of installation can tell: nothing here."""
        return Conclusion()

    async def hit(self, fault: Fault) -> bool:
        """Do one fault, once there is somebody to do it to; returns whether there was within a while."""
        for _ in range(int(_VICTIM_SECONDS / _LOOK_SECONDS)):
            if await self._hit(fault):
                return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False

    async def _hit(self, fault: Fault) -> bool:
        if fault.victim == "postgres":
            return send(postmaster(self.server), _SIGNALS[fault.action])
        if fault.victim == "backend":
            return await asyncio.to_thread(self._hit_backend, fault.action)
        if fault.victim == "every_api":
            return sum(send(pid, signal.SIGKILL) for pid in self.pids("api")) > 0
        pids = self.pids(fault.victim)
        if not pids:
            return False
        victim = self._draw.choice(pids)
        if fault.action == "pause":
            self._begin(_go_on_after(victim, fault.seconds))
        return send(victim, _SIGNALS[fault.action])

    def _variables(self, wire_port: int) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SPECIE_") and name != "DATABASE_URL"
        }
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            simulator = f"http://{HOST}:{probe.getsockname()[1]}"
        through = {
            name: f"postgresql://{role}:{self.server.password(role)}@{HOST}:{wire_port}/{DATABASE}"
            for name, role in (("DATABASE_URL", APP), ("SPECIE_SYSTEM_URL", SYSTEM))
        }
        port = str(self._listener.getsockname()[1])
        own = {"SPECIE_STATE": str(self.state), "SPECIE_PORT": port, "SPECIE_SIMULATOR_URL": simulator}
        return inherited | _SETTINGS | own | through

    def fill(self) -> None:
        """Make the demo's people and wallets, by the program itself and straight to the database."""
        self.run("demo", "--yes", "--json")

    def run(self, *command: str, folder: Path | None = None, given: str = "", **settings: str) -> str:
        """Run a `specie` command straight on the database, from a folder with another version where one is given.

        `given` is what it reads from standard input.
        Returns what it printed. Raises RuntimeError when it fails.
        """
        straight = {name: value for name, value in self.environment.items() if name != "DATABASE_URL"}
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "specie.app.cli", *command],
            env=straight | settings,
            cwd=folder,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"specie {command[0]} failed: {(done.stderr or done.stdout)[-2000:]}")
        return done.stdout

    async def _ready(self) -> None:
        async with httpx2.AsyncClient(base_url=self.url, timeout=2) as client:
            for _ in range(int(_READY_SECONDS / _LOOK_SECONDS)):
                with suppress(httpx2.HTTPError):
                    if (await client.get("/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(_LOOK_SECONDS)
        raise RuntimeError(f"not ready after {_READY_SECONDS:g} s; see {self.state}/processes.log")

    async def _keep_running(self) -> None:
        # Processes start from this thread and no other: Linux ends them with the thread that made them.
        while True:
            for kept in self.kept:
                if kept.process is None or kept.process.poll() is not None:
                    self._start(kept)
            await asyncio.sleep(_LOOK_SECONDS)

    def _start(self, kept: Kept) -> None:
        with (self.state / "processes.log").open("ab") as log:
            kept.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", kept.program, *kept.command],
                env=dict(self.environment) | kept.settings,
                cwd=kept.folder,
                pass_fds=[self._listener.fileno()] if kept.kind == "api" else [],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent_by(signal.SIGTERM),  # noqa: PLW1509
            )

    async def _keep_database(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if not await asyncio.to_thread(self.server.is_ready):
                # What the killed server left of itself may be in the way for a moment.
                with suppress(PostgresUnavailable):
                    await asyncio.to_thread(self.server.start)

    def pids(self, kind: str) -> list[int]:
        """The processes of a kind that run."""
        running = [kept.process for kept in self.kept if kept.kind == kind and kept.process]
        return [process.pid for process in running if process.poll() is None]

    def _hit_backend(self, action: str) -> bool:
        """End every session of the service as an administrator would, or kill one backend, which restarts them all."""
        sessions = "select pid from pg_stat_activity where datname = %s and pid <> pg_backend_pid() order by pid"
        with suppress(psycopg.OperationalError):
            url = self.server.url(SUPERUSER, DATABASE)
            with psycopg.connect(url, autocommit=True, connect_timeout=3) as superuser:
                pids = [pid for (pid,) in superuser.execute(sessions, [DATABASE])]
                if action == "end":
                    for pid in pids:
                        superuser.execute("select pg_terminate_backend(%s)", [pid])
                    return bool(pids)
            return bool(pids) and send(self._draw.choice(pids), signal.SIGKILL)
        return False

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end_processes(self) -> None:
        running = [kept.process for kept in self.kept if kept.process]
        for process in running:
            # A paused process hears nothing until it goes on.
            send(process.pid, signal.SIGCONT)
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _go_on_after(pid: int, seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
    finally:
        send(pid, signal.SIGCONT)


def postmaster(server: EmbeddedPostgres) -> int:
    """The process id of the server, 0 where there is none."""
    with suppress(OSError, ValueError, IndexError):
        return int((server.data / "postmaster.pid").read_text().splitlines()[0])
    return 0


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; returns whether there was somebody to receive it."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
