"""The simulator at work on payouts: takes orders, plays scenarios, queues the callbacks that tell of it."""

import uuid
from typing import Any

import orjson

from specie.providers.simulator.bank import Bank, OrderInvalid, ReferenceTaken
from specie.providers.simulator.book_store import moment, new_event_id
from specie.providers.simulator.payout_rules import ACTS, FEES, PayoutPlay, SimulatedPayout
from specie.providers.simulator.rules import Note
from specie.providers.simulator.voice import NOWHERE

_TEXTS = ("reference", "currency", "callback_url", "bank_code", "number", "name")
_MOST = 2**53 - 1


class Payouts:
    """What one simulator pays out."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def find(self, account: str, reference: str) -> SimulatedPayout | None:
        """A payout by the reference it was ordered with."""
        return self._bank.book.payouts.by_reference(account, reference)

    def order(self, account: str, key: str, document: dict[str, Any], play: PayoutPlay) -> SimulatedPayout:
        """Take an order, or give the payout its key stands for; without a key nothing is replayed.

        Raises ReferenceTaken.
        """
        payouts = self._bank.book.payouts
        body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
        earlier = payouts.key_of(account, key) if key else None
        if earlier is not None:
            known = payouts.by_id(earlier[1])
            if known is None or earlier[0] != body:
                raise ReferenceTaken("idempotency_key_reused")
            return known
        if payouts.by_reference(account, document["reference"]) is not None:
            raise ReferenceTaken("duplicate_reference")
        payout = _taken(account, document, self._bank.now())
        payouts.add(payout, key, body)
        return self._play(payout, play)

    def _play(self, payout: SimulatedPayout, play: PayoutPlay) -> SimulatedPayout:
        act = ACTS[play]
        ended = self._bank.book.payouts.set_state(payout, act.state, self._bank.now())
        for note in act.notes:
            self._tell(ended, note)
        return ended

    def _tell(self, payout: SimulatedPayout, note: Note) -> None:
        if payout.callback_url == NOWHERE:
            return
        event_id = new_event_id()
        voice, _ = self._bank.voice_of(payout.account)
        bodies = voice.tell_payout(payout, note.state, event_id, self._bank.now())
        for body in [body for body in bodies for _ in range(note.copies)]:
            self._bank.book.queue(payout, body, event_id, note.signing, moment() + note.after_seconds * self._bank.pace)
        self._bank.news.set()


def ordered(document: Any) -> dict[str, Any]:
    """An order that can be worked with. Raises OrderInvalid."""
    if not isinstance(document, dict):
        raise OrderInvalid("an order is an object")
    for name in _TEXTS:
        if not isinstance(document.get(name), str) or not 0 < len(document[name]) <= 2000:
            raise OrderInvalid(f"{name} is missing")
    if len(document["reference"]) > 64 or document.get("rail") not in FEES:
        raise OrderInvalid("reference is too long or rail is unknown")
    if type(document.get("amount")) is not int or not 0 < document["amount"] <= _MOST:
        raise OrderInvalid("amount is a whole number above zero")
    return document | {"scenario": str(document.get("scenario", ""))[:60]}


def _taken(account: str, document: dict[str, Any], now: int) -> SimulatedPayout:
    return SimulatedPayout(
        id=f"out_{uuid.uuid4().hex}",
        account=account,
        reference=document["reference"],
        amount=document["amount"],
        currency=document["currency"],
        rail=document["rail"],
        bank_code=document["bank_code"],
        number=document["number"],
        name=document["name"],
        state="processing",
        fee=FEES[document["rail"]],
        callback_url=document["callback_url"],
        created_at=now,
        occurred_at=None,
    )
