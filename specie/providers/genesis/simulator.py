"""The simulator's Genesis."""

from typing import Any, ClassVar

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.base import json_bytes
from specie.providers.dialect import simulated_secret
from specie.providers.genesis.adapter import CREATE, QUERY, RECIPES, UNPAID
from specie.providers.simulator.desk import Desk, Order, answer, body_of
from specie.providers.simulator.merchant import qr_text
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice

WORDS = {"paid": "Success", "declined": "Failed", "expired": "Expired", "cancelled": "Cancelled", "open": "Pending"}
_STATUSES = {"refused": 400, "internal": 500, "order_invalid": 400, "duplicate_reference": 409}


class GenesisVoice(QuietVoice):
    """Signs its callbacks the way client code expects."""

    name: ClassVar[str] = "genesis"

    def routes(self, desk: Desk) -> list[Route]:
        """Order and question."""

        async def create(request: Request) -> Response:
            body = await body_of(request)
            account = _account(request, "create", body)
            if not account:
                return answer({"data": None, "error": "signature"}, 401)
            value = str(body.get("value", ""))
            amount = int(value.replace(".", "")) if value.replace(".", "").isdecimal() else 0
            order = Order(str(body.get("orderId", "")), amount, "IDR")
            return await desk.order(request, account, order, lambda charge: _created(charge, account[1]), _refuse)

        async def query(request: Request) -> Response:
            body = await body_of(request)
            account = _account(request, "query", body)
            if not account:
                return answer({"data": None, "error": "signature"}, 401)
            return _state(desk, account, str(body.get("orderId", "")))

        return [Route(CREATE, create, methods=["POST"]), Route(QUERY, query, methods=["POST"])]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """Only what has been paid, or is in an odd state, is told of."""
        if state in ("declined", "expired", "cancelled", "open"):
            return []
        told = {
            "TX": charge.id,
            "amountSend": charge.amount // 100,
            "clientId": charge.account.partition(":")[2],
            "id": event_id,
            "orderId": charge.reference,
            "paymentStatus": WORDS.get(state, state),
            "timestamp": now,
        }
        return [json_bytes(told)]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """In a header, over what an order is signed over."""
        told = orjson.loads(body)
        values = {
            "client_id": account,
            "clientSecret": simulated_secret(account, "client_secret"),
            "orderId": told["orderId"],
            "amount": f"{told['amountSend']}.00",
        }
        signature = RECIPES["callback"].sign(values)
        return Letter(body, {"x-signature": "0" * 32 if kind is Signing.BAD else signature})


def _account(request: Request, recipe: str, body: dict[str, Any]) -> tuple[str, str] | None:
    client = request.headers.get("client_id", "")
    told = {name: str(value) for name, value in body.items()}
    values = {**told, "client_id": client, "clientSecret": simulated_secret(client, "client_secret")}
    given = request.headers.get("x-signature", "")
    return ("genesis", client) if client and RECIPES[recipe].verifies(values, given) else None


def _created(charge: Charge, client: str) -> Response:
    told = {
        "qrisData": qr_text(charge),
        "orderId": charge.reference,
        "TX": charge.id,
        "clientId": client,
        "error": None,
    }
    return answer(told, 201)


def _state(desk: Desk, account: tuple[str, str], reference: str) -> Response:
    charge = desk.find(account, reference)
    if charge is None:
        return answer({"data": [], "error": "orderId not found"})
    if charge.state != "paid":
        return answer({"code": 404, "details": {"internalCode": UNPAID}}, 404)
    amount = {"value": f"{charge.amount // 100}.00", "currency": "IDR"}
    return answer({"data": {"responseCode": "2005100", "latestTransactionStatus": "00", "amount": amount}})


def _refuse(code: str) -> Response:
    return answer({"data": None, "error": code}, _STATUSES.get(code, 400))
