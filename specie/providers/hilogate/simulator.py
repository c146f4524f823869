"""The simulator's Hilogate."""

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.base import json_bytes
from specie.providers.dialect import simulated_secret
from specie.providers.hilogate.adapter import CREATE, RECIPES
from specie.providers.simulator.desk import Desk, Order, answer, body_of
from specie.providers.simulator.merchant import qr_text
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice

WORDS = {"open": "PENDING", "paid": "SUCCESS", "declined": "FAILED", "expired": "EXPIRED", "cancelled": "FAILED"}
_STATUSES = {"refused": 400, "internal": 500, "order_invalid": 400, "duplicate_reference": 409}


class HilogateVoice(QuietVoice):
    """Signs its callbacks with formula B."""

    name: ClassVar[str] = "hilogate"

    def routes(self, desk: Desk) -> list[Route]:
        """Order, question, balance."""

        async def create(request: Request) -> Response:
            account = _account(request, await request.body())
            if not account:
                return answer({"code": 401, "status": "unauthorized"}, 401)
            body = await body_of(request)
            order = Order(str(body.get("ref_id", "")), _rupiah(body.get("amount")), "IDR")
            return await desk.order(request, account, order, lambda charge: answer(_created(charge)), _refuse)

        async def show(request: Request) -> Response:
            account = _account(request, b"")
            if not account:
                return answer({"code": 401, "status": "unauthorized"}, 401)
            charge = desk.find(account, request.path_params["reference"])
            if charge is None:
                return answer({"code": 404, "status": "not found"}, 404)
            return answer({"code": 200, "status": "OK", "data": _told(charge, charge.state)})

        async def balance(request: Request) -> Response:
            known = _account(request, b"")
            return answer(
                {"code": 200, "data": {"active_balance": 0}} if known else {"code": 401}, 200 if known else 401
            )

        return [
            Route(CREATE, create, methods=["POST"]),
            Route(f"{CREATE}/{{reference}}", show, methods=["GET"]),
            Route("/api/v1/balance", balance, methods=["GET"]),
        ]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """The flat body; a paid charge is told of twice, the second time as settled."""
        told = _told(charge, state)
        if state != "paid":
            return [json_bytes(told)]
        return [json_bytes({**told, "settlement_status": word}) for word in ("WAITING", "SETTLED")]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """In a header."""
        values = {"body": body.decode(), "secret": simulated_secret(account, "secret")}
        signature = RECIPES["callback B"].sign(values)
        return Letter(body, {"X-Signature": "0" * 32 if kind is Signing.BAD else signature})


def _account(request: Request, body: bytes) -> tuple[str, str] | None:
    merchant = request.headers.get("x-merchant-id", "")
    path = request.url.path.removeprefix("/hilogate")
    values = {"path": path, "body": body.decode(), "secret": simulated_secret(merchant, "secret")}
    given = request.headers.get("x-signature", "")
    return ("hilogate", merchant) if merchant and RECIPES["request"].verifies(values, given) else None


def _created(charge: Charge) -> dict[str, object]:
    qr = {"qr_string": qr_text(charge), "qr_url": ""}
    data = {"id": charge.id, "ref_id": charge.reference, "status": WORDS.get(charge.state, charge.state), "data": qr}
    return {"code": 200, "status": "OK", "data": data}


def _told(charge: Charge, state: str) -> dict[str, object]:
    amount, fee = charge.amount // 100, charge.fee // 100
    return {
        "id": charge.id,
        "ref_id": charge.reference,
        "amount": amount,
        "method": "qris",
        "status": WORDS.get(state, state),
        "net_amount": amount - fee,
        "total_fee": fee,
    }


def _rupiah(major: object) -> int:
    return major * 100 if isinstance(major, int) else 0


def _refuse(code: str) -> Response:
    status = _STATUSES.get(code, 400)
    return answer({"code": status, "status": code}, status)
