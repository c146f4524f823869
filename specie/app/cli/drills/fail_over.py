"""The drill in which the primary dies and its synchronous standby takes over."""

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from specie.app.cli.assay_site import AssaySite, postmaster, send
from specie.app.cli.database import DATABASE
from specie.assay.journal import Operation
from specie.assay.profile import Fault
from specie.assay.run import Conclusion
from specie.kernel.clock import monotonic
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import SUPERUSER

_FOLLOWING_POLLS = 300
_SYNCHRONOUS = "select count(*) from pg_stat_replication where application_name = %s and sync_state = 'sync'"


class TwoServers(AssaySite):
    """A primary and a standby that has every commit on its disk before anybody is told."""

    def before_services(self) -> None:
        """Make the first standby."""
        self._wrong: list[str] = []
        self._figures: dict[str, float] = {"Fail-overs": 0}
        self._made = 0
        self._servers = [self.server]
        self._add_standby()

    async def hit(self, fault: Fault) -> bool:
        """Kill the primary, promote the standby, send everybody there, and make a new standby."""
        if fault.action != "fail_over":
            return await super().hit(fault)
        if not await asyncio.to_thread(self._is_synchronous):
            self._wrong.append("the standby was not synchronous when the primary was killed")
        began = monotonic()
        primary, self.server = self.server, self._standby
        # From here on every new connection leads to the standby, which refuses to write until it is promoted.
        await asyncio.to_thread(_kill_whole, primary)
        await asyncio.to_thread(self._promote)
        self._figures["Fail-overs"] += 1
        longest = "Longest time from the kill to the promoted server, s"
        self._figures[longest] = max(self._figures.get(longest, 0.0), monotonic() - began)
        await asyncio.to_thread(self._add_standby)
        return True

    async def conclude(self, _operations: list[Operation]) -> Conclusion:
        """How long promotions took."""
        return Conclusion(self._figures, self._wrong)

    async def __aexit__(self, *details: object) -> None:
        await super().__aexit__(*details)
        for server in self._servers:
            if server is not self.server and postmaster(server):
                await asyncio.to_thread(server.stop)

    def _add_standby(self) -> None:
        self._made += 1
        name = f"standby{self._made}"
        state = self.state / name
        state.mkdir(mode=0o711)
        for shared in ("secrets", "postgres-programs"):
            if (self.state / shared).exists():
                (state / shared).symlink_to(self.state / shared)
        standby = EmbeddedPostgres(state, settings=self.server_settings)
        standby.follow(self.server, name)
        standby.start()
        self._servers.append(standby)
        self._standby = standby
        self._demand(name)

    def _demand(self, name: str) -> None:
        """From now on a commit waits for the standby of this name."""
        with self._superuser() as superuser:
            superuser.execute(f"alter system set synchronous_standby_names = '{name}'".encode())
            superuser.execute("select pg_reload_conf()")
        for _ in range(_FOLLOWING_POLLS):
            if self._is_synchronous():
                return
            time.sleep(0.1)
        raise RuntimeError(f"{name} does not follow its primary; see {self.state}/{name}/postgres.log")

    def _is_synchronous(self) -> bool:
        with self._superuser() as superuser:
            row = superuser.execute(_SYNCHRONOUS, [f"standby{self._made}"]).fetchone()
        return bool(row and row[0])

    def _promote(self) -> None:
        self.server.run("pg_ctl", "-D", self.server.data, "-w", "promote")
        # It stands alone, and a commit must not wait for a standby that does not exist yet.
        with self._superuser() as superuser:
            superuser.execute("alter system reset synchronous_standby_names")
            superuser.execute("select pg_reload_conf()")

    def _superuser(self) -> psycopg.Connection:
        return psycopg.connect(self.server.url(SUPERUSER, DATABASE), autocommit=True, connect_timeout=5)


def _kill_whole(server: EmbeddedPostgres) -> None:
    """Kill the server and every process it made, at once, so that none answers anybody any more."""
    parent = postmaster(server)
    children = _children(parent)
    for pid in (parent, *children):
        send(pid, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name in brackets may hold blanks; what follows it is the state and the parent.
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found
