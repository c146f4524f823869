"""The simulator's Piro."""

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.dialect import simulated_secret
from specie.providers.piro.adapter import BALANCE, RECIPES
from specie.providers.simulator.desk import Desk, answer
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice


class PiroVoice(QuietVoice):
    """A balance."""

    name: ClassVar[str] = "piro"

    def routes(self, desk: Desk) -> list[Route]:
        """The balance."""

        async def balance(request: Request) -> Response:
            told = request.headers
            client = told.get("client_id", "")
            values = {
                "clientId": client,
                "deviceId": told.get("device_id", ""),
                "latitude": told.get("latitude", ""),
                "longitude": told.get("longitude", ""),
                "clientSecret": simulated_secret(client, "client_secret"),
            }
            if not RECIPES["balance"].verifies(values, told.get("x-signature", "")):
                return answer({"error": "signature"}, 401)
            return answer({"current_account": {"settled": {"balance": "0.00"}, "unsettled": {"balance": "0.00"}}})

        return [Route(BALANCE, balance, methods=["GET"])]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """It takes no orders."""
        return []

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """In a header."""
        values = {"body": body.decode(), "signatureKey": simulated_secret(account, "signature_key")}
        return Letter(body, {"x-signature": RECIPES["callback"].sign(values)})
