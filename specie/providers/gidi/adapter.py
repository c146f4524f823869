"""Gidi's dialect: JSON with the signature inside it, SHA-256 twice over joined values."""

import re
from collections.abc import Sequence
from typing import ClassVar

from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, certain, hint, json_bytes, qr_action, require
from specie.providers.dialect import Dialect, Field, Offer, Offered, Service
from specie.providers.errors import CallbackUnverified, CredentialsInvalid
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
    ProviderFact,
    RawCallback,
    Rejected,
    Trust,
    Unknown,
)
from specie.providers.reading import (
    JAKARTA,
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
from specie.providers.recipe import ROUND, Recipe

CREATE = "/QrisMpm/generateDynamic"
STATES = {
    "Pending": ChargeState.PENDING,
    "Created": ChargeState.PENDING,
    "Paid": ChargeState.PAID,
    "Failed": ChargeState.FAILED,
    "Expired": ChargeState.EXPIRED,
    "Cancel": ChargeState.CANCELLED,
}
_REFERENCE_LENGTH = 32
_PLAIN_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
DUPLICATES = frozenset({"DOUBLE_REQUEST_ID", "DOUBLE_TRANSACTION_ID"})
REFUSALS = {
    "INVALID_SIGNATURE": ErrorClass.AUTH,
    "ACCESS_DENIED": ErrorClass.AUTH,
    "SERVICE_NOT_ALLOWED": ErrorClass.UNSUPPORTED,
    "AMOUNT_NOT_ALLOWED": ErrorClass.LIMIT,
}


def _twice(*parts: str) -> Recipe:
    return Recipe(("merchantId", ROUND), "sha256", first=Recipe((*parts, "credentialKey"), "sha256"))


RECIPES = {
    "qris": _twice("subMerchantId", "requestId", "transactionId", "amount"),
    "account inquiry": _twice("requestId"),
    "transfer": _twice("requestId", "transactionId", "channelId", "methodFee", "amount"),
    "transfer query": _twice("requestId", "transactionId"),
    "callback": _twice("subMerchantId", "invoiceId", "amount", "status"),
}


class GidiAdapter(DialectAdapter):
    """Speaks for one merchant at Gidi."""

    name: ClassVar[str] = "gidi"
    step_minor: ClassVar[int] = 100
    dialect: ClassVar[Dialect] = Dialect(
        name="gidi",
        title="Gidi",
        about="QRIS in Indonesia, after the provider's help pages. The fee is kept at once, so money arrives net.",
        account="merchant_id",
        fields=(
            Field("merchant_id", "Merchant id", help="Digits.", simulated="{digits}"),
            Field("sub_merchant_id", "Sub-merchant id", help="0 when there is none.", default="0"),
            Field("credential_key", "Credential key", secret=True, simulated="{secret}"),
            Field("base_url", "Address", help="Gidi gives it to you; it is not published.", required=False),
        ),
        kinds=(ChargeKind.QR,),
        currencies=("IDR",),
        trust=Trust.PARTIAL,
        callback="With Gidi's support; your outgoing address has to be allowed there too.",
        offers=tuple(
            Offer(service, Offered.NO, "Known from a copy of Gidi's help pages only; not used before Gidi confirms it.")
            for service in (Service.PAYOUTS, Service.INQUIRY)
        ),
        unconfirmed=(
            "the address of the service",
            "what a callback is signed over",
            "a question about a code: none is documented, so a lost answer needs a person",
        ),
        limits="An order without an answer cannot be asked about.",
    )

    def check_credentials(self) -> None:
        """Ids are digits. Raises CredentialsInvalid."""
        super().check_credentials()
        for name in ("merchant_id", "sub_merchant_id"):
            # It is signed as text and sent as a number, so both have to look the same.
            if not _PLAIN_NUMBER.fullmatch(self.given[name]):
                raise CredentialsInvalid(f"{name} is digits only, without zeros in front", param="credentials")

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a QRIS code. Both ids stay the same on a retry, so that an order never becomes two codes."""
        values = {
            "subMerchantId": self.given["sub_merchant_id"],
            "requestId": request.reference,
            "transactionId": request.reference,
            "amount": str(whole(request.amount)),
        }
        body = {
            **values,
            "merchantId": int(self.given["merchant_id"]),
            "subMerchantId": int(self.given["sub_merchant_id"]),
            "amount": whole(request.amount),
            "datetimeExpired": request.expires_at.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M:%S"),
            "signature": RECIPES["qris"].sign({**values, **self._secrets()}),
        }

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            told = document(response.body)
            code = text(told["responseCode"])
            if code != "SUCCESS":
                return _refused(code, response)
            detail = told["responseDetail"]
            action = qr_action(detail["rawData"], request.amount, self.page(response))
            if isinstance(action, Unknown):
                return action
            return Accepted(_charge(request.reference, text(detail["statusGenerate"]), request.amount, action))

        return self.call(
            "create_charge",
            "POST",
            self.base_url + CREATE,
            read,
            content=json_bytes(body),
            headers=self.simulated_headers(request),
        )

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Nothing is documented to ask with."""
        return certain("get_charge", Unknown("no_status_call"))

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """A fact whose reference, amount and state are all signed. Raises CallbackUnverified, CallbackUnreadable.

        Without separators digits could move from one value to the next, so only references of our length count.
        """
        try:
            told = document(raw.body)
            reference = text(told.get("invoiceId") or told["transactionId"])
            values = {
                "subMerchantId": self.given["sub_merchant_id"],
                "invoiceId": reference,
                "amount": text(told["amount"]),
                "status": text(told["status"]),
            }
            signature = text(told["signature"])
        except UNREADABLE as error:
            raise CallbackUnverified("a signed value is missing") from error
        known = RECIPES["callback"].verifies({**values, **self._secrets()}, signature)
        require(known, "the signature is wrong")
        require(len(reference) == _REFERENCE_LENGTH, "the reference is not one of ours")
        try:
            amount = money(values["amount"], "IDR")
        except UNREADABLE as error:
            raise unreadable(error) from error
        return [hint(self, _charge(reference, values["status"], amount, Action(ActionKind.NONE)), Trust.SIGNED)]

    def _secrets(self) -> dict[str, str]:
        return {"merchantId": self.given["merchant_id"], "credentialKey": self.given["credential_key"]}


def _refused(code: str, response: OutboundResponse) -> Rejected | Unknown:
    if code in DUPLICATES:
        return Unknown("duplicate")
    if code in REFUSALS:
        return Rejected(code, REFUSALS[code])
    return refusal(response, code) or Unknown(code)


def _charge(reference: str, raw_state: str, amount: Money, action: Action) -> ProviderCharge:
    return ProviderCharge(
        reference=reference,
        provider_ref=reference,
        state=STATES.get(raw_state, ChargeState.UNMAPPED),
        raw_state=raw_state,
        amount=amount,
        fee=None,
        action=action,
        occurred_at=None,
        expires_at=None,
    )
