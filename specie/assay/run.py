"""One run: calm, faults, healing, then the judge."""

import asyncio
import contextlib
import itertools
import os
import platform
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx2
import psycopg

from specie.assay import mixing, neighbour, returning, settling, spending, traffic
from specie.assay.clients import Client, Sign, unsigned
from specie.assay.journal import Book, Journal, Operation, Told
from specie.assay.judge import Evidence, judge, loose_transfers, still_open
from specie.assay.profile import Fault, Profile
from specie.assay.receiver import Receiver
from specie.assay.report import Report
from specie.assay.verdict import Verdict
from specie.assay.wire import Wire

_PROBE_SECONDS = 0.1
_FRESH_SECONDS = 0.5
_SLOW_SECONDS = 10.0
_MOST_CALM_SECONDS = 120.0
_LOOKS, _LOOK_AGAIN_SECONDS = 4, 4.0
_PATHS = ("/steady", "/flaky")


class Site(Protocol):
    """An installation that can be harmed. `hit` does one fault and says whether there was anybody to harm."""

    url: str
    provider_book: Path

    @property
    def auditor_url(self) -> str:
        """The database as the role that reads everything."""

    def api_key(self, owner: str) -> str:
        """An API key of the demo's `merchant` or of its whole `sandbox`."""

    def login(self) -> tuple[str, str]:
        """The address and the password of the demo's owner."""

    def neighbour(self) -> tuple[str, str]:
        """Found a second tenant; the address and the password of its owner."""

    async def hit(self, fault: Fault) -> bool:
        """Harm somebody."""

    async def conclude(self, operations: list[Operation]) -> "Conclusion":
        """What this installation alone can tell, once everything has settled."""


@dataclass(slots=True)
class Conclusion:
    """Measures by their name for people, and sentences about what is wrong or proves too little."""

    figures: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    too_little: list[str] = field(default_factory=list)


Doing = tuple[Client, traffic.Part]
Checks = Callable[[], Awaitable[tuple[int, list[str]]]]


@dataclass(slots=True)
class Run:
    """What one run works with; `checks` runs the books' invariants and returns how many and which are broken."""

    profile: Profile
    seed: int
    schedule: list[Fault]
    folder: Path
    site: Site
    wire: Wire
    checks: Checks
    say: Callable[[str], None]
    answers: list[tuple[float, bool]] = field(default_factory=list)
    began: float = 0.0
    harmed: float = 0.0
    load_ended: float = 0.0

    async def go(self) -> Report:
        """Run it and judge."""
        loop = asyncio.get_running_loop()
        self.began = loop.time()
        report = Report(self.profile.name, self.seed, machine(), self.schedule, is_drill=self.profile.is_strict)
        journal, received = Journal(self.folder / "clients.jsonl"), Book(self.folder / "receiver.jsonl")
        receiver = Receiver(received)
        await receiver.start()
        before = await asyncio.to_thread(loose_transfers, self.site.auditor_url)
        probe = asyncio.create_task(self._probe())
        endpoints = await self._load(report, journal, receiver)
        probe.cancel()
        self.say("judging")
        evidence = Evidence(
            journal.operations,
            journal.oddities,
            self.folder / "clients.jsonl",
            self.site.provider_book,
            received.path,
            self.site.auditor_url,
            endpoints,
            before,
        )
        report.counts |= {f"commits_cut_{when}": number for when, number in self.wire.cuts.items()}
        report.counts |= {"commits": self.wire.commits}
        report.answers = dict(sorted(journal.answers.items()))
        report.counts["answered_503"] = sum(n for what, n in journal.answers.items() if what.startswith("503"))
        self._weigh_writes(report, journal.operations)
        report.weigh(self.profile, await _judged(evidence))
        # Until here, because what is still on its way when the judge looks has to find an open door.
        await receiver.stop()
        for book in (journal, received):
            book.close()
        report.invariants, report.broken = await self.checks()
        concluded = await self.site.conclude(journal.operations)
        report.figures = {what: round(value, 2) for what, value in concluded.figures.items()}
        report.findings["odd"] += concluded.wrong
        report.too_little += concluded.too_little
        self._weigh_outages(report)
        report.seconds = loop.time() - self.began
        return report

    async def _load(self, report: Report, journal: Journal, receiver: Receiver) -> dict[str, str]:
        keys = {owner: self.site.api_key(owner) for owner in ("sandbox", "merchant")}
        clients = [self._client(keys["sandbox"], journal, number) for number in range(self.profile.clients)]
        merchant, settler = (self._client(keys[one], journal, n) for n, one in ((900, "merchant"), (901, "sandbox")))
        owner = settling.Owner(self.site.url, *self.site.login())
        endpoints = await _subscribe(clients[0], receiver)
        world = await traffic.look_around(clients[0], self.site.url)
        stop = asyncio.Event()
        parts = [traffic.wallet_traffic(world) for _ in clients]
        # The last of them tops wallets up instead, next to the merchant's own payments.
        parts[-1] = traffic.payment_traffic(world, world.wallets[0]["party_id"])
        parts.append(traffic.payment_traffic(world, ""))
        parts.append(settling.settlement_traffic(world, owner))
        everybody = list(zip([*clients, merchant, settler], parts, strict=True))
        owners = [owner]
        if self.profile.has_neighbour:
            everybody += self._giving_back(journal, keys["sandbox"], world, owner)
            everybody += await self._spending(journal, keys["sandbox"], world, owner)
            owners.append(settling.Owner(self.site.url, *await asyncio.to_thread(self.site.neighbour)))
            everybody += await self._next_door(journal, owners[1])
        begun = [asyncio.Event() for _ in everybody]
        tasks = [
            asyncio.create_task(traffic.play(*doing, stop, self.profile.rest, has_begun))
            for doing, has_begun in zip(everybody, begun, strict=True)
        ]
        try:
            await self._calm(report, everybody, tasks, begun)
            await self._faults(report, tasks)
            stop.set()
            self.load_ended = asyncio.get_running_loop().time()
            await self._heal(report, tasks)
        finally:
            for task in tasks:
                task.cancel()
            for one in owners:
                await one.close()
            for client, _ in everybody:
                await client.close()
        return endpoints

    def _client(self, key: str, journal: Journal, number: int, house: str = "", sign: Sign = unsigned) -> Client:
        """A client with this number, from which its own seed follows."""
        return Client(
            self.site.url,
            key,
            journal,
            self.seed * 1_000 + number,
            patience=self.profile.healing,
            of_the_clock=self.profile.of_the_clock,
            house=house,
            sign=sign,
        )

    def _giving_back(self, journal: Journal, key: str, world: traffic.World, owner: settling.Owner) -> list[Doing]:
        parts = (returning.refund_traffic(world, owner), returning.invoice_traffic(world))
        return [(self._client(key, journal, 902 + number), part) for number, part in enumerate(parts)]

    async def _spending(self, journal: Journal, key: str, world: traffic.World, owner: settling.Owner) -> list[Doing]:
        server_key, sign = await spending.open_counter(owner)
        server, buyer = self._client(server_key, journal, 904, sign=sign), self._client(key, journal, 905)
        mixer = self._client(key, journal, 906)
        return [
            (server, spending.payout_traffic(world, owner)),
            (buyer, spending.purchase_traffic(world, owner)),
            (mixer, mixing.mixed_traffic(world, owner)),
        ]

    async def _next_door(self, journal: Journal, owner: settling.Owner) -> list[Doing]:
        key, found = await neighbour.move_in(owner), []
        for number, currency in enumerate(neighbour.CURRENCIES):
            client = self._client(key, journal, 910 + number, house="the second tenant")
            world = await neighbour.look_around(client, self.site.url, currency)
            found.append((client, neighbour.traffic_in(world)))
        return found

    async def _calm(
        self, report: Report, everybody: list[Doing], tasks: list[asyncio.Task[None]], begun: list[asyncio.Event]
    ) -> None:
        """Let everybody do each kind once; whoever could not lacks a right or money, and the run proves too little."""
        self.say(f"calm for {self.profile.calm:g} s, and until each kind of operation has been done once")
        calm_ends = asyncio.get_running_loop().time() + self.profile.calm
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_MOST_CALM_SECONDS):
                for has_begun in begun:
                    await has_begun.wait()
        _raise_early(tasks)
        for client, part in everybody:
            for kind in sorted(part.kinds - client.kinds_done):
                report.too_little.append(f"{kind}: while all was calm {client.name} did not come to do it")
        await asyncio.sleep(max(0.0, calm_ends - asyncio.get_running_loop().time()))

    async def _faults(self, report: Report, tasks: list[asyncio.Task[None]]) -> None:
        self.say(f"faults for {self.profile.faults:g} s")
        self.wire.cut_share = self.profile.cut_share
        began = asyncio.get_running_loop().time()
        for fault in self.schedule:
            await asyncio.sleep(max(0.0, began + fault.at - asyncio.get_running_loop().time()))
            await self._until_served()
            await self._harm(report, fault)
            _raise_early(tasks)
        await asyncio.sleep(max(0.0, began + self.profile.faults - asyncio.get_running_loop().time()))
        self.wire.cut_share = 0.0

    async def _until_served(self) -> None:
        """On a slow machine a fault waits a while for the last one to be over, or all would hit nobody."""
        for _ in range(int(_SLOW_SECONDS / _PROBE_SECONDS)):
            at, well = self.answers[-1] if self.answers else (0.0, False)
            if well and at > max(self.harmed + 2 * _PROBE_SECONDS, self._now() - _FRESH_SECONDS):
                return
            await asyncio.sleep(_PROBE_SECONDS)

    def _now(self) -> float:
        """Seconds since the run began."""
        return asyncio.get_running_loop().time() - self.began

    async def _harm(self, report: Report, fault: Fault) -> None:
        at = self._now()
        hit = True
        if fault.victim == "wire":
            await self.wire.black_hole(fault.seconds)
        else:
            hit = await self.site.hit(fault)
        self.harmed = self._now()
        name = {"kill": "kills", "pause": "pauses"}.get(fault.action, fault.action)
        report.counts[name] = report.counts.get(name, 0) + hit
        report.faults.append(
            {"at": at, "action": fault.action, "victim": fault.victim, "seconds": fault.seconds, "hit": hit}
        )

    async def _heal(self, report: Report, tasks: list[asyncio.Task[None]]) -> None:
        self.say(f"healing for at most {self.profile.healing:g} s")
        loop = asyncio.get_running_loop()
        began = loop.time()
        _, busy = await asyncio.wait(tasks, timeout=self.profile.healing)
        _raise_early(tasks)
        report.left_open = {"clients that were not told": len(busy)} if busy else {}
        while loop.time() - began < self.profile.healing:
            # Either book may be on its way up again.
            with contextlib.suppress(psycopg.OperationalError, sqlite3.OperationalError):
                left = await asyncio.to_thread(still_open, self.site.auditor_url, self.site.provider_book)
                report.left_open = dict(left)
                if not left:
                    report.healed_after = loop.time() - began
                    return
            await asyncio.sleep(0.5)

    async def _probe(self) -> None:
        """Ask again and again whether anybody is ready; an outage is the time from one yes to the next."""
        async with httpx2.AsyncClient(base_url=self.site.url, timeout=2) as client:
            while True:
                try:
                    well = (await client.get("/health/ready")).status_code == 200
                except httpx2.HTTPError:
                    well = False
                self.answers.append((self._now(), well))
                await asyncio.sleep(_PROBE_SECONDS)

    def _weigh_outages(self, report: Report) -> None:
        last = self.answers[0][0] if self.answers else 0.0
        has_failed = False
        for at, well in self.answers:
            if well and has_failed:
                report.outages.append({"from": round(last, 2), "seconds": round(at - last, 2)})
            if well:
                last, has_failed = at, False
            else:
                has_failed = True
        report.longest_outage = max((outage["seconds"] for outage in report.outages), default=0.0)
        for fault in report.faults:
            near = [o for o in report.outages if o["from"] - 0.5 <= fault["at"] <= o["from"] + o["seconds"]]
            if near:
                fault["back_after"] = round(near[0]["from"] + near[0]["seconds"] - fault["at"], 2)

    def _weigh_writes(self, report: Report, operations: list[Operation]) -> None:
        """The longest time without a new operation done, and how many were done after the first fault."""
        done = sorted(one.told_at for one in operations if one.told is Told.DONE and one.told_at <= self.load_ended)
        gaps = [later - earlier for earlier, later in itertools.pairwise([*done, self.load_ended])]
        report.longest_without_write = round(max(gaps, default=0.0), 2)
        first_fault = self.began + min((fault["at"] for fault in report.faults), default=0.0)
        report.counts["acknowledged_in_trouble"] = sum(first_fault < at for at in done)


async def _judged(evidence: Evidence) -> Verdict:
    """The verdict; what the judge finds is looked at again for a while, since provider and workers go on meanwhile.

    The books of several parties are not read at one moment: what came in between is in one and not in the other.
    """
    for _ in range(_LOOKS - 1):
        verdict = await asyncio.to_thread(judge, evidence)
        if not any(verdict.findings.values()):
            return verdict
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return await asyncio.to_thread(judge, evidence)


async def _subscribe(client: Client, receiver: Receiver) -> dict[str, str]:
    endpoints = {}
    for path in _PATHS:
        body = {"url": f"http://127.0.0.1:{receiver.port}{path}"}
        made = await client.do("endpoint", "/webhook-endpoints", body)
        endpoints[path] = made.result
        receiver.secrets[path] = _secret(made) or await _rotated(client, made.result)
    return endpoints


async def _rotated(client: Client, endpoint_id: str) -> str:
    """A secret is shown once; who lost the first answer, and was given it again without, asks for another one."""
    made = await client.do("rotation", f"/webhook-endpoints/{endpoint_id}/rotate-secret", {})
    return _secret(made) or await _rotated(client, endpoint_id)


def _secret(made: Operation) -> str | None:
    found: str | None = httpx2.Response(200, text=made.answer).json()["secret"]
    return found


def _raise_early(tasks: list[asyncio.Task[None]]) -> None:
    """A client that failed by a fault of its own ends the run now, not at the end."""
    for task in tasks:
        if task.done():
            task.result()


def machine() -> dict[str, str]:
    """What the figures depend on."""
    return {
        "processors": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }
