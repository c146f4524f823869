"""Payouts at the simulator: orders, questions, and whose account it is."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.kernel.clock import machine_timestamp
from specie.providers.simulator.answers import account_of, json_answer, mischief_of, problem
from specie.providers.simulator.bank import Bank, OrderInvalid, ReferenceTaken
from specie.providers.simulator.book_store import new_event_id
from specie.providers.simulator.payout_rules import (
    ACTS,
    FEES,
    PayoutPlay,
    SimulatedPayout,
    holder_of,
    is_silent,
    payout_plays,
    public,
)
from specie.providers.simulator.rules import Mischief, Note

_TEXTS = ("reference", "currency", "callback_url", "bank_code", "number", "name")
_MAX_BODY = 64 * 1024
_MOST = 2**53 - 1

Disturb = Callable[[Response, Mischief | None], Awaitable[Response]]


class PayoutDesk:
    """The routes of payouts over one bank."""

    def __init__(self, bank: Bank, disturbed: Disturb) -> None:
        self._bank = bank
        self._disturbed = disturbed

    def routes(self) -> list[Route]:
        """What the simulator serves for payouts."""
        return [
            Route("/v1/payouts", self.create, methods=["POST"]),
            Route("/v1/payouts/{reference}", self.show, methods=["GET"]),
            Route("/v1/account-inquiry", self.inquire, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        """POST /v1/payouts."""
        account, key = account_of(request), request.headers.get("idempotency-key", "")
        body = await request.body()
        if account is None:
            return problem(401, "key_missing")
        if not key or len(body) > _MAX_BODY:
            return problem(400, "idempotency_key_missing" if not key else "body_too_large")
        try:
            document = _order(orjson.loads(body))
        except (ValueError, OrderInvalid) as error:
            return problem(422, "order_invalid", str(error))
        play, mischief = payout_plays(document["scenario"], document["number"])
        mischief = mischief_of(self._bank.book.next_mischief()) or mischief
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return problem(500, "internal") if mischief is Mischief.ERROR_BEFORE else problem(402, "refused")
        if mischief is Mischief.FORGET:
            self._bank.book.forget_keys()
        try:
            payout = self._order(account, key, document, play)
        except ReferenceTaken as error:
            return problem(409, error.code)
        return await self._disturbed(json_answer(public(payout, state="processing")), mischief)

    async def show(self, request: Request) -> Response:
        """GET /v1/payouts/{reference}: what happened to it?"""
        account = account_of(request)
        if account is None:
            return problem(401, "key_missing")
        payout = self._bank.book.payouts.by_reference(account, request.path_params["reference"])
        return json_answer(public(payout)) if payout else problem(404, "payout_not_found")

    async def inquire(self, request: Request) -> Response:
        """POST /v1/account-inquiry: whose account is it?"""
        if account_of(request) is None:
            return problem(401, "key_missing")
        try:
            number = str(orjson.loads(await request.body())["number"])
        except (ValueError, KeyError, TypeError):
            return problem(422, "number_missing")
        if is_silent(number):
            return problem(503, "bank_silent")
        name = holder_of(number)
        return json_answer({"name": name}) if name else problem(404, "account_not_found")

    def _order(self, account: str, key: str, document: dict[str, Any], play: PayoutPlay) -> SimulatedPayout:
        payouts = self._bank.book.payouts
        body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
        earlier = payouts.key_of(account, key)
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
        event_id = new_event_id()
        data = public(payout, state=note.state)
        body = orjson.dumps({"id": event_id, "type": "payout.updated", "created": self._bank.now(), "data": data})
        for _ in range(note.copies):
            self._bank.book.queue(payout, body, event_id, note.signing, machine_timestamp() + note.after_seconds)
        self._bank.news.set()


def _order(document: Any) -> dict[str, Any]:
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
