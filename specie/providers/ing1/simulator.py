"""The simulator's ING1."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.dialect import simulated_secret
from specie.providers.ing1.adapter import BAD_TOKEN, BALANCE, CHECK, CREATE, DONE, FAILED, LOGIN
from specie.providers.simulator.desk import Desk, Order, answer, body_of
from specie.providers.simulator.merchant import qr_text
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice

WORDS = {"open": "pending", "paid": "success", "declined": "failed", "expired": "expired", "cancelled": "cancel"}


class Ing1Voice(QuietVoice):
    """Calls back with GET."""

    name: ClassVar[str] = "ing1"

    def routes(self, desk: Desk) -> list[Route]:
        """Login, order, question, balance."""

        async def login(request: Request) -> Response:
            told = await body_of(request)
            email = str(told.get("email", ""))
            if told.get("password") != simulated_secret(email, "password"):
                return answer({"rc": FAILED, "message": "wrong password"}, 401)
            return answer({"rc": DONE, "data": {"token": f"{email} {simulated_secret(email, 'token')}"}})

        async def create(request: Request) -> Response:
            account = _account(request)
            if not account:
                return answer({"rc": BAD_TOKEN})
            told = await body_of(request)
            amount, minutes = told.get("amount"), told.get("expiry_time", 60)
            order = Order(
                str(told.get("client_reff", "")),
                amount * 100 if isinstance(amount, int) else 0,
                "IDR",
                seconds=int(minutes) * 60,
            )
            return await desk.order(
                request, account, order, lambda charge: answer(_told(charge, charge.state)), _refuse
            )

        async def check(request: Request) -> Response:
            account = _account(request)
            if not account:
                return answer({"rc": BAD_TOKEN})
            charge = desk.find(account, str((await body_of(request)).get("client_reff", "")))
            return answer(_told(charge, charge.state)) if charge else answer({"rc": FAILED, "message": "not found"})

        async def balance(request: Request) -> Response:
            return answer({"rc": DONE, "data": {"balance": 0}} if _account(request) else {"rc": BAD_TOKEN})

        return [
            Route(LOGIN, login, methods=["POST"]),
            Route(CREATE, create, methods=["POST"]),
            Route(CHECK, check, methods=["POST"]),
            Route(BALANCE, balance, methods=["POST"]),
        ]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """A query."""
        told = _told(charge, state)
        return [urlencode({**told["data"], "reff": told["reff"], "client_reff": told["client_reff"]}).encode()]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """Not at all: nothing in it can be wrong."""
        return Letter(b"", {}, "GET", f"/notify?{body.decode()}")


def _account(request: Request) -> tuple[str, str] | None:
    email, _, secret = request.headers.get("authorization", "").removeprefix("Bearer ").partition(" ")
    return ("ing1", email) if secret and secret == simulated_secret(email, "token") else None


def _told(charge: Charge, state: str) -> dict[str, Any]:
    data = {
        "amount": charge.amount // 100,
        "content": qr_text(charge) if charge.currency == "IDR" else "",
        "payment_url": "",
        "status": WORDS.get(state, state),
    }
    return {"rc": DONE, "reff": charge.id, "client_reff": charge.reference, "data": data}


def _created(charge: Charge) -> Response:
    return answer(_told(charge, charge.state))


def _refuse(code: str) -> Response:
    if code == "internal":
        return answer({"rc": FAILED}, 500)
    return answer({"rc": FAILED, "message": code}, 409 if code == "duplicate_reference" else 200)
