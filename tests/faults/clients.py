"""Clients that never give up on a key: what is unknown is asked again until it is done or refused."""

import asyncio
import random
import uuid
from typing import Any

import httpx2

from tests.faults.journal import Journal, Operation, Told

TRY_SECONDS = 5.0
SETTLE_SECONDS = 60.0
_AGAIN = {409, 429, 500, 502, 503, 504}


class Client:
    """One server with an API key; every call is written down before and after."""

    def __init__(self, url: str, api_key: str, journal: Journal, seed: int) -> None:
        self._http = httpx2.AsyncClient(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {api_key}"}, timeout=TRY_SECONDS
        )
        self._journal = journal
        self.random = random.Random(seed)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def do(self, kind: str, path: str, body: dict[str, Any]) -> Operation:
        """Send until a definite answer has come or the time to settle is over; one in ten is sent twice at once."""
        operation = Operation(kind, str(uuid.UUID(int=self.random.getrandbits(128), version=4)), body)
        self._journal.intend(operation)
        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            operation.tries += 1
            if await self._try(operation, path, body):
                return operation
            await asyncio.sleep(self.random.uniform(0.05, 0.4))
        return operation

    async def _try(self, operation: Operation, path: str, body: dict[str, Any]) -> bool:
        copies = 2 if self.random.random() < 0.1 else 1
        calls = [self._post(path, body, operation.key) for _ in range(copies)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, httpx2.HTTPError) or (
                isinstance(answer, httpx2.Response) and answer.status_code in _AGAIN
            ):
                continue
            if isinstance(answer, BaseException):
                raise answer
            self._settle(operation, answer)
            return True
        return False

    def _settle(self, operation: Operation, answer: httpx2.Response) -> None:
        document = answer.json()
        if answer.status_code in {200, 201}:
            self._journal.settle(operation, Told.DONE, str(document.get("entry_id") or document.get("id")))
            return
        if answer.status_code != 422:
            raise RuntimeError(f"an answer nobody expects: {answer.status_code} {answer.text[:500]}")
        self._journal.settle(operation, Told.REFUSED, document["code"])

    async def _post(self, path: str, body: dict[str, Any], key: str) -> httpx2.Response:
        return await self._http.post(path, json=body, headers={"Idempotency-Key": key})

    async def get(self, path: str) -> httpx2.Response:
        """A read, once."""
        return await self._http.get(path)
