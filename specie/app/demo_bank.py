"""The simulator as long as demo data is being made, with a clock that can be set back into the past."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import uvicorn

from specie.platform.config import Settings
from specie.providers.simulator import dialects
from specie.providers.simulator.bank import Bank
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.operations import Operations
from specie.providers.simulator.server import create_app

_LOOPBACK = "127.0.0.1"


class _Server(uvicorn.Server):
    """A server inside another program, to which the signals belong."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class DemoBank:
    """A running simulator. `url` is where it listens now, `address` where it will be once the platform runs."""

    def __init__(self, url: str, address: str, book: Book) -> None:
        self.url = url
        self.address = address
        self._book = book

    def set_clock(self, away: timedelta) -> None:
        """Let the simulator live at another time, `away` from the machine's; zero is now."""
        self._book.advance(int(away.total_seconds()) - self._book.clock_offset())

    def dispute(self, description: str) -> None:
        """Let the customer of the charge described so ask the bank for the money back."""
        charge = next(charge for charge in self._book.charges() if charge.description == description)
        Operations(Bank(self._book, dialects.voices(self._book))).open_dispute(charge)

    def tell_shop(self, secret: str) -> None:
        """Give the simulated shop the secret of its webhook endpoint."""
        self._book.tell_shop(secret)


@asynccontextmanager
async def demo_bank(settings: Settings, address: str) -> AsyncIterator[DemoBank]:
    """Run the simulator over this installation's own book while the block runs.

    It listens at `address`, where the simulator will be afterwards: pages of open payments are handed out with it.
    When that is another machine's or taken, it listens on a free port.
    """
    path = settings.state / "simulator" / "book.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Its callbacks wait in the book until the API takes them.
    server = _Server(uvicorn.Config(create_app(path, delivers=False), log_config=None, access_log=False))
    listener = _listener(urlsplit(address).port or 0)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    book = Book(path)
    try:
        while not server.started:
            if serving.done():
                serving.result()
            await asyncio.sleep(0.02)
        yield DemoBank(f"http://{_LOOPBACK}:{listener.getsockname()[1]}", address, book)
    finally:
        book.advance(-book.clock_offset())
        book.close()
        server.should_exit = True
        await serving


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((_LOOPBACK, port))
    except (OSError, OverflowError):
        return socket.create_server((_LOOPBACK, 0))
