"""The simulator's Stripe after a payment: refunds, disputes, the balance and what made it."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.kernel.money import Money
from specie.providers.reading import UNREADABLE, in_units, units
from specie.providers.simulator.desk import Desk, answer
from specie.providers.simulator.operation_rules import Operation, OperationKind
from specie.providers.simulator.rules import Charge
from specie.providers.stripe.after import BALANCE, DISPUTES, REFUNDS, TRANSACTIONS
from specie.providers.stripe.amounts import exponent_of

_REFUND_STATES = {"pending": "pending", "done": "succeeded", "failed": "failed"}
_DISPUTE_STATES = {"open": "needs_response", "won": "won", "lost": "lost"}
_REFUSALS = {
    "refused": (402, "invalid_request_error", "charge_not_refundable"),
    "internal": (500, "api_error", ""),
    "amount_too_large": (400, "invalid_request_error", "amount_too_large"),
    "duplicate_reference": (400, "idempotency_error", "idempotency_key_in_use"),
    "dispute_decided": (400, "invalid_request_error", "dispute_not_closable"),
}
Problem = Callable[[int, str, str], Response]
AccountOf = Callable[[Request], tuple[str, str] | None]


class Afterwards:
    """What was done to the charges of one simulator, as Stripe tells of it."""

    def __init__(self, desk: Desk, account_of: AccountOf, problem: Problem) -> None:
        self._desk = desk
        self._account_of = account_of
        self._problem = problem

    def routes(self) -> list[Route]:
        """Refunds, disputes, the balance, the balance transactions."""
        return [
            Route(REFUNDS, self.refund, methods=["POST"]),
            Route(REFUNDS, self.several, methods=["GET"]),
            Route(f"{REFUNDS}/{{id}}", self.one, methods=["GET"]),
            Route(f"{DISPUTES}/{{id}}", self.dispute, methods=["GET"]),
            Route(f"{DISPUTES}/{{id}}/close", self.close_dispute, methods=["POST"]),
            Route(BALANCE, self.balance, methods=["GET"]),
            Route(TRANSACTIONS, self.transactions, methods=["GET"]),
        ]

    async def refund(self, request: Request) -> Response:
        """POST /v1/refunds; its key replays the first answer."""
        account = self._account_of(request)
        if account is None:
            return self._refused()
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        charge = self._charge(account, form.get("payment_intent", ""))
        if charge is None or charge.state != "paid":
            return self._problem(404, "invalid_request_error", "resource_missing")
        try:
            amount = units(int(form["amount"]), charge.currency, exponent_of(charge.currency)).minor
        except UNREADABLE:
            return self._problem(400, "invalid_request_error", "parameter_invalid_integer")
        reference = form.get("metadata[reference]") or request.headers.get("idempotency-key", "")[:64]
        return await self._desk.refund(
            request, charge, reference, amount, lambda made: answer(refund_told(made)), self._refuse
        )

    async def several(self, request: Request) -> Response:
        """GET /v1/refunds?payment_intent=…, the newest first."""
        account = self._account_of(request)
        charge = self._charge(account, request.query_params.get("payment_intent", "")) if account else None
        if charge is None:
            return self._refused() if account is None else self._problem(404, "invalid_request_error", "missing")
        done = [each for each in self._desk.operations.of_charge(charge) if each.kind == OperationKind.REFUND]
        return self._listed(request, [refund_told(each) for each in reversed(done)], REFUNDS)

    async def one(self, request: Request) -> Response:
        """GET /v1/refunds/{id}."""
        account = self._account_of(request)
        found = self._desk.operations.by_id(request.path_params["id"].replace("re_", "ref_", 1))
        if account is None or found is None or found.account != ":".join(account):
            return self._problem(404, "invalid_request_error", "resource_missing")
        return answer(refund_told(found))

    async def dispute(self, request: Request) -> Response:
        """GET /v1/disputes/{id}."""
        found = self._disputed(request)
        return answer(dispute_told(*found)) if found else self._problem(404, "invalid_request_error", "missing")

    async def close_dispute(self, request: Request) -> Response:
        """POST /v1/disputes/{id}/close: it is lost, unless the bank has decided already."""
        found = self._disputed(request)
        if found is None:
            return self._problem(404, "invalid_request_error", "resource_missing")
        dispute, charge = found
        return await self._desk.accept(
            request, dispute, charge, lambda made: answer(dispute_told(made, charge)), self._refuse
        )

    def _disputed(self, request: Request) -> tuple[Operation, Charge] | None:
        account = self._account_of(request)
        found = self._desk.operations.by_id(request.path_params["id"].replace("dp_", "dis_", 1))
        charge = self._desk.bank.book.by_id(found.charge_id) if found else None
        if not account or found is None or charge is None or found.account != ":".join(account):
            return None
        return (found, charge) if found.kind == OperationKind.DISPUTE else None

    async def balance(self, request: Request) -> Response:
        """GET /v1/balance."""
        account = self._account_of(request)
        if account is None:
            return self._refused()
        codes = sorted({charge.currency for charge in self._own(account)})
        held = [{"currency": code.lower(), "amount": _units(self._desk.balance(account, code), code)} for code in codes]
        return answer({"object": "balance", "available": held, "pending": [], "livemode": False})

    async def transactions(self, request: Request) -> Response:
        """GET /v1/balance_transactions of a window, the newest first, with their sources."""
        account, query = self._account_of(request), request.query_params
        if account is None:
            return self._refused()
        since, until = int(query.get("created[gte]", "0")), int(query.get("created[lt]", str(2**53)))
        told = [each for charge in self._own(account) for each in self._made(charge)]
        told = sorted((each for each in told if since <= each["created"] < until), key=lambda each: -each["created"])
        after = next((at for at, each in enumerate(told, 1) if each["id"] == query.get("starting_after")), 0)
        return self._listed(request, told[after:], TRANSACTIONS)

    def _made(self, charge: Charge) -> Iterable[dict[str, Any]]:
        """What a charge has done to the balance."""
        if charge.state != "paid":
            return
        source = {"id": charge.id, "object": "charge", "metadata": {"reference": charge.reference}}
        yield _transaction(charge.id, "charge", charge.amount, charge.fee, charge, charge.occurred_at, source)
        for each in self._desk.operations.of_charge(charge):
            if each.kind == OperationKind.REFUND and each.state == "done":
                told = refund_told(each)
                yield _transaction(told["id"], "refund", -each.amount, 0, charge, each.occurred_at, told)
            if each.kind == OperationKind.DISPUTE:
                yield from _taken(each, charge)

    def _own(self, account: tuple[str, str]) -> list[Charge]:
        return [charge for charge in self._desk.bank.book.charges() if charge.account == ":".join(account)]

    def _charge(self, account: tuple[str, str], intent: str) -> Charge | None:
        charge = self._desk.bank.book.by_id(intent.replace("pi_", "chg_", 1))
        return charge if charge is not None and charge.account == ":".join(account) else None

    def _listed(self, request: Request, found: list[dict[str, Any]], url: str) -> Response:
        limit = int(request.query_params.get("limit", "10"))
        return answer({"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": url})

    def _refuse(self, code: str) -> Response:
        return self._problem(*_REFUSALS.get(code, (400, "invalid_request_error", code)))

    def _refused(self) -> Response:
        return self._problem(401, "invalid_request_error", "api_key_invalid")


def refund_told(operation: Operation) -> dict[str, Any]:
    """A refund; one of the dashboard's has no metadata."""
    return {
        "id": operation.id.replace("ref_", "re_", 1),
        "object": "refund",
        "amount": _units(operation.amount, operation.currency),
        "currency": operation.currency.lower(),
        "payment_intent": operation.charge_id.replace("chg_", "pi_", 1),
        "metadata": {"reference": operation.reference} if operation.reference else {},
        "status": _REFUND_STATES.get(operation.state, operation.state),
        "created": operation.created_at,
    }


def dispute_told(operation: Operation, charge: Charge) -> dict[str, Any]:
    """A dispute with what it took."""
    return {
        "id": _dispute_id(operation),
        "object": "dispute",
        "amount": _units(operation.amount, operation.currency),
        "currency": operation.currency.lower(),
        "payment_intent": operation.charge_id.replace("chg_", "pi_", 1),
        "status": _DISPUTE_STATES.get(operation.state, operation.state),
        "reason": "fraudulent",
        "created": operation.created_at,
        "balance_transactions": [each for each in _taken(operation, charge) if each["amount"] < 0],
    }


def _taken(operation: Operation, charge: Charge) -> Iterable[dict[str, Any]]:
    """Stripe takes amount and fee when a dispute opens, and gives the amount back when it is won."""
    name, source = _dispute_id(operation), {"id": _dispute_id(operation), "object": "dispute"}
    fee, at = operation.fee or 0, operation.created_at
    yield _transaction(name, "adjustment", -operation.amount, fee, charge, at, source)
    if operation.state == "won":
        yield _transaction(f"{name}_won", "adjustment", operation.amount, 0, charge, operation.occurred_at, source)


def _transaction(
    name: str, kind: str, amount: int, fee: int, charge: Charge, at: int | None, source: dict[str, Any]
) -> dict[str, Any]:
    back = "dispute_reversal" if amount > 0 else "dispute"
    return {
        "id": f"txn_{name}",
        "object": "balance_transaction",
        "type": kind,
        "reporting_category": back if source.get("object") == "dispute" else kind,
        "amount": _units(amount, charge.currency),
        "fee": _units(fee, charge.currency),
        "net": _units(amount - fee, charge.currency),
        "currency": charge.currency.lower(),
        "created": at or charge.created_at,
        "source": source,
    }


def _dispute_id(operation: Operation) -> str:
    return operation.id.replace("dis_", "dp_", 1)


def _units(minor: int, code: str) -> int:
    told = in_units(Money.of(abs(minor), code), exponent_of(code))
    return told if minor >= 0 else -told
