"""The one who causes an event: the caller of the trigger, sending the requests that would cause it anywhere."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2

from specie.kernel.errors import Conflict, InvalidField
from specie.platform.http import Edge
from specie.platform.metrics import API

_PROOF = ("authorization", "cookie", "x-csrf-token", "origin", "sec-fetch-site", "user-agent")


class TriggerRefused(Conflict):
    """One of the requests that cause the event was refused."""

    code = "trigger_refused"
    title = "A request that causes the event was refused"
    is_decision = False


@dataclass
class Caller:
    """Whoever asks, sending one request after the other; `stem` is what the keys of the requests begin with."""

    http: httpx2.AsyncClient
    edge: Edge
    stem: str
    sent: int = 0

    @property
    def now(self) -> datetime:
        """The tenant's business time."""
        return self.edge.scope.clock.now()

    @property
    def today(self) -> str:
        """The tenant's business date, as requests name it."""
        return self.edge.scope.clock.business_date(self.now).isoformat()

    async def get(self, path: str) -> Any:
        """What a request to read answers. Raises TriggerRefused."""
        return _read(await self.http.get(f"{API}{path}", headers=self._proof()))

    async def post(self, path: str, body: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """What a request to do something answers; `options` stand for the body. Raises TriggerRefused."""
        self.sent += 1
        headers = self._proof() | {"idempotency-key": f"{self.stem}-{self.sent}"}
        payload = options or {"json": body or {}}
        return _read(await self.http.post(f"{API}{path}", headers=headers, **payload))

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """What a request to set something answers. Raises TriggerRefused."""
        return _read(await self.http.put(f"{API}{path}", headers=self._proof(), json=body))

    async def pays(self, page: str, method: str) -> None:
        """Do what the customer does on the hosted page; nobody is signed in there."""
        await self.http.post(f"{page}/pay", data={"method": method}, headers={"origin": str(self.http.base_url)})

    def _proof(self) -> dict[str, str]:
        given = self.edge.request.headers
        return {name: given[name] for name in _PROOF if name in given}


Wishes = Mapping[str, str]
Maker = Callable[[Caller, Wishes], Awaitable[dict[str, Any]]]
"""Causes one kind of event, with other values than the usual ones; returns the object that it is about."""


def amount_of(wishes: Wishes) -> dict[str, Any]:
    """The amount that is wished for, or the usual one. Raises InvalidField."""
    amount = wishes.get("amount", "5000000")
    if not (amount.isascii() and amount.isdigit() and len(amount) <= len(str(2**53))):
        raise InvalidField("an amount is whole minor units", param="override")
    return {"amount": int(amount), "currency": wishes.get("currency", "IDR")}


def _read(answer: httpx2.Response) -> Any:
    document = answer.json()
    if answer.is_error:
        code, detail = document.get("code", ""), document.get("detail") or document.get("title", "")
        raise TriggerRefused(f"{answer.request.method} {answer.request.url.path}: {code} {detail}", refused=code)
    return document
