"""What the adapters of real providers share: credentials by their dialect, addresses, calls, and honest defaults."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import orjson

from specie.kernel.ids import ConnectionId
from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers import qris
from specie.providers.dialect import Dialect, Environment, Service
from specie.providers.dispute_model import AcceptanceRequest
from specie.providers.errors import CallbackUnverified, CredentialsInvalid
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    Capabilities,
    ChargeRequest,
    ErrorClass,
    Installation,
    PayoutRail,
    ProviderCall,
    ProviderCharge,
    ProviderFact,
    RawResponse,
    Rejected,
    StatementPage,
    Trust,
    Unknown,
)
from specie.providers.payouts import PayoutRequest
from specie.providers.reading import refusal
from specie.providers.refund_model import RefundRequest

JSON = "application/json"
_LONGEST_CODE = 512
_PAGE_HEADER = "sim-page"


class DialectAdapter:
    """An adapter for one connection, made from credentials its dialect describes."""

    name: ClassVar[str]
    dialect: ClassVar[Dialect]
    can_cancel: ClassVar[bool] = False
    min_minor: ClassVar[int] = 1
    max_minor: ClassVar[int] = Money.MAX_MINOR
    step_minor: ClassVar[int] = 1
    payout_rails: ClassVar[tuple[PayoutRail, ...]] = ()
    least_payouts: ClassVar[Mapping[PayoutRail, int]] = {}

    def __init__(self, connection_id: ConnectionId, given: Mapping[str, str], installation: Installation) -> None:
        self.connection_id = connection_id
        self.given = given
        self.environment = Environment(given["environment"])
        self._simulator = f"{installation.simulator_url.rstrip('/')}/{self.name}"

    @classmethod
    def from_credentials(
        cls, connection_id: ConnectionId, credentials: Mapping[str, Any], installation: Installation
    ) -> Self:
        """An adapter for what the dialect asks for, made up for the simulator. Raises CredentialsInvalid."""
        made = cls(connection_id, cls.dialect.complete(connection_id.uuid, credentials), installation)
        made.check_credentials()
        return made

    def check_credentials(self) -> None:
        """Refuse what the dialect's table cannot tell. Raises CredentialsInvalid."""
        address = self.given.get("base_url", "")
        if address and not self.is_simulated and (urlsplit(address).scheme != "https" or not urlsplit(address).netloc):
            raise CredentialsInvalid("base_url is an https address", param="credentials")

    def credentials(self) -> dict[str, Any]:
        """What has to be kept, sealed, to make this adapter again."""
        return dict(self.given)

    @property
    def is_simulated(self) -> bool:
        """Whether this connection talks to our simulator."""
        return self.environment is Environment.SIMULATOR

    @property
    def allow_private(self) -> bool:
        """Only the simulator may lie in a private network."""
        return self.is_simulated

    @property
    def sandbox_only(self) -> bool:
        """Whether this connection's money is not real."""
        return self.environment is not Environment.LIVE

    @property
    def base_url(self) -> str:
        """Where the provider listens, without a slash at the end."""
        return self.host(self.dialect.hosts)

    def host(self, hosts: Mapping[Environment, str]) -> str:
        """One of a provider's addresses, where it has several."""
        if self.is_simulated:
            return self._simulator
        return (hosts.get(self.environment) or self.given["base_url"]).rstrip("/")

    def capabilities(self) -> Capabilities:
        """What the dialect's table says."""
        return Capabilities(
            charge_kinds=frozenset(self.dialect.kinds),
            currencies=frozenset(self.dialect.currencies) or None,
            can_cancel=self.can_cancel,
            callback_trust=self.dialect.trust,
            statement=self.serves(Service.STATEMENT),
            min_minor=self.min_minor,
            max_minor=self.max_minor,
            payout_rails=frozenset(self.payout_rails) if self.serves(Service.PAYOUTS) else frozenset(),
            refunds=self.serves(Service.REFUNDS),
            saved_kinds=frozenset(self.dialect.saves),
            step_minor=self.step_minor,
            account_inquiry=self.serves(Service.INQUIRY),
            least_payouts=self.least_payouts,
            accepts_disputes=self.serves(Service.ACCEPTANCE),
        )

    def serves(self, service: Service) -> bool:
        """Whether this connection offers a service."""
        return self.dialect.serves(service, self.environment)

    def cancel_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge]:
        """The provider's documents name no way to take an order back."""
        return certain("cancel_charge", Rejected("cancel_unsupported", ErrorClass.UNSUPPORTED))

    def list_statement(self, since: datetime, until: datetime, cursor: str | None) -> ProviderCall[StatementPage]:
        """The provider's documents name no statement over this interface."""
        return certain("list_statement", Rejected("statement_unsupported", ErrorClass.UNSUPPORTED))

    def probe(self) -> ProviderCall[None]:
        """The provider's documents name no harmless question."""
        return certain("probe", Unknown("no_harmless_question"))

    def callback_reply(self) -> RawResponse:
        """Any 2xx."""
        return RawResponse(200, b'{"received":true}')

    def call(
        self,
        name: str,
        method: str,
        url: str,
        read: Callable[[OutboundResponse], Any],
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        media_type: str = JSON,
    ) -> ProviderCall[Any]:
        """A call; the bytes given here are the bytes sent, so what signs them signs the same."""
        sent = {"Accept": JSON, **({"Content-Type": media_type} if content else {}), **(headers or {})}
        return ProviderCall(name, method, url, sent, content, read)

    def simulated_headers(
        self, request: ChargeRequest | PayoutRequest | RefundRequest | AcceptanceRequest
    ) -> dict[str, str]:
        """What a real provider's dashboard holds, told to the simulator with each order; nothing for anyone else."""
        if not self.is_simulated:
            return {}
        kind = str(request.kind) if isinstance(request, ChargeRequest) else ""
        back = "" if isinstance(request, AcceptanceRequest) else request.callback_url
        told = {"Sim-Callback": back, "Sim-Scenario": request.scenario, "Sim-Kind": kind}
        return {name: value for name, value in told.items() if value}

    def page(self, response: OutboundResponse) -> str:
        """The page on which a simulated charge is paid; empty outside the simulator."""
        return response.headers.get(_PAGE_HEADER, "") if self.is_simulated else ""


def certain(name: str, outcome: Accepted[Any] | Rejected | Unknown) -> ProviderCall[Any]:
    """A call whose outcome is known without sending anything."""
    return ProviderCall(name, "", "", {}, b"", lambda _response: outcome, known=outcome)


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """A body as it is signed and sent: compact, keys in their order."""
    return orjson.dumps(content)


def qr_action(code: Any, amount: Money, page: str) -> Action | Unknown:
    """The action of a QR text, checked against the order; Unknown when it asks for something else or is no QRIS code.

    A customer who scans a wrong code pays a wrong amount, so such a code is never shown.
    """
    try:
        reason = qris.differs(_code(code), amount)
    except qris.QrisInvalid:
        reason = "qr_invalid"
    return Unknown(reason) if reason else Action(ActionKind.QR_STRING, text=code, url=page)


def _code(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_CODE:
        raise qris.QrisInvalid("a QRIS text is at most 512 characters")
    return value


def require(found: bool, reason: str) -> None:
    """Let only verified callbacks on. Raises CallbackUnverified."""
    if not found:
        raise CallbackUnverified(reason)


def hint(adapter: "DialectAdapter", charge: ProviderCharge, trust: Trust, *, key: str = "") -> ProviderFact:
    """A callback that does not prove its content: the provider is asked before anything is believed.

    Without an id of its own a callback is known by the state it tells, so that a second state is a second callback.
    """
    return ProviderFact(
        connection_id=adapter.connection_id,
        reference=charge.reference,
        provider_ref=charge.provider_ref,
        event_key=key or f"{charge.provider_ref}:{charge.raw_state}",
        state=charge.state,
        raw_state=charge.raw_state,
        amount=charge.amount,
        fee=charge.fee,
        occurred_at=charge.occurred_at,
        trust=trust,
        must_requery=trust is not Trust.SIGNED,
    )


def accepts_any(response: OutboundResponse) -> Accepted[None] | Rejected | Unknown:
    """Reads a probe whose 2xx alone says that the credentials work."""
    return refusal(response) or Accepted(None)
