"""SNAP's dialect: a token for a signature, then signed JSON; callbacks signed with the provider's key."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from specie.kernel.ids import ConnectionId
from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, certain, hint, json_bytes, qr_action, require
from specie.providers.dialect import Dialect, Environment, Field, Offer, Offered, Service
from specie.providers.errors import CallbackUnverified, CredentialsInvalid
from specie.providers.model import (
    Accepted,
    AccessToken,
    Action,
    ActionKind,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ErrorClass,
    Installation,
    PayoutRail,
    ProviderCall,
    ProviderCharge,
    ProviderFact,
    RawCallback,
    RawResponse,
    Rejected,
    Stamp,
    Trust,
    Unknown,
)
from specie.providers.payouts import AccountHolder, BankAccount, PayoutRequest, ProviderPayout
from specie.providers.reading import (
    UNREADABLE,
    Read,
    document,
    money,
    text,
    tolerant,
    two_places,
    unreadable,
)
from specie.providers.snap import payouts, signing

SIGNED_HEADERS = ("x-timestamp", "x-signature")
STATES = {
    "00": ChargeState.PAID,
    "01": ChargeState.PENDING,
    "02": ChargeState.PENDING,
    "03": ChargeState.PENDING,
    "05": ChargeState.CANCELLED,
    "06": ChargeState.FAILED,
    "08": ChargeState.EXPIRED,
    "09": ChargeState.FAILED,
}
CLASSES = {
    "400": ErrorClass.VALIDATION,
    "401": ErrorClass.AUTH,
    "403": ErrorClass.LIMIT,
    "404": ErrorClass.VALIDATION,
    "429": ErrorClass.RATE_LIMITED,
}
GENERATE, QUERY, SERVICE = "/v1.0/qr/qr-mpm-generate", "/v1.0/qr/qr-mpm-query", "47"
_TOLERANCE_SECONDS = 300
_CHANNEL = "95221"

SNAP_FIELDS = (
    Field("client_key", "Client key", help="X-CLIENT-KEY, often the same as the partner id.", simulated="sim_{hex}"),
    Field("client_secret", "Client secret", secret=True, simulated="{secret}"),
    Field("partner_id", "Partner id", help="X-PARTNER-ID.", simulated="sim_{hex}"),
    Field("merchant_id", "Merchant id", simulated="sim_{hex}"),
    Field("private_key", "Our private key", secret=True, multiline=True, help="RSA, PEM. Signs our calls."),
    Field("public_key", "The provider's public key", multiline=True, help="RSA, PEM. Verifies callbacks."),
    Field("channel_id", "Channel id", help="CHANNEL-ID, five digits.", default=_CHANNEL),
)


class SnapAdapter(DialectAdapter):
    """Speaks SNAP to one provider. Providers that differ derive from it and change paths, fields or the text form."""

    name: ClassVar[str] = "snap"
    step_minor: ClassVar[int] = 100
    payout_rails: ClassVar[tuple[PayoutRail, ...]] = (PayoutRail.BANK_ACCOUNT,)
    login_path: ClassVar[str] = "/v1.0/access-token/b2b"
    form: ClassVar[signing.Form] = "base64"
    dialect: ClassVar[Dialect] = Dialect(
        name="snap",
        title="SNAP (QRIS)",
        about="Any provider that follows Bank Indonesia's SNAP closely, for QRIS codes shown to the customer.",
        account="client_key",
        fields=(
            *SNAP_FIELDS,
            Field("base_url", "Address", help="With the provider's own prefix.", required=False),
            Field(
                "source_account",
                "Our account",
                help="sourceAccountNo: what is paid out leaves it. Needed for payouts only.",
                required=False,
                simulated="{digits}",
            ),
            Field(
                "signature",
                "Signature of calls",
                help="Symmetric with a token is the usual form; some providers sign with the key and want no token.",
                choices=("symmetric", "asymmetric"),
                default="symmetric",
            ),
        ),
        kinds=(ChargeKind.QR,),
        currencies=("IDR",),
        trust=Trust.SIGNED,
        callback="With your provider, as the address for qr-mpm-notify.",
        keeping="SNAP binds a customer's account for direct debit, which is another service than these QR codes.",
        offers=(
            Offer(
                Service.REFUNDS,
                Offered.NO,
                "SNAP's documents describe refunds of direct debits; the service that refunds a QR payment is not"
                " confirmed.",
            ),
            Offer(
                Service.PAYOUTS,
                Offered.NOT_LIVE,
                "Transfers to other banks, whose state is asked for: no notice of them is documented.",
            ),
            Offer(Service.INQUIRY, Offered.NOT_LIVE, "Of accounts at other banks."),
            Offer(Service.BALANCE, Offered.NO, "How the answer is made up differs by provider and is not confirmed."),
        ),
        unconfirmed=("each provider's paths and form of signature differ: confirm yours in its sandbox",),
    )

    @classmethod
    def from_credentials(
        cls, connection_id: ConnectionId, credentials: Mapping[str, Any], installation: Installation
    ) -> Self:
        """Like its base; for the simulator both sides' keys are made as well. Raises CredentialsInvalid."""
        given = dict(credentials)
        simulated = str(given.get("environment") or Environment.SIMULATOR) == Environment.SIMULATOR
        if simulated and not given.get("private_key"):
            given["private_key"] = signing.private_pem(signing.new_key())
            # The simulator has no dashboard to fetch a key from, so it borrows this one to sign with.
            given["public_key"] = signing.private_pem(signing.new_key())
        return super().from_credentials(connection_id, given, installation)

    def check_credentials(self) -> None:
        """Both keys are RSA keys. Raises CredentialsInvalid."""
        super().check_credentials()
        try:
            self._private_key = signing.private_key_of(self.given["private_key"])
            if self.is_simulated:
                self._public_key = signing.private_key_of(self.given["public_key"]).public_key()
            else:
                self._public_key = signing.public_key_of(self.given["public_key"])
        except ValueError as error:
            raise CredentialsInvalid(f"a key cannot be read: {error}", param="credentials") from error

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a QRIS code."""
        body = {
            "partnerReferenceNo": request.reference,
            "amount": {"value": two_places(request.amount), "currency": "IDR"},
            "merchantId": self.given["merchant_id"],
            "validityPeriod": signing.timestamp_of(request.expires_at),
        }

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            refused = refused_by(response)
            if refused is not None:
                return refused
            told = document(response.body)
            action = qr_action(told["qrContent"], request.amount, self.page(response))
            if isinstance(action, Unknown):
                return action
            return Accepted(charge_of(request.reference, text(told["referenceNo"]), "01", request.amount, action))

        return self.signed("create_charge", GENERATE, body, read, self.simulated_headers(request))

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask about our reference. "Not found" counts once nothing can be on its way any more, which others see to."""

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge | None]:
            told = document(response.body)
            code = text(told["responseCode"])
            if code[:3] == "404" and code[-2:] == "01":
                return Accepted(None)
            refused = refused_by(response)
            if refused is not None:
                return refused
            ours = text(told["originalPartnerReferenceNo"])
            theirs = text(told["originalReferenceNo"])
            state = text(told["latestTransactionStatus"])
            return Accepted(charge_of(ours, theirs, state, amount_of(told), Action(ActionKind.NONE)))

        body = {"originalPartnerReferenceNo": reference, "serviceCode": SERVICE}
        return self.signed("get_charge", QUERY, body, read, {})

    def inquire_account(self, account: BankAccount) -> ProviderCall[AccountHolder | None]:
        """Ask whose account at another bank it is."""

        @tolerant
        def read(response: OutboundResponse) -> Read[AccountHolder | None]:
            return payouts.holder(refused_by(response), document(response.body))

        return self.signed("inquire_account", payouts.INQUIRY, payouts.inquiry_body(account), read, {})

    def create_payout(self, request: PayoutRequest) -> ProviderCall[ProviderPayout]:
        """Order a transfer; the reference is unique at the provider."""
        source = self.given.get("source_account", "")
        if not source:
            return certain("create_payout", Rejected("source_account_missing", ErrorClass.UNSUPPORTED))

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderPayout]:
            refused = refused_by(response)
            return refused or Accepted(payouts.transferred(request, document(response.body)))

        try:
            body = payouts.transfer_body(request, source)
        except ValueError:
            return certain("create_payout", Rejected("amount_not_expressible", ErrorClass.VALIDATION))
        return self.signed("create_payout", payouts.TRANSFER, body, read, self.simulated_headers(request))

    def get_payout(self, reference: str) -> ProviderCall[ProviderPayout | None]:
        """Ask about our reference."""
        body = {"originalPartnerReferenceNo": reference, "serviceCode": payouts.TRANSFER_SERVICE}
        return self.signed("get_payout", payouts.TRANSFER_STATUS, body, payouts.read_status, {})

    def probe(self) -> ProviderCall[None]:
        """Get a token."""
        login = self.login()

        def read(response: OutboundResponse) -> Read[None]:
            outcome = login.read(response)
            return Accepted(None) if isinstance(outcome, Accepted) else outcome

        return replace(self.call("probe", "POST", login.url, read, content=login.content), sign=login.sign)

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """One fact, signed over the whole body. Raises CallbackUnverified, then CallbackUnreadable."""
        self._verify(raw)
        try:
            told = document(raw.body)
            ours = text(told["originalPartnerReferenceNo"])
            theirs = text(told["originalReferenceNo"])
            state = text(told["latestTransactionStatus"])
            charge = charge_of(ours, theirs, state, amount_of(told), Action(ActionKind.NONE))
        except UNREADABLE as error:
            raise unreadable(error) from error
        return [hint(self, charge, Trust.SIGNED)]

    def callback_reply(self) -> RawResponse:
        """SNAP wants its own words."""
        return RawResponse(200, b'{"responseCode":"2005200","responseMessage":"Successful"}')

    def login(self) -> ProviderCall[AccessToken]:
        """The call that gets a token."""
        content = json_bytes({"grantType": "client_credentials"})

        def sign(stamp: Stamp) -> Mapping[str, str]:
            timestamp = signing.timestamp_of(stamp.at)
            signature = signing.with_key(self._private_key, signing.token_text(self.given["client_key"], timestamp))
            told = {"X-TIMESTAMP": timestamp, "X-CLIENT-KEY": self.given["client_key"], "X-SIGNATURE": signature}
            return told | self._simulated_keys()

        url = self.base_url + self.login_path
        return replace(self.call("login", "POST", url, _read_token, content=content), sign=sign)

    def signed(
        self,
        name: str,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[OutboundResponse], Any],
        headers: Mapping[str, str],
    ) -> ProviderCall[Any]:
        """A signed call. Its path is signed as the provider knows it, its own prefix included."""
        content = json_bytes(body)
        url = self.base_url + path
        signed_path = urlsplit(url).path
        is_symmetric = self.given.get("signature", "symmetric") == "symmetric"

        def sign(stamp: Stamp) -> Mapping[str, str]:
            timestamp = signing.timestamp_of(stamp.at)
            if is_symmetric:
                told = signing.call_text("POST", signed_path, content, timestamp, stamp.token)
                signature = signing.with_secret(self.given["client_secret"], told, self.form)
            else:
                told = signing.call_text("POST", signed_path, content, timestamp)
                signature = signing.with_key(self._private_key, told)
            sent = {
                "X-TIMESTAMP": timestamp,
                "X-SIGNATURE": signature,
                "X-PARTNER-ID": self.given["partner_id"],
                "X-EXTERNAL-ID": stamp.number,
                "CHANNEL-ID": self.given["channel_id"],
            }
            return sent | ({"Authorization": f"Bearer {stamp.token}"} if is_symmetric else self._simulated_keys())

        call = self.call(name, "POST", url, read, content=content, headers=headers)
        return replace(call, sign=sign, login=self.login() if is_symmetric else None)

    def _verify(self, raw: RawCallback) -> None:
        timestamp, signature = (raw.headers.get(name, "") for name in SIGNED_HEADERS)
        try:
            told = signing.call_text(raw.method, raw.path, raw.body, timestamp)
            away = abs((datetime.fromisoformat(timestamp) - raw.received_at).total_seconds())
        except (ValueError, TypeError) as error:
            raise CallbackUnverified("the timestamp is missing or the body is not text") from error
        require(signing.verifies(self._public_key, told, signature), "the signature is missing or wrong")
        require(away <= _TOLERANCE_SECONDS, "the timestamp is too far from now")

    def _simulated_keys(self) -> dict[str, str]:
        if not self.is_simulated:
            return {}
        ours, theirs = signing.public_pem(self._private_key), self.given["public_key"]
        return {
            "Sim-Client-Key": base64.b64encode(ours.encode()).decode(),
            "Sim-Callback-Key": base64.b64encode(theirs.encode()).decode(),
        }


@tolerant
def _read_token(response: OutboundResponse) -> Read[AccessToken]:
    refused = refused_by(response)
    if refused is not None:
        return refused
    told = document(response.body)
    token = told["accessToken"]
    if not isinstance(token, str) or not token.isascii() or not token:
        return Unknown("no_token")
    return Accepted(AccessToken(token, int(told["expiresIn"])))


def refused_by(response: OutboundResponse) -> Rejected | Unknown | None:
    """What a response code says: None for done or under way, Rejected where it promises that nothing was done."""
    code = text(document(response.body)["responseCode"])
    status = code[:3]
    if status in ("200", "202"):
        return None
    if status == "409":
        # Either this number was spent today or our reference exists: an earlier try of ours got through.
        return Unknown("duplicate")
    error_class = CLASSES.get(status)
    if error_class is None:
        return Unknown(f"code_{code}")
    return Rejected(code, error_class, safe_to_retry=error_class is ErrorClass.RATE_LIMITED)


def amount_of(told: Mapping[str, Any]) -> Money:
    """SNAP's amount object."""
    return money(told["amount"]["value"], text(told["amount"]["currency"]))


def charge_of(ours: str, theirs: str, raw_state: str, amount: Money, action: Action) -> ProviderCharge:
    """A charge in one of SNAP's states. 07, "not found", is no state of a charge."""
    return ProviderCharge(
        reference=ours,
        provider_ref=theirs,
        state=STATES.get(raw_state, ChargeState.UNMAPPED),
        raw_state=raw_state,
        amount=amount,
        fee=None,
        action=action,
        occurred_at=None,
        expires_at=None,
    )
