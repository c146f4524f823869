"""The simulator as long as demo data is being made, with a clock that can be set back into the past."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import uvicorn

from specie.platform.config import Settings
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.server import create_app


class _Server(uvicorn.Server):
    """A server inside another program, to which the signals belong."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class DemoBank:
    """A running simulator. `url` is where it listens; its clock stands `away` from the machine's."""

    def __init__(self, url: str, book: Book) -> None:
        self.url = url
        self._book = book

    def set_clock(self, away: timedelta) -> None:
        """Let the simulator live at another time; zero is now."""
        self._book.advance(int(away.total_seconds()) - self._book.clock_offset())


@asynccontextmanager
async def demo_bank(settings: Settings) -> AsyncIterator[DemoBank]:
    """Run the simulator over this installation's own book on a free port while the block runs."""
    path = settings.state / "simulator" / "book.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    server = _Server(uvicorn.Config(create_app(path), port=0, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    book = Book(path)
    try:
        while not server.started:
            if serving.done():
                serving.result()
            await asyncio.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield DemoBank(f"http://127.0.0.1:{port}", book)
    finally:
        book.advance(-book.clock_offset())
        book.close()
        server.should_exit = True
        await serving
