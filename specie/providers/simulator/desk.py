"""Where every dialect of the simulator takes orders, so that all of them can be disturbed in the same ways."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from specie.providers.simulator.answers import Cut, mischief_of
from specie.providers.simulator.bank import Bank, OrderInvalid, ReferenceTaken
from specie.providers.simulator.delivery import Courier
from specie.providers.simulator.operation_rules import Operation, OperationKind
from specie.providers.simulator.operations import AmountTooLarge, Decided, Operations
from specie.providers.simulator.payout_rules import SimulatedPayout, payout_plays
from specie.providers.simulator.payout_work import Payouts, ordered
from specie.providers.simulator.rules import Charge, Mischief, Play, plays
from specie.providers.simulator.voice import NOWHERE, account_of

PAGE_HEADER = "sim-page"
_DEFAULT_SECONDS = 3600

Refuse = Callable[[str], Response]


@dataclass(frozen=True, slots=True)
class Order:
    """An order for a charge as a dialect has read it; amounts in minor units, `seconds` until it ends."""

    reference: str
    amount: int
    currency: str
    kind: str = ""
    description: str = ""
    seconds: int = _DEFAULT_SECONDS
    return_url: str = ""


class Desk:
    """Takes a dialect's orders over one bank."""

    def __init__(self, bank: Bank, courier: Courier, operations: Operations, hang_seconds: float) -> None:
        self.bank = bank
        self.operations = operations
        self.payouts = Payouts(bank)
        self._courier = courier
        self._hang_seconds = hang_seconds

    async def order(
        self,
        request: Request,
        account: tuple[str, str],
        order: Order,
        answer: Callable[[Charge], Response],
        refuse: Refuse,
        *,
        key: str = "",
    ) -> Response:
        """Take an order and answer in the dialect's words, disturbed as its scenario or a lever says.

        `refuse` is given `refused`, `internal`, `order_invalid`, `duplicate_reference` or `idempotency_key_reused`.
        """
        play, mischief = plays(request.headers.get("sim-scenario", request.query_params.get("sim-scenario", "")))
        lever = self.bank.book.next_mischief()
        mischief = mischief or (Mischief(lever) if lever in set(Mischief) else None)
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return refuse("internal" if mischief is Mischief.ERROR_BEFORE else "refused")
        if mischief is Mischief.FORGET:
            self.bank.book.forget_keys()
        try:
            document = _document(request, order, self.bank.now())
            # Many dialects say how long a charge is open, and that is the same a second later.
            asked = document | {"expires_at": order.seconds}
            charge, is_new = self.bank.order(account_of(*account), key, document, asked)
        except OrderInvalid:
            return refuse("order_invalid")
        except ReferenceTaken as taken:
            return refuse(taken.code)
        made = answer(charge)
        made.headers[PAGE_HEADER] = page_of(request, charge)
        if is_new and play is not None:
            self.bank.play(charge, play, base_of(request))
            if play is Play.BEFORE_ANSWER:
                await self._courier.deliver_due()
        return await self.disturbed(made, mischief, refuse)

    async def refund(
        self,
        request: Request,
        charge: Charge,
        reference: str,
        amount: int,
        answer: Callable[[Operation], Response],
        refuse: Refuse,
    ) -> Response:
        """Give some of a charge back and answer in the dialect's words; a reference stands for one refund.

        `refuse` is given `refused`, `internal`, `order_invalid`, `amount_too_large` or `duplicate_reference`.
        """
        scenario = request.headers.get("sim-scenario", "")
        mischief = plays(scenario)[1]
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return refuse("internal" if mischief is Mischief.ERROR_BEFORE else "refused")
        try:
            document = {"reference": reference, "amount": amount}
            made = self.operations.order(charge, OperationKind.REFUND, document, scenario)
        except OrderInvalid:
            return refuse("order_invalid")
        except AmountTooLarge:
            return refuse("amount_too_large")
        except ReferenceTaken as taken:
            return refuse(taken.code)
        return await self.disturbed(answer(made), mischief, refuse)

    async def accept(
        self,
        request: Request,
        dispute: Operation,
        charge: Charge,
        answer: Callable[[Operation], Response],
        refuse: Refuse,
    ) -> Response:
        """Take it that the merchant gives in to a dispute, and answer in the dialect's words.

        `refuse` is given `refused`, `internal` or `dispute_decided`.
        """
        scenario = request.headers.get("sim-scenario", "")
        mischief = plays(scenario)[1]
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return refuse("internal" if mischief is Mischief.ERROR_BEFORE else "refused")
        try:
            made = self.operations.accept(dispute, charge, scenario)
        except Decided:
            return refuse("dispute_decided")
        return await self.disturbed(answer(made), mischief, refuse)

    async def pay_out(
        self,
        request: Request,
        account: tuple[str, str],
        document: Mapping[str, Any],
        answer: Callable[[SimulatedPayout], Response],
        refuse: Refuse,
        *,
        key: str = "",
    ) -> Response:
        """Take an order to pay out and answer in the dialect's words, as it stands before anything has happened.

        `refuse` is given what `order` gives it.
        """
        headers = request.headers
        told = {"callback_url": headers.get("sim-callback") or NOWHERE, "scenario": headers.get("sim-scenario", "")}
        play, mischief = payout_plays(told["scenario"], str(document.get("number", "")))
        mischief = mischief_of(self.bank.book.next_mischief()) or mischief
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return refuse("internal" if mischief is Mischief.ERROR_BEFORE else "refused")
        if mischief is Mischief.FORGET:
            self.bank.book.forget_keys()
        try:
            made = self.payouts.order(account_of(*account), key, ordered({**document, **told}), play)
        except OrderInvalid:
            return refuse("order_invalid")
        except ReferenceTaken as taken:
            return refuse(taken.code)
        return await self.disturbed(answer(replace(made, state="processing")), mischief, refuse)

    def payout(self, account: tuple[str, str], reference: str) -> SimulatedPayout | None:
        """What became of a payout."""
        return self.payouts.find(account_of(*account), reference)

    def balance(self, account: tuple[str, str], currency: str) -> int:
        """What an account holds, in minor units."""
        self.bank.let_time_pass()
        return self.bank.book.balance(account_of(*account), currency)

    async def disturbed(self, answer: Response, mischief: Mischief | None, refuse: Refuse) -> Response:
        """The answer as the mischief lets it through."""
        if mischief is Mischief.NO_ANSWER:
            await asyncio.sleep(self._hang_seconds)
        if mischief is Mischief.CUT:
            return Cut(bytes(answer.body))
        if mischief is Mischief.ERROR_AFTER:
            return refuse("internal")
        return answer

    def find(self, account: tuple[str, str], reference: str) -> Charge | None:
        """What became of a reference, as of now."""
        return self.bank.find(account_of(*account), reference)

    def cancel(self, request: Request, charge: Charge) -> Charge:
        """End an open charge; one that is over stays as it is."""
        return self.bank.cancel(charge, base_of(request))


def base_of(request: Request) -> str:
    """Where the simulator is reached."""
    return f"{request.url.scheme}://{request.url.netloc}"


def page_of(request: Request, charge: Charge) -> str:
    """The page on which a charge is paid."""
    return f"{base_of(request)}/pay/{charge.id}"


def answer(content: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(content), status, media_type="application/json")


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request; empty when there is none."""
    try:
        found = orjson.loads(await request.body())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _document(request: Request, order: Order, now: int) -> dict[str, Any]:
    told = request.headers
    return {
        "reference": order.reference,
        "amount": order.amount,
        "currency": order.currency,
        "kind": told.get("sim-kind") or order.kind or "qr",
        "description": order.description,
        "expires_at": now + order.seconds,
        "callback_url": told.get("sim-callback") or request.query_params.get("sim-callback") or NOWHERE,
        "return_url": order.return_url,
        "scenario": told.get("sim-scenario", ""),
    }
