"""The simulator's API for what happens to a charge after it was paid, and the buttons of its page for the same."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from specie.providers.simulator.answers import Cut, account_of, json_answer, pause, problem
from specie.providers.simulator.bank import Bank, OrderInvalid, ReferenceTaken
from specie.providers.simulator.operation_rules import Operation, OperationKind, told
from specie.providers.simulator.operations import AmountTooLarge, Decided, Operations
from specie.providers.simulator.rules import Charge, Mischief, plays

_MAX_BODY = 64 * 1024
KINDS = {"refunds": OperationKind.REFUND, "captures": OperationKind.CAPTURE}


class OperationRoutes:
    """Routes over one bank's operations."""

    def __init__(self, bank: Bank, operations: Operations, *, hang_seconds: float) -> None:
        self._bank = bank
        self._operations = operations
        self._hang_seconds = hang_seconds

    def routes(self) -> list[Route]:
        """Where they are found."""
        return [
            Route("/v1/charges/{charge}/{operations}", self.order, methods=["POST"]),
            Route("/v1/charges/{charge}/{operations}/{reference}", self.show, methods=["GET"]),
            Route("/v1/disputes/{dispute}", self.show_dispute, methods=["GET"]),
            Route("/v1/disputes/{dispute}/accept", self.accept, methods=["POST"]),
            Route("/dashboard/{charge}/refund", self.press_refund, methods=["POST"]),
            Route("/dashboard/{charge}/dispute", self.press_dispute, methods=["POST"]),
            Route("/dashboard/{charge}/dispute/{outcome}", self.press_decision, methods=["POST"]),
        ]

    async def order(self, request: Request) -> Response:
        """POST /v1/charges/{charge}/{refunds|captures}."""
        account, kind = account_of(request), KINDS.get(request.path_params["operations"])
        body = await request.body()
        if account is None:
            return problem(401, "key_missing")
        charge = self._bank.find(account, request.path_params["charge"])
        if charge is None or kind is None or len(body) > _MAX_BODY:
            return problem(404, "charge_not_found")
        try:
            document = orjson.loads(body)
            scenario = str(document.get("scenario", ""))
        except (ValueError, AttributeError):
            return problem(400, "json_invalid")
        mischief = plays(scenario)[1]
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return problem(500, "internal") if mischief is Mischief.ERROR_BEFORE else problem(402, f"{kind}_refused")
        try:
            operation = self._operations.order(charge, kind, document, scenario)
        except OrderInvalid as error:
            return problem(422, "order_invalid", str(error))
        except AmountTooLarge as error:
            return problem(422, "amount_too_large", str(error))
        except ReferenceTaken as error:
            return problem(409, error.code)
        return await self._disturbed(json_answer(told(operation)), mischief)

    async def _disturbed(self, answer: Response, mischief: Mischief | None) -> Response:
        if mischief is Mischief.NO_ANSWER:
            await pause(self._hang_seconds)
        if mischief is Mischief.CUT:
            return Cut(bytes(answer.body))
        return problem(500, "internal") if mischief is Mischief.ERROR_AFTER else answer

    async def show(self, request: Request) -> Response:
        """GET /v1/charges/{charge}/{refunds|captures}/{reference}: what happened to it?"""
        account, kind = account_of(request), KINDS.get(request.path_params["operations"])
        if account is None:
            return problem(401, "key_missing")
        found = self._operations.find(account, kind, request.path_params["reference"]) if kind else None
        return json_answer(told(found)) if found else problem(404, "operation_not_found")

    async def show_dispute(self, request: Request) -> Response:
        """GET /v1/disputes/{dispute}: how does it stand?"""
        found = self._disputed(request)
        return json_answer(told(found[0])) if found else problem(404, "operation_not_found")

    async def accept(self, request: Request) -> Response:
        """POST /v1/disputes/{dispute}/accept: the merchant gives in."""
        found = self._disputed(request)
        if found is None:
            return problem(404, "operation_not_found")
        scenario = request.headers.get("sim-scenario", "")
        mischief = plays(scenario)[1]
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return problem(500, "internal") if mischief is Mischief.ERROR_BEFORE else problem(402, "dispute_refused")
        try:
            lost = self._operations.accept(*found, scenario)
        except Decided:
            return problem(422, "dispute_decided")
        return await self._disturbed(json_answer(told(lost)), mischief)

    def _disputed(self, request: Request) -> tuple[Operation, Charge] | None:
        account = account_of(request)
        found = self._operations.by_id(request.path_params["dispute"])
        charge = self._bank.book.by_id(found.charge_id) if found else None
        if found is None or charge is None or found.account != account or found.kind != OperationKind.DISPUTE:
            return None
        return found, charge

    async def press_refund(self, request: Request) -> Response:
        """POST /dashboard/{charge}/refund: a refund nobody asked the API for."""
        charge = self._bank.book.by_id(request.path_params["charge"])
        if charge is None:
            return problem(404, "charge_not_found")
        amount: Any = request.query_params.get("amount")
        try:
            self._operations.refund_in_dashboard(charge, int(amount) if amount else None)
        except (AmountTooLarge, ValueError) as error:
            return problem(422, "amount_too_large", str(error))
        return RedirectResponse(f"/pay/{charge.id}", status_code=303, headers={"Referrer-Policy": "no-referrer"})

    async def press_dispute(self, request: Request) -> Response:
        """POST /dashboard/{charge}/dispute: the customer asks the bank for the money back."""
        charge = self._bank.book.by_id(request.path_params["charge"])
        if charge is None:
            return problem(404, "charge_not_found")
        try:
            self._operations.open_dispute(charge)
        except AmountTooLarge as error:
            return problem(422, "amount_too_large", str(error))
        return RedirectResponse(f"/pay/{charge.id}", status_code=303, headers={"Referrer-Policy": "no-referrer"})

    async def press_decision(self, request: Request) -> Response:
        """POST /dashboard/{charge}/dispute/{won|lost}: the bank decides."""
        charge, outcome = self._bank.book.by_id(request.path_params["charge"]), request.path_params["outcome"]
        if charge is None or outcome not in ("won", "lost"):
            return problem(404, "charge_not_found")
        self._operations.decide(charge, outcome)
        return RedirectResponse(f"/pay/{charge.id}", status_code=303, headers={"Referrer-Policy": "no-referrer"})
