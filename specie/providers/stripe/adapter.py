"""Stripe's dialect: forms behind Basic, keys that replay, events signed over their whole body."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote, urlencode

from specie.kernel.money import Currency, Money
from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, accepts_any, certain, hint, require
from specie.providers.dialect import Dialect, Environment, Field, Offer, Offered, Service
from specie.providers.dispute_model import AcceptanceRequest, DisputeFact, DisputeQuestion
from specie.providers.errors import CredentialsInvalid
from specie.providers.facts import Fact
from specie.providers.method_model import MethodFact, MethodRequest, ProviderMethod
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
    StatementPage,
    Trust,
    Unknown,
)
from specie.providers.reading import (
    UNREADABLE,
    Read,
    at_seconds,
    document,
    refusal,
    text,
    tolerant,
    units,
    unreadable,
)
from specie.providers.recipe import Recipe
from specie.providers.refund_model import ProviderRefund, RefundQuestion, RefundRequest
from specie.providers.stripe import after, saved
from specie.providers.stripe.amounts import amount_told, exponent_of

T = TypeVar("T")

SESSIONS = "/v1/checkout/sessions"
API_VERSION = "2026-10-28.endive"
EVENT_STATES = {
    "checkout.session.completed": None,
    "checkout.session.async_payment_succeeded": None,
    "checkout.session.async_payment_failed": ChargeState.FAILED,
    "checkout.session.expired": None,
}
RECIPE = Recipe(("t", "body"), "sha256", separator=".", key="secret")
_FORM = "application/x-www-form-urlencoded"
_TOLERANCE_SECONDS = 300
_PAGE = 100
_SHORTEST, _LONGEST = 1800, 86_400
_BEFORE = timedelta(minutes=5)


class StripeAdapter(DialectAdapter):
    """Speaks for one account at Stripe."""

    name: ClassVar[str] = "stripe"
    can_cancel: ClassVar[bool] = True
    dialect: ClassVar[Dialect] = Dialect(
        name="stripe",
        title="Stripe",
        about="Cards and whatever else you have switched on, on Stripe's own Checkout page.",
        account="secret_key",
        fields=(
            Field("secret_key", "Secret key", secret=True, simulated="sk_test_sim_{hex}"),
            Field(
                "webhook_secret",
                "Webhook signing secret",
                secret=True,
                help="While a secret is being replaced: both, with a comma between them.",
                simulated="whsec_{secret}",
            ),
        ),
        kinds=(ChargeKind.CARD,),
        currencies=(),
        trust=Trust.SIGNED,
        callback="In the dashboard under Webhooks, for the events checkout.session.*, refund.* and charge.dispute.*",
        saves=(ChargeKind.CARD,),
        offers=(
            Offer(Service.REFUNDS, Offered.YES, "In full and in parts, also those made in the dashboard."),
            Offer(
                Service.PAYOUTS,
                Offered.NO,
                "Stripe pays out to bank accounts registered with it as yours, not to an account named in an order.",
            ),
            Offer(Service.BALANCE, Offered.YES, "What can be paid over already and what cannot yet, together."),
            Offer(Service.STATEMENT, Offered.YES, "Its balance transactions."),
            Offer(Service.DISPUTES, Offered.YES, "An inquiry, for which nothing has been taken yet, opens none."),
            Offer(Service.ACCEPTANCE, Offered.YES, "As long as Stripe waits for evidence; it cannot be taken back."),
        ),
        hosts={Environment.SANDBOX: "https://api.stripe.com", Environment.LIVE: "https://api.stripe.com"},
    )

    def check_credentials(self) -> None:
        """The key tells which world it is for. Raises CredentialsInvalid."""
        super().check_credentials()
        is_live = "_live_" in self.given["secret_key"]
        if is_live != (self.environment is Environment.LIVE):
            raise CredentialsInvalid("the secret key is for the other environment", param="credentials")

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a Checkout page, or a charge to a kept card; the request's key replays the first answer."""
        try:
            form = saved.charge_form(request) if request.method_token else self._form(request)
        except ValueError:
            return certain("create_charge", Rejected("amount_not_expressible", ErrorClass.VALIDATION))
        told = self.simulated_headers(request)
        if request.method_token:
            # Of an intent Stripe tells another kind of event, which is not registered for: its answer is the end of it.
            told = {name: value for name, value in told.items() if name != "Sim-Callback"}
            return self._post("create_charge", saved.INTENTS, saved.read_intent, form, request.key, told)
        return self._post("create_charge", SESSIONS, _read, form, request.key, told)

    def save_method(self, request: MethodRequest) -> ProviderCall[ProviderMethod]:
        """Order a page on which the customer gives a card to be kept."""
        told = {"Sim-Callback": request.callback_url, "Sim-Scenario": request.scenario} if self.is_simulated else {}
        form, key = saved.setup_form(request), f"method_{request.reference}"
        return self._post("save_method", SESSIONS, saved.read_method, form, key, told)

    def get_method(self, reference: str, provider_ref: str) -> ProviderCall[ProviderMethod]:
        """Ask whether the customer has given the card."""
        query = urlencode({"expand[0]": saved.EXPANDED})
        url = f"{self.base_url}{SESSIONS}/{quote(provider_ref, safe='')}?{query}"
        return self.call("get_method", "GET", url, saved.read_method, headers=self._keys())

    def forget_method(self, token: str) -> ProviderCall[None]:
        """Detach a card from the customer it is kept for; it cannot be attached again."""
        path = f"{saved.METHODS}/{quote(token.partition('/')[2], safe='')}/detach"
        return self._post("forget_method", path, saved.read_forgotten, {})

    def get_saved_charge(self, reference: str, token: str, provider_ref: str) -> ProviderCall[ProviderCharge | None]:
        """Ask about an intent; without its id, look through those made since our reference was."""
        if provider_ref:
            url = f"{self.base_url}{saved.INTENTS}/{quote(provider_ref, safe='')}"
            return self.call("get_charge", "GET", url, saved.read_intent, headers=self._keys())
        customer = token.partition("/")[0]
        asked = {"limit": _PAGE, "created[gte]": _asked_since(reference)} | ({"customer": customer} if customer else {})
        read = tolerant(partial(saved.read_intents, reference))
        url = f"{self.base_url}{saved.INTENTS}?{urlencode(asked)}"
        return self.call("get_charge", "GET", url, read, headers=self._keys())

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask about a session; without its id, look through those made since our reference was."""
        if provider_ref.startswith(saved.INTENT_PREFIX):
            return self.get_saved_charge(reference, "", provider_ref)
        if provider_ref:
            url = f"{self.base_url}{SESSIONS}/{quote(provider_ref, safe='')}"
            return self.call("get_charge", "GET", url, _read, headers=self._keys())
        query = urlencode({"limit": _PAGE, "created[gte]": _asked_since(reference)})

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge | None]:
            refused = refusal(response)
            if refused is not None:
                return refused
            told = document(response.body)
            ours = [one for one in told["data"] if one.get("client_reference_id") == reference]
            if ours:
                return Accepted(_charge(ours[0]))
            return Unknown("too_many_to_look_through") if told["has_more"] else Accepted(None)

        return self.call("get_charge", "GET", f"{self.base_url}{SESSIONS}?{query}", read, headers=self._keys())

    def cancel_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge]:
        """Let the page expire at once; a charge to a kept card is cancelled while its bank has not decided."""
        place = quote(provider_ref, safe="")
        if provider_ref.startswith(saved.INTENT_PREFIX):
            return self._post("cancel_charge", f"{saved.INTENTS}/{place}/cancel", saved.read_intent, {})
        return self._post("cancel_charge", f"{SESSIONS}/{place}/expire", _read, {})

    def create_refund(self, request: RefundRequest) -> ProviderCall[ProviderRefund]:
        """Give back of a payment intent, which a page is asked for first; the key replays the first answer."""
        try:
            amount_told(request.amount)
        except ValueError:
            return certain("create_refund", Rejected("amount_not_expressible", ErrorClass.VALIDATION))

        def order(intent: str) -> ProviderCall[ProviderRefund]:
            told, form = self.simulated_headers(request), after.refund_form(request, intent)
            return self._post("create_refund", after.REFUNDS, after.read_refund, form, request.key, told)

        return self._with_intent("create_refund", request.charge_ref, order)

    def get_refund(self, asked: RefundQuestion) -> ProviderCall[ProviderRefund | None]:
        """Ask about a refund by its id; without it, look through those of the payment."""
        if asked.provider_ref:
            url = f"{self.base_url}{after.REFUNDS}/{quote(asked.provider_ref, safe='')}"
            return self.call("get_refund", "GET", url, after.read_refund, headers=self._keys())

        def look(intent: str) -> ProviderCall[ProviderRefund | None]:
            query = urlencode({"payment_intent": intent, "limit": after.PAGE})
            read = tolerant(partial(after.read_refunds, asked.reference))
            return self.call("get_refund", "GET", f"{self.base_url}{after.REFUNDS}?{query}", read, headers=self._keys())

        return self._with_intent("get_refund", asked.charge_ref, look)

    def name_charge(self, charge_ref: str) -> ProviderCall[str]:
        """Ask a payment intent for our reference."""
        url = f"{self.base_url}{saved.INTENTS}/{quote(charge_ref, safe='')}"
        return self.call("name_charge", "GET", url, after.read_name, headers=self._keys())

    def get_dispute(self, asked: DisputeQuestion) -> ProviderCall[DisputeFact | None]:
        """Ask about a dispute by its id."""
        url = f"{self.base_url}{after.DISPUTES}/{quote(asked.provider_ref, safe='')}"
        read = tolerant(partial(after.read_dispute, self.connection_id))
        return self.call("get_dispute", "GET", url, read, headers=self._keys())

    def accept_dispute(self, request: AcceptanceRequest) -> ProviderCall[DisputeFact | None]:
        """Close a dispute: Stripe takes it that there is no evidence, and it is lost. The key replays."""
        path = f"{after.DISPUTES}/{quote(request.provider_ref, safe='')}/close"
        read = tolerant(partial(after.read_dispute, self.connection_id))
        return self._post("accept_dispute", path, read, {}, request.key, self.simulated_headers(request))

    def get_balance(self, currency: Currency) -> ProviderCall[Money]:
        """Ask for the balance."""
        read = tolerant(partial(after.read_balance, currency))
        return self.call("get_balance", "GET", self.base_url + after.BALANCE, read, headers=self._keys())

    def list_statement(self, since: datetime, until: datetime, cursor: str | None) -> ProviderCall[StatementPage]:
        """Ask for the balance transactions of a window, the newest first."""
        url = f"{self.base_url}{after.TRANSACTIONS}?{after.statement_query(since, until, cursor)}"
        return self.call("list_statement", "GET", url, after.read_statement, headers=self._keys())

    def _with_intent(self, name: str, charge_ref: str, build: Callable[[str], ProviderCall[T]]) -> ProviderCall[T]:
        """The call over a charge's payment intent: the charge itself, or what its page is asked for."""
        if charge_ref.startswith(saved.INTENT_PREFIX):
            return build(charge_ref)
        if not charge_ref:
            return certain(name, Unknown("charge_unknown"))
        url = f"{self.base_url}{SESSIONS}/{quote(charge_ref, safe='')}"
        return replace(self.call(name, "GET", url, after.read_paid_intent, headers=self._keys()), then=build)

    def probe(self) -> ProviderCall[None]:
        """Ask for the balance."""
        return self.call("probe", "GET", self.base_url + after.BALANCE, accepts_any, headers=self._keys())

    def parse_callback(self, raw: RawCallback) -> Sequence[Fact]:
        """The fact of a signed event; none of an event about something else.

        Raises CallbackUnverified, then CallbackUnreadable.
        """
        self._verify(raw)
        try:
            event = document(raw.body)
            kind = text(event["type"])
            require(event["livemode"] is (self.environment is Environment.LIVE), "the event is of the other mode")
            told, key = event["data"]["object"], text(event["id"])
            if kind in after.REFUND_EVENTS:
                return [after.refund_fact(told, self.connection_id, key)]
            if kind in after.DISPUTE_EVENTS:
                return after.dispute_facts(told, self.connection_id, key)
            if kind not in EVENT_STATES:
                return []
            if told.get("mode") == saved.SETUP:
                return [self._news(told, key)]
            charge = _charge(told)
        except UNREADABLE as error:
            raise unreadable(error) from error
        state = EVENT_STATES[kind]
        charge = charge if state is None else replace(charge, state=state, raw_state=kind)
        return [hint(self, charge, Trust.SIGNED, key=key)]

    def _news(self, told: Mapping[str, Any], key: str) -> MethodFact:
        reference, page = text(told["client_reference_id"]), text(told["id"])
        return MethodFact(self.connection_id, reference, page, key, text(told["status"]), Trust.SIGNED)

    def _verify(self, raw: RawCallback) -> None:
        parts = [part.partition("=") for part in raw.headers.get("stripe-signature", "").split(",")]
        timestamp = next((value for name, _, value in parts if name.strip() == "t"), "")
        require(timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12, "the timestamp is missing")
        secrets = [secret.strip() for secret in self.given["webhook_secret"].split(",") if secret.strip()]
        body = raw.body.decode("utf-8", "replace")
        matches = [
            RECIPE.verifies({"t": timestamp, "body": body, "secret": secret}, value)
            for secret in secrets
            for name, _, value in parts
            if name.strip() == "v1"
        ]
        require(any(matches), "the signature is missing or wrong")
        away = abs(int(timestamp) - int(raw.received_at.timestamp()))
        require(away <= _TOLERANCE_SECONDS, "the timestamp is too far from now")

    def _form(self, request: ChargeRequest) -> dict[str, str]:
        code = request.amount.currency.code
        amount = amount_told(request.amount)
        back = request.return_url or request.callback_url.partition("/api/")[0] + "/"
        form = {
            "mode": "payment",
            "client_reference_id": request.reference,
            "success_url": back,
            "cancel_url": back,
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": code.lower(),
            "line_items[0][price_data][unit_amount]": str(amount),
            "line_items[0][price_data][product_data][name]": request.description or request.reference,
            "payment_intent_data[metadata][reference]": request.reference,
        }
        if _SHORTEST <= request.seconds <= _LONGEST:
            form["expires_at"] = str(int(request.expires_at.timestamp()))
        return form

    def _post(
        self,
        name: str,
        path: str,
        read: Callable[[OutboundResponse], Any],
        form: Mapping[str, str],
        key: str = "",
        told: Mapping[str, str] | None = None,
    ) -> ProviderCall[Any]:
        headers = self._keys() | ({"Idempotency-Key": key} if key else {}) | dict(told or {})
        url, content = self.base_url + path, urlencode(form).encode()
        return self.call(name, "POST", url, read, content=content, headers=headers, media_type=_FORM)

    def _keys(self) -> dict[str, str]:
        basic = base64.b64encode(f"{self.given['secret_key']}:".encode()).decode()
        return {"Authorization": f"Basic {basic}", "Stripe-Version": API_VERSION}


def _asked_since(reference: str) -> int:
    return int((_made_at(reference) - _BEFORE).timestamp())


def _made_at(reference: str) -> datetime:
    """When our reference was made: it is the hexadecimal form of an id that begins with its milliseconds."""
    try:
        return datetime.fromtimestamp(int(reference[:12], 16) // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(_BEFORE.total_seconds(), UTC)


@tolerant
def _read(response: OutboundResponse) -> Read[ProviderCharge]:
    refused = refusal(response, saved.error_code(response))
    return refused if refused is not None else Accepted(_charge(document(response.body)))


def _charge(told: Mapping[str, Any]) -> ProviderCharge:
    raw_state = f"{text(told['status'])}/{text(told['payment_status'])}"
    url = told.get("url") or ""
    code = text(told["currency"]).upper()
    return ProviderCharge(
        reference=text(told["client_reference_id"]),
        provider_ref=text(told["id"]),
        state=_state(raw_state),
        raw_state=raw_state,
        amount=units(told["amount_total"], code, exponent_of(code)),
        fee=None,
        action=Action(ActionKind.REDIRECT, url=str(url)) if url else Action(ActionKind.NONE),
        occurred_at=None,
        expires_at=at_seconds(told.get("expires_at")),
    )


def _state(raw_state: str) -> ChargeState:
    """A page that is complete is paid only when its payment is: some methods take days."""
    states = {
        "open/unpaid": ChargeState.PENDING,
        "complete/paid": ChargeState.PAID,
        "complete/unpaid": ChargeState.PENDING,
        "expired/unpaid": ChargeState.EXPIRED,
    }
    return states.get(raw_state, ChargeState.UNMAPPED)
