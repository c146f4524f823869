"""ING1's dialect: JSON after a login, result codes beside states, callbacks by an unsigned GET."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qs

from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, hint, json_bytes, qr_action
from specie.providers.dialect import Dialect, Field, Offer, Offered, Service
from specie.providers.model import (
    Accepted,
    AccessToken,
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

LOGIN = "/user/login"
CREATE = "/transaction/cashin/create"
CHECK = "/transaction/cashin/check"
BALANCE = "/user/balance"
DONE, PENDING, FAILED, BAD_TOKEN = "0", "91", "99", "98"
STATES = {
    "pending": ChargeState.PENDING,
    "process": ChargeState.PENDING,
    "success": ChargeState.PAID,
    "paid": ChargeState.PAID,
    "expired": ChargeState.EXPIRED,
    "cancel": ChargeState.CANCELLED,
    "failed": ChargeState.FAILED,
}
_TOKEN_SECONDS = 12 * 3600


class Ing1Adapter(DialectAdapter):
    """Speaks for one user at ING1."""

    name: ClassVar[str] = "ing1"
    step_minor: ClassVar[int] = 100
    dialect: ClassVar[Dialect] = Dialect(
        name="ing1",
        title="ING1 (Billers Engine)",
        about="QRIS in Indonesia, after a collection of example calls. Not related to the bank of that name.",
        account="email",
        fields=(
            Field("email", "E-mail of the user", simulated="sim_{hex}@example.com"),
            Field("password", "Password", secret=True, simulated="{secret}"),
            Field("merchant_id", "Merchant id", required=False),
            Field("product_code", "Product", help="Of your product list.", default="QRIS_DIRECT"),
            Field("base_url", "Address", help="Private: it comes with your account.", required=False),
        ),
        kinds=(ChargeKind.QR,),
        currencies=("IDR",),
        trust=Trust.NONE,
        callback="With ING1's support. The address ends in /notify, because ING1 calls with GET.",
        offers=tuple(
            Offer(service, Offered.NO, "Known from a collection of requests only; not used before ING1 confirms it.")
            for service in (Service.PAYOUTS, Service.BALANCE, Service.STATEMENT)
        ),
        unconfirmed=("the address of the service", "whether our reference has to be unique at ING1"),
        limits="Callbacks are unsigned; nothing is believed before ING1 has been asked.",
    )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a QRIS code."""
        body = {
            "product_code": self.given["product_code"],
            "amount": whole(request.amount),
            "remark": request.description[:100],
            "client_reff": request.reference,
            "expiry_time": max(1, request.seconds // 60),
            "return_url": request.return_url,
            "merchant_id": self.given["merchant_id"],
        }

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            refused = _refused(response)
            if refused is not None:
                return refused
            told = document(response.body)
            action = qr_action(told["data"]["content"], request.amount, self.page(response))
            return action if isinstance(action, Unknown) else Accepted(_charge(told, action))

        return self._after_login("create_charge", CREATE, body, read, self.simulated_headers(request))

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask about an order. The result code tells how the question went; only `data.status` tells of the money."""

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge | None]:
            refused = _refused(response)
            if refused is not None:
                return refused
            return Accepted(_charge(document(response.body), Action(ActionKind.NONE)))

        return self._after_login("get_charge", CHECK, {"reff": provider_ref, "client_reff": reference}, read, {})

    def probe(self) -> ProviderCall[None]:
        """Log in and ask for the balance."""
        return self._after_login("probe", BALANCE, {}, lambda response: _refused(response) or Accepted(None), {})

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """A hint to ask about. Raises CallbackUnreadable."""
        try:
            told = {name: values[0] for name, values in parse_qs(raw.query).items()}
            charge = _charge({**told, "data": told}, Action(ActionKind.NONE))
        except UNREADABLE as error:
            raise unreadable(error) from error
        return [hint(self, charge, Trust.NONE)]

    def _after_login(
        self,
        name: str,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[OutboundResponse], Any],
        headers: Mapping[str, str],
    ) -> ProviderCall[Any]:
        credentials = {"email": self.given["email"], "password": self.given["password"]}
        login = self.call("login", "POST", self.base_url + LOGIN, _read_token, content=json_bytes(credentials))
        call = self.call(name, "POST", self.base_url + path, read, content=json_bytes(body), headers=headers)
        return replace(call, login=login, sign=lambda stamp: {"Authorization": f"Bearer {stamp.token}"})


@tolerant
def _read_token(response: OutboundResponse) -> Read[AccessToken]:
    refused = refusal(response)
    if refused is not None:
        return refused
    token = document(response.body)["data"]["token"]
    return Accepted(AccessToken(str(token), _TOKEN_SECONDS)) if token else Unknown("no_token")


def _refused(response: OutboundResponse) -> Rejected | Unknown | None:
    """A result code other than done or pending; whether 99 on an order means that nothing was made is not known."""
    by_status = refusal(response)
    if by_status is not None:
        return by_status
    code = str(document(response.body).get("rc"))
    if code == BAD_TOKEN:
        return Rejected(BAD_TOKEN, ErrorClass.AUTH)
    if code == FAILED:
        return Rejected(FAILED, ErrorClass.DECLINED)
    return None if code in (DONE, PENDING) else Unknown(f"rc_{code[:20]}")


def _charge(told: Mapping[str, Any], action: Action) -> ProviderCharge:
    data = told["data"]
    raw_state = text(data["status"])
    return ProviderCharge(
        reference=text(told["client_reff"]),
        provider_ref=text(told["reff"]),
        state=STATES.get(raw_state, ChargeState.UNMAPPED),
        raw_state=raw_state,
        amount=money(data["amount"], "IDR"),
        fee=None,
        action=action,
        occurred_at=None,
        expires_at=None,
    )
