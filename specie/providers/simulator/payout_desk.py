"""Payouts at the simulator: orders, questions, and whose account it is."""

from collections.abc import Awaitable, Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.simulator.answers import account_of, json_answer, mischief_of, problem
from specie.providers.simulator.bank import Bank, OrderInvalid, ReferenceTaken
from specie.providers.simulator.payout_rules import (
    holder_of,
    is_silent,
    payout_plays,
    public,
)
from specie.providers.simulator.payout_work import Payouts, ordered
from specie.providers.simulator.rules import Mischief

_MAX_BODY = 64 * 1024

Disturb = Callable[[Response, Mischief | None], Awaitable[Response]]


class PayoutDesk:
    """The routes of payouts over one bank."""

    def __init__(self, bank: Bank, disturbed: Disturb) -> None:
        self._bank = bank
        self._payouts = Payouts(bank)
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
            document = ordered(orjson.loads(body))
        except (ValueError, OrderInvalid) as error:
            return problem(422, "order_invalid", str(error))
        play, mischief = payout_plays(document["scenario"], document["number"])
        mischief = mischief_of(self._bank.book.next_mischief()) or mischief
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return problem(500, "internal") if mischief is Mischief.ERROR_BEFORE else problem(402, "refused")
        if mischief is Mischief.FORGET:
            self._bank.book.forget_keys()
        try:
            payout = self._payouts.order(account, key, document, play)
        except ReferenceTaken as error:
            return problem(409, error.code)
        return await self._disturbed(json_answer(public(payout, state="processing")), mischief)

    async def show(self, request: Request) -> Response:
        """GET /v1/payouts/{reference}: what happened to it?"""
        account = account_of(request)
        if account is None:
            return problem(401, "key_missing")
        payout = self._payouts.find(account, request.path_params["reference"])
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
