"""A tenant that asks little and steadily, and how long it waits: transfers and reads, each timed."""

import asyncio
import json
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import httpx2

from specie.assay.journal import Operation, Told

KINDS = ("transfer", "read")
_EVERY_SECONDS = 0.05
_PATIENCE_SECONDS = 10.0


class Quiet:
    """Ten transfers and ten reads a second, each once and at its time, however long the others take."""

    def __init__(self, url: str, api_key: str, seed: int) -> None:
        self._http = httpx2.AsyncClient(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {api_key}"}, timeout=_PATIENCE_SECONDS
        )
        # Not for secrets: a seed fixes what is asked.
        self._random = random.Random(seed)  # noqa: S311
        self.operations: list[Operation] = []
        self.answers: Counter[int] = Counter()
        self._took: dict[tuple[str, str], list[float]] = defaultdict(list)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def meet(self) -> None:
        """Find the wallets to move money between."""
        listed = (await self._http.get("/wallets?limit=100")).json()["data"]
        self._wallets = [wallet["id"] for wallet in listed if wallet["currency"] == "IDR"]

    async def ask(self, while_: str, seconds: float) -> None:
        """Ask for so long, and keep what was waited under a word for what went on meanwhile."""
        loop = asyncio.get_running_loop()
        began, asked = loop.time(), []
        for number in range(int(seconds / _EVERY_SECONDS)):
            await asyncio.sleep(max(0.0, began + number * _EVERY_SECONDS - loop.time()))
            asked.append(asyncio.create_task(self._once(while_, KINDS[number % 2])))
        await asyncio.gather(*asked)

    def p95(self, while_: str, kind: str) -> float:
        """The time in seconds that 95 of 100 did not exceed."""
        return p95(self._took[while_, kind])

    async def _once(self, while_: str, kind: str) -> None:
        began = asyncio.get_running_loop().time()
        try:
            answer = await (self._transfer() if kind == "transfer" else self._read())
            self.answers[answer.status_code] += 1
        except httpx2.HTTPError:
            self.answers[0] += 1
        # Who gave up has waited as well.
        self._took[while_, kind].append(asyncio.get_running_loop().time() - began)

    async def _read(self) -> httpx2.Response:
        return await self._http.get(f"/wallets/{self._random.choice(self._wallets)}")

    async def _transfer(self) -> httpx2.Response:
        payer, payee = self._random.sample(self._wallets, 2)
        minor = self._random.randint(1, 500)
        amount = {"amount": minor, "currency": "IDR"}
        body: dict[str, Any] = {"from_wallet_id": payer, "to": {"wallet_id": payee}, "amount": amount}
        key = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        operation = Operation("transfer", key, "/transfers", body, [minor])
        self.operations.append(operation)
        answer = await self._http.post("/transfers", content=json.dumps(body), headers={"Idempotency-Key": key})
        if answer.status_code in {201, 422}:
            operation.told = Told.DONE if answer.status_code == 201 else Told.REFUSED
        return answer


def p95(took: Sequence[float]) -> float:
    """The smallest of some times that at least 95 of 100 did not exceed."""
    return sorted(took)[-(-len(took) * 95 // 100) - 1]
