"""Sends the simulator's callbacks, again and again until a receiver takes them."""

import asyncio

import structlog

from specie.kernel.clock import machine_timestamp
from specie.platform.crashpoints import crash_point
from specie.platform.outbound import NoAnswer, OutboundClient, UnsafeUrl
from specie.providers.simulator.bank import Bank
from specie.providers.simulator.book_store import QueuedCallback, moment
from specie.providers.simulator.rules import Signing
from specie.providers.simulator.voice import Letter

_LOOK_SECONDS = 0.2
_TIMEOUT_SECONDS = 5.0
_TRIES = 10
_STALE_SECONDS = 600
_REPEATED_WAIT = 0.05
# A demo leaves a backlog behind; a receiver that has just started is not to meet all of it at once.
_LANES = 8
_SOMEBODY_ELSE = "somebody else"

_log = structlog.get_logger(__name__)


class Courier:
    """Takes queued callbacks to their receivers."""

    def __init__(self, bank: Bank, outbound: OutboundClient) -> None:
        self._bank = bank
        self._outbound = outbound
        self._lanes = asyncio.Semaphore(_LANES)

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            self._bank.let_time_pass()
            if not await self.deliver_due():
                await self._rest()

    async def deliver_due(self) -> int:
        """Deliver what is due now, a few at the same moment. Returns how many were tried."""
        ready = self._bank.book.due(moment())
        await asyncio.gather(*(self._in_turn(callback) for callback in ready))
        return len(ready)

    async def _rest(self) -> None:
        self._bank.news.clear()
        try:
            await asyncio.wait_for(self._bank.news.wait(), _LOOK_SECONDS)
        except TimeoutError:
            return
        # An answer to the order on its way goes out before the callback that tells of it.
        await asyncio.sleep(_REPEATED_WAIT)

    async def _in_turn(self, callback: QueuedCallback) -> None:
        async with self._lanes:
            await self._deliver(callback)

    async def _deliver(self, callback: QueuedCallback) -> None:
        crash_point("simulator.callback.before")
        letter = self._sealed(callback)
        try:
            response = await self._outbound.request(
                letter.method,
                callback.url + letter.query,
                headers=letter.headers,
                content=letter.body,
                timeout=_TIMEOUT_SECONDS,
                allow_private=True,
                label="simulator_callback",
            )
        except (NoAnswer, UnsafeUrl) as error:
            _log.info("callback_not_delivered", reason=str(error))
            self._postpone(callback, 0)
            return
        crash_point("simulator.callback.after")
        if 200 <= response.status < 300:
            self._bank.book.delivered(callback.seq, response.status)
        else:
            self._postpone(callback, response.status)

    def _sealed(self, callback: QueuedCallback) -> Letter:
        timestamp = machine_timestamp() - (_STALE_SECONDS if callback.signing is Signing.STALE else 0)
        voice, account = self._bank.voice_of(callback.account)
        if callback.signing is Signing.FOREIGN:
            account = _SOMEBODY_ELSE
        return voice.seal(callback.body, account, callback.url, timestamp, callback.signing)

    def _postpone(self, callback: QueuedCallback, status: int) -> None:
        again = callback.attempts + 1 < _TRIES and callback.signing is Signing.RIGHT
        due_at = machine_timestamp() + min(2**callback.attempts, 60) if again else None
        self._bank.book.postpone(callback.seq, status, due_at)
