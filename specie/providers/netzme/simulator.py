"""The simulator's Netzme."""

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.base import json_bytes
from specie.providers.netzme.adapter import INVOICE, NetzmeAdapter
from specie.providers.simulator.desk import Desk, Order, answer, body_of, page_of
from specie.providers.simulator.rules import Charge
from specie.providers.snap import signing
from specie.providers.snap.simulator import SnapVoice, minor_of, told_of


class NetzmeVoice(SnapVoice):
    """Invoices with a page."""

    name: ClassVar[str] = "netzme"
    login_path: ClassVar[str] = NetzmeAdapter.login_path
    form: ClassVar[signing.Form] = NetzmeAdapter.form

    def routes(self, desk: Desk) -> list[Route]:
        """Token and order: where to ask is not known."""

        async def create(request: Request) -> Response:
            account = await self.account(request)
            if not account:
                return answer({"responseCode": "4014700"}, 401)
            told = await body_of(request)
            order = Order(str(told.get("partnerReferenceNo", "")), minor_of(told), "IDR")

            def made(charge: Charge) -> Response:
                info = {"trxId": charge.id, "id": charge.id}
                return answer(
                    {"responseCode": "2004700", "paymentUrl": page_of(request, charge), "additionalInfo": info}
                )

            return await desk.order(request, account, order, made, self.refuse)

        return [Route(self.login_path, self.token, methods=["POST"]), Route(INVOICE, create, methods=["POST"])]

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """Netzme says 07 where others say 08."""
        told = told_of(charge, state)
        return [json_bytes({**told, "latestTransactionStatus": "07"} if state == "expired" else told)]
