"""What keeps a trial from failing, or from passing, by its own fault or by the speed of a machine."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from specie.assay import run
from specie.assay.clients import Client
from specie.assay.journal import Book, Journal, Told, read_back
from specie.assay.profile import PROFILES, schedule
from specie.assay.receiver import Receiver
from specie.assay.traffic import Part, play
from specie.assay.verdict import Verdict
from specie.kernel.card_numbers import has_card_number


@dataclass
class Server:
    """Answers what it is told to answer, each the next time it is asked; the last one again and again."""

    answers: list[tuple[int, dict[str, str]]]
    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.partition("\r\n")[0])
        await reader.readexactly(int(head.lower().partition("content-length: ")[2].partition("\r\n")[0] or 0))
        status, document = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        body = json.dumps(document).encode()
        kind = "application/json" if status < 300 else "application/problem+json"
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    made = Server([(403, {"code": "missing_scope"})])
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield made
    listening.close()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "clients.jsonl")


@pytest_asyncio.fixture
async def client(server: Server, journal: Journal) -> AsyncIterator[Client]:
    made = Client(server.url, "key", journal, 1, patience=60)
    yield made
    await made.close()


def test_every_fault_has_its_turn_whatever_the_seed() -> None:
    shortest = PROFILES["smoke"]
    for seed in range(200):
        faults = schedule(shortest, seed)
        assert len({(fault.action, fault.victim) for fault in faults}) == 12, seed
        assert sum(fault.action == "kill" for fault in faults) >= shortest.least["kills"], seed


async def test_no_reference_looks_like_the_number_of_a_card(client: Client) -> None:
    assert not [found for found in (client.reference() for _ in range(2_000)) if has_card_number(found)]


async def test_a_missing_right_is_told_at_once(client: Client, journal: Journal, server: Server) -> None:
    operation = await client.do("capture", "/holds/1/capture", {})
    assert (operation.told, operation.tries) == (Told.UNKNOWN, 1)
    assert journal.oddities
    assert all("missing_scope" in what for what in journal.oddities)
    with pytest.raises(RuntimeError, match="missing_scope"):
        await client.read("/wallets")


async def test_what_could_not_be_done_in_the_calm_is_tried_a_few_times_and_not_counted_as_done(
    client: Client, server: Server
) -> None:
    server.answers = [(422, {"code": "insufficient_funds"}), (201, {"id": "tr_1"})]

    async def step(one: Client) -> None:
        await one.do("transfer", "/transfers", {})

    stop, has_begun = asyncio.Event(), asyncio.Event()
    stop.set()
    await play(client, Part(step, (step,), frozenset({"transfer", "hold"})), stop, 0.0, has_begun)
    assert has_begun.is_set()
    assert client.kinds_done == {"transfer"}
    assert sum("/transfers" in line for line in server.asked) >= 3


async def test_what_is_gone_when_it_is_looked_at_again_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    late = Verdict()
    late.find("lost", "a callback that came between two books")
    seen = [late, late, Verdict()]
    monkeypatch.setattr(run, "judge", lambda _evidence: seen.pop(0))
    monkeypatch.setattr(run, "_LOOK_AGAIN_SECONDS", 0.0)
    assert not any((await run._judged(None)).findings.values())  # type: ignore[arg-type]
    seen[:] = [late] * run._LOOKS
    assert (await run._judged(None)).findings["lost"] == late.findings["lost"]  # type: ignore[arg-type]


def test_a_webhook_that_overtakes_its_secret_is_asked_to_come_again(tmp_path: Path) -> None:
    receiver = Receiver(Book(tmp_path / "receiver.jsonl"))
    assert receiver._take("/steady", {}, b"{}") == 503
    receiver.secrets["/steady"] = "whsec_YQ=="
    assert receiver._take("/steady", {}, b"{}") == 204
    assert [line["signed"] for line in read_back(tmp_path / "receiver.jsonl")] == [False]
