"""The drill in which PostgreSQL's disk fills up: its data folder is moved to a small disk made of memory."""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx2

from specie.app.cli.assay_site import AssaySite
from specie.assay.journal import Operation
from specie.assay.profile import Fault
from specie.assay.run import Conclusion
from specie.kernel.clock import monotonic

_ROOM = 96 * 1024 * 1024
_LOOK_SECONDS = 0.2


def why_not() -> str | None:
    """Why this process may not run the drill; None when it may."""
    if os.geteuid() != 0:
        return "a small disk has to be mounted, which only root may do"
    return None


class SmallDisk(AssaySite):
    """Data and write-ahead log on a disk that has some megabytes more than they need at first."""

    # The log must not grow to the size of the disk by itself.
    server_settings: Mapping[str, str] = {"max_connections": "120", "max_wal_size": "48MB", "min_wal_size": "32MB"}

    async def __aexit__(self, *details: object) -> None:
        await super().__aexit__(*details)
        await asyncio.to_thread(_command, "umount", str(self._disk))

    def before_server(self) -> None:
        """Mount the disk and move the data there."""
        self._figures: dict[str, float] = {}
        self._reads: list[bool] = []
        data = self.server.data
        used = sum(file.stat().st_blocks * 512 for file in data.rglob("*") if file.is_file())
        self._disk.mkdir(mode=0o711)
        _command("mount", "-t", "tmpfs", "-o", f"size={used + _ROOM},mode=0711", "specie-drill", str(self._disk))
        _command("cp", "-a", str(data), str(self._disk))
        data.rename(data.with_name("pg.before"))
        data.symlink_to(self._disk / "pg")
        self._figures["Megabytes of the disk"] = (used + _ROOM) // 1024**2

    async def hit(self, fault: Fault) -> bool:
        """Fill the disk, keep it full, free it; returns whether it was full."""
        ballast = self._disk / "ballast"
        ends = monotonic() + fault.seconds
        fullest = self._free()
        async with httpx2.AsyncClient(base_url=self.url, timeout=2) as client:
            while monotonic() < ends:
                # What the server gives back meanwhile is taken as well.
                await asyncio.to_thread(_grow, ballast)
                fullest = min(fullest, self._free())
                await self._read(client)
                await asyncio.sleep(_LOOK_SECONDS)
        ballast.unlink()
        freed = monotonic()
        await self._until_written()
        self._note_longest("Longest time from free space to the next write, s", monotonic() - freed)
        return fullest == 0

    async def conclude(self, _operations: list[Operation]) -> Conclusion:
        """How many reads were answered while the disk was full, and how soon it went on afterwards."""
        self._figures["Share of reads answered while full"] = sum(self._reads) / max(1, len(self._reads))
        return Conclusion(self._figures)

    async def _read(self, client: httpx2.AsyncClient) -> None:
        answered = False
        headers = {"Authorization": f"Bearer {self.api_key('sandbox')}"}
        with suppress(httpx2.HTTPError):
            answered = (await client.get("/api/v1/wallets?limit=1", headers=headers)).status_code == 200
        self._reads.append(answered)

    async def _until_written(self) -> None:
        """Wait until a client was told that something is done."""
        journal = self.state / "clients.jsonl"
        start = journal.stat().st_size
        for _ in range(300):
            with journal.open("rb") as file:
                file.seek(start)
                if b'"told": "done"' in file.read():
                    return
            await asyncio.sleep(0.1)

    def _note_longest(self, what: str, seconds: float) -> None:
        self._figures[what] = max(self._figures.get(what, 0.0), seconds)

    @property
    def _disk(self) -> Path:
        return self.state / "small-disk"

    def _free(self) -> int:
        return os.statvfs(self._disk).f_bavail


def _grow(ballast: Path) -> None:
    """Take every free block."""
    with ballast.open("ab") as file, suppress(OSError):
        while True:
            file.write(bytes(1024 * 1024))
            file.flush()


def _command(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603
