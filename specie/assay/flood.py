"""A tenant that asks for far more than it may have, as a process of its own so that it does not slow the clock down.

`python -m specie.assay.flood` reads one JSON object, a `Flood`, from standard input and prints what was answered. It
sends over some connections at a steady pace, on each when the request before has been answered, and reads no more of an
answer than it must: it shares the machine with the server.
"""

import asyncio
import json
import resource
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field

_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Flood:
    """One request again and again: its lines, without the empty one that ends it."""

    host: str
    port: int
    head: str
    seconds: float
    per_second: float


@dataclass(slots=True)
class Heard:
    """How many answers came of each status, how many refusals did not say when to come back, and what it cost here.

    `cut` requests got no answer before it was over.
    """

    answers: Counter[str] = field(default_factory=Counter)
    without_retry_after: int = 0
    cut: int = 0
    processor_seconds: float = 0.0

    @property
    def sent(self) -> int:
        """All that was asked."""
        return sum(self.answers.values()) + self.cut

    def add(self, other: "Heard") -> None:
        """Take in what another flood has heard."""
        self.answers += other.answers
        self.without_retry_after += other.without_retry_after
        self.cut += other.cut
        self.processor_seconds += other.processor_seconds


async def pour(flood: Flood) -> Heard:
    """Send it all from a process of its own, and return what came back."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "specie.assay.flood", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        told, _ = await process.communicate(json.dumps(asdict(flood)).encode())
    finally:
        if process.returncode is None:
            process.kill()
    heard = Heard(**json.loads(told))
    heard.answers = Counter(heard.answers)
    return heard


async def send(flood: Flood) -> Heard:
    """Send for as long as it lasts; a slow server gets less than was meant, never a backlog."""
    heard = Heard()
    ends = asyncio.get_running_loop().time() + flood.seconds
    await asyncio.gather(*(_connection(flood, number, ends, heard) for number in range(_CONNECTIONS)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    heard.processor_seconds = used.ru_utime + used.ru_stime
    return heard


async def _connection(flood: Flood, number: int, ends: float, heard: Heard) -> None:
    loop = asyncio.get_running_loop()
    every = _CONNECTIONS / flood.per_second
    at, request = loop.time() + number * every / _CONNECTIONS, f"{flood.head}\r\n\r\n".encode()
    while loop.time() < ends:
        await asyncio.sleep(every)
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(flood.host, flood.port)
            try:
                while True:
                    at = max(at + every, loop.time() - 1.0)
                    await asyncio.sleep(max(0.0, at - loop.time()))
                    if loop.time() >= ends:
                        return
                    heard.cut += 1
                    writer.write(request)
                    await _answer(reader, heard)
                    heard.cut -= 1
            finally:
                writer.transport.abort()


async def _answer(reader: asyncio.StreamReader, heard: Heard) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    status = head[9:12].decode()
    heard.answers[status] += 1
    heard.without_retry_after += status == "429" and b"\r\nretry-after:" not in head


if __name__ == "__main__":
    found = asyncio.run(send(Flood(**json.load(sys.stdin))))
    json.dump({name: getattr(found, name) for name in Heard.__slots__}, sys.stdout)
