"""Clients that never give up on a key: what is unknown is asked again until it is done or refused."""

import asyncio
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

import httpx2

from specie.assay.journal import Journal, Operation, Told

TRY_SECONDS = 5.0
# Less than a run has to heal, or a client that only waits would take all of that time.
_LOOKING_SECONDS = 20.0
_LOOK_SECONDS = 0.5
_AGAIN = {409, 429, 500, 502, 503, 504}
_REFUSALS = {404, 409, 422}
_WITH_SECRET = {"endpoint", "rotation"}
_TWICE_AT_ONCE = 0.1
_LATER_AGAIN = 0.05
_OTHER_BODY = 0.03
_SEVEN = {"amount": 7, "currency": "IDR"}

Sign = Callable[[str, bytes], dict[str, str]]
"""What is said beside a path and a body to prove who asks, made anew for every try."""


def unsigned(_path: str, _body: bytes) -> dict[str, str]:
    """The key alone says who asks."""
    return {}


class Client:
    """One caller with an API key; every call is written down before and after."""

    def __init__(
        self,
        url: str,
        api_key: str,
        journal: Journal,
        seed: int,
        *,
        patience: float,
        of_the_clock: frozenset[str] = frozenset(),
        house: str = "",
        sign: Sign = unsigned,
    ) -> None:
        self._http = httpx2.AsyncClient(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {api_key}"}, timeout=TRY_SECONDS
        )
        self._journal = journal
        self._patience = patience
        self._of_the_clock = of_the_clock
        self._house = house
        self._sign = sign
        # Not for secrets: a seed fixes what is asked.
        self.random = random.Random(seed)  # noqa: S311
        self._done: list[Operation] = []

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def reference(self) -> str:
        """A reference of its own. The letter keeps it from ever looking like the number of a card, which is refused."""
        return f"assay-r{self.random.getrandbits(60):x}"

    async def do(self, kind: str, path: str, body: dict[str, Any], amounts: list[int] | None = None) -> Operation:
        """Send until a definite answer has come or patience is over; some are sent twice at once, or later again."""
        key = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        operation = Operation(kind, key, path, body, amounts or [], house=self._house)
        self._journal.intend(operation)
        await self._insist(operation)
        if operation.told is Told.DONE:
            self._done.append(operation)
        await self._now_and_then_again()
        return operation

    @property
    def name(self) -> str:
        """Who this is, for people."""
        return f"a client of {self._house or 'the first tenant'}"

    @property
    def kinds_done(self) -> set[str]:
        """The kinds of operations this client was told were done."""
        return {operation.kind for operation in self._done}

    async def get(self, path: str) -> httpx2.Response:
        """A read, once."""
        return await self._http.get(path)

    async def read(self, path: str) -> Any:
        """A read, repeated until it is answered well. Raises RuntimeError when it is refused for good."""
        while True:
            try:
                answer = await self._http.get(path)
            except httpx2.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 200:
                return answer.json()
            if answer is not None and not _says_try_again(answer):
                raise RuntimeError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
            await asyncio.sleep(0.2)

    async def until(self, path: str, status: str) -> bool:
        """Look until something has come to a status; False when that takes too long."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + _LOOKING_SECONDS
        while loop.time() < ends:
            if (await self.read(path))["status"] == status:
                return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False

    async def _insist(self, operation: Operation) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        # An answer there is no name for is an oddity, and would be one every time.
        while not operation.status and loop.time() < deadline:
            operation.tries += 1
            copies = 2 if self.random.random() < _TWICE_AT_ONCE else 1
            for answer in await asyncio.gather(*(self._post(operation, operation.asked) for _ in range(copies))):
                if answer is not None and not _says_try_again(answer):
                    self._settle(operation, answer)
            if not operation.status:
                await asyncio.sleep(self.random.uniform(0.05, 0.4))

    async def _now_and_then_again(self) -> None:
        if not self._done:
            return
        if self.random.random() < _LATER_AGAIN:
            earlier = self.random.choice(self._done)
            answer = await self._post(earlier, earlier.asked)
            if answer is not None and not _says_try_again(answer):
                self._settle(earlier, answer)
        if self.random.random() < _OTHER_BODY:
            await self._reuse(self.random.choice(self._done))

    async def _reuse(self, earlier: Operation) -> None:
        """The same key for something else: refused, whatever else happens."""
        was = earlier.asked.get("amount")
        other = {"amount": {"amount": 8, "currency": "IDR"} if was == _SEVEN else _SEVEN}
        answer = await self._post(earlier, earlier.asked | other)
        if answer is None or _says_try_again(answer) or answer.status_code == 422:
            return
        self._journal.odd(f"{earlier.kind} {earlier.key} with another body: {answer.status_code} {answer.text[:300]}")

    def _settle(self, operation: Operation, answer: httpx2.Response) -> None:
        if operation.told is not Told.UNKNOWN:
            if not is_same(operation, answer) and not self._is_of_the_clock(operation, answer):
                seen = f"{operation.status} {operation.answer[:300]} and {answer.status_code} {answer.text[:300]}"
                self._journal.odd(f"{operation.kind} {operation.key} was answered in two ways: {seen}")
            return
        operation.status, operation.answer = answer.status_code, answer.text
        if answer.status_code not in {200, 201, *_REFUSALS}:
            self._journal.odd(f"{operation.kind} {operation.key}: {answer.status_code} {answer.text[:300]}")
            return
        document = answer.json()
        if answer.status_code in {200, 201}:
            operation.told, operation.result = Told.DONE, str(document.get("id", ""))
        else:
            operation.told, operation.result = Told.REFUSED, str(document.get("code"))
        self._journal.settle(operation)

    def _is_of_the_clock(self, operation: Operation, answer: httpx2.Response) -> bool:
        """Whether one of two copies met a process whose clock would not have it, and the other one that would."""
        codes = {operation.result, answer.json().get("code", "")}
        return operation.tries == 1 and bool(codes & self._of_the_clock)

    async def _post(self, operation: Operation, body: dict[str, Any]) -> httpx2.Response | None:
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": operation.key}
        try:
            answer = await self._http.post(
                operation.path, content=content, headers=headers | self._sign(operation.path, content)
            )
        except httpx2.HTTPError:
            self._journal.answers["none"] += 1
            return None
        self._journal.answers[_class(answer)] += 1
        return answer


def _class(answer: httpx2.Response) -> str:
    """The status of an answer, and the code of a refusal that says what to do."""
    if answer.is_success:
        return str(answer.status_code)
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return f"{answer.status_code} {answer.json()['code'] if is_problem else 'without a problem document'}"


def _says_try_again(answer: httpx2.Response) -> bool:
    """Whether nothing definite was said; a 409 is definite unless it is about the key being in use just now."""
    if answer.status_code == 409:
        return bool(answer.json().get("code") == "idempotency_in_progress")
    return answer.status_code in _AGAIN


def _without_secret(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "secret"}


def is_same(operation: Operation, answer: httpx2.Response) -> bool:
    """Whether a later answer repeats the first: to the letter when it was done, by its code when it was refused.

    A refusal before anything was tried is made anew each time, and names its own request. The secret of a webhook
    endpoint, new or replaced, is told once.
    """
    if operation.kind in _WITH_SECRET:
        first = operation.told is Told.DONE and json.loads(operation.answer)
        return bool(first and _without_secret(first) == _without_secret(answer.json()))
    if operation.told is Told.REFUSED:
        return bool(answer.json().get("code") == operation.result and answer.status_code == operation.status)
    return (answer.status_code, answer.text) == (operation.status, operation.answer)
