"""The simulator's Gidi."""

from typing import ClassVar

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.base import json_bytes
from specie.providers.dialect import simulated_secret
from specie.providers.gidi.adapter import CREATE, RECIPES
from specie.providers.simulator.desk import Desk, Order, answer, body_of
from specie.providers.simulator.merchant import qr_text
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice

WORDS = {"open": "Pending", "paid": "Paid", "declined": "Failed", "expired": "Expired", "cancelled": "Cancel"}
_ANSWERS = {
    "refused": ("AMOUNT_NOT_ALLOWED", 400),
    "internal": ("INTERNAL_ERROR", 500),
    "order_invalid": ("AMOUNT_NOT_ALLOWED", 400),
    "duplicate_reference": ("DOUBLE_TRANSACTION_ID", 400),
}


class GidiVoice(QuietVoice):
    """Signs inside the body."""

    name: ClassVar[str] = "gidi"

    def routes(self, desk: Desk) -> list[Route]:
        """Orders only: there is nothing to ask with."""

        async def create(request: Request) -> Response:
            body = await body_of(request)
            merchant = str(body.get("merchantId", ""))
            told = {name: str(value) for name, value in body.items()}
            if not RECIPES["qris"].verifies(told | _secrets(merchant), str(body.get("signature", ""))):
                return answer({"responseCode": "INVALID_SIGNATURE"}, 401)
            amount = body.get("amount")
            order = Order(str(body.get("transactionId", "")), amount * 100 if isinstance(amount, int) else 0, "IDR")
            return await desk.order(request, ("gidi", merchant), order, _created, _refuse)

        return [Route(CREATE, create, methods=["POST"])]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """The values that are signed."""
        told = {"invoiceId": charge.reference, "amount": charge.amount // 100, "status": WORDS.get(state, state)}
        return [json_bytes(told)]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """In the body."""
        told = orjson.loads(body)
        values = {name: str(value) for name, value in told.items()} | {"subMerchantId": "0"}
        signature = RECIPES["callback"].sign(values | _secrets(account))
        told["signature"] = "0" * 64 if kind is Signing.BAD else signature
        return Letter(json_bytes(told), {"Content-Type": "application/json"})


def _secrets(merchant: str) -> dict[str, str]:
    return {"merchantId": merchant, "credentialKey": simulated_secret(merchant, "credential_key")}


def _created(charge: Charge) -> Response:
    detail = {"rawData": qr_text(charge), "statusGenerate": "Created", "transactionId": charge.reference}
    return answer({"responseCode": "SUCCESS", "responseMessage": "", "responseDetail": detail})


def _refuse(code: str) -> Response:
    word, status = _ANSWERS.get(code, ("INTERNAL_ERROR", 500))
    return answer({"responseCode": word, "responseMessage": code}, status)
