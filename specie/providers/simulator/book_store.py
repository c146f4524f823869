"""The simulator's own book: one SQLite file, every write on the disk before it is answered."""

import json
import sqlite3
import uuid
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Protocol

from specie.kernel.clock import machine_nanoseconds
from specie.providers.simulator.operation_store import OperationBook
from specie.providers.simulator.payout_book import PayoutBook
from specie.providers.simulator.rules import Charge, Signing

_SCHEMA = """
create table if not exists charge (
    id text primary key, account text not null, reference text not null, amount integer not null,
    currency text not null, kind text not null, description text not null, state text not null, fee integer not null,
    scenario text not null,
    callback_url text not null, return_url text not null, created_at integer not null, expires_at integer not null,
    occurred_at integer, is_manual integer not null default 0, unique (account, reference)
) strict;
create table if not exists idempotency (
    account text not null, key text not null, body text not null, charge_id text not null, primary key (account, key)
) strict;
create table if not exists callback (
    seq integer primary key, event_id text not null, account text not null, charge_id text not null, url text not null,
    body blob not null, signing text not null, due_at real not null, attempts integer not null, state text not null,
    last_status integer
) strict;
create index if not exists callback_due on callback (state, due_at);
create table if not exists shop_message (
    seq integer primary key, message_id text not null unique, received_at integer not null, signature text not null,
    times integer not null, body blob not null
) strict;
create table if not exists setting (name text primary key, value text not null) strict;
"""


_BALANCE = """
select (select coalesce(sum(amount - fee), 0) from charge
         where account = :account and currency = :currency and state = 'paid' and is_manual = 0)
     + (select coalesce(sum(case kind when 'capture' then amount - coalesce(fee, 0) when 'refund' then -amount
                                      else -coalesce(fee, 0) - iif(state = 'lost', amount, 0) end), 0)
          from operation where account = :account and currency = :currency and state not in ('pending', 'failed'))
     - (select coalesce(sum(fee + iif(state = 'paid', amount, 0)), 0) from payout
         where account = :account and currency = :currency and state in ('paid', 'returned'))
"""


@dataclass(frozen=True, slots=True)
class QueuedCallback:
    """A callback on its way; `due_at` is machine time in seconds."""

    seq: int
    account: str
    url: str
    body: bytes
    signing: Signing
    attempts: int


class Subject(Protocol):
    """What a callback can tell of."""

    @property
    def id(self) -> str:
        """The simulator's own id."""

    @property
    def account(self) -> str:
        """Whose it is."""

    @property
    def callback_url(self) -> str:
        """Where its news go."""


class Book:
    """What the simulator knows, whatever happens to its process."""

    def __init__(self, path: Path | str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(_SCHEMA)
        self._add_missing_columns()
        self.payouts = PayoutBook(self._db)
        self.operations = OperationBook(self._db)

    def _add_missing_columns(self) -> None:
        """Bring a book that was begun by an older version up to date."""
        known = {row["name"] for row in self._db.execute("pragma table_info(charge)")}
        if "is_manual" not in known:
            self._db.execute("alter table charge add column is_manual integer not null default 0")

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def clock_offset(self) -> int:
        """How far the simulator's clock is ahead, in seconds."""
        return int(self._setting("clock_offset") or 0)

    def advance(self, seconds: int) -> None:
        """Move the simulator's clock."""
        self._set("clock_offset", str(self.clock_offset() + seconds))

    def misbehave(self, mischief: str, times: int) -> None:
        """Let the next orders go wrong; an empty mischief ends it."""
        self._set("mischief", json.dumps([mischief, times]))

    def next_mischief(self) -> str:
        """The mischief for the order at hand, counted down; empty when all is well."""
        mischief, times = json.loads(self._setting("mischief") or '["", 0]')
        if times <= 0:
            return ""
        self.misbehave(mischief, times - 1)
        return str(mischief)

    def key_of(self, account: str, key: str) -> tuple[str, str] | None:
        """The body and charge an idempotency key stands for."""
        row = self._db.execute(
            "select body, charge_id from idempotency where account = ? and key = ?", (account, key)
        ).fetchone()
        return (row["body"], row["charge_id"]) if row else None

    def remember(self, name: str, value: str) -> None:
        """Keep a fact about an account, such as the key its callbacks are signed with."""
        self._set(f"fact:{name}", value)

    def recall(self, name: str) -> str:
        """A fact about an account; empty when it is not known."""
        return self._setting(f"fact:{name}") or ""

    def forget_keys(self) -> None:
        """Forget every idempotency key, as providers do after a while."""
        self._db.execute("delete from idempotency")
        self.payouts.forget_keys()

    def add(self, charge: Charge, key: str, body: str) -> None:
        """Write down an order under its key."""
        columns = ", ".join(asdict(charge))
        marks = ", ".join("?" * len(astuple(charge)))
        self._db.execute("begin immediate")
        self._db.execute(f"insert into charge ({columns}) values ({marks})", astuple(charge))  # noqa: S608
        if key:
            self._db.execute("insert into idempotency values (?, ?, ?, ?)", (charge.account, key, body, charge.id))
        self._db.execute("commit")

    def by_reference(self, account: str, reference: str) -> Charge | None:
        """An account's charge by the reference it was ordered with."""
        query = "select * from charge where account = ? and reference = ?"
        return _charge(self._db.execute(query, (account, reference)).fetchone())

    def by_id(self, charge_id: str) -> Charge | None:
        """A charge by the simulator's own id."""
        return _charge(self._db.execute("select * from charge where id = ?", (charge_id,)).fetchone())

    def set_state(self, charge: Charge, state: str, occurred_at: int, *, amount: int, currency: str) -> Charge:
        """Write down what became of a charge."""
        self._db.execute(
            "update charge set state = ?, occurred_at = ?, amount = ?, currency = ? where id = ?",
            (state, occurred_at, amount, currency, charge.id),
        )
        return replace(charge, state=state, occurred_at=occurred_at, amount=amount, currency=currency)

    def expired(self, now: int) -> list[Charge]:
        """Open charges whose time is over."""
        rows = self._db.execute("select * from charge where state = 'open' and expires_at <= ?", (now,))
        return [charge for row in rows if (charge := _charge(row)) is not None]

    def charges(self) -> list[Charge]:
        """The whole book, for comparing."""
        return [
            charge
            for row in self._db.execute("select * from charge order by created_at, id")
            if (charge := _charge(row)) is not None
        ]

    def charges_of(self, account: str) -> list[Charge]:
        """An account's charges."""
        rows = self._db.execute("select * from charge where account = ? order by id", (account,))
        return [charge for row in rows if (charge := _charge(row)) is not None]

    def balance(self, account: str, currency: str) -> int:
        """What an account holds: collected less fees, what was given back, paid out and paid over."""
        paid_over = int(self.recall(f"paid_over:{account}:{currency}") or 0)
        whose = {"account": account, "currency": currency}
        return int(self._db.execute(_BALANCE, whose).fetchone()[0]) - paid_over

    def pay_over(self, account: str, currency: str, amount: int) -> None:
        """Send so much of what an account holds to its owner's bank."""
        name = f"paid_over:{account}:{currency}"
        self.remember(name, str(int(self.recall(name) or 0) + amount))

    def queue(self, subject: Subject, body: bytes, event_id: str, signing: Signing, due_at: float) -> None:
        """Queue one callback."""
        self._db.execute(
            "insert into callback (event_id, account, charge_id, url, body, signing, due_at, attempts, state)"
            " values (?, ?, ?, ?, ?, ?, ?, 0, 'queued')",
            (event_id, subject.account, subject.id, subject.callback_url, body, str(signing), due_at),
        )

    def due(self, now: float) -> list[QueuedCallback]:
        """Callbacks that may go out now, in order."""
        query = "select * from callback where state = 'queued' and due_at <= ? order by due_at, seq limit 50"
        return [
            QueuedCallback(
                row["seq"], row["account"], row["url"], row["body"], Signing(row["signing"]), row["attempts"]
            )
            for row in self._db.execute(query, (now,))
        ]

    def delivered(self, seq: int, status: int) -> None:
        """A receiver took it."""
        self._db.execute(
            "update callback set state = 'delivered', attempts = attempts + 1, last_status = ? where seq = ?",
            (status, seq),
        )

    def postpone(self, seq: int, status: int, due_at: float | None) -> None:
        """A receiver did not take it; without a next time it is given up."""
        self._db.execute(
            "update callback set state = ?, attempts = attempts + 1, last_status = ?, due_at = ? where seq = ?",
            ("queued" if due_at else "dropped", status, due_at or 0.0, seq),
        )

    def callbacks(self) -> list[dict[str, object]]:
        """The log of callbacks without bodies."""
        rows = self._db.execute(
            "select seq, event_id, charge_id, signing, attempts, state, last_status from callback order by seq"
        )
        return [dict(row) for row in rows]

    def keep_message(self, message_id: str, at: int, signature: str, body: bytes, *, keep: int) -> None:
        """Write down a webhook the shop received, or that it came again; the oldest beyond `keep` are forgotten."""
        self._db.execute(
            "insert into shop_message (message_id, received_at, signature, times, body) values (?, ?, ?, 1, ?)"
            " on conflict (message_id) do update set times = times + 1, signature = excluded.signature",
            (message_id, at, signature, body),
        )
        self._db.execute("delete from shop_message where seq <= (select max(seq) from shop_message) - ?", (keep,))

    def messages(self) -> list[tuple[str, int, str, int, bytes]]:
        """The shop's webhooks, the newest first: id, machine time, signature, how often, body."""
        query = "select message_id, received_at, signature, times, body from shop_message order by seq desc"
        return [tuple(row) for row in self._db.execute(query)]

    def shop_secret(self) -> str:
        """The secret the shop checks its webhooks with; empty when it knows none."""
        return self._setting("shop_secret") or ""

    def tell_shop(self, secret: str) -> None:
        """Give the shop the secret of its endpoint."""
        self._set("shop_secret", secret)

    def shop_is_shut(self) -> bool:
        """Whether the shop refuses webhooks on request."""
        return self._setting("shop_shut") == "yes"

    def shut_shop(self, shut: bool) -> None:
        """Let the shop refuse webhooks, or take them again."""
        self._set("shop_shut", "yes" if shut else "no")

    def _setting(self, name: str) -> str | None:
        row = self._db.execute("select value from setting where name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def _set(self, name: str, value: str) -> None:
        self._db.execute("insert or replace into setting values (?, ?)", (name, value))


def moment() -> float:
    """The machine's time in seconds with their fractions, by which callbacks are due."""
    return machine_nanoseconds() / 1_000_000_000


def new_charge_id() -> str:
    """An id of the simulator's own making."""
    return f"chg_{uuid.uuid4().hex}"


def new_event_id() -> str:
    """An id of the simulator's own making."""
    return f"cbk_{uuid.uuid4().hex}"


def _charge(row: sqlite3.Row | None) -> Charge | None:
    return Charge(**dict(row)) if row else None
