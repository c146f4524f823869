"""Genesis's dialect: JSON, amounts as text with two decimals, an MD5 over joined values."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, hint, json_bytes, qr_action, require
from specie.providers.dialect import Dialect, Field
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
    document,
    money,
    refusal,
    text,
    tolerant,
    two_places,
    unreadable,
)
from specie.providers.recipe import Recipe

CREATE = "/qrissnap2gen/v1/qr-mpm-generate-order"
QUERY = "/qrissnap2gen/v1/qr-mpm-query"
UNPAID = "4045101"
RECIPES = {
    "register": Recipe(("email", "username", "password", "callbackClient", "=abc"), "md5"),
    "create": Recipe(("client_id", "value", "orderId", "clientSecret"), "md5"),
    "query": Recipe(("client_id", "orderId", "clientSecret"), "md5"),
    "callback": Recipe(("client_id", "amount", "orderId", "clientSecret"), "md5"),
}


class GenesisAdapter(DialectAdapter):
    """Speaks for one client of Genesis."""

    name: ClassVar[str] = "genesis"
    step_minor: ClassVar[int] = 100
    dialect: ClassVar[Dialect] = Dialect(
        name="genesis",
        title="Genesis",
        about="QRIS in Indonesia, after a transcription of the provider's document of June 2025.",
        account="client_id",
        fields=(
            Field("client_id", "Client id", simulated="sim_{hex}"),
            Field("client_secret", "Client secret", secret=True, simulated="{secret}"),
            Field("base_url", "Address", help="Genesis names two and does not say which is live.", required=False),
            Field(
                "callback_signature",
                "Callback signature",
                help="The document shows none; client code expects one. Either way we ask before we believe.",
                choices=("none", "md5"),
                default="none",
            ),
        ),
        kinds=(ChargeKind.QR,),
        currencies=("IDR",),
        trust=Trust.NONE,
        callback="With Genesis, as the callbackClient of your registration.",
        unconfirmed=(
            "which of two addresses is live",
            "how a question about an order is signed",
            "whether callbacks are signed",
        ),
    )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a QRIS code."""
        values = {"value": two_places(request.amount), "orderId": request.reference}

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            refused = refusal(response)
            if refused is not None:
                return refused
            told = document(response.body)
            if told.get("error"):
                return Unknown("error_in_answer")
            action = qr_action(told["qrisData"], request.amount, self.page(response))
            if isinstance(action, Unknown):
                return action
            return Accepted(
                ProviderCharge(
                    reference=text(told["orderId"]),
                    provider_ref=text(told["orderId"]),
                    state=ChargeState.PENDING,
                    raw_state="created",
                    amount=request.amount,
                    fee=None,
                    action=action,
                    occurred_at=None,
                    expires_at=None,
                )
            )

        headers = self._signed("create", values) | self.simulated_headers(request)
        return self.call(
            "create_charge", "POST", self.base_url + CREATE, read, content=json_bytes(values), headers=headers
        )

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask about an order. "Not paid yet" comes as a kind of 404, which does not mean that there is none."""
        values = {"orderId": reference}

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge | None]:
            if response.status not in (200, 404):
                return Unknown(f"http_{response.status}")
            return _queried(document(response.body), reference)

        return self.call(
            "get_charge",
            "POST",
            self.base_url + QUERY,
            read,
            content=json_bytes(values),
            headers=self._signed("query", values),
        )

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """A hint to ask about. Raises CallbackUnverified, then CallbackUnreadable."""
        try:
            told = document(raw.body)
            amount = money(told["amountSend"], "IDR")
            charge = _charge(text(told["orderId"]), text(told["paymentStatus"]), amount)
        except UNREADABLE as error:
            raise unreadable(error) from error
        if self.given["callback_signature"] == "md5":
            values = self._values({"amount": two_places(amount), "orderId": charge.reference})
            given = raw.headers.get("x-signature", "")
            require(RECIPES["callback"].verifies(values, given), "the signature is missing or wrong")
        require(told.get("clientId") == self.given["client_id"], "the callback is for another client")
        return [hint(self, charge, Trust.NONE)]

    def _values(self, values: Mapping[str, str]) -> dict[str, str]:
        return {**values, "client_id": self.given["client_id"], "clientSecret": self.given["client_secret"]}

    def _signed(self, recipe: str, values: Mapping[str, str]) -> dict[str, str]:
        return {"client_id": self.given["client_id"], "x-signature": RECIPES[recipe].sign(self._values(values))}


def _queried(told: Mapping[str, Any], reference: str) -> Read[ProviderCharge | None]:
    if told.get("error") == "orderId not found":
        return Accepted(None)
    details = told.get("details") or {}
    if details.get("internalCode") == UNPAID:
        return Accepted(_charge(reference, UNPAID, None))
    data = told["data"]
    return Accepted(_charge(reference, text(data["latestTransactionStatus"]), money(data["amount"]["value"], "IDR")))


def _charge(reference: str, raw_state: str, amount: Any) -> ProviderCharge:
    states = {"00": ChargeState.PAID, "Success": ChargeState.PAID, UNPAID: ChargeState.PENDING}
    return ProviderCharge(
        reference=reference,
        provider_ref=reference,
        state=states.get(raw_state, ChargeState.UNMAPPED),
        raw_state=raw_state,
        amount=amount,
        fee=None,
        action=Action(ActionKind.NONE),
        occurred_at=None,
        expires_at=None,
    )
