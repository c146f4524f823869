"""The simulator's OY!."""

import io
from typing import Any, ClassVar

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.base import json_bytes
from specie.providers.dialect import simulated_secret
from specie.providers.oy.adapter import BALANCE, CREATE, DONE, DUPLICATE, STATUS
from specie.providers.oy.payout_simulator import Disbursements, told_of
from specie.providers.simulator.desk import Desk, Order, answer, body_of, page_of
from specie.providers.simulator.merchant import account_number, qr_text
from specie.providers.simulator.payout_rules import SimulatedPayout
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice

WORDS = {
    "open": "WAITING_PAYMENT",
    "paid": "COMPLETE",
    "declined": "PAYMENT_FAILED",
    "expired": "EXPIRED",
    "cancelled": "EXPIRED",
}
_QR_SCALE = 8


class OyVoice(QuietVoice):
    """Payment routing. A payment is told of twice: when it comes and when it settles."""

    name: ClassVar[str] = "oy"

    def routes(self, desk: Desk) -> list[Route]:
        """Order, status, balance, the picture of a QR code; disbursements."""

        async def create(request: Request) -> Response:
            account = _account(request)
            if not account:
                return _coded("208")
            told = await body_of(request)
            amount = told.get("receive_amount")
            order = Order(str(told.get("partner_trx_id", "")), amount * 100 if isinstance(amount, int) else 0, "IDR")
            return await desk.order(request, account, order, lambda charge: _created(request, charge), _refuse)

        async def status(request: Request) -> Response:
            account = _account(request)
            if not account:
                return _coded("208")
            charge = desk.find(account, str((await body_of(request)).get("partner_trx_id", "")))
            return answer({"status": {"code": DONE}, **_told(charge, charge.state)}) if charge else _coded("204")

        async def balance(request: Request) -> Response:
            account = _account(request)
            if not account:
                return _coded("208")
            held = desk.balance(account, "IDR")
            return answer({"status": {"code": DONE}, "balance": f"{held // 100}.{held % 100:02}00"})

        async def picture(request: Request) -> Response:
            charge = desk.bank.book.by_id(request.path_params["charge"])
            if charge is None:
                return Response(status_code=404)
            image = io.BytesIO()
            segno.make(qr_text(charge), error="m").save(image, kind="png", scale=_QR_SCALE, border=4)
            return Response(image.getvalue(), media_type="image/png")

        return [
            Route(CREATE, create, methods=["POST"]),
            Route(STATUS, status, methods=["POST"]),
            Route(BALANCE, balance, methods=["GET"]),
            Route("/qr/{charge}.png", picture, methods=["GET"]),
            *Disbursements(desk, _account).routes(),
        ]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """The state; a payment once more when it settles."""
        told = _told(charge, state)
        if state != "paid":
            return [json_bytes(told)]
        return [json_bytes({**told, "settlement_status": word}) for word in ("WAITING", "SUCCESS")]

    def tell_payout(self, payout: SimulatedPayout, state: str, event_id: str, now: int) -> list[bytes]:
        """The disbursement, once it is decided."""
        return [] if state == "processing" else [json_bytes(told_of(payout, state))]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """Not at all."""
        return Letter(body, {"Content-Type": "application/json"})


def _account(request: Request) -> tuple[str, str] | None:
    user, key = request.headers.get("x-oy-username", ""), request.headers.get("x-api-key", "")
    return ("oy", user) if user and key == simulated_secret(user, "api_key") else None


def _created(request: Request, charge: Charge) -> Response:
    page = page_of(request, charge)
    info = {
        "qris_url": f"{page.partition('/pay/')[0]}/oy/qr/{charge.id}.png",
        "va_number": account_number(charge),
        "ewallet_url": page,
        "payment_checkout_url": page,
    }
    return answer({"status": {"code": DONE}, "trx_id": charge.id, "payment_info": info})


def _told(charge: Charge, state: str) -> dict[str, Any]:
    amount = f"{charge.amount // 100}.0000"
    return {
        "trx_id": charge.id,
        "partner_trx_id": charge.reference,
        "payment_status": WORDS.get(state, state),
        "request_amount": amount,
        "received_amount": amount,
    }


def _coded(code: str) -> Response:
    return answer({"status": {"code": code, "message": ""}})


def _refuse(code: str) -> Response:
    if code == "internal":
        return answer({"status": {"code": "999"}}, 500)
    return _coded(DUPLICATE if code == "duplicate_reference" else "400")
