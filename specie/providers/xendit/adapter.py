"""Xendit's dialect: JSON behind Basic, amounts in major units, a static token on callbacks."""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, accepts_any, hint, json_bytes, require
from specie.providers.dialect import Dialect, Environment, Field
from specie.providers.errors import CredentialsInvalid
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ProviderCall,
    ProviderCharge,
    ProviderFact,
    RawCallback,
    Trust,
    Unknown,
)
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
        callback="In the dashboard under Settings, Webhooks: invoices paid, and invoices expired.",
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

    def probe(self) -> ProviderCall[None]:
        """Ask for the balance."""
        return self.call("probe", "GET", f"{self.base_url}/balance", accepts_any, headers=self._basic())

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """A hint to ask about: the token says who, not what. Raises CallbackUnverified, then CallbackUnreadable."""
        given, expected = raw.headers.get("x-callback-token", ""), self.given["callback_token"]
        require(hmac.compare_digest(given.encode(), expected.encode()), "the token is missing or wrong")
        try:
            return [hint(self, _charge(document(raw.body)), Trust.STATIC)]
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
