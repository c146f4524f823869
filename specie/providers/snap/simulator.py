"""The simulator's SNAP."""

import base64
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.base import json_bytes
from specie.providers.dialect import simulated_secret
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.desk import Desk, Order, answer, body_of
from specie.providers.simulator.merchant import qr_text
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice
from specie.providers.snap import signing
from specie.providers.snap.adapter import GENERATE, QUERY, SnapAdapter
from specie.providers.snap.payout_simulator import Transfers

WORDS = {"open": "01", "paid": "00", "declined": "06", "expired": "08", "cancelled": "05"}
_TOKEN_SECONDS = 900


class SnapVoice(QuietVoice):
    """A token, QRIS codes, notices signed with the account's key."""

    name: ClassVar[str] = "snap"
    login_path: ClassVar[str] = SnapAdapter.login_path
    form: ClassVar[signing.Form] = SnapAdapter.form

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self, desk: Desk) -> list[Route]:
        """Token, order, query; transfers."""

        async def create(request: Request) -> Response:
            account = await self.account(request)
            if not account:
                return answer({"responseCode": "4014700"}, 401)
            told = await body_of(request)
            order = Order(str(told.get("partnerReferenceNo", "")), minor_of(told), "IDR")
            return await desk.order(request, account, order, self.created, self.refuse)

        async def query(request: Request) -> Response:
            account = await self.account(request)
            if not account:
                return answer({"responseCode": "4015100"}, 401)
            charge = desk.find(account, str((await body_of(request)).get("originalPartnerReferenceNo", "")))
            if charge is None:
                return answer({"responseCode": "4045101"}, 404)
            return answer({"responseCode": "2005100", **told_of(charge, charge.state)})

        return [
            Route(self.login_path, self.token, methods=["POST"]),
            Route(GENERATE, create, methods=["POST"]),
            Route(QUERY, query, methods=["POST"]),
            *Transfers(desk, self.account).routes(),
        ]

    async def token(self, request: Request) -> Response:
        """POST …/access-token/b2b."""
        client = request.headers.get("x-client-key", "")
        if not client:
            return answer({"responseCode": "4007300"}, 400)
        self._learn(request, client)
        told = signing.token_text(client, request.headers.get("x-timestamp", ""))
        if not self._signed_by(client, told, request.headers.get("x-signature", "")):
            return answer({"responseCode": "4017300"}, 401)
        token = simulated_secret(client, "token")
        self._book.remember(f"token:{token}", client)
        return answer({"responseCode": "2007300", "accessToken": token, "expiresIn": str(_TOKEN_SECONDS)})

    async def account(self, request: Request) -> tuple[str, str] | None:
        """The account whose signature a call carries, in either form."""
        body, timestamp = await request.body(), request.headers.get("x-timestamp", "")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        signature = request.headers.get("x-signature", "")
        if not token:
            client = request.headers.get("x-partner-id", "")
            self._learn(request, client)
            told = signing.call_text(request.method, request.url.path, body, timestamp)
            return (self.name, client) if self._signed_by(client, told, signature) else None
        client = self._book.recall(f"token:{token}")
        told = signing.call_text(request.method, request.url.path, body, timestamp, token)
        expected = signing.with_secret(simulated_secret(client, "client_secret"), told, self.form)
        return (self.name, client) if client and signature == expected else None

    def created(self, charge: Charge) -> Response:
        """The answer to an order."""
        told = {"referenceNo": charge.id, "partnerReferenceNo": charge.reference, "qrContent": qr_text(charge)}
        return answer({"responseCode": "2004700", **told})

    def refuse(self, code: str) -> Response:
        """A refusal in SNAP's codes."""
        if code == "internal":
            return answer({"responseCode": "5004700"}, 500)
        status, case = (
            (409, "01") if code == "duplicate_reference" else (403, "02") if code == "refused" else (400, "01")
        )
        return answer({"responseCode": f"{status}47{case}"}, status)

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """The state of the order."""
        return [json_bytes(told_of(charge, state))]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """With the account's key, over the path that is called."""
        kept = self._book.recall(f"callback-key:{account}")
        key = signing.private_key_of(kept) if kept and kind is not Signing.BAD else signing.new_key()
        moment = signing.timestamp_of(datetime.fromtimestamp(timestamp, UTC))
        signature = signing.with_key(key, signing.call_text("POST", urlsplit(url).path, body, moment))
        headers = {"X-TIMESTAMP": moment, "X-SIGNATURE": signature, "Content-Type": "application/json"}
        return Letter(body, headers)

    def _learn(self, request: Request, client: str) -> None:
        for header, name in (("sim-client-key", "client-key"), ("sim-callback-key", "callback-key")):
            told = request.headers.get(header)
            if told:
                self._book.remember(f"{name}:{client}", base64.b64decode(told).decode())

    def _signed_by(self, client: str, told: str, signature: str) -> bool:
        kept = self._book.recall(f"client-key:{client}")
        return bool(kept) and signing.verifies(signing.public_key_of(kept), told, signature)


def told_of(charge: Charge, state: str) -> dict[str, Any]:
    """A charge in SNAP's words."""
    return {
        "originalPartnerReferenceNo": charge.reference,
        "originalReferenceNo": charge.id,
        "latestTransactionStatus": WORDS.get(state, state),
        "amount": {"value": f"{charge.amount // 100}.00", "currency": charge.currency},
    }


def minor_of(told: dict[str, Any]) -> int:
    """The amount of an order in minor units; zero when it has none."""
    value = str((told.get("amount") or {}).get("value", "")).replace(".", "")
    return int(value) if value.isdecimal() else 0
