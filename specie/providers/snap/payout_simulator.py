"""The simulator's SNAP transfers money to other banks, and says whose account it is."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.simulator.desk import Desk, answer, body_of
from specie.providers.simulator.payout_rules import SimulatedPayout, holder_of, is_silent
from specie.providers.snap.payouts import INQUIRY, TRANSFER, TRANSFER_STATUS

_WORDS = {"processing": "03", "paid": "00", "failed": "06", "returned": "04"}
_REFUSALS = {"internal": (500, "00"), "duplicate_reference": (409, "01"), "refused": (403, "14")}
AccountOf = Callable[[Request], Awaitable[tuple[str, str] | None]]


class Transfers:
    """SNAP's routes of money that leaves."""

    def __init__(self, desk: Desk, account_of: AccountOf) -> None:
        self._desk = desk
        self._account_of = account_of

    def routes(self) -> list[Route]:
        """Order, status, inquiry."""
        return [
            Route(TRANSFER, self.transfer, methods=["POST"]),
            Route(TRANSFER_STATUS, self.status, methods=["POST"]),
            Route(INQUIRY, self.inquire, methods=["POST"]),
        ]

    async def transfer(self, request: Request) -> Response:
        """POST …/transfer-interbank."""
        account, told = await self._account_of(request), await body_of(request)
        if account is None:
            return _coded(401, "18", "00")
        value = str((told.get("amount") or {}).get("value", "")).replace(".", "")
        document = {
            "reference": told.get("partnerReferenceNo"),
            "amount": int(value) if value.isdecimal() else 0,
            "currency": "IDR",
            "rail": "bank_account",
            "bank_code": told.get("beneficiaryBankCode"),
            "number": told.get("beneficiaryAccountNo"),
            "name": told.get("beneficiaryAccountName"),
        }

        def made(payout: SimulatedPayout) -> Response:
            known = {"referenceNo": payout.id, "partnerReferenceNo": payout.reference}
            return answer({"responseCode": "2021800", **known}, 202)

        def refused(code: str) -> Response:
            status, case = _REFUSALS.get(code, (400, "01"))
            return _coded(status, "18", case)

        return await self._desk.pay_out(request, account, document, made, refused)

    async def status(self, request: Request) -> Response:
        """POST …/transfer/status."""
        account, told = await self._account_of(request), await body_of(request)
        if account is None:
            return _coded(401, "36", "00")
        found = self._desk.payout(account, str(told.get("originalPartnerReferenceNo", "")))
        return answer({"responseCode": "2003600", **_told(found)}) if found else _coded(404, "36", "01")

    async def inquire(self, request: Request) -> Response:
        """POST …/account-inquiry-external."""
        account, told = await self._account_of(request), await body_of(request)
        if account is None:
            return _coded(401, "16", "00")
        number = str(told.get("beneficiaryAccountNo", ""))
        if is_silent(number):
            return _coded(504, "16", "00")
        name = holder_of(number)
        if name is None:
            return _coded(404, "16", "11")
        return answer({"responseCode": "2001600", "beneficiaryAccountName": name, "beneficiaryAccountNo": number})


def _told(payout: SimulatedPayout) -> dict[str, Any]:
    return {
        "originalPartnerReferenceNo": payout.reference,
        "originalReferenceNo": payout.id,
        "serviceCode": "18",
        "latestTransactionStatus": _WORDS.get(payout.state, payout.state),
        "amount": {"value": f"{payout.amount // 100}.{payout.amount % 100:02}", "currency": payout.currency},
    }


def _coded(status: int, service: str, case: str) -> Response:
    return answer({"responseCode": f"{status}{service}{case}"}, status)
