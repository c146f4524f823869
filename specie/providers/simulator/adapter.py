"""The simulator's dialect: JSON, a key in a header, minor units, callbacks signed over the whole body."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlencode

import orjson

from specie.kernel.errors import SpecieError
from specie.kernel.ids import ConnectionId
from specie.kernel.money import Currency, Money
from specie.platform.outbound import OutboundResponse
from specie.providers.base import certain
from specie.providers.capture_model import CaptureFact, CaptureRequest, ProviderCapture
from specie.providers.dialect import Dialect, Offer, Offered, Service
from specie.providers.dispute_model import AcceptanceRequest, DisputeFact, DisputeQuestion
from specie.providers.errors import CallbackUnreadable, CallbackUnverified, CredentialsInvalid
from specie.providers.facts import Fact
from specie.providers.method_model import MethodRequest, ProviderMethod
from specie.providers.model import (
    Capabilities,
    ChargeKind,
    ChargeRequest,
    ErrorClass,
    Installation,
    PayoutRail,
    ProviderCall,
    ProviderCharge,
    ProviderFact,
    RawCallback,
    RawResponse,
    Rejected,
    StatementPage,
    Trust,
)
from specie.providers.payouts import AccountHolder, BankAccount, PayoutRequest, ProviderPayout, told_of_payout
from specie.providers.refund_model import ProviderRefund, RefundFact, RefundQuestion, RefundRequest
from specie.providers.simulator import payout_dialect, signing
from specie.providers.simulator.reading import (
    capture_of,
    dispute_of,
    read_balance,
    read_capture,
    read_capture_found,
    read_charge_answer,
    read_charge_of,
    read_created,
    read_dispute,
    read_forgotten,
    read_found,
    read_method,
    read_probe,
    read_refund,
    read_refund_found,
    read_statement,
    refund_of,
    text_of,
)


class SimulatorAdapter:
    """Speaks for one account at the simulator."""

    name: ClassVar[str] = "simulator"
    dialect: ClassVar[Dialect] = Dialect(
        name="simulator",
        title="Simulator",
        about="The payment provider to try things with. It runs beside the platform and moves no money.",
        account="api_key",
        fields=(),
        kinds=tuple(ChargeKind),
        currencies=(),
        trust=Trust.SIGNED,
        callback="Nothing to register: every order tells the simulator where to call back.",
        saves=(ChargeKind.CARD, ChargeKind.EWALLET),
        offers=tuple(Offer(service, Offered.YES) for service in Service),
    )
    allow_private = True
    sandbox_only = True

    def __init__(self, connection_id: ConnectionId, base_url: str, api_key: str, secrets: list[str]) -> None:
        self._connection_id = connection_id
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._secrets = secrets

    @classmethod
    def from_credentials(
        cls, connection_id: ConnectionId, credentials: Mapping[str, Any], installation: Installation
    ) -> Self:
        """An adapter for `{"api_key": …, "callback_secrets": […]}`; what is left out is made up for a new account."""
        unknown = credentials.keys() - {"api_key", "callback_secrets"}
        api_key = credentials.get("api_key", f"sim_{connection_id.uuid.hex}")
        if unknown or not isinstance(api_key, str) or not api_key.startswith("sim_") or not api_key.isascii():
            raise CredentialsInvalid("give an api_key that starts with sim_, or nothing", param="credentials")
        secrets = credentials.get("callback_secrets", [signing.secret_of(api_key)])
        if not isinstance(secrets, list) or not all(isinstance(secret, str) for secret in secrets):
            raise CredentialsInvalid("callback_secrets is a list of texts", param="credentials")
        return cls(connection_id, installation.simulator_url, api_key, secrets)

    def credentials(self) -> dict[str, Any]:
        """What has to be kept to make this adapter again."""
        return {"api_key": self._api_key, "callback_secrets": self._secrets}

    def capabilities(self) -> Capabilities:
        """Everything, in every currency."""
        return Capabilities(
            charge_kinds=frozenset(ChargeKind),
            currencies=None,
            can_cancel=True,
            callback_trust=Trust.SIGNED,
            statement=True,
            payout_rails=frozenset(PayoutRail),
            refunds=True,
            manual_capture=True,
            saved_kinds=frozenset(self.dialect.saves),
            account_inquiry=True,
            accepts_disputes=True,
        )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a charge; the reference is unique and the key replays."""
        body = {
            "reference": request.reference,
            "amount": request.amount.minor,
            "currency": request.amount.currency.code,
            "kind": str(request.kind),
            "description": request.description,
            "expires_at": int(request.expires_at.timestamp()),
            "callback_url": request.callback_url,
            "return_url": request.return_url,
            "scenario": request.scenario,
            "capture": "manual" if request.manual_capture else "automatic",
        }
        if request.method_token:
            body["method"] = request.method_token
        headers = {"Idempotency-Key": request.key}
        return self._call("create_charge", "POST", "/v1/charges", read_created, body=body, headers=headers)

    def save_method(self, request: MethodRequest) -> ProviderCall[ProviderMethod]:
        """Keep a way to pay; the reference is unique and replays."""
        body = {"reference": request.reference, "kind": str(request.kind), "scenario": request.scenario}
        return self._call("save_method", "POST", "/v1/methods", read_method, body=body)

    def get_method(self, reference: str, provider_ref: str) -> ProviderCall[ProviderMethod]:
        """Nothing waits for its customer here: a way to pay is kept as soon as it is saved."""
        return certain("get_method", Rejected("method_unknown", ErrorClass.UNSUPPORTED))

    def get_saved_charge(self, reference: str, token: str, provider_ref: str) -> ProviderCall[ProviderCharge | None]:
        """Ask what happened to a reference; it tells of every charge alike."""
        return self.get_charge(reference)

    def forget_method(self, token: str) -> ProviderCall[None]:
        """Keep a way to pay no longer."""
        return self._call(
            "forget_method", "POST", f"/v1/methods/{quote(token, safe='')}/forget", read_forgotten, body={}
        )

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask what happened to a reference."""
        return self._call("get_charge", "GET", f"/v1/charges/{quote(reference, safe='')}", read_found)

    def cancel_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge]:
        """Take no payment any more; a charge that is over answers with how it ended."""
        path = f"/v1/charges/{quote(reference, safe='')}/cancel"
        return self._call("cancel_charge", "POST", path, read_charge_answer, body={})

    def create_refund(self, request: RefundRequest) -> ProviderCall[ProviderRefund]:
        """Give back some of a charge; the reference is unique and replays."""
        body = {"reference": request.reference, "amount": request.amount.minor, "scenario": request.scenario}
        path = f"/v1/charges/{quote(request.charge_reference, safe='')}/refunds"
        return self._call("create_refund", "POST", path, read_refund, body=body)

    def get_refund(self, asked: RefundQuestion) -> ProviderCall[ProviderRefund | None]:
        """Ask what happened to a refund."""
        path = f"/v1/charges/{quote(asked.charge_reference, safe='')}/refunds/{quote(asked.reference, safe='')}"
        return self._call("get_refund", "GET", path, read_refund_found)

    def create_capture(self, request: CaptureRequest) -> ProviderCall[ProviderCapture]:
        """Take some of what was authorised; the reference is unique and replays."""
        body = {"reference": request.reference, "amount": request.amount.minor, "scenario": request.scenario}
        path = f"/v1/charges/{quote(request.charge_reference, safe='')}/captures"
        return self._call("create_capture", "POST", path, read_capture, body=body)

    def get_capture(self, reference: str, charge_reference: str) -> ProviderCall[ProviderCapture | None]:
        """Ask what happened to a capture."""
        path = f"/v1/charges/{quote(charge_reference, safe='')}/captures/{quote(reference, safe='')}"
        return self._call("get_capture", "GET", path, read_capture_found)

    def get_dispute(self, asked: DisputeQuestion) -> ProviderCall[DisputeFact | None]:
        """Ask how a dispute stands."""
        path, read = f"/v1/disputes/{quote(asked.provider_ref, safe='')}", partial(read_dispute, self._connection_id)
        return self._call("get_dispute", "GET", path, read)

    def accept_dispute(self, request: AcceptanceRequest) -> ProviderCall[DisputeFact | None]:
        """Give in to a dispute; whoever says so again is told that it is lost."""
        path = f"/v1/disputes/{quote(request.provider_ref, safe='')}/accept"
        read, told = partial(read_dispute, self._connection_id), {"Sim-Scenario": request.scenario}
        return self._call("accept_dispute", "POST", path, read, body={}, headers=told)

    def probe(self) -> ProviderCall[None]:
        """Ask for a charge that does not exist."""
        return self._call("probe", "GET", "/v1/charges/NONE", read_probe)

    def list_statement(self, since: datetime, until: datetime, cursor: str | None) -> ProviderCall[StatementPage]:
        """What has changed the account's balance in a window, oldest first."""
        window = {"since": int(since.timestamp()), "until": int(until.timestamp())}
        query = urlencode({**window, **({"cursor": cursor} if cursor else {})})
        return self._call("list_statement", "GET", f"/v1/statement?{query}", read_statement)

    def get_balance(self, currency: Currency) -> ProviderCall[Money]:
        """Ask what the account holds in a currency."""
        return self._call("get_balance", "GET", f"/v1/balance?currency={currency.code}", read_balance)

    def inquire_account(self, account: BankAccount) -> ProviderCall[AccountHolder | None]:
        """Ask whose account it is."""
        body = payout_dialect.account_body(account)
        return self._call("inquire_account", "POST", "/v1/account-inquiry", payout_dialect.read_holder, body=body)

    def create_payout(self, request: PayoutRequest) -> ProviderCall[ProviderPayout]:
        """Order a payout; the reference is unique and the key replays."""
        body, headers = payout_dialect.order_body(request), {"Idempotency-Key": request.key}
        read = payout_dialect.read_created
        return self._call("create_payout", "POST", "/v1/payouts", read, body=body, headers=headers)

    def get_payout(self, reference: str) -> ProviderCall[ProviderPayout | None]:
        """Ask what happened to a reference."""
        path = f"/v1/payouts/{quote(reference, safe='')}"
        return self._call("get_payout", "GET", path, payout_dialect.read_found)

    def parse_callback(self, raw: RawCallback) -> Sequence[Fact]:
        """One signed fact. Raises CallbackUnverified, then CallbackUnreadable."""
        self._verify(raw)
        try:
            body = orjson.loads(raw.body)
            return [self._told(body)]
        except (ValueError, KeyError, TypeError, AttributeError, SpecieError) as error:
            raise CallbackUnreadable("the body is not a charge or payout as the simulator tells of it") from error

    def callback_reply(self) -> RawResponse:
        """The simulator wants any 2xx."""
        return RawResponse(200, b'{"received":true}')

    def _verify(self, raw: RawCallback) -> None:
        timestamp = raw.headers.get(signing.TIMESTAMP_HEADER, "")
        signature = raw.headers.get(signing.SIGNATURE_HEADER, "")
        if not any(self._secrets):
            raise CallbackUnverified("no callback secret is configured")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
            raise CallbackUnverified("the timestamp header is missing or not a number")
        if not signing.verifies(self._secrets, int(timestamp), raw.body, signature):
            raise CallbackUnverified("the signature is missing or wrong")
        if abs(int(timestamp) - int(raw.received_at.timestamp())) > signing.TOLERANCE_SECONDS:
            raise CallbackUnverified("the timestamp is too far from now")

    def _fact(self, body: dict[str, Any]) -> ProviderFact:
        charge = read_charge_of(body["data"])
        return ProviderFact(
            connection_id=self._connection_id,
            reference=charge.reference,
            provider_ref=charge.provider_ref,
            event_key=text_of(body["id"]),
            state=charge.state,
            raw_state=charge.raw_state,
            amount=charge.amount,
            fee=charge.fee,
            occurred_at=charge.occurred_at,
            trust=Trust.SIGNED,
            must_requery=False,
        )

    def _told(self, body: dict[str, Any]) -> Fact:
        data, of, key = body["data"], self._connection_id, text_of(body["id"])
        if body["type"] == "payout.updated":
            return told_of_payout(payout_dialect.payout_of(data), of, key)
        if body["type"] == "refund.updated":
            return replace(RefundFact.told(refund_of(data), of), event_key=key, trust=Trust.SIGNED)
        if body["type"] == "capture.updated":
            return replace(CaptureFact.told(capture_of(data), of), event_key=key, trust=Trust.SIGNED)
        if body["type"] == "dispute.updated":
            return dispute_of(data, of, key)
        return self._fact(body)

    def _call(
        self,
        name: str,
        method: str,
        path: str,
        read: Callable[[OutboundResponse], Any],
        *,
        body: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ProviderCall[Any]:
        content = b"" if body is None else orjson.dumps(body)
        sent = {"Sim-Key": self._api_key, "Content-Type": "application/json", **(headers or {})}
        return ProviderCall(name, method, f"{self._base_url}{path}", sent, content, read)
