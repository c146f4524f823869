"""The drill in which a backup is made under load and brought back beside the running installation."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

from specie.app.cli.assay_site import AssaySite, send
from specie.app.cli.database import DATABASE
from specie.assay.clients import is_same
from specie.assay.journal import Operation, Told
from specie.assay.judge import judge_copy
from specie.assay.profile import Fault
from specie.assay.run import Conclusion
from specie.kernel.clock import monotonic
from specie.platform.postgres import HOST, EmbeddedPostgres
from specie.platform.postgres_roles import APP, AUDITOR, SYSTEM

_READY_POLLS = 300


class RestoredElsewhere(AssaySite):
    """What was acknowledged before a backup began must be in it, and its keys must still give the same answers."""

    async def hit(self, fault: Fault) -> bool:
        """Make a backup with the keys in a file of their own; the last one is what will be brought back."""
        if fault.action != "back_up":
            return await super().hit(fault)
        self._began = monotonic()
        self._backup = self.state / f"backup-{fault.at:g}"
        await asyncio.to_thread(self.run, "backup", str(self._backup), "--keys", f"{self._backup}.keys")
        self._took = monotonic() - self._began
        return (self._backup / "manifest.json").exists()

    async def conclude(self, operations: list[Operation]) -> Conclusion:
        """Restore into an empty folder, judge the copy, and ask it again what was asked before the backup."""
        earlier = [one for one in operations if one.told is not Told.UNKNOWN and one.told_at < self._began]
        concluded = Conclusion({"Seconds the last backup took": self._took, "Acknowledged before it": len(earlier)})
        restored = self.state / "restored"
        began = monotonic()
        done = await asyncio.to_thread(
            self.run,
            "restore",
            str(self._backup),
            "--keys",
            f"{self._backup}.keys",
            "--json",
            SPECIE_STATE=str(restored),
        )
        concluded.figures["Seconds the restore and its proof took"] = monotonic() - began
        if not json.loads(done)["sound"]:
            concluded.wrong.append("what came back is not sound")
        server = EmbeddedPostgres(restored)
        await asyncio.to_thread(server.start)
        try:
            verdict = await asyncio.to_thread(judge_copy, server.url(AUDITOR, DATABASE), earlier)
            concluded.wrong += [
                f"{cell} in the copy: {what}" for cell, found in verdict.findings.items() for what in found
            ]
            await self._ask_again(server, restored, earlier, concluded)
        finally:
            await asyncio.to_thread(server.stop)
        return concluded

    async def _ask_again(
        self, server: EmbeddedPostgres, restored: Path, earlier: list[Operation], concluded: Conclusion
    ) -> None:
        same = 0
        with self._api(server, restored) as url:
            async with httpx2.AsyncClient(base_url=url, timeout=10) as client:
                await _until_ready(client)
                for one in (operation for operation in earlier if operation.told is Told.DONE):
                    owner = "merchant" if one.kind == "payment" else "sandbox"
                    headers = {"Idempotency-Key": one.key, "Authorization": f"Bearer {self.api_key(owner)}"}
                    answer = await client.post(f"/api/v1{one.path}", json=one.asked, headers=headers)
                    if is_same(one, answer):
                        same += 1
                    else:
                        said = f"{answer.status_code} {answer.text[:200]}"
                        concluded.wrong.append(f"{one.kind} {one.key} is answered otherwise by the copy: {said}")
        concluded.figures["Keys that the copy answers to the letter as before"] = same

    @contextmanager
    def _api(self, server: EmbeddedPostgres, restored: Path) -> Iterator[str]:
        with socket.create_server((HOST, 0)) as listener, (self.state / "restored.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "specie.app.cli", "api", "--fd", str(listener.fileno())],
                env=dict(self.environment)
                | {
                    "SPECIE_STATE": str(restored),
                    "DATABASE_URL": server.url(APP, DATABASE),
                    "SPECIE_SYSTEM_URL": server.url(SYSTEM, DATABASE),
                },
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                yield f"http://{HOST}:{listener.getsockname()[1]}"
            finally:
                send(process.pid, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=20)


async def _until_ready(client: httpx2.AsyncClient) -> None:
    for _ in range(_READY_POLLS):
        with suppress(httpx2.HTTPError):
            if (await client.get("/health/ready")).status_code == 200:
                return
        await asyncio.sleep(0.2)
    raise RuntimeError("the restored installation is not ready")
