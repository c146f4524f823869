"""The simulator at work: takes orders, plays scenarios, lets time pass, queues the callbacks that tell of it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson

from specie.kernel.card_numbers import has_card_number
from specie.kernel.clock import machine_timestamp
from specie.providers.simulator.book_store import Book, moment, new_charge_id, new_event_id
from specie.providers.simulator.rules import ACTS, FEE_BASIS_POINTS, Charge, Note, Play, fee_of, other_currency
from specie.providers.simulator.voice import NOWHERE, NativeVoice, Voice, split_account

_TEXTS = ("reference", "currency", "kind", "callback_url")
_MOST = 2**53 - 1


class OrderInvalid(Exception):
    """The order has a field the simulator cannot work with."""


class ReferenceTaken(Exception):
    """Another order has this reference, or this key was used for another order."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Bank:
    """One simulator over one book."""

    def __init__(self, book: Book, voices: Sequence[Voice] = (), pace: float = 1.0) -> None:
        self.book = book
        self.pace = pace
        self.voices = {voice.name: voice for voice in (NativeVoice(), *voices)}
        self.news = asyncio.Event()
        self._as_time_passes: list[Callable[[], None]] = []

    def also_as_time_passes(self, finish: Callable[[], None]) -> None:
        """Let something else end what is over, too."""
        self._as_time_passes.append(finish)

    def now(self) -> int:
        """The simulator's own time, in seconds."""
        return machine_timestamp() + self.book.clock_offset()

    def order(self, account: str, key: str, document: Any, asked: Any = None) -> tuple[Charge, bool]:
        """Take an order, or give the charge its key stands for. Raises OrderInvalid or ReferenceTaken.

        Without a key nothing is replayed. `asked` is what a repetition is known by, where the document was made from
        it. The second value says whether the charge is new.
        """
        charge = self._ordered(account, document)
        body = orjson.dumps(asked or document, option=orjson.OPT_SORT_KEYS).decode()
        earlier = self.book.key_of(account, key) if key else None
        if earlier is not None:
            return self._same(earlier, body), False
        if self.book.by_reference(account, charge.reference) is not None:
            raise ReferenceTaken("duplicate_reference")
        self.book.add(charge, key, body)
        return charge, True

    def find(self, account: str, reference: str) -> Charge | None:
        """What became of a reference, as of now."""
        self.let_time_pass()
        return self.book.by_reference(account, reference)

    def cancel(self, charge: Charge, base_url: str) -> Charge:
        """End an open charge; one that is over stays as it is."""
        if charge.state not in ("open", "authorized"):
            return charge
        return self._end(charge, "cancelled", (), base_url)

    def play(self, charge: Charge, play: Play, base_url: str) -> Charge:
        """Do to a charge what the play says; a charge that is paid stays paid."""
        current = self.book.by_id(charge.id) or charge
        if current.state in ("paid", "authorized"):
            return current
        act = ACTS[play]
        currency = other_currency(current.currency, act.currency) if act.currency else current.currency
        changed = replace(current, amount=current.amount + act.amount_change, currency=currency)
        return self._end(changed, act.state, act.notes, base_url)

    def let_time_pass(self) -> None:
        """Expire what is over and tell of it."""
        for charge in self.book.expired(self.now()):
            self._end(charge, "expired", (Note("expired"),), "")
        for finish in self._as_time_passes:
            finish()

    def _end(self, charge: Charge, state: str, notes: tuple[Note, ...], base_url: str) -> Charge:
        # Of a charge that is to be captured later, a success is only the customer's yes.
        yes = "authorized" if charge.is_manual else "paid"
        state = yes if state == "paid" else state
        ended = self.book.set_state(charge, state, self.now(), amount=charge.amount, currency=charge.currency)
        for note in notes:
            self._tell(ended, replace(note, state=yes) if note.state == "paid" else note, base_url)
        return ended

    def voice_of(self, account: str) -> tuple[Voice, str]:
        """The dialect an account speaks, and its name there."""
        dialect, own = split_account(account)
        return self.voices[dialect], own

    def _tell(self, charge: Charge, note: Note, base_url: str) -> None:
        if charge.callback_url == NOWHERE:
            return
        voice, _ = self.voice_of(charge.account)
        event_id = new_event_id()
        bodies = voice.tell(charge, note.state, event_id, self.now(), f"{base_url}/pay/{charge.id}")
        for later, body in enumerate(bodies):
            due_at = moment() + note.after_seconds * self.pace + later
            for _ in range(note.copies):
                self.book.queue(charge, body, event_id, note.signing, due_at)
        self.news.set()

    def _same(self, earlier: tuple[str, str], body: str) -> Charge:
        earlier_body, charge_id = earlier
        charge = self.book.by_id(charge_id)
        if charge is None or earlier_body != body:
            raise ReferenceTaken("idempotency_key_reused")
        return charge

    def _ordered(self, account: str, document: Any) -> Charge:
        _require_order(document)
        return Charge(
            id=new_charge_id(),
            account=account,
            reference=document["reference"],
            amount=document["amount"],
            currency=document["currency"],
            kind=document["kind"],
            description=str(document.get("description", ""))[:200],
            state="open",
            fee=fee_of(document["kind"], document["amount"]),
            scenario=str(document.get("scenario", ""))[:60],
            callback_url=document["callback_url"],
            return_url=str(document.get("return_url", ""))[:2000],
            created_at=self.now(),
            expires_at=document["expires_at"],
            occurred_at=None,
            is_manual=int(document.get("capture") == "manual"),
        )


def _require_order(document: Any) -> None:
    if not isinstance(document, dict):
        raise OrderInvalid("an order is an object")
    if has_card_number(str(document)):
        raise OrderInvalid("an order holds no card's number")
    for name in _TEXTS:
        if not isinstance(document.get(name), str) or not 0 < len(document[name]) <= 2000:
            raise OrderInvalid(f"{name} is missing")
    if len(document["reference"]) > 64 or document["kind"] not in FEE_BASIS_POINTS:
        raise OrderInvalid("reference is too long or kind is unknown")
    for name in ("amount", "expires_at"):
        if type(document.get(name)) is not int or not 0 < document[name] <= _MOST:
            raise OrderInvalid(f"{name} is a whole number above zero")
