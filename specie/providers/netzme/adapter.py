"""Netzme's dialect: SNAP, its signatures written in hexadecimal, invoices paid on its own page."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from specie.platform.outbound import OutboundResponse
from specie.providers.base import certain
from specie.providers.dialect import Dialect, Environment, Offer, Offered, Service
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
    Read,
    document,
    text,
    tolerant,
    two_places,
)
from specie.providers.snap import signing
from specie.providers.snap.adapter import SNAP_FIELDS, SnapAdapter, charge_of, refused_by

INVOICE = "/api/v1.0/invoice/create-transaction"
METHODS = {
    ChargeKind.QR: "QRIS",
    ChargeKind.VIRTUAL_ACCOUNT: "BANK_TRANSFER",
    ChargeKind.EWALLET: "DANA",
    ChargeKind.CARD: "CREDIT_CARD",
}
_EXPIRED = "07"


class NetzmeAdapter(SnapAdapter):
    """Speaks for one merchant at Netzme."""

    name: ClassVar[str] = "netzme"
    login_path: ClassVar[str] = "/api/v1/access-token/b2b"
    form: ClassVar[signing.Form] = "hex"
    dialect: ClassVar[Dialect] = Dialect(
        name="netzme",
        title="Netzme",
        about="Payments in Indonesia on Netzme's page: QRIS, bank transfer, e-wallets, cards.",
        account="client_key",
        fields=SNAP_FIELDS,
        kinds=tuple(METHODS),
        currencies=("IDR",),
        trust=Trust.SIGNED,
        callback="With Netzme, as the invoice notice in its second, signed version.",
        hosts={
            Environment.SANDBOX: "https://tokoapisnap-stg.netzme.com",
            Environment.LIVE: "https://tokoapisnap.netzme.com",
        },
        offers=(
            Offer(Service.PAYOUTS, Offered.NO, "Netzme pays out to the merchant's own registered account alone."),
            Offer(Service.BALANCE, Offered.NO, "Documented without all of its request, so it is not used."),
        ),
        unconfirmed=(
            "the live address, seen in public code only",
            "the public key of signed callbacks",
            "the path of a question about an invoice",
        ),
        limits="An order without an answer cannot be asked about.",
    )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order an invoice and its page."""
        value = two_places(request.amount)
        body = {
            "custIdMerchant": self.given["merchant_id"],
            "partnerReferenceNo": request.reference,
            "amount": {"value": value, "currency": "IDR"},
            "amountDetail": {
                "basicAmount": {"value": value, "currency": "IDR"},
                "shippingAmount": {"value": "0.00", "currency": "IDR"},
            },
            "payMethod": METHODS[request.kind],
            "commissionPercentage": "0",
            "expireInSecond": str(request.seconds),
            "feeType": "on_seller",
            "additionalInfo": {},
        }

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            refused = refused_by(response)
            if refused is not None:
                return refused
            told = document(response.body)
            action = Action(ActionKind.REDIRECT, url=str(told["paymentUrl"]))
            theirs = text(told["additionalInfo"]["trxId"])
            return Accepted(charge_of(request.reference, theirs, "01", request.amount, action))

        return self.signed("create_charge", INVOICE, body, read, self.simulated_headers(request))

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """The documents show that an invoice can be asked about, and not where."""
        return certain("get_charge", Unknown("no_status_call"))

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """One fact. What SNAP calls "not found" is an invoice past its time here."""
        return [
            replace(fact, state=ChargeState.EXPIRED) if fact.raw_state == _EXPIRED else fact
            for fact in super().parse_callback(raw)
        ]
