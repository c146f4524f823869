"""The simulator's Xendit."""

import base64
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.base import json_bytes
from specie.providers.dialect import simulated_secret
from specie.providers.simulator.desk import Desk, Order, answer, body_of, page_of
from specie.providers.simulator.operation_rules import Operation, OperationKind
from specie.providers.simulator.payout_rules import SimulatedPayout
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice
from specie.providers.xendit.adapter import CREATE
from specie.providers.xendit.after_simulator import (
    Afterwards,
    event,
    minor_of,
    moment_told,
    payout_told,
    refund_told,
)

WORDS = {"open": "PENDING", "paid": "PAID", "declined": "EXPIRED", "expired": "EXPIRED", "cancelled": "EXPIRED"}
_REFUSALS = {
    "refused": (403, "REQUEST_FORBIDDEN_ERROR"),
    "internal": (500, "SERVER_ERROR"),
    "order_invalid": (400, "API_VALIDATION_ERROR"),
}
_AVAILABLE = ("banks", "retail_outlets", "ewallets", "qr_codes", "direct_debits", "paylaters")


class XenditVoice(QuietVoice):
    """Invoices, found by reference."""

    name: ClassVar[str] = "xendit"

    def routes(self, desk: Desk) -> list[Route]:
        """Order, list, read, expire; what is done afterwards; payouts."""

        async def create(request: Request) -> Response:
            account = _account(request)
            if not account:
                return answer({"error_code": "INVALID_API_KEY"}, 401)
            told = await body_of(request)
            order = Order(
                str(told.get("external_id", "")),
                minor_of(told.get("amount")),
                str(told.get("currency", "IDR")),
                "card",
                seconds=int(told.get("invoice_duration", 3600)),
            )
            return await desk.order(request, account, order, lambda charge: answer(_page(request, charge)), _refuse)

        async def find(request: Request) -> Response:
            account = _account(request)
            if not account:
                return answer({"error_code": "INVALID_API_KEY"}, 401)
            charge = desk.find(account, request.query_params.get("external_id", ""))
            return answer([_page(request, charge)] if charge else [])

        async def expire(request: Request) -> Response:
            account = _account(request)
            charge = desk.bank.book.by_id(request.path_params["id"])
            if not account or charge is None or charge.account != ":".join(account):
                return answer({"error_code": "INVOICE_NOT_FOUND_ERROR"}, 404)
            return answer(_page(request, desk.cancel(request, charge)))

        async def one(request: Request) -> Response:
            account = _account(request)
            charge = desk.bank.book.by_id(request.path_params["id"])
            if not account or charge is None or charge.account != ":".join(account):
                return answer({"error_code": "INVOICE_NOT_FOUND_ERROR"}, 404)
            return answer(_page(request, charge))

        return [
            Route(CREATE, create, methods=["POST"]),
            Route(CREATE.rstrip("/"), find, methods=["GET"]),
            Route("/invoices/{id}/expire!", expire, methods=["POST"]),
            Route(f"{CREATE}{{id}}", one, methods=["GET"]),
            *Afterwards(desk, _account).routes(),
        ]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """The invoice."""
        return [json_bytes(_told(charge, state))]

    def tell_operation(self, operation: Operation, charge: Charge, event_id: str, now: int) -> list[bytes]:
        """The refund, once it is decided."""
        name = {"done": "refund.succeeded", "failed": "refund.failed"}.get(operation.state, "")
        is_told = operation.kind == OperationKind.REFUND and name
        return [json_bytes(event(name, refund_told(operation), now))] if is_told else []

    def tell_payout(self, payout: SimulatedPayout, state: str, event_id: str, now: int) -> list[bytes]:
        """The payout, once it is decided."""
        name = {"paid": "succeeded", "failed": "failed", "returned": "reversed"}.get(state, state)
        if state == "processing":
            return []
        return [json_bytes(event(f"payout.{name}", payout_told(payout, state), now))]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """With the account's token."""
        token = simulated_secret(account, "callback_token")
        headers = {"x-callback-token": "wrong" if kind is Signing.BAD else token, "Content-Type": "application/json"}
        return Letter(body, headers)


def _account(request: Request) -> tuple[str, str] | None:
    try:
        told = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    except ValueError:
        return None
    key = told.removesuffix(":")
    return ("xendit", key) if key.startswith("xnd_development_sim_") else None


def _told(charge: Charge, state: str) -> dict[str, Any]:
    return {
        "id": charge.id,
        "external_id": charge.reference,
        "status": WORDS.get(state, state),
        "amount": charge.amount // 100,
        "currency": charge.currency,
    }


def _page(request: Request, charge: Charge) -> dict[str, Any]:
    changed = charge.occurred_at or charge.created_at
    return _told(charge, charge.state) | {
        "invoice_url": page_of(request, charge),
        "user_id": "simulator",
        "merchant_name": "Specie Simulator",
        "merchant_profile_picture_url": "",
        "should_send_email": False,
        "created": moment_told(charge.created_at),
        "updated": moment_told(changed),
        "expiry_date": moment_told(charge.expires_at),
        **{f"available_{what}": [] for what in _AVAILABLE},
    }


def _refuse(code: str) -> Response:
    status, word = _REFUSALS.get(code, (409, "DUPLICATE_ERROR"))
    return answer({"error_code": word, "message": code}, status)
