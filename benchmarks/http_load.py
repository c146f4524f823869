"""Transfers over HTTP: Specie with every guarantee on, and the usual wallet, under the same clients."""

import asyncio
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import books, peers, streams
from benchmarks.measure import Measured, drive, median
from specie import ledger, parties, providers, wallets
from specie.app import worker_health
from specie.app.wiring import build
from specie.identity import keys
from specie.identity.keys import NewKey
from specie.identity.scopes import system_scope
from specie.identity.service import NewTenant, create_tenant
from specie.kernel.money import Currency, Money
from specie.kernel.permissions import Permission
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.platform.config import load_settings
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import APP, SUPERUSER, SYSTEM
from specie.platform.vault import KeyRing
from specie.providers import ProviderLink

PROCESSES = 2
REPEATS = 3
CALLERS = (1, 32, 64)
BULK = 1000
CALLBACKS = "Specie over HTTP: callback acknowledged"
CALLBACKS_AT_ONCE = 16
# Both have long been at work: their pools are open, and each process of Specie has met every wallet.
_USUAL_WARM_UP, _SPECIE_WARM_UP = 2000, 40_000
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_UVICORN = ("-m", "uvicorn", "--workers", str(PROCESSES), "--no-access-log", "--log-level", "warning")
_USUAL = (*_UVICORN, "benchmarks.usual_wallet:app")
# As `specie api` serves it: the edge judges forwarded addresses and writes the headers itself.
_SPECIE = (
    *(*_UVICORN, "--no-proxy-headers", "--no-server-header"),
    *("--http", "specie.platform.joined_writes:OnePieceProtocol", "--factory", "specie.app.api:create_app"),
)
_TOTALS = {1: 200, 32: 2000, 64: 2000}


class Connection(asyncio.Protocol):
    """One keep-alive connection that sends ready-made requests; the client's own work stays small."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._heard = b""
        self._answered: asyncio.Future[bytes] | None = None

    async def open(self) -> asyncio.Transport:
        """Connect, and ask for something to be sure that a process of the server has taken the connection."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        await self._ask(self._transport, b"GET /nothing HTTP/1.1\r\nHost: bench\r\n\r\n")
        return self._transport

    async def post(self, path: str, headers: str, body: bytes) -> None:
        """Send and read one answer. Raises RuntimeError unless it says that it was done."""
        await self.send(request_of(path, headers, body))

    async def send(self, request: bytes) -> None:
        """Send a request in its written form; otherwise as `post`."""
        answer = await self._ask(self._transport or await self.open(), request)
        if not answer.startswith(b"HTTP/1.1 20"):
            raise RuntimeError(repr(answer[:1000]))

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Take what has come; an answer is there when its whole body is."""
        self._heard += data
        head = self._heard.find(b"\r\n\r\n")
        length = _LENGTH.search(self._heard, 0, head) if head >= 0 else None
        if self._answered is None or length is None or len(self._heard) < head + 4 + int(length[1]):
            return
        answer, self._heard = self._heard, b""
        self._answered.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits hears that nothing comes any more."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error or ConnectionError("the server hung up"))

    async def _ask(self, transport: asyncio.Transport, request: bytes) -> bytes:
        self._answered = asyncio.get_running_loop().create_future()
        transport.write(request)
        return await self._answered


def request_of(path: str, headers: str, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass(frozen=True, slots=True)
class Target:
    """A wallet that is served: its name in the report, its port, how a transfer is asked for, how many come first."""

    name: str
    port: int
    path: str
    request: Callable[[bool], tuple[str, bytes]]
    warm_up: int


async def http_figures(server: EmbeddedPostgres, state: Path) -> list[Measured]:
    """Both wallets, each behind so many processes; their runs alternate, so that both meet the same machine."""
    texts, key = await _provision(server, state)
    request = partial(_specie_request, texts, key)
    with (
        _serving(_USUAL, {"USUAL_WALLET_URL": server.url(APP, "specie")}) as usual,
        _serving(_SPECIE, _settings(server, state)) as specie,
    ):
        targets = [
            Target("FastAPI + SQLAlchemy ORM wallet over HTTP", usual, "/transfers", _usual_request, _USUAL_WARM_UP),
            Target("Specie over HTTP", specie, "/api/v1/transfers", request, _SPECIE_WARM_UP),
        ]
        # First of all: behind the transfers the worker has more to do than what comes with the callbacks.
        acknowledged = await _callbacks(specie, server, state)
        for target in targets:
            await _run(target, 64, False, target.warm_up)
        books.analyse(server.url(SUPERUSER, "specie"))
        figures = await _grid(targets)
        return [*figures, await _bulk(specie, server, state), acknowledged]


def _settings(server: EmbeddedPostgres, state: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": server.url(APP, "specie"),
        "SPECIE_SYSTEM_URL": server.url(SYSTEM, "specie"),
        "SPECIE_STATE": str(state),
        "SPECIE_LOG_LEVEL": "warning",
        "SPECIE_METRICS_PORT": "0",
        "SPECIE_RATE_LIMIT_ACTOR": "100000000",
        "SPECIE_RATE_LIMIT_ADDRESS": "100000000",
    }


def _usual_request(hot: bool) -> tuple[str, bytes]:
    debit, credit = peers.pair(hot)
    return "", json.dumps({"debit": debit, "credit": credit, "amount": 5}).encode()


def _specie_request(texts: list[str], key: str, hot: bool) -> tuple[str, bytes]:
    debit, credit = books.pair_of(texts, hot)
    body = {"from_wallet_id": debit, "to": {"wallet_id": credit}, "amount": {"amount": 5, "currency": "IDR"}}
    headers = f"Authorization: Bearer {key}\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
    return headers, json.dumps(body).encode()


async def _grid(targets: list[Target]) -> list[Measured]:
    figures = []
    for callers, hot in itertools.product(CALLERS, (False, True)):
        runs: dict[str, list[Measured]] = {target.name: [] for target in targets}
        for _ in range(REPEATS):
            for target in targets:
                runs[target.name].append(await _run(target, callers, hot, _TOTALS[callers]))
        for measured in runs.values():
            figures.append(median(measured))
            print(figures[-1], flush=True)
    return figures


async def _bulk(port: int, server: EmbeddedPostgres, state: Path) -> Measured:
    """A thousand entries a call, over HTTP, by one caller; transfers per second."""
    accounts, key = await _bulk_accounts(server, state)
    connection = Connection(port)

    async def call(_: int) -> None:
        pairs = [books.pair_of(accounts, hot=False) for _ in range(BULK)]
        entries = [{"description": "bench", "postings": [_posting(*pair)]} for pair in pairs]
        headers = f"Authorization: Bearer {key}\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
        await connection.post("/api/v1/ledger/entries/bulk", headers, json.dumps({"entries": entries}).encode())

    name = "Specie over HTTP: bulk of 1,000"
    runs = [await drive(name, 1, False, 5, call, units=BULK) for _ in range(REPEATS)]
    connection.close()
    print(median(runs), flush=True)
    return median(runs)


async def _callbacks(port: int, server: EmbeddedPostgres, state: Path) -> Measured:
    """A burst of callbacks, so many at once, until each is acknowledged; a worker works them off meanwhile."""
    link = await _link(server, state)
    path, numbers = link.callback_url[link.callback_url.index("/api/") :], itertools.count()
    free = [Connection(port) for _ in range(CALLBACKS_AT_ONCE)]
    for connection in free:
        await connection.open()

    async def call(_: int) -> None:
        raw, connection = streams.letter(link, f"ack{next(numbers)}"), free.pop()
        await connection.post(path, "".join(f"{name}: {value}\r\n" for name, value in raw.headers.items()), raw.body)
        free.append(connection)

    with _working(_settings(server, state), state):
        runs = [await drive(CALLBACKS, CALLBACKS_AT_ONCE, False, 1000, call) for _ in range(REPEATS)]
    for connection in free:
        connection.close()
    print(median(runs), flush=True)
    return median(runs)


async def _link(server: EmbeddedPostgres, state: Path) -> ProviderLink:
    """A simulator's connection of a tenant of its own."""
    urls = {"database_url": server.url(APP, "specie"), "system_url": server.url(SYSTEM, "specie")}
    services = build(load_settings(state=state, **urls))
    async with services.db.begin(None) as uow:
        _, sandbox = await create_tenant(uow, NewTenant("Callbacks", f"callbacks-{uuid.uuid4().hex[:8]}"))
    async with services.db.begin(system_scope(sandbox, "bench")) as uow:
        made = await providers.connect(uow, services.toolbox, provider="simulator", name="Simulator", credentials={})
        link = await providers.open_link(uow, services.toolbox, made.id)
    await services.db.close()
    return link


def _posting(debit: str, credit: str) -> dict[str, Any]:
    return {"debit_account": debit, "credit_account": credit, "amount": {"amount": 5, "currency": "IDR"}}


async def _bulk_accounts(server: EmbeddedPostgres, state: Path) -> tuple[list[str], str]:
    """A tenant with accounts that need no funds, and a key that may post."""
    urls = {"database_url": server.url(APP, "specie"), "system_url": server.url(SYSTEM, "specie")}
    services = build(load_settings(state=state, **urls))
    async with services.db.begin(None) as uow:
        _, sandbox = await create_tenant(uow, NewTenant("Bulk", f"bulk-{uuid.uuid4().hex[:8]}"))
    async with services.db.begin(system_scope(sandbox, "bench")) as uow:
        new = NewKey("bulk", frozenset({Permission.LEDGER_POST}))
        _, key = await keys.create_api_key(uow, services.identity, new)
        specs = [AccountSpec(f"asset:bulk{n}", AccountType.ASSET, Currency.of("IDR")) for n in range(1000)]
        opened = [str((await ledger.open_account(uow, spec)).id) for spec in specs]
    await services.db.close()
    return opened, key.full


async def _run(target: Target, callers: int, hot: bool, total: int) -> Measured:
    free = [Connection(target.port) for _ in range(callers)]
    # Each is answered before the next one comes: of those that come at once one process takes nearly all.
    for connection in free:
        await connection.open()

    # Written down before the clock starts: what is measured is who answers, not who asks.
    requests = [request_of(target.path, *target.request(hot)) for _ in range(total)]

    async def call(number: int) -> None:
        connection = free.pop()
        await connection.send(requests[number])
        free.append(connection)

    measured = await drive(target.name, callers, hot, total, call)
    for connection in free:
        connection.close()
    return measured


async def _provision(server: EmbeddedPostgres, state: Path) -> tuple[list[str], str]:
    """A tenant with funded wallets and a key that may transfer."""
    urls = {"database_url": server.url(APP, "specie"), "system_url": server.url(SYSTEM, "specie")}
    services = build(load_settings(state=state, **urls))
    database, ring, who = services.db, services.vault, services.identity
    async with database.begin(None) as uow:
        _, sandbox = await create_tenant(uow, NewTenant("Bench", f"bench-{uuid.uuid4().hex[:8]}"))
    scope = system_scope(sandbox, "bench")
    idr = Currency.of("IDR")
    texts: list[str] = []
    async with database.begin(scope) as uow:
        new = NewKey("bench", frozenset({Permission.TRANSFERS_CREATE, Permission.WALLETS_READ}))
        _, key = await keys.create_api_key(uow, who, new)
        bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, idr))
    for _ in range(books.ACCOUNTS // 200):
        async with database.begin(scope) as uow:
            texts += [await _wallet(uow, ring, bank.id, idr) for _ in range(200)]
    await database.close()
    return texts, key.full


async def _wallet(uow: Any, ring: KeyRing, bank: Any, idr: Currency) -> str:
    party = await parties.create_party(uow, ring, kind=PartyKind.PERSON, roles=["customer"], known={"name": "Bench"})
    wallet = await wallets.open_wallet(uow, party.id, idr)
    legs = [Leg(bank, wallet.available_account, Money(10**9, idr))]
    await ledger.post(uow, EntryDraft(Recipe("bench.fund", 1), legs))
    return str(wallet.id)


@contextmanager
def _serving(arguments: Sequence[str], environment: dict[str, str]) -> Any:
    """A server process on a free port, ready when it accepts connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, *arguments, "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def _working(environment: dict[str, str], state: Path) -> Iterator[None]:
    """A worker process, ready when it reports that it fares well."""
    command = [sys.executable, "-m", "specie.app.cli", "worker"]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while worker_health.faults(state):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the worker did not start")
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
            continue
        time.sleep(2)
        return
    raise RuntimeError("the server does not listen")
