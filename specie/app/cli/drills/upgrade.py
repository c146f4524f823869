"""The drill in which an installation of an older version is upgraded while it works."""

import asyncio
import signal
from pathlib import Path

from specie.app.cli.assay_site import AssaySite, send
from specie.assay.journal import Operation
from specie.assay.profile import Fault
from specie.assay.run import Conclusion
from specie.kernel.clock import monotonic
from specie.platform.revisions import migrations_folder


def why_not(old: Path | None) -> str | None:
    """What stands in the way of an upgrade from that folder; None when nothing does."""
    if old is None:
        return "an older version is needed; name a folder with its `specie` and `migrations` by --old"
    if not (old / "specie" / "app" / "cli").is_dir() or not (old / "migrations" / "versions").is_dir():
        return f"{old} holds no specie and no migrations of it"
    return None


class OlderVersion(AssaySite):
    """Everything is made and served by the older version at first."""

    def __init__(self, state: Path, seed: int, old: Path) -> None:
        super().__init__(state, seed)
        self._old = old.absolute()
        self._figures: dict[str, float] = {}
        self._wrong: list[str] = []

    def fill(self) -> None:
        """The demo is the older version's as well."""
        self.run("demo", "--yes", "--json", folder=self._old)

    def dress(self) -> None:
        """Every process is of the older version."""
        for kept in self.kept:
            kept.folder = self._old

    async def hit(self, fault: Fault) -> bool:
        """Migrate, or replace one process of each kind or all that are left."""
        if fault.action == "migrate":
            return await self._migrate()
        if fault.action == "renew":
            return await self._renew(only_one=fault.victim == "one_of_each")
        return await super().hit(fault)

    async def conclude(self, _operations: list[Operation]) -> Conclusion:
        """How many migrations there were, how long they took, and whether the newer version serves alone."""
        if any(kept.folder is not None for kept in self.kept if kept.kind != "simulator"):
            self._wrong.append("processes of the older version are still there")
        return Conclusion(self._figures, self._wrong)

    async def _migrate(self) -> bool:
        fresh = _migrations(migrations_folder()) - _migrations(self._old / "migrations")
        began = monotonic()
        await asyncio.to_thread(self.run, "migrate")
        self._figures["Migrations applied under load"] = len(fresh)
        self._figures["Seconds that `specie migrate` took, its start included"] = monotonic() - began
        return bool(fresh)

    async def _renew(self, *, only_one: bool) -> bool:
        """Ask processes to end; the newer version takes their place."""
        renewed = 0
        for kind in ("api", "worker"):
            older = [kept for kept in self.kept if kept.kind == kind and kept.folder is not None]
            for kept in older[:1] if only_one else older:
                kept.folder = None
                renewed += 1
                if kept.process is not None:
                    send(kept.process.pid, signal.SIGTERM)
        return renewed > 0


def _migrations(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("versions/[0-9]*_*.py")}
