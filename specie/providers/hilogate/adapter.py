"""Hilogate's dialect: JSON, an MD5 over path, exact body and secret; callbacks are hints whatever their signature."""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, accepts_any, hint, json_bytes, qr_action, require
from specie.providers.dialect import Dialect, Environment, Field, Offer, Offered, Service
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
from specie.providers.recipe import Recipe

CREATE = "/api/v1/transactions"
STATES = {
    "SUCCESS": ChargeState.PAID,
    "DONE": ChargeState.PAID,
    "COMPLETED": ChargeState.PAID,
    "PENDING": ChargeState.PENDING,
    "WAITING": ChargeState.PENDING,
    "EXPIRED": ChargeState.EXPIRED,
    "FAILED": ChargeState.FAILED,
}
RECIPES = {
    "request": Recipe(("path", "body", "secret"), "md5"),
    "callback A": Recipe((f"={CREATE}", "covered", "secret"), "md5"),
    "callback B": Recipe(("body", "secret"), "md5"),
    "callback C": Recipe(("path", "body", "secret"), "md5"),
}


class HilogateAdapter(DialectAdapter):
    """Speaks for one merchant at Hilogate."""

    name: ClassVar[str] = "hilogate"
    step_minor: ClassVar[int] = 100
    dialect: ClassVar[Dialect] = Dialect(
        name="hilogate",
        title="Hilogate",
        about="QRIS in Indonesia. There is no public documentation; this follows what public client code agrees on.",
        account="merchant_id",
        fields=(
            Field("merchant_id", "Merchant id", simulated="sim_{hex}"),
            Field("secret", "Secret key", secret=True, simulated="{secret}"),
            Field(
                "environment_header",
                "X-Environment header",
                help="Clients differ: ask Hilogate which word your account uses.",
                choices=("sandbox", "live", "production"),
                default="sandbox",
            ),
            Field(
                "callback_formula",
                "Callback formula",
                help="What is signed: A the order's fields, B the body, C path and body. Only the chosen one is tried.",
                choices=("A", "B", "C"),
                default="B",
            ),
        ),
        kinds=(ChargeKind.QR,),
        currencies=("IDR",),
        trust=Trust.PARTIAL,
        callback="In Hilogate's dashboard.",
        hosts={Environment.SANDBOX: "https://sandbox.hilogate.com", Environment.LIVE: "https://app.hilogate.com"},
        offers=tuple(
            Offer(service, Offered.NO, "Known from other people's programs only; not used before Hilogate confirms it.")
            for service in (Service.PAYOUTS, Service.INQUIRY, Service.BALANCE, Service.STATEMENT)
        ),
        unconfirmed=(
            "which of three callback formulas is signed",
            "which word the environment header takes",
            "what the answer about an unknown reference is",
        ),
    )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a QRIS code; the reference is unique at Hilogate."""
        body = json_bytes({"ref_id": request.reference, "amount": whole(request.amount), "method": "qris"})
        extra = self.simulated_headers(request)

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            refused = refusal(response)
            if refused is not None:
                return refused
            data = document(response.body)["data"]
            action = qr_action(data["data"]["qr_string"], request.amount, self.page(response))
            if isinstance(action, Unknown):
                return action
            return Accepted(self._charge({"amount": whole(request.amount), **data}, action))

        return self.call(
            "create_charge",
            "POST",
            self.base_url + CREATE,
            read,
            content=body,
            headers=self._signed(CREATE, body) | extra,
        )

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask about our reference. What Hilogate says of one it does not know is not confirmed: Unknown."""
        path = f"{CREATE}/{quote(reference, safe='')}"

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge | None]:
            if response.status != 200:
                return Unknown(f"http_{response.status}")
            return Accepted(self._charge(document(response.body)["data"], Action(ActionKind.NONE)))

        return self.call("get_charge", "GET", self.base_url + path, read, headers=self._signed(path, b""))

    def probe(self) -> ProviderCall[None]:
        """Ask for the balance."""
        path = "/api/v1/balance"
        return self.call("probe", "GET", self.base_url + path, accepts_any, headers=self._signed(path, b""))

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """A hint to ask about. Raises CallbackUnverified, then CallbackUnreadable.

        The body's own signature field proves nothing and is not looked at.
        """
        recipe = RECIPES[f"callback {self.given['callback_formula']}"]
        values = {"path": raw.path, "body": raw.body.decode("utf-8", "replace"), "secret": self.given["secret"]}
        if self.given["callback_formula"] == "A":
            values["covered"] = _covered(raw.body)
        require(recipe.verifies(values, raw.headers.get("x-signature", "")), "the signature is missing or wrong")
        try:
            told = document(raw.body)
            charge = self._charge(told, Action(ActionKind.NONE))
        except UNREADABLE as error:
            raise unreadable(error) from error
        key = f"{charge.provider_ref}:{charge.raw_state}:{told.get('settlement_status', '')}"
        return [hint(self, charge, Trust.PARTIAL, key=key)]

    def _signed(self, path: str, body: bytes) -> dict[str, str]:
        values = {"path": path, "body": body.decode(), "secret": self.given["secret"]}
        return {
            "X-Merchant-ID": self.given["merchant_id"],
            "X-Environment": self.given["environment_header"],
            "X-Signature": RECIPES["request"].sign(values),
        }

    def _charge(self, data: dict[str, Any], action: Action) -> ProviderCharge:
        raw_state = text(data["status"])
        reference = text(data["ref_id"])
        fee = data.get("total_fee")
        return ProviderCharge(
            reference=reference,
            provider_ref=text(data.get("id") or reference),
            state=STATES.get(raw_state, ChargeState.UNMAPPED),
            raw_state=raw_state,
            amount=money(data["amount"], "IDR"),
            fee=None if fee is None else money(fee, "IDR"),
            action=action,
            occurred_at=at_iso(data.get("settlement_at")),
            expires_at=None,
        )


def _covered(body: bytes) -> str:
    try:
        told = document(body)
        return json_bytes({name: told[name] for name in ("ref_id", "amount", "method")}).decode()
    except UNREADABLE:
        return ""
