"""Midtrans's dialect: JSON behind Basic, a page to pay on, an SHA-512 that does not cover the state."""

import base64
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, certain, hint, json_bytes, require
from specie.providers.dialect import Dialect, Environment, Field, Offer, Offered, Service
from specie.providers.dispute_model import DisputeFact, DisputeQuestion, DisputeState
from specie.providers.errors import CallbackUnverified
from specie.providers.facts import Fact
from specie.providers.midtrans import after
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ErrorClass,
    ProviderCall,
    ProviderCharge,
    RawCallback,
    Rejected,
    Trust,
    Unknown,
)
from specie.providers.reading import (
    UNREADABLE,
    Read,
    document,
    money,
    refusal,
    text,
    tolerant,
    unreadable,
    whole,
)
from specie.providers.recipe import Recipe
from specie.providers.refund_model import ProviderRefund, RefundQuestion, RefundRequest

SNAP = "/snap/v1/transactions"
API_HOSTS = {Environment.SANDBOX: "https://api.sandbox.midtrans.com", Environment.LIVE: "https://api.midtrans.com"}
STATES = {
    "pending": ChargeState.PENDING,
    "authorize": ChargeState.PENDING,
    "settlement": ChargeState.PAID,
    # It was paid; what was given back of it is told of beside.
    "refund": ChargeState.PAID,
    "partial_refund": ChargeState.PAID,
    "deny": ChargeState.FAILED,
    "failure": ChargeState.FAILED,
    "cancel": ChargeState.CANCELLED,
    "expire": ChargeState.EXPIRED,
}
FRAUD_STATES = {"accept": ChargeState.PAID, "challenge": ChargeState.PENDING, "deny": ChargeState.FAILED}
RECIPES = {
    "notification": Recipe(("order_id", "status_code", "gross_amount", "server_key"), "sha512"),
    "payout notification": Recipe(("body", "merchant_key"), "sha512"),
}


class MidtransAdapter(DialectAdapter):
    """Speaks for one merchant at Midtrans."""

    name: ClassVar[str] = "midtrans"
    can_cancel: ClassVar[bool] = True
    step_minor: ClassVar[int] = 100
    dialect: ClassVar[Dialect] = Dialect(
        name="midtrans",
        title="Midtrans",
        about="Payments in Indonesia on Midtrans's own page Snap: QRIS, bank transfer, e-wallets, cards.",
        account="server_key",
        fields=(
            Field("server_key", "Server key", secret=True, simulated="SB-Mid-server-sim_{hex}"),
            Field(
                "signature_key",
                "Signature key",
                secret=True,
                help="Only where your dashboard shows one; otherwise the server key signs.",
                required=False,
                simulated="",
            ),
        ),
        kinds=(ChargeKind.QR, ChargeKind.VIRTUAL_ACCOUNT, ChargeKind.EWALLET, ChargeKind.CARD),
        currencies=("IDR",),
        trust=Trust.PARTIAL,
        callback="Nothing to register: each order names its own address.",
        keeping="A card's saved token is for orders made without Midtrans's page, which these payments use.",
        offers=(
            Offer(
                Service.REFUNDS,
                Offered.YES,
                "In full and in parts, where the way it was paid allows it and Midtrans has switched refunds on.",
            ),
            Offer(
                Service.PAYOUTS,
                Offered.NO,
                "The order for a payout carries no reference of ours, so one whose answer was lost could be paid"
                " twice; whether its key keeps that from happening is not confirmed.",
            ),
            Offer(
                Service.DISPUTES,
                Offered.NOT_LIVE,
                "A charge-back of a whole order counts as lost. Whether and how Midtrans tells that one was won is not"
                " confirmed, so for live money a person decides.",
            ),
        ),
        hosts={
            Environment.SANDBOX: "https://app.sandbox.midtrans.com",
            Environment.LIVE: "https://app.midtrans.com",
        },
        limits="Whole rupiah. Notifications do not sign the state, so the state is asked for.",
    )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a page; the order id is unique at Midtrans."""
        body = {
            "transaction_details": {"order_id": request.reference, "gross_amount": whole(request.amount)},
            "expiry": {"unit": "minutes", "duration": max(1, request.seconds // 60)},
        }
        if request.return_url:
            body["callbacks"] = {"finish": request.return_url}

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            if response.status == 406 or ("order_id" in _messages(response) and response.status == 400):
                return Unknown("duplicate")
            refused = refusal(response)
            if refused is not None:
                return refused
            url = document(response.body)["redirect_url"]
            return Accepted(_ordered(request, url))

        headers = self._basic() | {"X-Override-Notification": request.callback_url} | self.simulated_headers(request)
        return self.call("create_charge", "POST", self.base_url + SNAP, read, content=json_bytes(body), headers=headers)

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask about an order. Until the customer has chosen a way to pay on the page, Midtrans knows of none.

        That nobody knows the page either when its address was lost, so "none" is certain enough.
        """

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge | None]:
            if response.status not in (200, 201, 202, 404):
                return Unknown(f"http_{response.status}")
            told = document(response.body)
            if text(told["status_code"]) == "404":
                return Accepted(None)
            return Accepted(_charge(told))

        return self.call("get_charge", "GET", self._status_of(reference), read, headers=self._basic())

    def cancel_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge]:
        """Cancel an order; one that can no longer be cancelled is asked about by whoever wanted that."""

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            told = document(response.body)
            if text(told["status_code"]) != "200":
                return Unknown(f"status_{told['status_code']}")
            return Accepted(_charge(told))

        url = f"{self.host(API_HOSTS)}/v2/{quote(reference, safe='')}/cancel"
        return self.call("cancel_charge", "POST", url, read, headers=self._basic())

    def create_refund(self, request: RefundRequest) -> ProviderCall[ProviderRefund]:
        """Give back of an order; the refund's key is unique at Midtrans."""
        try:
            body = json_bytes(after.refund_body(request))
        except ValueError:
            return certain("create_refund", Rejected("amount_not_expressible", ErrorClass.VALIDATION))
        headers = self._basic() | self.simulated_headers(request)
        url = f"{self.host(API_HOSTS)}/v2/{quote(request.charge_reference, safe='')}/refund"
        read = tolerant(partial(after.read_refund, request))
        return self.call("create_refund", "POST", url, read, content=body, headers=headers)

    def get_refund(self, asked: RefundQuestion) -> ProviderCall[ProviderRefund | None]:
        """Look through the refunds of an order."""
        read = tolerant(partial(after.read_refunds, asked.reference))
        return self.call("get_refund", "GET", self._status_of(asked.charge_reference), read, headers=self._basic())

    def get_dispute(self, asked: DisputeQuestion) -> ProviderCall[DisputeFact | None]:
        """Ask whether an order was charged back."""

        @tolerant
        def read(response: OutboundResponse) -> Read[DisputeFact | None]:
            found = after.read_transaction(response)
            if not isinstance(found, Accepted):
                return found
            told = after.dispute_fact(found.value, self.connection_id, Trust.QUERIED)
            return Accepted(told if told.state is DisputeState.LOST else None)

        return self.call("get_dispute", "GET", self._status_of(asked.charge_reference), read, headers=self._basic())

    def _status_of(self, reference: str) -> str:
        return f"{self.host(API_HOSTS)}/v2/{quote(reference, safe='')}/status"

    def probe(self) -> ProviderCall[None]:
        """Ask about an order that does not exist: that it is missing says that the key is known."""

        @tolerant
        def read(response: OutboundResponse) -> Read[None]:
            code = text(document(response.body)["status_code"])
            return Accepted(None) if code == "404" else refusal(response) or Rejected(code, ErrorClass.AUTH)

        return self.call("probe", "GET", self._status_of("specie-probe"), read, headers=self._basic())

    def parse_callback(self, raw: RawCallback) -> Sequence[Fact]:
        """A hint to ask about: what is signed leaves the state out. Raises CallbackUnverified, CallbackUnreadable."""
        try:
            told = document(raw.body)
            signed = {name: text(told[name]) for name in ("order_id", "status_code", "gross_amount")}
            signature = text(told["signature_key"])
        except UNREADABLE as error:
            raise CallbackUnverified("a signed value is missing") from error
        values = {**signed, "server_key": self.given["signature_key"] or self.given["server_key"]}
        require(RECIPES["notification"].verifies(values, signature), "the signature is wrong")
        try:
            state = text(told["transaction_status"])
            if state in after.REFUNDED and told.get("refunds"):
                return after.refund_facts(told, self.connection_id)
            if state == after.CHARGED_BACK and self.serves(Service.DISPUTES):
                return [after.dispute_fact(told, self.connection_id, Trust.PARTIAL)]
            return [hint(self, _charge(told), Trust.PARTIAL)]
        except UNREADABLE as error:
            raise unreadable(error) from error

    def _basic(self) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"{self.given['server_key']}:".encode()).decode()}


def _messages(response: OutboundResponse) -> str:
    try:
        return str(document(response.body).get("error_messages", ""))
    except UNREADABLE:
        return ""


def _ordered(request: ChargeRequest, url: str) -> ProviderCharge:
    return ProviderCharge(
        reference=request.reference,
        provider_ref=request.reference,
        state=ChargeState.PENDING,
        raw_state="page",
        amount=request.amount,
        fee=None,
        action=Action(ActionKind.REDIRECT, url=url),
        occurred_at=None,
        expires_at=None,
    )


def _charge(told: Mapping[str, Any]) -> ProviderCharge:
    raw_state = text(told["transaction_status"])
    state = STATES.get(raw_state, ChargeState.UNMAPPED)
    if raw_state == "capture":
        # A card's money counts once the fraud check has let it pass.
        state = FRAUD_STATES.get(str(told.get("fraud_status")), ChargeState.UNMAPPED)
    reference = text(told["order_id"])
    return ProviderCharge(
        reference=reference,
        provider_ref=reference,
        state=state,
        raw_state=raw_state,
        amount=money(told["gross_amount"], str(told.get("currency", "IDR"))),
        fee=None,
        action=Action(ActionKind.NONE),
        occurred_at=None,
        expires_at=None,
    )
