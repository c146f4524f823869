"""The drill in which one tenant asks for fifty times what it may have, and another one must hardly notice."""

import asyncio
import secrets

import httpx2
import psycopg

from specie.app.cli.assay_site import AssaySite
from specie.app.cli.database import DATABASE
from specie.assay.flood import Flood, Heard, pour
from specie.assay.journal import Operation
from specie.assay.judge import judge_copy
from specie.assay.profile import Fault
from specie.assay.quiet import KINDS, Quiet
from specie.assay.run import Conclusion
from specie.platform.config import Settings
from specie.platform.postgres import HOST
from specie.platform.postgres_roles import SUPERUSER

_TIMES = 50
_ENOUGH = 0.9
_MOST_RATIO = 1.2
_EMAIL = "loud@noise.example"
_PATIENCE_SECONDS = 20
_EMPTY = "update specie.rate_bucket set tokens_milli = 0 where key like %s"
# What processes have leased already they give away first.
_MOST_LEASES = 10


class NoisyTenant(AssaySite):
    """The limits of callers are the defaults. The noise comes from a process of its own, on the same machine."""

    async def __aenter__(self) -> "NoisyTenant":
        await super().__aenter__()
        try:
            await self._make_ready()
        except BaseException:
            await super().__aexit__()
            raise
        return self

    async def _make_ready(self) -> None:
        """Let the noisy tenant move in, and the quiet one look around."""
        self._heard, self._noisy_seconds = Heard(), 0.0
        self._quiet = Quiet(self.url, self.api_key("sandbox"), seed=self.seed)
        self._head = await self._move_in()
        await self._quiet.meet()

    async def __aexit__(self, *details: object) -> None:
        await self._quiet.close()
        await super().__aexit__(*details)

    def dress(self) -> None:
        """Let callers have what they may have by default; the address stays free for the pages of the load."""
        self._quota = int(Settings.model_fields["rate_limit_actor"].default)
        for kept in self.kept:
            kept.settings["SPECIE_RATE_LIMIT_ACTOR"] = str(self._quota)

    async def hit(self, fault: Fault) -> bool:
        """Measure the quiet tenant, alone or beside the noise."""
        if fault.action not in {"calm", "noise"}:
            return await super().hit(fault)
        if fault.action == "calm":
            await self._quiet.ask("calm", fault.seconds)
        else:
            await self._use_up()
            self._noisy_seconds += fault.seconds
            heard, _ = await asyncio.gather(self._noise(fault.seconds), self._quiet.ask("noise", fault.seconds))
            self._heard.add(heard)
        return True

    async def conclude(self, _operations: list[Operation]) -> Conclusion:
        """Whether the quiet tenant waited longer and has what it was told it has, and what the noisy one was told."""
        concluded = Conclusion()
        for kind in KINDS:
            self._compare(concluded, kind)
        self._weigh_noise(concluded)
        for cell, found in judge_copy(self.auditor_url, self._quiet.operations).findings.items():
            concluded.wrong += [f"{cell}: {what}" for what in found]
        return concluded

    def _compare(self, concluded: Conclusion, kind: str) -> None:
        calm, noisy = self._quiet.p95("calm", kind), self._quiet.p95("noise", kind)
        concluded.figures |= {
            f"95 of 100 {kind}s of the quiet tenant took at most, alone, ms": calm * 1000,
            f"95 of 100 {kind}s of the quiet tenant took at most, beside the noise, ms": noisy * 1000,
            f"Ratio of the two for {kind}s": noisy / calm,
        }
        if noisy / calm > _MOST_RATIO:
            concluded.wrong.append(f"{kind}s took {noisy / calm:.2f} times as long beside the noise")

    def _weigh_noise(self, concluded: Conclusion) -> None:
        heard = self._heard
        times = heard.sent / self._noisy_seconds / (self._quota / 60)
        concluded.figures |= {
            "Requests of the noisy tenant": heard.sent,
            "Times its limit": times,
            "Refused with 429": heard.answers["429"],
            "Share of one processor that the noise itself took": heard.processor_seconds / self._noisy_seconds,
        }
        if times < _TIMES * _ENOUGH:
            concluded.too_little.append(f"times the limit of the noisy tenant: {times:.0f}, {_TIMES} are needed")
        if not heard.answers["429"]:
            concluded.too_little.append("the noisy tenant was never refused")
        if heard.without_retry_after:
            concluded.wrong.append(f"{heard.without_retry_after} refusals did not say when to come back")
        strange = {status: count for status, count in heard.answers.items() if status not in {"200", "429"}}
        if strange:
            concluded.wrong.append(f"the noisy tenant was answered {strange}")
        others = {status: count for status, count in self._quiet.answers.items() if status not in {200, 201, 422}}
        if others:
            concluded.wrong.append(f"the quiet tenant was answered {others}")

    async def _use_up(self) -> None:
        """Take what is saved up of the limit first, and what processes have leased: anybody may have that at once."""
        for _ in range(_MOST_LEASES):
            await asyncio.to_thread(self._empty_bucket)
            heard = await self._noise(0.5)
            if heard.answers["429"] > heard.answers["200"]:
                break
        await asyncio.to_thread(self._empty_bucket)

    def _empty_bucket(self) -> None:
        url = self.server.url(SUPERUSER, DATABASE)
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as superuser:
            superuser.execute(_EMPTY, [f"actor:%{self._key_id}"])

    async def _noise(self, seconds: float) -> Heard:
        port = int(self.url.rpartition(":")[2])
        return await pour(Flood(HOST, port, self._head, seconds, _TIMES * self._quota / 60))

    async def _move_in(self) -> str:
        """Found the noisy tenant with a key, and return what it will ask for again and again: a read of its own."""
        password = secrets.token_urlsafe(24)
        words = ("user", "create", _EMAIL, "--tenant", "noise", "--found", "Noise", "--password-stdin")
        await asyncio.to_thread(self.run, *words, given=password)
        async with httpx2.AsyncClient(base_url=f"{self.url}/api/v1", timeout=_PATIENCE_SECONDS) as http:
            entered = await http.post("/auth/login", json={"email": _EMAIL, "password": password})
            headers = {"X-CSRF-Token": entered.json()["csrf_token"], "Sec-Fetch-Site": "same-origin"}
            wanted = {"name": "noise", "permissions": ["ledger:read"]}
            made = await http.post("/api-keys", json=wanted, headers=headers | {"Idempotency-Key": "noise"})
        key, self._key_id = made.json()["key"], made.json()["id"]
        return f"GET /api/v1/ledger/accounts HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}"
