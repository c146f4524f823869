"""One trial: a flow runs into one crash point, everybody tries again, and then the books must be right."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2
import psycopg

from specie.assay.journal import Journal, Operation, Told
from specie.assay.judge import Evidence, judge, loose_transfers, still_open
from tests.faults.whole import LOG
from tests.support.server import DatabaseUrls
from tests.support.soundness import broken_invariants

ACTIONS = ("kill", "raise", "hang", "cut")
WHEN = ("first", "retry")
TRY_SECONDS = 4.0
SETTLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """Which crash point does what to which flow, at the first try or at the first and the second."""

    flow: str
    point: str
    action: str
    when: str

    def __str__(self) -> str:
        return f"{self.flow}: {self.point} {self.action} on {self.when}"


class Whole:
    """Installations forked from one prepared process, all on the same sockets, and what is known about them."""

    def __init__(self, urls: DatabaseUrls, state: Path) -> None:
        self._urls, self.state = urls, state
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=100) for _ in range(2)]
        self.url, simulator = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in self._listeners)
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("SPECIE_")} | {
            "DATABASE_URL": urls.app,
            "SPECIE_SYSTEM_URL": urls.system,
            "SPECIE_STATE": str(state),
            "SPECIE_PORT": self.url.rpartition(":")[2],
            "SPECIE_SIMULATOR_URL": simulator,
            "SPECIE_PRIVATE_TARGETS": "true",
            "SPECIE_DATABASE_POOL": "4",
            "SPECIE_RATE_LIMIT_ADDRESS": "1000000",
            "SPECIE_RATE_LIMIT_ACTOR": "1000000",
        }
        self._pids: list[int] = []
        self.defect = ""

    def __enter__(self) -> "Whole":
        fds = [one.fileno() for one in self._listeners]
        for one in self._listeners:
            one.set_inheritable(True)
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.whole", *map(str, fds)],
            cwd=Path(__file__).parents[2],
            env=self._environment,
            pass_fds=fds,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.state / "whole.log").open("ab"),
            text=True,
        )
        assert self._answer() == "ready", (self.state / "whole.log").read_text()[-3000:]
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.end_all()
        self._mother.kill()
        self._mother.wait()
        for one in self._listeners:
            one.close()

    def api_key(self, owner: str) -> str:
        return str(json.loads((self.state / "secrets" / "demo.json").read_text())["api_keys"][owner])

    def begin(self, trial: Trial | None = None, *, armed: bool = False) -> None:
        """Start an installation; with a trial its trap is set."""
        order: dict[str, Any] = {"superuser": self._urls.superuser, "armed": armed, "defect": self.defect}
        if trial is not None:
            order |= {"point": trial.point, "action": trial.action}
        assert self._mother.stdin is not None
        self._mother.stdin.write(json.dumps(order) + "\n")
        self._mother.stdin.flush()
        self._pids.append(int(self._answer()))

    def arm(self) -> None:
        os.kill(self._pids[-1], signal.SIGUSR1)

    def alive(self) -> int:
        """How many installations there are."""
        self._pids = [pid for pid in self._pids if Path(f"/proc/{pid}").exists()]
        return len(self._pids)

    def end_all(self) -> None:
        for pid in self._pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        while self.alive():
            time.sleep(0.01)

    def noted(self, what: str) -> set[str]:
        """The crash points `reached` or `sprung` so far."""
        log = self.state / LOG
        lines = log.read_text().splitlines() if log.exists() else []
        return {name for kind, _, name in (line.partition(" ") for line in lines) if kind == what}

    def forget_notes(self) -> None:
        (self.state / LOG).unlink(missing_ok=True)

    def _answer(self) -> str:
        assert self._mother.stdout is not None
        return self._mother.stdout.readline().strip()


class Caller:
    """A client that starts a new installation whenever nobody answers, and repeats itself until it knows."""

    def __init__(self, whole: Whole, journal: Journal, again: list[Trial]) -> None:
        self.whole = whole
        self.random = random.Random()
        self._journal = journal
        self._again = again
        self._reviving = threading.Lock()
        self.under_way = False
        self._keys = {owner: whole.api_key(owner) for owner in ("sandbox", "merchant")}
        self._http = httpx2.Client(base_url=f"{whole.url}/api/v1", timeout=TRY_SECONDS)

    def close(self) -> None:
        self._http.close()

    def do(
        self,
        kind: str,
        path: str,
        body: dict[str, Any],
        amounts: list[int] | None = None,
        *,
        owner: str = "sandbox",
        may_be_refused: bool = False,
    ) -> Operation:
        """Send under one key until a definite answer comes."""
        operation = Operation(kind, f"{self.random.getrandbits(128):032x}", path, body, amounts or [])
        self._journal.intend(operation)
        deadline = time.monotonic() + SETTLE_SECONDS
        while operation.told is Told.UNKNOWN and time.monotonic() < deadline:
            operation.tries += 1
            headers = {"Idempotency-Key": operation.key, "Authorization": f"Bearer {self._keys[owner]}"}
            answer = self._send("POST", path, headers, json=body)
            if answer is None or answer.status_code >= 500 or answer.status_code in {409, 429}:
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

    def read(self, path: str, owner: str = "sandbox") -> Any:
        """What a read answers in the end."""
        for _ in range(200):
            answer = self._send("GET", path, {"Authorization": f"Bearer {self._keys[owner]}"})
            if answer is not None and answer.status_code == 200:
                return answer.json()
            time.sleep(0.05)
        raise AssertionError(f"{path} is never answered")

    def visit(self, path: str, data: dict[str, str] | None = None) -> None:
        """A customer's browser: it opens a page or sends a form, and tries again on an error, as people do."""
        more = {} if data is None else {"data": data}
        for _ in range(20):
            answer = self._send("GET" if data is None else "POST", f"{self.whole.url}{path}", {}, **more)
            if answer is not None and answer.status_code < 500:
                return
            time.sleep(0.1)

    def revive(self, most: int = 1) -> None:
        """Somebody starts what has died; where the trial says so, into the same trap once more."""
        with self._reviving:
            if self.whole.alive() < most:
                self.whole.begin(self._again.pop() if self._again else None, armed=True)

    def _send(self, method: str, path: str, headers: dict[str, str], **more: Any) -> httpx2.Response | None:
        self.revive()
        try:
            return self._http.request(method, path, headers=headers, **more)
        except httpx2.HTTPError:
            # It may hang rather than be dead: then one other takes over beside it.
            self.revive(most=2 if self.under_way else 1)
            return None


Flow = Callable[[Caller], None]


def _rupiah(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "IDR"}


def _wallets(caller: Caller) -> list[dict[str, Any]]:
    listed = caller.read("/wallets?limit=100")["data"]
    funded = [one for one in listed if one["currency"] == "IDR" and one["available"]["amount"] > 10_000]
    others = [one for one in listed if one["currency"] == "IDR" and one not in funded]
    return [*funded, *others]


def transfer(caller: Caller) -> None:
    payer, payee = _wallets(caller)[:2]
    body = {"from_wallet_id": payer["id"], "to": {"wallet_id": payee["id"]}, "amount": _rupiah(11)}
    caller.do("transfer", "/transfers", body, [11])


def scheduled_transfer(caller: Caller) -> None:
    payer, payee = _wallets(caller)[:2]
    body = {"from_wallet_id": payer["id"], "to": {"wallet_id": payee["id"]}, "amount": _rupiah(12)}
    # On a slow machine the time may have passed before the request is read, and it is refused.
    caller.do("scheduled", "/transfers", body | {"scheduled_for": _soon(8)}, may_be_refused=True)


def hold(caller: Caller) -> None:
    payer, payee = _wallets(caller)[:2]
    placed = caller.do("hold", f"/wallets/{payer['id']}/holds", {"amount": _rupiah(13), "reason": "a table"}, [13])
    taken = {"to_wallet_id": payee["id"], "amount": _rupiah(3)}
    caller.do("capture", f"/holds/{placed.result}/capture", taken, [3])
    caller.do("release", f"/holds/{placed.result}/release", {}, [10])


def hold_that_runs_out(caller: Caller) -> None:
    payer = _wallets(caller)[0]
    body = {"amount": _rupiah(14), "reason": "a table", "expires_at": _soon(8)}
    caller.do("hold", f"/wallets/{payer['id']}/holds", body, [14])


def bulk(caller: Caller) -> None:
    code = f"expense:assay:{caller.random.getrandbits(40)}"
    debit, credit = (caller.do("account", "/ledger/accounts", {"code": f"{code}:{n}", "currency": "IDR"}) for n in "ab")
    moves = [{"debit_account": debit.result, "credit_account": credit.result, "amount": _rupiah(n)} for n in (1, 2, 3)]
    entries = [{"description": "Assay", "postings": [move]} for move in moves]
    caller.do("bulk", "/ledger/entries/bulk", {"entries": entries}, [1, 2, 3])


def overdraft(caller: Caller) -> None:
    """Take more out of an account than its floor allows, which is refused."""
    code = f"asset:assay:{caller.random.getrandbits(40)}"
    full = caller.do("account", "/ledger/accounts", {"code": f"{code}:full", "currency": "IDR", "floor": 0})
    other = caller.do("account", "/ledger/accounts", {"code": f"{code}:other", "currency": "IDR"})
    move = {"debit_account": other.result, "credit_account": full.result, "amount": _rupiah(5)}
    entry = {"description": "Assay", "postings": [move]}
    caller.do("bulk", "/ledger/entries/bulk", {"entries": [entry]}, [5], may_be_refused=True)


def payment(caller: Caller) -> None:
    _paid(caller, _ordered(caller, "success"))


def payment_without_callback(caller: Caller) -> None:
    made = _ordered(caller, "lost")
    _paid(caller, made)
    caller.do("check", f"/payments/{made.result}/check", {}, owner="merchant")


def payment_that_has_to_be_asked_for(caller: Caller) -> None:
    _paid(caller, _ordered(caller, "lost"))


def payment_in_doubt(caller: Caller) -> None:
    _paid(caller, _ordered(caller, "error_after+success"))


def payment_with_a_forged_callback(caller: Caller) -> None:
    made = _ordered(caller, "bad_signature")
    _paid(caller, made)
    caller.do("check", f"/payments/{made.result}/check", {}, owner="merchant")


def payment_called_off(caller: Caller) -> None:
    made = _ordered(caller, "manual")
    _paid(caller, made)
    caller.do("cancel", f"/payments/{made.result}/cancel", {}, owner="merchant")


def top_up(caller: Caller) -> None:
    party = _wallets(caller)[0]["party_id"]
    body = {"amount": _rupiah(15_000), "reference": _reference(caller), "metadata": {"simulator": "doubled"}}
    _paid(caller, caller.do("top_up", "/top-ups", body | {"party_id": party}))


def _ordered(caller: Caller, scenario: str) -> Operation:
    body = {"amount": _rupiah(16_000), "reference": _reference(caller), "metadata": {"simulator": scenario}}
    return caller.do("payment", "/payments", body, owner="merchant")


def _paid(caller: Caller, made: Operation) -> None:
    page = httpx2.URL(json.loads(made.answer)["checkout_url"]).path
    caller.visit(page)
    caller.visit(f"{page}/pay", {"method": "qr"})
    # What the page asks for while the customer waits.
    caller.visit(f"/api/v1/checkout/{page.rpartition('/')[2]}")


def _reference(caller: Caller) -> str:
    return f"crash-r{caller.random.getrandbits(60):x}"


def _soon(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


FLOWS: dict[str, Flow] = {
    flow.__name__: flow
    for flow in (
        *(transfer, scheduled_transfer, hold, hold_that_runs_out, bulk, overdraft),
        *(payment, payment_in_doubt, payment_without_callback, payment_with_a_forged_callback),
        *(payment_that_has_to_be_asked_for, payment_called_off, top_up),
    )
}


def attempt(
    whole: Whole,
    urls: DatabaseUrls,
    folder: Path,
    flows: Sequence[str],
    trial: Trial | None = None,
    *,
    defect: str = "",
) -> list[str]:
    """Run flows side by side, into a trap where a trial is given, until all has settled; returns what is wrong then."""
    whole.forget_notes()
    whole.defect = defect
    before = loose_transfers(urls.auditor)
    path = folder / f"{time.monotonic_ns()}.jsonl"
    journal = Journal(path)
    again = [trial] if trial is not None and trial.when == "retry" else []
    whole.begin(trial)
    caller = Caller(whole, journal, again)
    try:
        caller.read("/wallets?limit=1")
        whole.arm()
        caller.under_way = True
        with ThreadPoolExecutor(len(flows)) as pool:
            list(pool.map(lambda flow: FLOWS[flow](caller), flows))
        wrong = _settle(caller, urls)
    except AssertionError as error:
        wrong = [str(error)]
    finally:
        caller.close()
        journal.close()
    whole.end_all()
    book = whole.state / "simulator" / "book.db"
    evidence = Evidence(journal.operations, [], path, book, folder / "no-receiver", urls.auditor, {}, before)
    found = judge(evidence).findings
    wrong += [f"{cell}: {what}" for cell, all_found in found.items() for what in all_found]
    return wrong + broken_invariants(urls.auditor)


def _settle(caller: Caller, urls: DatabaseUrls) -> list[str]:
    """Wait until nothing is open, with somebody always there to work; a promise for later is waited for too."""
    deadline = time.monotonic() + SETTLE_SECONDS
    left = 1
    while time.monotonic() < deadline:
        caller.revive()
        left = still_open(urls.auditor, caller.whole.state / "simulator" / "book.db") + _promised(urls)
        if not left:
            return []
        time.sleep(0.1)
    return [f"unsettled: {left} things are still open after {SETTLE_SECONDS:g} s"]


def _promised(urls: DatabaseUrls) -> int:
    with psycopg.connect(urls.auditor) as books:
        row = books.execute(
            "select (select count(*) from specie.hold where state = 'held'"
            "    and expires_at < current_timestamp + interval '1 minute')"
            " + (select count(*) from specie.scheduled_transfer where state = 'scheduled'"
            "    and due_at < current_timestamp + interval '1 minute')"
        ).fetchone()
    assert row is not None
    return int(row[0])
