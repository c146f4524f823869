"""Stripe's dialect: forms behind Basic, keys that replay, events signed over their whole body."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, accepts_any, certain, hint, require
from specie.providers.dialect import Dialect, Environment, Field
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
from specie.providers.stripe import saved
from specie.providers.stripe.amounts import amount_told, exponent_of

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
        callback="In the dashboard under Webhooks, for the events checkout.session.*",
        saves=(ChargeKind.CARD,),
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

    def probe(self) -> ProviderCall[None]:
        """Ask for the balance."""
        return self.call("probe", "GET", f"{self.base_url}/v1/balance", accepts_any, headers=self._keys())

    def parse_callback(self, raw: RawCallback) -> Sequence[Fact]:
        """The fact of a signed event; none of an event about something else.

        Raises CallbackUnverified, then CallbackUnreadable.
        """
        self._verify(raw)
        try:
            event = document(raw.body)
            kind = text(event["type"])
            require(event["livemode"] is (self.environment is Environment.LIVE), "the event is of the other mode")
            if kind not in EVENT_STATES:
                return []
            told, key = event["data"]["object"], text(event["id"])
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
