"""The simulator's OY! pays out, and says whose account it is."""

import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.oy.payouts import INQUIRY, NO_ACCOUNT, NOT_FOUND, REMIT, REMIT_STATUS
from specie.providers.simulator.desk import Desk, answer, body_of
from specie.providers.simulator.payout_rules import SimulatedPayout, holder_of, is_silent

# OY! does not tell apart what came back after it had arrived.
_CODES = {"processing": "101", "paid": "000", "returned": "000", "failed": "300"}
_REFUSALS = {"duplicate_reference": "203", "refused": "211", "order_invalid": "990"}
# As in OY!'s own test system: an account number that begins with a code and goes on with zeros is answered with it.
_FORCED = re.compile(r"([1-9]\d\d)0{4,15}")
AccountOf = Callable[[Request], tuple[str, str] | None]


class Disbursements:
    """OY!'s routes of money that leaves."""

    def __init__(self, desk: Desk, account_of: AccountOf) -> None:
        self._desk = desk
        self._account_of = account_of

    def routes(self) -> list[Route]:
        """Order, status, inquiry."""
        return [
            Route(REMIT, self.remit, methods=["POST"]),
            Route(REMIT_STATUS, self.status, methods=["POST"]),
            Route(INQUIRY, self.inquire, methods=["POST"]),
        ]

    async def remit(self, request: Request) -> Response:
        """POST /api/remit."""
        account, told = self._account_of(request), await body_of(request)
        if account is None:
            return _coded("208")
        number, amount = str(told.get("recipient_account", "")), told.get("amount")
        forced = _FORCED.fullmatch(number)
        if forced:
            return _coded(forced[1])
        document = {
            "reference": told.get("partner_trx_id"),
            "amount": amount * 100 if isinstance(amount, int) else 0,
            "currency": "IDR",
            "rail": "bank_account",
            "bank_code": told.get("recipient_bank"),
            "number": number,
            "name": holder_of(number) or "UNKNOWN",
        }
        return await self._desk.pay_out(request, account, document, lambda made: answer(told_of(made)), _refuse)

    async def status(self, request: Request) -> Response:
        """POST /api/remit-status."""
        account, told = self._account_of(request), await body_of(request)
        if account is None:
            return _coded("208")
        found = self._desk.payout(account, str(told.get("partner_trx_id", "")))
        return answer(told_of(found)) if found else _coded(NOT_FOUND)

    async def inquire(self, request: Request) -> Response:
        """POST /api/account-inquiry."""
        account, told = self._account_of(request), await body_of(request)
        if account is None:
            return _coded("208")
        number = str(told.get("account_number", ""))
        if is_silent(number):
            return answer({"status": {"code": "999", "message": ""}}, 500)
        name = holder_of(number)
        return answer({"status": {"code": "000"}, "account_name": name}) if name else _coded(NO_ACCOUNT)


def told_of(payout: SimulatedPayout, state: str = "") -> dict[str, Any]:
    """A disbursement."""
    return {
        "status": {"code": _CODES.get(state or payout.state, state), "message": ""},
        "tx_status_description": "",
        "amount": payout.amount // 100,
        "recipient_name": payout.name,
        "recipient_bank": payout.bank_code,
        "recipient_account": payout.number,
        "trx_id": payout.id,
        "partner_trx_id": payout.reference,
    }


def _coded(code: str) -> Response:
    return answer({"status": {"code": code, "message": ""}})


def _refuse(code: str) -> Response:
    return answer({"status": {"code": "999"}}, 500) if code == "internal" else _coded(_REFUSALS.get(code, "990"))
