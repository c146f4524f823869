"""The simulator's GudangVoucher."""

from typing import ClassVar
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from specie.providers.dialect import simulated_secret
from specie.providers.gudangvoucher.adapter import RECIPES, STATUS
from specie.providers.simulator.desk import Desk, Order, page_of
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import Letter, QuietVoice

WORDS = {"open": "PENDING", "paid": "SUCCESS", "declined": "FAIL", "expired": "FAIL", "cancelled": "FAIL"}


class GudangVoucherVoice(QuietVoice):
    """A page, a question, and callbacks nobody signs."""

    name: ClassVar[str] = "gudangvoucher"

    def routes(self, desk: Desk) -> list[Route]:
        """The page begins the order."""

        async def pay(request: Request) -> Response:
            told = dict(request.query_params)
            merchant = told.get("merchantid", "")
            values = {**told, "merchantKey": simulated_secret(merchant, "merchant_key")}
            if not RECIPES["pay"].verifies(values, told.get("signature", "")) or not told["amount"].isdecimal():
                return Response("The signature is wrong.", 403, media_type="text/plain")
            account = ("gudangvoucher", merchant)
            known = desk.find(account, told["custom"])
            if known is not None:
                return RedirectResponse(page_of(request, known), 303)
            order = Order(told["custom"], int(told["amount"]) * 100, "IDR", description=told.get("product", ""))
            return await desk.order(
                request, account, order, lambda charge: RedirectResponse(page_of(request, charge), 303), _refuse
            )

        async def status(request: Request) -> Response:
            told = dict(request.query_params)
            merchant = told.get("merchantid", "")
            values = {**told, "merchantKey": simulated_secret(merchant, "merchant_key")}
            if not RECIPES["status"].verifies(values, told.get("signature", "")):
                return Response("<error>signature</error>", 403, media_type="text/xml")
            charge = desk.find(("gudangvoucher", merchant), told.get("custom", ""))
            if charge is None:
                return Response("<error>not found</error>", media_type="text/xml")
            return Response(_xml(charge, charge.state), media_type="text/xml")

        return [
            Route("/pg/v3/payment-sandbox.php", pay, methods=["GET"]),
            Route(STATUS, status, methods=["GET"]),
        ]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """XML in a form field."""
        return [urlencode({"data": _xml(charge, state)}).encode()]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """Not at all; one of somebody else names another merchant."""
        if kind is not Signing.RIGHT:
            body = body.replace(b"sim_", b"som_")
        return Letter(body, {"Content-Type": "application/x-www-form-urlencoded"})


def _xml(charge: Charge, state: str) -> str:
    merchant = charge.account.partition(":")[2]
    return (
        f"<trans_doc><merchant_id>{escape(merchant)}</merchant_id><reference>{charge.id}</reference>"
        f'<amount currency="{charge.currency}" nominal="{charge.amount // 100}"/>'
        f"<custom>{escape(charge.reference)}</custom><status>{WORDS.get(state, escape(state))}</status>"
        "<development>YES</development></trans_doc>"
    )


def _refuse(code: str) -> Response:
    return Response(code, 500 if code == "internal" else 400, media_type="text/plain")
