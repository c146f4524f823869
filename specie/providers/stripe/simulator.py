"""The simulator's Stripe, close enough for Stripe's own library."""

import base64
import secrets
from typing import Any, ClassVar
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.kernel.money import Money
from specie.providers.base import json_bytes
from specie.providers.dialect import simulated_secret
from specie.providers.reading import UNREADABLE, in_units, units
from specie.providers.simulator.desk import Desk, Order, answer, page_of
from specie.providers.simulator.operation_rules import Operation, OperationKind
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice
from specie.providers.stripe.adapter import RECIPE, SESSIONS
from specie.providers.stripe.after_simulator import Afterwards, dispute_told, refund_told
from specie.providers.stripe.amounts import exponent_of
from specie.providers.stripe.saved import SETUP
from specie.providers.stripe.saved_simulator import Wallet

STATUSES = {
    "open": ("open", "unpaid"),
    "paid": ("complete", "paid"),
    "declined": ("complete", "unpaid"),
    "expired": ("expired", "unpaid"),
    "cancelled": ("expired", "unpaid"),
}
EVENTS = {
    "paid": "checkout.session.completed",
    "declined": "checkout.session.async_payment_failed",
    "expired": "checkout.session.expired",
}
_REFUSALS = {
    "refused": (402, "card_error", "card_declined"),
    "internal": (500, "api_error", ""),
    "idempotency_key_reused": (400, "idempotency_error", "idempotency_key_in_use"),
}
_DEFAULT_SECONDS = 86_400


class StripeVoice(QuietVoice):
    """Checkout sessions and their events."""

    name: ClassVar[str] = "stripe"

    def routes(self, desk: Desk) -> list[Route]:
        """Create, read, list, expire; kept cards and charges to them; what is done afterwards."""

        wallet = Wallet(desk, _account, _problem)

        async def create(request: Request) -> Response:
            account = _account(request)
            if not account:
                return _problem(401, "invalid_request_error", "api_key_invalid")
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            if form.get("mode") == SETUP:
                return await wallet.order(request, ":".join(account), form)
            order = _order(form, desk.bank.now())
            key = request.headers.get("idempotency-key", "")
            return await desk.order(
                request, account, order, lambda charge: answer(_session(request, charge)), _refuse, key=key
            )

        async def several(request: Request) -> Response:
            account = _account(request)
            if not account:
                return _problem(401, "invalid_request_error", "api_key_invalid")
            since = int(request.query_params.get("created[gte]", "0"))
            found = [_session(request, charge) for charge in _since(desk, wallet, account, since)]
            limit = int(request.query_params.get("limit", "10"))
            return answer({"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": SESSIONS})

        async def one(request: Request) -> Response:
            account = _account(request)
            desk.bank.let_time_pass()
            setup = wallet.shown(request, account)
            if setup is not None:
                return setup
            charge = desk.bank.book.by_id(request.path_params["id"].replace("cs_test_", "chg_"))
            return _one(desk, request, account, charge)

        return [
            Route(SESSIONS, create, methods=["POST"]),
            Route(SESSIONS, several, methods=["GET"]),
            Route(f"{SESSIONS}/{{id}}", one, methods=["GET"]),
            Route(f"{SESSIONS}/{{id}}/expire", one, methods=["POST"]),
            *Afterwards(desk, _account, _problem).routes(),
            *wallet.routes(),
        ]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """An event with the session as it is told of."""
        kind = EVENTS.get(state, "checkout.session.completed")
        return [_event(kind, _told(charge, state, page), event_id, now)]

    def tell_operation(self, operation: Operation, charge: Charge, event_id: str, now: int) -> list[bytes]:
        """An event with the refund or dispute."""
        if operation.kind == OperationKind.REFUND:
            kind = "refund.failed" if operation.state == "failed" else "refund.updated"
            return [_event(kind, refund_told(operation), event_id, now)]
        if operation.kind == OperationKind.DISPUTE:
            kind = "charge.dispute.created" if operation.state == "open" else "charge.dispute.closed"
            return [_event(kind, dispute_told(operation, charge), event_id, now)]
        return []

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """Over the moment and the whole body."""
        secret = f"whsec_{simulated_secret(account, 'webhook_secret')}"
        signature = RECIPE.sign({"t": str(timestamp), "body": body.decode(), "secret": secret})
        if kind is Signing.BAD:
            signature = "0" * 64
        return Letter(body, {"Stripe-Signature": f"t={timestamp},v1={signature}", "Content-Type": "application/json"})


def _event(kind: str, told: dict[str, Any], event_id: str, now: int) -> bytes:
    return json_bytes(
        {
            "id": f"evt_{event_id.removeprefix('cbk_')}",
            "object": "event",
            "type": kind,
            "created": now,
            "livemode": False,
            "data": {"object": told},
        }
    )


def _account(request: Request) -> tuple[str, str] | None:
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    try:
        key = told if kind == "Bearer" else base64.b64decode(told).decode().removesuffix(":")
    except ValueError:
        return None
    return ("stripe", key) if key.startswith("sk_test_sim_") else None


def _one(desk: Desk, request: Request, account: tuple[str, str] | None, charge: Charge | None) -> Response:
    if not account or charge is None or charge.account != ":".join(account):
        return _problem(404, "invalid_request_error", "resource_missing")
    return answer(_session(request, charge)) if request.method == "GET" else _expired(desk, request, charge)


def _expired(desk: Desk, request: Request, charge: Charge) -> Response:
    if not charge.is_open:
        return _problem(400, "invalid_request_error", "session_not_open")
    return answer(_session(request, desk.cancel(request, charge)))


def _since(desk: Desk, wallet: Wallet, account: tuple[str, str], since: int) -> list[Charge]:
    own = [charge for charge in desk.bank.book.charges() if charge.account == ":".join(account)]
    return [charge for charge in reversed(own) if charge.created_at >= since and not wallet.is_intent(charge)]


def _order(form: dict[str, str], now: int) -> Order:
    code = form.get("line_items[0][price_data][currency]", "").upper()
    told = form.get("line_items[0][price_data][unit_amount]", "")
    try:
        amount = units(int(told), code, exponent_of(code)).minor
    except UNREADABLE:
        amount = 0
    ends = form.get("expires_at", "")
    return Order(
        form.get("client_reference_id") or secrets.token_hex(16),
        amount,
        code,
        "card",
        seconds=int(ends) - now if ends.isdecimal() else _DEFAULT_SECONDS,
        return_url=form.get("success_url", ""),
    )


def _session(request: Request, charge: Charge) -> dict[str, Any]:
    return _told(charge, charge.state, page_of(request, charge))


def _told(charge: Charge, state: str, page: str) -> dict[str, Any]:
    status, payment_status = STATUSES.get(state, (state, "unpaid"))
    return {
        "id": charge.id.replace("chg_", "cs_test_"),
        "object": "checkout.session",
        "client_reference_id": charge.reference,
        "amount_total": in_units(Money.of(charge.amount, charge.currency), exponent_of(charge.currency)),
        "currency": charge.currency.lower(),
        "status": status,
        "payment_status": payment_status,
        "expires_at": charge.expires_at,
        "created": charge.created_at,
        "livemode": False,
        "mode": "payment",
        "payment_intent": charge.id.replace("chg_", "pi_", 1) if state == "paid" else None,
        "url": page if status == "open" else None,
    }


def _problem(status: int, kind: str, code: str) -> Response:
    return answer({"error": {"type": kind, "code": code, "message": code}}, status)


def _refuse(code: str) -> Response:
    status, kind, word = _REFUSALS.get(code, (400, "invalid_request_error", code))
    # The reference is not unique at Stripe, so only a forgotten key can lead here.
    return _problem(409 if code == "duplicate_reference" else status, kind, word)
