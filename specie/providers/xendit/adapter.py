"""Xendit's dialect: JSON behind Basic, amounts in major units, a static token on callbacks."""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from specie.kernel.money import Currency, Money
from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, accepts_any, certain, hint, json_bytes, require
from specie.providers.dialect import Dialect, Environment, Field, Offer, Offered, Service
from specie.providers.errors import CredentialsInvalid
from specie.providers.facts import Fact
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ErrorClass,
    PayoutRail,
    ProviderCall,
    ProviderCharge,
    RawCallback,
    Rejected,
    StatementPage,
    Trust,
    Unknown,
)
from specie.providers.payouts import AccountHolder, BankAccount, PayoutRequest, ProviderPayout
from specie.providers.reading import (
    UNREADABLE,
    Read,
    at_iso,
    document,
    money,
    refusal,
    text,
    tolerant,
    unreadable,
    whole,
)
from specie.providers.refund_model import ProviderRefund, RefundQuestion, RefundRequest
from specie.providers.xendit import after, payouts

CREATE = "/v2/invoices/"
METHODS = {
    ChargeKind.QR: ["QRIS"],
    ChargeKind.VIRTUAL_ACCOUNT: ["BCA", "BNI", "BRI", "MANDIRI", "PERMATA"],
    ChargeKind.EWALLET: ["OVO", "DANA", "SHOPEEPAY", "LINKAJA"],
    ChargeKind.CARD: ["CREDIT_CARD"],
}
STATES = {
    "PENDING": ChargeState.PENDING,
    "PAID": ChargeState.PAID,
    "SETTLED": ChargeState.PAID,
    "EXPIRED": ChargeState.EXPIRED,
}


class XenditAdapter(DialectAdapter):
    """Speaks for one account at Xendit."""

    name: ClassVar[str] = "xendit"
    can_cancel: ClassVar[bool] = True
    step_minor: ClassVar[int] = 100
    payout_rails: ClassVar[tuple[PayoutRail, ...]] = tuple(PayoutRail)
    dialect: ClassVar[Dialect] = Dialect(
        name="xendit",
        title="Xendit",
        about="Payments in Indonesia on Xendit's own page: QRIS, virtual accounts, e-wallets, cards.",
        account="secret_key",
        fields=(
            Field("secret_key", "Secret key", secret=True, simulated="xnd_development_sim_{hex}"),
            Field("callback_token", "Webhook verification token", secret=True, simulated="{secret}"),
        ),
        kinds=tuple(METHODS),
        currencies=("IDR",),
        trust=Trust.STATIC,
        callback="In the dashboard under Settings, Webhooks: invoices paid and expired, refunds, payouts.",
        keeping="Cards and accounts are kept by its payment tokens, which its pages for one payment do not use.",
        offers=(
            Offer(
                Service.REFUNDS,
                Offered.YES,
                "In full and in parts, as far as the way it was paid allows; Xendit says so when one is asked for.",
            ),
            Offer(
                Service.PAYOUTS,
                Offered.YES,
                "To banks and e-wallets by Xendit's own channel codes, such as ID_BCA; of the banks' common codes 014"
                " is known. Another connection has to say whose account it is.",
            ),
            Offer(
                Service.INQUIRY, Offered.NO, "Its documents name no way to ask whose account it is before paying out."
            ),
            Offer(Service.BALANCE, Offered.YES, "The cash balance; what has not been settled yet is not in it."),
            Offer(Service.STATEMENT, Offered.YES, "Its transactions that went through, on the day they did."),
        ),
        hosts={Environment.SANDBOX: "https://api.xendit.co", Environment.LIVE: "https://api.xendit.co"},
        limits="Whole rupiah. The webhook token does not bind its content, so the state is asked for.",
    )

    def check_credentials(self) -> None:
        """The key tells which world it is for. Raises CredentialsInvalid."""
        super().check_credentials()
        is_test = self.given["secret_key"].startswith("xnd_development_")
        if is_test == (self.environment is Environment.LIVE):
            raise CredentialsInvalid("the secret key is for the other environment", param="credentials")

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a page. Xendit replays no keys for these, so a lost answer is looked for by our reference."""
        body: dict[str, Any] = {
            "external_id": request.reference,
            "amount": whole(request.amount),
            "currency": "IDR",
            "description": request.description or request.reference,
            "invoice_duration": request.seconds,
            "payment_methods": METHODS[request.kind],
        }
        if request.return_url:
            body |= {"success_redirect_url": request.return_url, "failure_redirect_url": request.return_url}
        headers = self._basic() | self.simulated_headers(request)
        return self.call(
            "create_charge", "POST", self.base_url + CREATE, _read_charge, content=json_bytes(body), headers=headers
        )

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Look for our reference. Of several the paid one counts: nothing keeps Xendit from making two."""
        url = f"{self.base_url}/v2/invoices?{urlencode({'external_id': reference})}"
        return self.call("get_charge", "GET", url, _read_found, headers=self._basic())

    def cancel_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge]:
        """Let the page expire at once."""
        url = f"{self.base_url}/invoices/{quote(provider_ref, safe='')}/expire!"
        return self.call("cancel_charge", "POST", url, _read_charge, headers=self._basic())

    def create_refund(self, request: RefundRequest) -> ProviderCall[ProviderRefund]:
        """Give back of an invoice; the request's key replays the first answer."""
        headers = self._basic() | {"idempotency-key": request.key} | self.simulated_headers(request)
        try:
            content = json_bytes(after.refund_body(request))
        except ValueError:
            return certain("create_refund", Rejected("amount_not_expressible", ErrorClass.VALIDATION))
        url = self.base_url + after.REFUNDS
        return self.call("create_refund", "POST", url, after.read_refund, content=content, headers=headers)

    def get_refund(self, asked: RefundQuestion) -> ProviderCall[ProviderRefund | None]:
        """Ask about a refund by its id; without it, look through those of the invoice."""
        if asked.provider_ref:
            url = f"{self.base_url}{after.REFUNDS}/{quote(asked.provider_ref, safe='')}"
            return self.call("get_refund", "GET", url, after.read_refund, headers=self._basic())
        if not asked.charge_ref:
            return certain("get_refund", Unknown("charge_unknown"))
        url = f"{self.base_url}{after.REFUNDS}?{urlencode({'invoice_id': asked.charge_ref, 'limit': after.PAGE})}"
        read = tolerant(partial(after.read_refunds, asked.reference))
        return self.call("get_refund", "GET", url, read, headers=self._basic())

    def name_charge(self, charge_ref: str) -> ProviderCall[str]:
        """Ask an invoice for our reference."""
        url = f"{self.base_url}{CREATE}{quote(charge_ref, safe='')}"
        return self.call("name_charge", "GET", url, after.read_name, headers=self._basic())

    def inquire_account(self, account: BankAccount) -> ProviderCall[AccountHolder | None]:
        """Its documents name no way to ask."""
        return certain("inquire_account", Rejected("inquiry_unsupported", ErrorClass.UNSUPPORTED))

    def create_payout(self, request: PayoutRequest) -> ProviderCall[ProviderPayout]:
        """Order a payout; the key replays, and is required."""
        if not payouts.channel_of(request.account):
            return certain("create_payout", Rejected("bank_unknown", ErrorClass.UNSUPPORTED))
        try:
            content = json_bytes(payouts.payout_body(request))
        except ValueError:
            return certain("create_payout", Rejected("amount_not_expressible", ErrorClass.VALIDATION))
        headers = self._basic() | {"Idempotency-key": request.key} | self.simulated_headers(request)
        url = self.base_url + payouts.PAYOUTS
        return self.call("create_payout", "POST", url, payouts.read_payout, content=content, headers=headers)

    def get_payout(self, reference: str) -> ProviderCall[ProviderPayout | None]:
        """Look for our reference."""
        url = f"{self.base_url}{payouts.PAYOUTS}?{urlencode({'reference_id': reference})}"
        read = tolerant(partial(payouts.read_found, reference))
        return self.call("get_payout", "GET", url, read, headers=self._basic())

    def get_balance(self, currency: Currency) -> ProviderCall[Money]:
        """Ask for the balance."""
        read = tolerant(partial(after.read_balance, currency))
        return self.call("get_balance", "GET", self.base_url + after.BALANCE, read, headers=self._basic())

    def list_statement(self, since: datetime, until: datetime, cursor: str | None) -> ProviderCall[StatementPage]:
        """Ask for the transactions of a window: what came in, then what left."""
        url = f"{self.base_url}{after.TRANSACTIONS}?{after.statement_query(since, until, cursor)}"
        read = tolerant(partial(after.read_statement, since, until, cursor))
        return self.call("list_statement", "GET", url, read, headers=self._basic())

    def probe(self) -> ProviderCall[None]:
        """Ask for the balance."""
        return self.call("probe", "GET", self.base_url + after.BALANCE, accepts_any, headers=self._basic())

    def parse_callback(self, raw: RawCallback) -> Sequence[Fact]:
        """A hint to ask about: the token says who, not what. Raises CallbackUnverified, then CallbackUnreadable."""
        given, expected = raw.headers.get("x-callback-token", ""), self.given["callback_token"]
        require(hmac.compare_digest(given.encode(), expected.encode()), "the token is missing or wrong")
        try:
            told = document(raw.body)
            name = str(told.get("event", ""))
            if name.startswith(after.REFUND_EVENT):
                return [after.refund_fact(told["data"], self.connection_id)]
            if name.startswith(payouts.PAYOUT_EVENT):
                return [payouts.payout_fact(told["data"], self.connection_id)]
            return [hint(self, _charge(told), Trust.STATIC)]
        except UNREADABLE as error:
            raise unreadable(error) from error

    def _basic(self) -> dict[str, str]:
        return {"Authorization": basic(self.given["secret_key"])}


def basic(secret_key: str) -> str:
    """The header: the key as the user, no password."""
    return "Basic " + base64.b64encode(f"{secret_key}:".encode()).decode()


@tolerant
def _read_charge(response: OutboundResponse) -> Read[ProviderCharge]:
    refused = refusal(response, _error_code(response))
    return refused if refused is not None else Accepted(_charge(document(response.body)))


@tolerant
def _read_found(response: OutboundResponse) -> Read[ProviderCharge | None]:
    if response.status != 200:
        return Unknown(f"http_{response.status}")
    found = [_charge(told) for told in json.loads(response.body, parse_float=Decimal)]
    if not found:
        return Accepted(None)
    return Accepted(next((charge for charge in found if charge.state is ChargeState.PAID), found[0]))


def _error_code(response: OutboundResponse) -> str:
    if response.status < 300:
        return ""
    return str(document(response.body).get("error_code", ""))


def _charge(told: Mapping[str, Any]) -> ProviderCharge:
    raw_state = text(told["status"])
    url = told.get("invoice_url") or ""
    paid = told.get("paid_amount")
    return ProviderCharge(
        reference=text(told["external_id"]),
        provider_ref=text(told["id"]),
        state=STATES.get(raw_state, ChargeState.UNMAPPED),
        raw_state=raw_state,
        amount=money(told["amount"] if paid is None else paid, text(told["currency"])),
        fee=None,
        action=Action(ActionKind.REDIRECT, url=str(url)) if url else Action(ActionKind.NONE),
        occurred_at=at_iso(told.get("paid_at")),
        expires_at=at_iso(told.get("expiry_date")),
    )
