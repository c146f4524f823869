"""The simulator's Xendit beside its pages: refunds, payouts, the balance and what made it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.reading import at_iso
from specie.providers.simulator.desk import Desk, answer, body_of
from specie.providers.simulator.operation_rules import Operation, OperationKind
from specie.providers.simulator.payout_rules import SimulatedPayout
from specie.providers.simulator.rules import Charge
from specie.providers.xendit.after import BALANCE, REFUNDS, TRANSACTIONS
from specie.providers.xendit.payouts import PAYOUTS

_REFUND_STATES = {"pending": "PENDING", "done": "SUCCEEDED", "failed": "FAILED"}
_PAYOUT_STATES = {"processing": "ACCEPTED", "paid": "SUCCEEDED", "failed": "FAILED", "returned": "REVERSED"}
_WENT = {
    "pending": "PENDING",
    "processing": "PENDING",
    "done": "SUCCESS",
    "paid": "SUCCESS",
    "failed": "FAILED",
    "returned": "REVERSED",
}
_REFUSALS = {
    "refused": (400, "INELIGIBLE_TRANSACTION"),
    "internal": (500, "SERVER_ERROR"),
    "order_invalid": (400, "API_VALIDATION_ERROR"),
    "amount_too_large": (400, "MAXIMUM_REFUND_AMOUNT_REACHED"),
}
_LONGEST_KEY = 100
AccountOf = Callable[[Request], tuple[str, str] | None]


class Afterwards:
    """What was done to the charges of one simulator and what it paid out, as Xendit tells of it."""

    def __init__(self, desk: Desk, account_of: AccountOf) -> None:
        self._desk = desk
        self._account_of = account_of

    def routes(self) -> list[Route]:
        """Refunds, payouts, balance, transactions."""
        return [
            Route(REFUNDS, self.refund, methods=["POST"]),
            Route(REFUNDS, self.refunds, methods=["GET"]),
            Route(f"{REFUNDS}/{{id}}", self.one_refund, methods=["GET"]),
            Route(PAYOUTS, self.pay_out, methods=["POST"]),
            Route(PAYOUTS, self.payouts, methods=["GET"]),
            Route(BALANCE, self.balance, methods=["GET"]),
            Route(TRANSACTIONS, self.transactions, methods=["GET"]),
        ]

    async def refund(self, request: Request) -> Response:
        """POST /refunds of an invoice."""
        account, told = self._account_of(request), await body_of(request)
        charge = self._charge(account, str(told.get("invoice_id", "")))
        if account is None or charge is None or charge.state != "paid":
            return _unknown() if account else _unauthorised()
        minor = minor_of(told.get("amount"))
        reference = str(told.get("reference_id") or request.headers.get("idempotency-key", ""))
        return await self._desk.refund(
            request, charge, reference, minor, lambda made: answer(refund_told(made)), _refuse
        )

    async def refunds(self, request: Request) -> Response:
        """GET /refunds?invoice_id=…"""
        account = self._account_of(request)
        charge = self._charge(account, request.query_params.get("invoice_id", ""))
        if account is None or charge is None:
            return _unknown() if account else _unauthorised()
        done = [each for each in self._desk.operations.of_charge(charge) if each.kind == OperationKind.REFUND]
        return answer({"data": [refund_told(each) for each in done], "has_more": False})

    async def one_refund(self, request: Request) -> Response:
        """GET /refunds/{id}."""
        account = self._account_of(request)
        found = self._desk.operations.by_id(request.path_params["id"].replace("rfd-", "ref_", 1))
        if account is None or found is None or found.account != ":".join(account):
            return _unknown() if account else _unauthorised()
        return answer(refund_told(found))

    async def pay_out(self, request: Request) -> Response:
        """POST /v2/payouts; the key is required and replays."""
        account, told = self._account_of(request), await body_of(request)
        key = request.headers.get("idempotency-key", "")
        if account is None:
            return _unauthorised()
        if not 0 < len(key) <= _LONGEST_KEY:
            return _refuse("order_invalid")
        to = told.get("channel_properties") or {}
        document = {
            "reference": told.get("reference_id"),
            "amount": minor_of(told.get("amount")),
            "currency": told.get("currency"),
            "rail": "bank_account",
            "bank_code": told.get("channel_code"),
            "number": to.get("account_number"),
            "name": to.get("account_holder_name"),
        }
        return await self._desk.pay_out(
            request, account, document, lambda made: answer(payout_told(made, made.state)), _refuse, key=key
        )

    async def payouts(self, request: Request) -> Response:
        """GET /v2/payouts?reference_id=…"""
        account = self._account_of(request)
        if account is None:
            return _unauthorised()
        found = self._desk.payout(account, request.query_params.get("reference_id", ""))
        return answer({"data": [payout_told(found, found.state)] if found else [], "has_more": False})

    async def balance(self, request: Request) -> Response:
        """GET /balance."""
        account = self._account_of(request)
        return answer({"balance": _major(self._desk.balance(account, "IDR"))}) if account else _unauthorised()

    async def transactions(self, request: Request) -> Response:
        """GET /transactions of a window, oldest first."""
        account, query = self._account_of(request), request.query_params
        if account is None:
            return _unauthorised()
        made = sorted(self._made(":".join(account)), key=lambda each: (each["created"], each["id"]))
        types, statuses = query.getlist("types"), query.getlist("statuses")
        told = [each for each in made if _within(each, query, "created") and _within(each, query, "updated")]
        told = [each for each in told if not types or each["type"] in types]
        told = [each for each in told if not statuses or each["status"] in statuses]
        after = next((at for at, each in enumerate(told, 1) if each["id"] == query.get("after_id")), 0)
        limit = int(float(query.get("limit", "10")))
        return answer({"data": told[after : after + limit], "has_more": len(told) > after + limit})

    def _made(self, account: str) -> Iterable[dict[str, Any]]:
        """What has changed the balance, or was to."""
        for charge in self._desk.bank.book.charges():
            if charge.account != account or charge.state != "paid":
                continue
            paid_at, names = charge.occurred_at or 0, (charge.id, charge.reference)
            yield _transaction("PAYMENT", *names, charge.amount, charge.fee, "SUCCESS", paid_at, paid_at)
            for each in self._desk.operations.of_charge(charge):
                if each.kind == OperationKind.REFUND:
                    names = (each.id, each.reference or each.id)
                    moments = each.created_at, each.occurred_at or each.created_at
                    yield _transaction("REFUND", *names, -each.amount, 0, _WENT[each.state], *moments)
        for paid in self._desk.bank.book.payouts.all():
            if paid.account == account:
                moments = paid.created_at, paid.occurred_at or paid.created_at
                names = (paid.id, paid.reference)
                yield _transaction("DISBURSEMENT", *names, -paid.amount, paid.fee, _WENT[paid.state], *moments)

    def _charge(self, account: tuple[str, str] | None, invoice: str) -> Charge | None:
        charge = self._desk.bank.book.by_id(invoice)
        return charge if account and charge is not None and charge.account == ":".join(account) else None


def minor_of(amount: Any) -> int:
    """An amount as Xendit takes it, a number of rupiah, in minor units; zero for what is none."""
    return round(amount * 100) if isinstance(amount, int | float) else 0


def refund_told(operation: Operation) -> dict[str, Any]:
    """A refund."""
    return {
        "id": operation.id.replace("ref_", "rfd-", 1),
        "invoice_id": operation.charge_id,
        "amount": _major(operation.amount),
        "currency": operation.currency,
        "status": _REFUND_STATES.get(operation.state, operation.state),
        "reason": "REQUESTED_BY_CUSTOMER",
        "reference_id": operation.reference or None,
        "failure_code": None,
        "refund_fee_amount": None,
        "created": moment_told(operation.created_at),
        "updated": moment_told(operation.occurred_at or operation.created_at),
    }


def payout_told(payout: SimulatedPayout, state: str) -> dict[str, Any]:
    """A payout."""
    return {
        "id": payout.id.replace("out_", "disb-", 1),
        "business_id": payout.account,
        "reference_id": payout.reference,
        "channel_code": payout.bank_code,
        "channel_properties": {"account_number": payout.number, "account_holder_name": payout.name},
        "amount": _major(payout.amount),
        "currency": payout.currency,
        "status": _PAYOUT_STATES.get(state, state),
        "created": moment_told(payout.created_at),
        "updated": moment_told(payout.occurred_at or payout.created_at),
    }


def event(name: str, told: dict[str, Any], now: int) -> dict[str, Any]:
    """A callback about something other than a page."""
    return {"event": name, "business_id": "simulator", "created": moment_told(now), "data": told}


def _transaction(
    kind: str, name: str, reference: str, minor: int, fee: int, status: str, created: int, updated: int
) -> dict[str, Any]:
    return {
        "id": f"txn_{name}",
        "product_id": name,
        "type": kind,
        "status": status,
        "channel_category": "BANK",
        "channel_code": None,
        "account_identifier": None,
        "reference_id": reference,
        "currency": "IDR",
        "amount": _major(abs(minor)),
        "cashflow": "MONEY_IN" if minor >= 0 else "MONEY_OUT",
        "business_id": "simulator",
        "fee": {"xendit_fee": _major(fee), "value_added_tax": 0, "status": "COMPLETED"},
        "created": moment_told(created),
        "updated": moment_told(updated),
        "settlement_status": "SETTLED",
    }


def _within(told: dict[str, Any], query: QueryParams, moment: str) -> bool:
    """Whether a transaction's moment lies in the window that is asked about, if one is."""
    since, until = _seconds(query.get(f"{moment}[gte]"), 0), _seconds(query.get(f"{moment}[lte]"), 2**53)
    return since <= _seconds(told[moment], 0) <= until


def _major(minor: int) -> int | float:
    """Rupiah, with their hundredths only where there are some."""
    return minor // 100 if minor % 100 == 0 else minor / 100


def moment_told(seconds: int) -> str:
    """A moment as Xendit writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(told: str | None, otherwise: int) -> int:
    at = at_iso(told)
    return int(at.timestamp()) if at else otherwise


def _unauthorised() -> Response:
    return answer({"error_code": "INVALID_API_KEY", "message": ""}, 401)


def _unknown() -> Response:
    return answer({"error_code": "DATA_NOT_FOUND", "message": ""}, 404)


def _refuse(code: str) -> Response:
    status, word = _REFUSALS.get(code, (409, "DUPLICATE_ERROR"))
    return answer({"error_code": word, "message": code}, status)
