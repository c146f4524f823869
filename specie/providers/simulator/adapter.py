"""The simulator's dialect: JSON, a key in a header, minor units, callbacks signed over the whole body."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlencode

import orjson

from specie.kernel.errors import SpecieError
from specie.kernel.ids import ConnectionId
from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers.errors import CallbackUnreadable, CallbackUnverified, CredentialsInvalid
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    Capabilities,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ErrorClass,
    Fact,
    Installation,
    PayoutFact,
    PayoutRail,
    ProviderCall,
    ProviderCharge,
    ProviderFact,
    RawCallback,
    RawResponse,
    Rejected,
    StatementPage,
    StatementRow,
    Trust,
    Unknown,
)
from specie.providers.payouts import AccountHolder, BankAccount, PayoutRequest, ProviderPayout
from specie.providers.simulator import payout_dialect, signing

_STATES = {
    "open": ChargeState.PENDING,
    "paid": ChargeState.PAID,
    "declined": ChargeState.FAILED,
    "expired": ChargeState.EXPIRED,
    "cancelled": ChargeState.CANCELLED,
}
# Statuses with which the simulator says that it did nothing.
_REFUSALS = {
    400: ErrorClass.VALIDATION,
    401: ErrorClass.AUTH,
    402: ErrorClass.DECLINED,
    403: ErrorClass.AUTH,
    422: ErrorClass.VALIDATION,
    429: ErrorClass.RATE_LIMITED,
}


class SimulatorAdapter:
    """Speaks for one account at the simulator."""

    name: ClassVar[str] = "simulator"
    allow_private: ClassVar[bool] = True
    sandbox_only: ClassVar[bool] = True

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
        }
        headers = {"Idempotency-Key": request.key}
        return self._call("create_charge", "POST", "/v1/charges", _read_created, body=body, headers=headers)

    def get_charge(self, reference: str) -> ProviderCall[ProviderCharge | None]:
        """Ask what happened to a reference."""
        return self._call("get_charge", "GET", f"/v1/charges/{quote(reference, safe='')}", _read_found)

    def cancel_charge(self, reference: str) -> ProviderCall[ProviderCharge]:
        """Take no payment any more; a charge that is over answers with how it ended."""
        path = f"/v1/charges/{quote(reference, safe='')}/cancel"
        return self._call("cancel_charge", "POST", path, _read_charge_answer, body={})

    def list_statement(self, since: datetime, until: datetime, cursor: str | None) -> ProviderCall[StatementPage]:
        """The account's paid charges of a window, oldest first."""
        window = {"since": int(since.timestamp()), "until": int(until.timestamp())}
        query = urlencode({**window, **({"cursor": cursor} if cursor else {})})
        return self._call("list_statement", "GET", f"/v1/statement?{query}", _read_statement)

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
            return [self._payout_fact(body) if body["type"] == "payout.updated" else self._fact(body)]
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
        charge = _charge(body["data"])
        return ProviderFact(
            connection_id=self._connection_id,
            reference=charge.reference,
            provider_ref=charge.provider_ref,
            event_key=_text(body["id"]),
            state=charge.state,
            raw_state=charge.raw_state,
            amount=charge.amount,
            fee=charge.fee,
            occurred_at=charge.occurred_at,
            trust=Trust.SIGNED,
            must_requery=False,
        )

    def _payout_fact(self, body: dict[str, Any]) -> PayoutFact:
        payout = payout_dialect.payout_of(body["data"])
        return PayoutFact(
            connection_id=self._connection_id,
            reference=payout.reference,
            provider_ref=payout.provider_ref,
            event_key=_text(body["id"]),
            state=payout.state,
            raw_state=payout.raw_state,
            amount=payout.amount,
            fee=payout.fee,
            occurred_at=payout.occurred_at,
            trust=Trust.SIGNED,
            must_requery=False,
        )

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


def _read_created(response: OutboundResponse) -> Accepted[ProviderCharge] | Rejected | Unknown:
    if response.status == 409:
        # The reference is taken: an earlier try got through, so the charge is fetched and adopted.
        return Unknown("duplicate")
    return _read_charge_answer(response)


def _read_charge_answer(response: OutboundResponse) -> Accepted[ProviderCharge] | Rejected | Unknown:
    if response.status in _REFUSALS:
        error_class = _REFUSALS[response.status]
        return Rejected(_code(response), error_class, safe_to_retry=error_class is ErrorClass.RATE_LIMITED)
    if response.status != 200 or response.truncated:
        return Unknown(f"http_{response.status}")
    try:
        return Accepted(_charge(orjson.loads(response.body)))
    except (ValueError, KeyError, TypeError, AttributeError, SpecieError):
        return Unknown("unreadable")


def _read_found(response: OutboundResponse) -> Accepted[ProviderCharge | None] | Rejected | Unknown:
    if response.status == 404 and _code(response) == "charge_not_found":
        return Accepted(None)
    return _read_charge_answer(response)


def _read_statement(response: OutboundResponse) -> Accepted[StatementPage] | Rejected | Unknown:
    if response.status in _REFUSALS:
        return Rejected(_code(response), _REFUSALS[response.status])
    try:
        document = orjson.loads(response.body)
        rows = [_statement_row(row) for row in document["data"]]
        return Accepted(StatementPage(rows, document["next_cursor"]))
    except (ValueError, KeyError, TypeError, AttributeError, SpecieError):
        return Unknown(f"http_{response.status}")


def _charge(document: dict[str, Any]) -> ProviderCharge:
    currency = _text(document["currency"])
    fee = document.get("fee")
    raw_state = _text(document["state"])
    return ProviderCharge(
        reference=_text(document["reference"]),
        provider_ref=_text(document["id"]),
        state=_STATES.get(raw_state, ChargeState.UNMAPPED),
        raw_state=raw_state,
        amount=Money.of(document["amount"], currency),
        fee=None if fee is None else Money.of(fee, currency),
        action=_action(document.get("action") or {"kind": "none"}),
        occurred_at=_moment(document.get("occurred_at")),
        expires_at=_moment(document.get("expires_at")),
    )


def _action(document: dict[str, Any]) -> Action:
    return Action(
        ActionKind(document["kind"]),
        text=document.get("text", ""),
        bank=document.get("bank", ""),
        number=document.get("number", ""),
        url=document.get("url", ""),
    )


def _statement_row(row: dict[str, Any]) -> StatementRow:
    currency = _text(row["currency"])
    return StatementRow(
        key=_text(row["key"]),
        kind=_text(row["kind"]),
        reference=row.get("reference"),
        provider_ref=row.get("provider_ref"),
        gross=Money.of(row["gross"], currency),
        fee=Money.of(row["fee"], currency),
        net=Money.of(row["net"], currency),
        occurred_at=datetime.fromtimestamp(row["occurred_at"], UTC),
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200 or "\0" in value:
        raise ValueError("a text of 1 to 200 characters without NUL is needed")
    return value


def _code(response: OutboundResponse) -> str:
    try:
        return str(orjson.loads(response.body)["code"])[:100]
    except (ValueError, KeyError, TypeError):
        return f"http_{response.status}"
