"""A client of an installation that keeps dying: it starts a new one when nobody answers, and repeats itself."""

import hashlib
import hmac
import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx2

from specie.assay.journal import Journal, Operation, Told
from tests.faults.figures import Ends

TRY_SECONDS = 4.0
SETTLE_SECONDS = 60.0


class Installations(Protocol):
    """Where a caller calls, and how it starts another installation there."""

    url: str
    bank_url: str
    ground: dict[str, str]
    trials: Sequence[Any]

    @property
    def bank_book(self) -> Path:
        """The simulator's own book."""

    def secret(self, kind: str, owner: str) -> str:
        """An API key or a password of the demo."""

    def alive(self) -> int:
        """How many installations there are."""

    def begin(self, *, armed: bool = False) -> None:
        """Start one."""


class Caller:
    """A client that starts a new installation whenever nobody answers, and repeats itself until it knows."""

    def __init__(self, whole: Installations, journal: Journal) -> None:
        self.whole = whole
        self.random = random.Random()
        self._journal = journal
        self._reviving = threading.Lock()
        self.under_way = False
        keys = {owner: f"Bearer {whole.secret('api_keys', owner)}" for owner in ("sandbox", "merchant")}
        self._as = {owner: {"Authorization": key} for owner, key in keys.items()}
        self._http = httpx2.Client(base_url=f"{whole.url}/api/v1", timeout=TRY_SECONDS)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def __getitem__(self, name: str) -> str:
        """The id of something that was prepared."""
        return self.whole.ground[name]

    def do(
        self,
        kind: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        amounts: list[int] | None = None,
        *,
        owner: str = "sandbox",
        may_be_refused: bool = False,
        method: str = "POST",
        patience: float = TRY_SECONDS,
    ) -> Operation:
        """Send under one key until a definite answer comes."""
        operation = Operation(kind, f"{self.random.getrandbits(128):032x}", path, dict(body or {}), amounts or [])
        self._journal.intend(operation)
        deadline = time.monotonic() + SETTLE_SECONDS
        while operation.told is Told.UNKNOWN and time.monotonic() < deadline:
            operation.tries += 1
            body = json.dumps(operation.asked).encode()
            headers = {"Idempotency-Key": operation.key, "Content-Type": "application/json"}
            headers |= self._signed(path, body) if owner == "server" else self._as[owner]
            answer = self._send(method, path, headers, content=body, timeout=patience)
            if answer is None or _passes(answer):
                time.sleep(0.05)
                continue
            done = answer.status_code in {200, 201}
            operation.told = Told.DONE if done else Told.REFUSED
            operation.result = str(answer.json().get("id" if done else "code", ""))
            operation.status, operation.answer = answer.status_code, answer.text
            self._journal.settle(operation)
        settled = operation.told is Told.DONE or (may_be_refused and operation.told is Told.REFUSED)
        assert settled, f"{kind}: {operation.told} {operation.answer}"
        return operation

    def _signed(self, path: str, body: bytes) -> dict[str, str]:
        """What a server sends to prove that it is itself; never the same twice."""
        now, nonce = str(int(time.time())), f"{self.random.getrandbits(128):032x}"
        digest = hashlib.sha256(body).hexdigest()
        text = "\n".join(("v1", "POST", f"/api/v1{path}", now, nonce, digest)).encode()
        signature = hmac.digest(self["server_secret"].encode(), text, "sha256").hex()
        key = {"Authorization": f"Bearer {self['server_key']}"}
        return key | {"Specie-Timestamp": now, "Specie-Nonce": nonce, "Specie-Signature": f"v1={signature}"}

    def upload(self, path: str, form: dict[str, str], file: tuple[str, bytes, str]) -> None:
        """Send a file until it is taken."""
        for _ in range(20):
            answer = self._send("POST", path, self._as["sandbox"], data=form, files={"file": file})
            if answer is not None and answer.status_code == 201:
                return
            time.sleep(0.1)
        raise AssertionError(f"{path} is not taken: {answer and answer.text}")

    def read(self, path: str, owner: str = "sandbox") -> Any:
        """What a read answers in the end."""
        for _ in range(200):
            answer = self._send("GET", path, self._as[owner])
            if answer is not None and answer.status_code == 200:
                return answer.json()
            time.sleep(0.05)
        raise AssertionError(f"{path} is never answered")

    def wait_for(self, path: str, wanted: Callable[[Any], bool]) -> Any:
        """Read until it shows what is wanted, as somebody does who has to go on from there."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            if wanted(found := self.read(path)):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{path} never shows what is waited for: {json.dumps(found)[:600]}")

    def log_in(self, login: str) -> None:
        """Be a person as well, under its login as the owner of what is done next."""
        if login in self._as:
            return
        body = {"email": f"{login}@warung-kopi.example", "password": self.whole.secret("passwords", login)}
        for _ in range(20):
            answer = self._send("POST", "/auth/login", {}, json=body)
            if answer is not None and answer.status_code == 200:
                cookie = answer.headers["set-cookie"].partition(";")[0]
                self._as[login] = {
                    "Cookie": cookie,
                    "X-CSRF-Token": answer.json()["csrf_token"],
                    "Sec-Fetch-Site": "same-origin",
                }
                return
            time.sleep(0.1)
        raise AssertionError(f"{login} cannot log in: {answer and answer.text}")

    def visit(self, path: str, data: dict[str, str] | None = None) -> None:
        """A customer's browser: it opens a page or sends a form, and tries again on an error, as people do."""
        more = {} if data is None else {"data": data}
        for _ in range(20):
            answer = self._send("GET" if data is None else "POST", f"{self.whole.url}{path}", {}, **more)
            if answer is not None and answer.status_code < 500 and not _asks_again(answer):
                return
            time.sleep(0.1)

    def press(self, path: str) -> None:
        """A button at the bank, which is pressed again when nothing seems to happen."""
        for _ in range(20):
            answer = self._send("POST", f"{self.whole.bank_url}{path}", {})
            if answer is not None and answer.status_code < 500:
                return
            time.sleep(0.1)

    def at_the_bank(self, query: str, *given: str) -> str:
        """What the bank's own book says."""
        with sqlite3.connect(self.whole.bank_book) as bank:
            return str(bank.execute(query, given).fetchone()[0])

    def reference(self) -> str:
        """A name nothing else has."""
        return f"crash-r{self.random.getrandbits(60):x}"

    def soon(self, seconds: float) -> str:
        """A moment of the sandbox's own clock."""
        now = time.time() + float(self.read("/sandbox/clock")["ahead_seconds"])
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + seconds))

    def revive(self, most: int = 1) -> None:
        """Somebody starts what has died, into the traps that are left."""
        with self._reviving:
            if self.whole.alive() < most:
                self.whole.begin(armed=True)

    def _send(self, method: str, path: str, headers: Mapping[str, str], **more: Any) -> httpx2.Response | None:
        self.revive()
        try:
            return self._http.request(method, path, headers=dict(headers), **more)
        except httpx2.HTTPError:
            # It may hang rather than be dead: then one other takes over beside it.
            self.revive(most=2 if self.under_way and self.whole.trials else 1)
            return None


def _asks_again(answer: httpx2.Response) -> bool:
    """Whether the page says that the try did not go through."""
    return answer.headers.get("location", "").endswith("notice=busy")


def _passes(answer: httpx2.Response) -> bool:
    """Whether to ask again: an error, or a conflict that is no answer kept for this key."""
    is_kept = "idempotent-replayed" in answer.headers
    return answer.status_code >= 500 or (answer.status_code in {409, 429} and not is_kept)


@dataclass(frozen=True, slots=True)
class Flow:
    """Something people do with money, and by how much it moves what in the end, however often they were interrupted.

    `own` names the crash points that it is there for. A flow that moves the sandbox's clock runs by itself.
    """

    do: Callable[[Caller], None]
    own: tuple[str, ...] = ()
    ends: Ends = field(default_factory=dict)
    moves_clock: bool = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self.do.__name__


def rupiah(minor: int) -> dict[str, Any]:
    """An amount as the API takes it."""
    return {"amount": minor, "currency": "IDR"}
