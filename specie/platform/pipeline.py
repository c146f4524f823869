"""Statements that travel to the server together and are answered together, in one round trip.

The posting path and the look-ups of every request live on this. The driver's own pipeline looks after each statement
by itself: it wakes, converts and decides what to do next so often that two statements cost it eight times what they
cost here. Only that is replaced; connections, the adaptation of types and errors are the driver's.
"""

import asyncio
import re
from collections import deque, namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import Any

import psycopg
import psycopg.abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.conninfo import make_conninfo
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

Connection = psycopg.AsyncConnection[Any]
Rows = list[Any]
"""Rows as named tuples; none of a statement that returns nothing."""

WATCHFUL = {
    "connect_timeout": 5,
    "tcp_user_timeout": 15_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 1,
}
"""How a connection is opened that learns within fifteen seconds that its server is gone without a word."""

_NAMED = re.compile(r"%\((\w+)\)s")
_PLAIN = re.compile("%s")
_CANCEL_SECONDS = 5.0
_CANCEL_AGAIN_SECONDS = 1.0
_KEPT_AS = "_specie_pipeline"
# Connection exceptions, and operator intervention.
_CUT_OFF = ("08", "57")


@dataclass(frozen=True, slots=True)
class Statement:
    """A query with the driver's placeholders, `%s` or `%(name)s`, and what stands for them."""

    query: str
    parameters: Sequence[Any] | Mapping[str, Any] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the server prepares: the same text with values of other types is another one."""

    query: bytes
    types: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement in the form in which it is sent."""

    plan: _Plan
    values: Sequence[Any]
    formats: Sequence[Format]


class _Session:
    """What a connection's server has prepared, and the connection's conversions."""

    __slots__ = ("prepared", "transformer")

    def __init__(self, connection: Connection) -> None:
        self.prepared: set[_Plan] = set()
        self.transformer: psycopg.abc.Transformer = Transformer(connection)


def _session_of(connection: Connection) -> _Session:
    """Kept on the connection, to go when it goes: a session refers to its connection, so a register would keep both."""
    found: _Session | None = vars(connection).get(_KEPT_AS)
    if found is None:
        found = vars(connection)[_KEPT_AS] = _Session(connection)
    return found


async def pipelined(connection: Connection, statements: Sequence[Statement]) -> list[Rows]:
    """The rows of each statement, in their order; all are sent before the first is answered.

    Each sees what those before it have done, and none behind one that fails is run. Outside a transaction they are
    one of their own. The server prepares them for good where the driver was told to prepare nothing itself
    (`prepare_threshold=None`); elsewhere the driver would discard them with its own whenever something rolls back.

    Raises psycopg.Error; OperationalError when the connection broke, and then nobody knows what was done.
    """
    async with connection.lock:
        session = _session_of(connection)
        # All is converted before any is sent: a value that cannot be leaves nothing half-said.
        ready = [_ready(session.transformer, statement) for statement in statements]
        with _pipeline_mode(connection):
            commands = _send(connection, session, ready, [])
            return await _answers(connection, session, commands)


async def streamed(connection: Connection, groups: Iterable[Sequence[Statement]]) -> list[Rows]:
    """As `pipelined`, in a transaction: the server is at work on one group while the next is being made.

    Raises also what making a group raises. The groups before it are done then, so the transaction has to end.
    """
    async with connection.lock:
        session, commands = _session_of(connection), list[_Plan | None]()
        with _pipeline_mode(connection):
            try:
                for group in groups:
                    ready = [_ready(session.transformer, statement) for statement in group]
                    _send(connection, session, ready, commands)
                    connection.pgconn.flush()
            finally:
                # Whatever was sent is answered before anything else can be said.
                rows = await _answers(connection, session, commands)
            return rows


def is_cut_off(error: psycopg.Error) -> bool:
    """Whether the connection broke, or the server is shutting down: then nobody knows what was done."""
    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(_CUT_OFF)


@contextmanager
def _pipeline_mode(connection: Connection) -> Iterator[None]:
    connection.pgconn.enter_pipeline_mode()
    try:
        yield
    finally:
        # A connection that broke cannot leave it either, and its own error says more.
        with suppress(psycopg.OperationalError):
            connection.pgconn.exit_pipeline_mode()


async def _answers(connection: Connection, session: _Session, commands: Sequence[_Plan | None]) -> list[Rows]:
    """Mark the end of what was said and hear it all out."""
    connection.pgconn.pipeline_sync()
    heard = _Heard([])
    try:
        await _hear(connection, heard)
    except psycopg.OperationalError as error:
        # Whoever is cancelled ends as cancelled, whatever has become of the connection meanwhile.
        if heard.cancelled is None:
            raise
        raise heard.cancelled from error
    session.prepared |= _prepared(commands, heard.results)
    if heard.cancelled is not None:
        raise heard.cancelled
    return _rows_of(session.transformer, commands, heard.results)


def _ready(transformer: psycopg.abc.Transformer, statement: Statement) -> _Ready:
    query, names = _numbered(statement.query)
    parameters = statement.parameters
    values = [parameters[name] for name in names] if isinstance(parameters, Mapping) else parameters
    dumped = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
    return _Ready(_Plan(query, tuple(transformer.types or ())), dumped, list(transformer.formats or ()))


@lru_cache(maxsize=256)
def _numbered(query: str) -> tuple[bytes, list[str]]:
    """The query with the server's numbered placeholders, and the names they stand for where they have names."""
    names = list(dict.fromkeys(_NAMED.findall(query)))
    numbers = count(1)
    numbered = _NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", query)
    numbered = _PLAIN.sub(lambda _: f"${next(numbers)}", numbered)
    return numbered.replace("%%", "%").encode(), names


def _send(
    connection: Connection, session: _Session, ready: Sequence[_Ready], commands: list[_Plan | None]
) -> list[_Plan | None]:
    """Queue every statement. Adds to the commands that will be answered: what each prepares, None where one is run."""
    pgconn = connection.pgconn
    for one in ready:
        plan = one.plan
        if connection.prepare_threshold is not None:
            pgconn.send_query_params(plan.query, one.values, plan.types, one.formats, Format.BINARY)
        else:
            if plan not in session.prepared and plan not in commands:
                pgconn.send_prepare(_name(plan), plan.query, plan.types)
                commands.append(plan)
            pgconn.send_query_prepared(_name(plan), one.values, one.formats, Format.BINARY)
        commands.append(None)
    return commands


@lru_cache(maxsize=1024)
def _name(plan: _Plan) -> bytes:
    return b"specie_" + blake2b(plan.query + str(plan.types).encode(), digest_size=16).hexdigest().encode()


@dataclass(slots=True)
class _Heard:
    """The results so far, and the cancellation of whoever waits for them."""

    results: list[PGresult]
    cancelled: asyncio.CancelledError | None = None


async def _hear(connection: Connection, heard: _Heard) -> None:
    """Hear every command up to the synchronisation point. Raises OperationalError when the connection breaks.

    Who is cancelled meanwhile has the server stop and hears it out, so that the connection stays fit for use. The
    server pays no heed to a request that comes between two statements, so it is made again until there is an end.
    """
    pgconn = connection.pgconn
    while True:
        patience = None if heard.cancelled is None else _CANCEL_AGAIN_SECONDS
        try:
            await _stirring(pgconn.socket, is_sending=bool(pgconn.flush()), patience=patience)
        except (asyncio.CancelledError, TimeoutError) as cancelled:
            if isinstance(cancelled, asyncio.CancelledError):
                heard.cancelled = cancelled
            await connection.cancel_safe(timeout=_CANCEL_SECONDS)
            continue
        if _take(pgconn, heard.results):
            return


async def _stirring(socket: int, *, is_sending: bool, patience: float | None) -> None:
    """Wait until the socket can be read, or written where something is left to send. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    stirred = loop.create_future()

    def stir() -> None:
        if not stirred.done():
            stirred.set_result(None)

    loop.add_reader(socket, stir)
    if is_sending:
        loop.add_writer(socket, stir)
    try:
        await asyncio.wait_for(stirred, patience)
    finally:
        loop.remove_reader(socket)
        if is_sending:
            loop.remove_writer(socket)


def _take(pgconn: PGconn, results: list[PGresult]) -> bool:
    """Read what has come; whether the synchronisation point was among it."""
    pgconn.consume_input()
    while not pgconn.is_busy():
        result = pgconn.get_result()
        if result is None and pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError("the connection broke")
        if result is None:
            # The end of one command's results; the next one's follow.
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return True
        results.append(result)
    return False


def _prepared(commands: Sequence[_Plan | None], results: Sequence[PGresult]) -> set[_Plan]:
    """What the server has prepared; it skips what stands behind a statement that failed."""
    # A commit that fails is one more answer than there were commands.
    answered = zip(commands, results, strict=False)
    return {plan for plan, result in answered if plan is not None and result.status == ExecStatus.COMMAND_OK}


def _rows_of(
    transformer: psycopg.abc.Transformer, commands: Sequence[_Plan | None], results: Sequence[PGresult]
) -> list[Rows]:
    for result in results:
        if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            raise error_from_result(result)
    return [_rows(transformer, result) for plan, result in zip(commands, results, strict=True) if plan is None]


def _rows(transformer: psycopg.abc.Transformer, result: PGresult) -> Rows:
    if not result.ntuples:
        return []
    transformer.set_pgresult(result)
    shape = _shape(tuple(result.fname(column) for column in range(result.nfields)))
    return transformer.load_rows(0, result.ntuples, shape._make)


@lru_cache(maxsize=256)
def _shape(names: tuple[bytes | None, ...]) -> Any:
    """The named tuple of rows with these columns."""
    return namedtuple("Row", [(name or b"").decode() for name in names], rename=True)


@dataclass(frozen=True, slots=True)
class _Flight:
    """A transaction on its way: what will be answered, what has been so far, and who waits."""

    commands: Sequence[_Plan | None]
    results: list[PGresult]
    landed: asyncio.Future[list[Rows]]


class Pipe:
    """A connection of its own on which transactions are sent one behind another, none waiting for those before it.

    Each is answered in its turn. One that fails is undone alone, and those behind it are run.
    """

    def __init__(self, url: str, *, options: str) -> None:
        self._conninfo = make_conninfo(url, options=options, **WATCHFUL)
        self._connection: Connection | None = None
        # Kept beside the connection: one that broke does not tell it any more.
        self._socket = -1
        self._opening = asyncio.Lock()
        self._flights: deque[_Flight] = deque()

    async def open(self) -> None:
        """Connect, unless it is connected. Raises psycopg.OperationalError."""
        async with self._opening:
            if self._connection is not None:
                return
            connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, prepare_threshold=None)
            connection.pgconn.enter_pipeline_mode()
            self._connection, self._socket = connection, connection.pgconn.socket
            # It listens while nothing is on its way as well, so a server that goes is missed at once.
            asyncio.get_running_loop().add_reader(self._socket, self._stir)

    async def close(self) -> None:
        """Hear out what is on its way, then disconnect."""
        while self._flights:
            await asyncio.wait([flight.landed for flight in self._flights])
        if self._connection is not None:
            self._leave(self._connection)

    def send(self, statements: Sequence[Statement]) -> asyncio.Future[list[Rows]]:
        """Send a transaction of its own; the rows of each statement, in their order, once it is committed.

        Raises OperationalError when it is not open: then nothing was sent. The future raises psycopg.Error, and
        OperationalError when the connection broke, and then nobody knows what was done.
        """
        connection = self._connection
        if connection is None:
            raise psycopg.OperationalError("the pipe is not open")
        session = _session_of(connection)
        ready = [_ready(session.transformer, statement) for statement in statements]
        try:
            commands = _send(connection, session, ready, [])
            connection.pgconn.pipeline_sync()
        except psycopg.OperationalError as error:
            self._break(connection, error)
            raise
        # Those sent next count on what this one prepares: the server will have got there first.
        session.prepared.update(plan for plan in commands if plan is not None)
        flight = _Flight(commands, [], asyncio.get_running_loop().create_future())
        self._flights.append(flight)
        self._stir()
        return flight.landed

    def _stir(self) -> None:
        """Take what has come and send what waits to be sent."""
        connection = self._connection
        if connection is None:
            return
        try:
            self._listen(connection)
            self._push(connection)
        except psycopg.OperationalError as error:
            self._break(connection, error)

    def _listen(self, connection: Connection) -> None:
        session = _session_of(connection)
        connection.pgconn.consume_input()
        while self._flights and _take(connection.pgconn, self._flights[0].results):
            flight = self._flights.popleft()
            session.prepared -= set(flight.commands) - _prepared(flight.commands, flight.results)
            if flight.landed.cancelled():
                continue
            try:
                flight.landed.set_result(_rows_of(session.transformer, flight.commands, flight.results))
            except psycopg.Error as error:
                flight.landed.set_exception(error)

    def _push(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        if connection.pgconn.flush():
            loop.add_writer(self._socket, self._stir)
        else:
            loop.remove_writer(self._socket)

    def _break(self, connection: Connection, error: psycopg.OperationalError) -> None:
        self._leave(connection)
        while self._flights:
            flight = self._flights.popleft()
            if not flight.landed.cancelled():
                flight.landed.set_exception(error)

    def _leave(self, connection: Connection) -> None:
        self._connection = None
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)
        loop.remove_writer(self._socket)
        connection.pgconn.finish()
