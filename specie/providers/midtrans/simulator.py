"""The simulator's Midtrans."""

import base64
from collections.abc import Sequence
from typing import Any, ClassVar

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.base import json_bytes
from specie.providers.midtrans.adapter import RECIPES, SNAP
from specie.providers.simulator.desk import Desk, Order, answer, body_of, page_of
from specie.providers.simulator.operation_rules import Operation, OperationKind
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice

WORDS = {
    "open": "pending",
    "paid": "settlement",
    "declined": "deny",
    "expired": "expire",
    "cancelled": "cancel",
}
_TOLD = {(OperationKind.REFUND, "done"), (OperationKind.DISPUTE, "open")}
_DONE = frozenset({"paid", "cancelled", "refund", "partial_refund", "chargeback"})


class MidtransVoice(QuietVoice):
    """The page, the questions, the notification."""

    name: ClassVar[str] = "midtrans"

    def routes(self, desk: Desk) -> list[Route]:
        """Order, status, cancel, refund."""

        async def create(request: Request) -> Response:
            account = _account(request)
            if not account:
                return answer({"error_messages": ["unauthorized"]}, 401)
            told = (await body_of(request)).get("transaction_details") or {}
            amount = told.get("gross_amount")
            order = Order(str(told.get("order_id", "")), amount * 100 if isinstance(amount, int) else 0, "IDR", "card")

            def made(charge: Charge) -> Response:
                return answer({"token": charge.id, "redirect_url": page_of(request, charge)}, 201)

            return await desk.order(request, account, order, made, _refuse)

        async def act(request: Request) -> Response:
            account = _account(request)
            if not account:
                return answer({"status_code": "401"}, 401)
            charge = desk.find(account, request.path_params["reference"])
            if charge is None:
                return answer({"status_code": "404", "status_message": "Transaction doesn't exist."}, 404)
            if request.path_params["act"] == "refund":
                return await _refunded(desk, request, charge)
            if request.path_params["act"] == "cancel":
                charge = desk.cancel(request, charge)
                if charge.state != "cancelled":
                    return answer({"status_code": "412"}, 412)
            return answer(_told(charge, charge.state, desk.operations.of_charge(charge)))

        return [
            Route(SNAP, create, methods=["POST"]),
            Route("/v2/{reference}/{act:str}", act, methods=["GET", "POST"]),
        ]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """The state of the order."""
        return [json_bytes({**_told(charge, state), "transaction_id": charge.id})]

    def tell_operation(self, operation: Operation, charge: Charge, event_id: str, now: int) -> list[bytes]:
        """The state of the order with its refund, or that it was charged back."""
        if (operation.kind, operation.state) not in _TOLD:
            return []
        return [json_bytes({**_told(charge, charge.state, [operation]), "transaction_id": charge.id})]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """In the body, over what Midtrans signs."""
        told = orjson.loads(body)
        signature = RECIPES["notification"].sign({**told, "server_key": account})
        told["signature_key"] = "0" * 128 if kind is Signing.BAD else signature
        return Letter(json_bytes(told), {"Content-Type": "application/json"})


def _account(request: Request) -> tuple[str, str] | None:
    try:
        told = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    except ValueError:
        return None
    key = told.removesuffix(":")
    return ("midtrans", key) if key.startswith("SB-Mid-server-sim_") else None


async def _refunded(desk: Desk, request: Request, charge: Charge) -> Response:
    told = await body_of(request)
    amount, key = told.get("amount"), str(told.get("refund_key", ""))
    earlier = [each for each in desk.operations.of_charge(charge) if each.reference == key]
    if charge.state != "paid" or earlier:
        return answer({"status_code": "406" if earlier else "412"})

    def made(operation: Operation) -> Response:
        done = {"status_code": "200", "order_id": charge.reference}
        return answer({**done, **_refund_told(operation)})

    def refused(code: str) -> Response:
        status = "500" if code == "internal" else "414" if code == "amount_too_large" else "412"
        return answer({"status_code": status, "status_message": code}, int(status))

    return await desk.refund(request, charge, key, amount * 100 if isinstance(amount, int) else 0, made, refused)


def _refund_told(operation: Operation) -> dict[str, Any]:
    return {
        "refund_chargeback_id": operation.id,
        "refund_key": operation.reference or operation.id,
        "refund_amount": f"{operation.amount // 100}.00",
    }


def _told(charge: Charge, state: str, done: Sequence[Operation] = ()) -> dict[str, Any]:
    refunds = [each for each in done if each.kind == OperationKind.REFUND and each.state == "done"]
    if any(each.kind == OperationKind.DISPUTE for each in done):
        state = "chargeback"
    elif refunds:
        state = "refund" if sum(each.amount for each in refunds) == charge.amount else "partial_refund"
    more = {"refunds": [_refund_told(each) for each in refunds]} if refunds else {}
    return more | {
        "status_code": "200" if state in _DONE else "202" if state == "declined" else "201",
        "order_id": charge.reference,
        "gross_amount": f"{charge.amount // 100}.00",
        "currency": charge.currency,
        "transaction_status": WORDS.get(state, state),
    }


def _refuse(code: str) -> Response:
    if code == "duplicate_reference":
        return answer({"error_messages": ["transaction_details.order_id has already been taken"]}, 400)
    return answer({"error_messages": [code]}, 500 if code == "internal" else 400)
