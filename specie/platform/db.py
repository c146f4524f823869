"""Transactions: one unit of work per use case, opened and committed by the edge.

Each transaction names its tenant to row security first, reads business time once, and refuses network calls while
it is open. Serialization failures and deadlocks are retried from the start, with jitter.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy import CursorResult, Executable
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, ResourceClosedError
from sqlalchemy.exc import TimeoutError as AllInUse
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.asyncio.exc import AsyncContextNotStarted

from specie.kernel.clock import UTC_CLOCK
from specie.kernel.errors import StorageFull, Unavailable
from specie.kernel.ids import TenantId
from specie.kernel.scope import Scope
from specie.platform.crashpoints import crash_point
from specie.platform.driver import Driver
from specie.platform.pipeline import Rows, Statement, pipelined

T = TypeVar("T")

_MAX_TRIES = 5
_RETRIED_STATES = {"40001", "40P01"}
# A standby that is not promoted yet.
_READ_ONLY = "25006"
_DISK_FULL = "53100"
_OUT_OF_ROOM = {"53200", "53300"}
_open_unit_of_work: ContextVar[bool] = ContextVar("open_unit_of_work", default=False)
_SHORT = "-c TimeZone=UTC -c lock_timeout=8000 -c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000"
_SNAPSHOT = "-c TimeZone=UTC -c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
_SET_TENANT = "select set_config('app.tenant_id', %s, true)"


class NetworkInsideTransaction(RuntimeError):
    """A programming error: something tried to call out while a database transaction was open."""


class CommitUnknown(Unavailable):
    """The connection broke while committing: the work is done or not done, never half done."""

    code = "outcome_unknown"
    title = "The outcome is not known yet"


def refuse_inside_unit_of_work(what: str) -> None:
    """Raise NetworkInsideTransaction when a unit of work is open in this task."""
    if _open_unit_of_work.get():
        raise NetworkInsideTransaction(f"{what} inside a database transaction: commit first, call, then record")


class UnitOfWork:
    """One open transaction of one scope. `now` is the tenant's business time, the same for the whole unit."""

    def __init__(self, connection: AsyncConnection, scope: Scope | None, idempotency_key: str | None) -> None:
        self.connection = connection
        self.now: datetime = (scope.clock if scope else UTC_CLOCK).now()
        self.idempotency_key = idempotency_key
        self._scope = scope
        self._after_commit: list[Callable[[], None]] = []

    @property
    def scope(self) -> Scope:
        """The scope this unit acts in. Raises RuntimeError in a unit opened without one."""
        if self._scope is None:
            raise RuntimeError("this unit of work was opened without a scope")
        return self._scope

    @property
    def business_date(self) -> date:
        """The tenant's business date at `now`, by its time zone and cut-off. Raises RuntimeError without a scope."""
        return self.scope.clock.business_date(self.now)

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run one SQLAlchemy Core statement in this transaction."""
        return await self.connection.execute(statement, parameters)

    async def raw(self) -> psycopg.AsyncConnection[Any]:
        """The driver's own connection, inside the same transaction, for the posting path and for jobs."""
        return await _driver_of(self.connection)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A nested block that rolls back alone when it raises."""
        async with self.connection.begin_nested():
            yield

    @asynccontextmanager
    async def acting_as(self, scope: Scope) -> AsyncIterator["UnitOfWork"]:
        """The same transaction in another scope: for making a tenant, or acting in one found half-way."""
        inner = UnitOfWork(self.connection, scope, self.idempotency_key)
        inner._after_commit = self._after_commit
        await self._name_tenant(str(scope.tenant_id.uuid))
        yield inner
        await self._name_tenant(str(self._scope.tenant_id.uuid) if self._scope else "")

    async def _name_tenant(self, tenant: str) -> None:
        await self.connection.exec_driver_sql(_SET_TENANT, (tenant,))

    def after_commit(self, hook: Callable[[], None]) -> None:
        """Run a quick, infallible function once the commit has succeeded (to wake a loop, not to do work)."""
        self._after_commit.append(hook)

    def _committed(self) -> None:
        for hook in self._after_commit:
            hook()


class Database:
    """Pools for the application's role and, where given, the sweeping role `specie_system`.

    With `snapshot` each transaction is read-only, sees one moment and may take as long as it needs.
    """

    def __init__(
        self, app_url: str, system_url: str | None = None, *, pool_size: int = 10, snapshot: bool = False
    ) -> None:
        self.app_url = app_url
        self.system_url = system_url
        self._app = _engine(app_url, pool_size, _SNAPSHOT if snapshot else _SHORT)
        self._system = _engine(system_url, 4, _SHORT) if system_url else None
        self._driver = Driver(app_url, _SNAPSHOT if snapshot else _SHORT)

    @asynccontextmanager
    async def begin(self, scope: Scope | None, *, idempotency_key: str | None = None) -> AsyncIterator[UnitOfWork]:
        """One transaction of the application's role: commits at the end, rolls back when the block raises.

        Without a scope only look-up tables without business data are visible.
        """
        tenant = str(scope.tenant_id.uuid) if scope else ""
        async with self._transaction(self._app, scope, tenant, idempotency_key) as uow:
            yield uow

    @asynccontextmanager
    async def system(self) -> AsyncIterator[UnitOfWork]:
        """One transaction of `specie_system`, which sees across tenants only what its own policies name."""
        if self._system is None:
            raise RuntimeError("this process was started without SPECIE_SYSTEM_URL")
        async with self._transaction(self._system, None, "", None) as uow:
            yield uow

    async def run(
        self,
        scope: Scope | None,
        work: Callable[[UnitOfWork], Awaitable[T]],
        *,
        label: str,
        idempotency_key: str | None = None,
    ) -> T:
        """Run `work` in one transaction; after a serialization failure or deadlock again, at most 5 times in all."""
        for attempt in range(1, _MAX_TRIES + 1):
            try:
                async with self.begin(scope, idempotency_key=idempotency_key) as uow:
                    result = await work(uow)
                    crash_point(f"{label}.commit.before")
                crash_point(f"{label}.commit.after")
                return result
            except (DBAPIError, psycopg.Error) as error:
                if _state(error) not in _RETRIED_STATES:
                    raise _translated(error) from error
                if attempt == _MAX_TRIES:
                    raise Unavailable("the books are busy; try again with the same key") from error
                # Jitter keeps the transactions that just collided from colliding again.
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
        raise AssertionError("unreachable")

    async def ask(
        self, query: str, parameters: Mapping[str, Any] | None = None, *, tenant: TenantId | None = None
    ) -> Rows:
        """Run one query as a transaction of its own, in one round trip, by the driver itself: rows as named tuples.

        For look-ups on every request's way. Without a tenant only look-up tables and functions are visible: for
        finding out who asks, before there is a scope. Raises Unavailable.
        """
        return await self._driver.ask(Statement(query, parameters or ()), "" if tenant is None else str(tenant.uuid))

    async def close(self) -> None:
        """Close all pooled connections."""
        await self._driver.close()
        await self._app.dispose()
        if self._system is not None:
            await self._system.dispose()

    @asynccontextmanager
    async def _transaction(
        self, engine: AsyncEngine, scope: Scope | None, tenant: str, idempotency_key: str | None
    ) -> AsyncIterator[UnitOfWork]:
        connection = await _connected(engine, tenant)
        token = _open_unit_of_work.set(True)
        uow = UnitOfWork(connection, scope, idempotency_key)
        try:
            yield uow
            await _undisturbed(_commit(connection))
        except BaseException:
            await _undisturbed(_abandon(connection))
            raise
        else:
            await _undisturbed(connection.close())
        finally:
            _open_unit_of_work.reset(token)
        uow._committed()


def _engine(url: str, pool_size: int, options: str) -> AsyncEngine:
    return create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_use_lifo=True,
        connect_args={"options": options, "connect_timeout": 5, "tcp_user_timeout": 15000},
    )


async def _connected(engine: AsyncEngine, tenant: str) -> AsyncConnection:
    """A connection with the tenant set; a pooled one that the server has closed is replaced once."""
    for last in (False, True):
        connection = engine.connect()
        try:
            await connection.start()
            await _begin(connection, tenant)
        except (OperationalError, psycopg.OperationalError) as error:
            await _abandon(connection)
            if last:
                raise _translated(error) from error
        except AllInUse as error:
            raise Unavailable("every connection to the database is in use; nothing was written") from error
        except BaseException:
            await _undisturbed(_abandon(connection))
            raise
        else:
            return connection
    raise AssertionError("unreachable")


async def _driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    wrapped = await connection.get_raw_connection()
    return cast(psycopg.AsyncConnection[Any], wrapped.driver_connection)


async def _begin(connection: AsyncConnection, tenant: str) -> None:
    """Open a transaction and name its tenant, in one trip instead of two. Raises psycopg.OperationalError."""
    await connection.begin()
    try:
        await pipelined(await _driver_of(connection), [Statement("begin"), Statement(_SET_TENANT, [tenant])])
    except psycopg.OperationalError:
        # Its pool does not know yet that this connection is gone.
        await connection.invalidate()
        raise


async def _commit(connection: AsyncConnection) -> None:
    try:
        await connection.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise CommitUnknown("the connection broke during the commit; ask again with the same key") from error
        raise


async def _abandon(connection: AsyncConnection) -> None:
    # Closing rolls back; a connection that cannot even do that is thrown away by the pool.
    try:
        await connection.close()
    except AsyncContextNotStarted:
        # The server never answered, so there is nothing to give back.
        return
    except DBAPIError:
        # Closing may have got as far as giving it up; then there is nothing left to throw away.
        with suppress(ResourceClosedError):
            await connection.invalidate()


async def _undisturbed(step: Coroutine[Any, Any, None]) -> None:
    """Finish a commit or release even when this task is cancelled in the middle, then let the cancellation go on."""
    task = asyncio.ensure_future(step)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _state(error: DBAPIError | psycopg.Error) -> str | None:
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)


def _translated(error: DBAPIError | psycopg.Error) -> Exception:
    """A refusal a client understands for a database that is away, full or not the primary; any other as it is."""
    state = _state(error)
    if state == _DISK_FULL:
        return StorageFull("the database's disk is full; nothing was written and no money moved", retry_after=30)
    if state in _OUT_OF_ROOM:
        return Unavailable("the database has no memory or connection left; nothing was written", retry_after=30)
    if state is None:
        # The driver itself gives no state either way; what it refuses to send is no sign that the server is away.
        is_away = isinstance(error, DBAPIError | psycopg.OperationalError) and not isinstance(error, DataError)
    else:
        is_away = state.startswith(("08", "57P")) or (isinstance(error, DBAPIError) and error.connection_invalidated)
    if is_away:
        return Unavailable("the database does not answer; try again with the same key")
    if state == _READ_ONLY:
        return Unavailable("the database is about to take over from another; try again with the same key")
    if state in {"55P03", "57014"}:
        return Unavailable("the books are busy; try again with the same key")
    return error
