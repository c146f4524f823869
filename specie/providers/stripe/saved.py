"""What Stripe says of kept cards: pages in setup mode, and payment intents that are confirmed without the customer."""

from collections.abc import Mapping
from typing import Any

from specie.platform.outbound import OutboundResponse
from specie.providers.method_model import KeepState, MethodRequest, ProviderMethod
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    ChargeRequest,
    ChargeState,
    ErrorClass,
    ProviderCharge,
    Rejected,
    Unknown,
)
from specie.providers.reading import Read, document, refusal, text, tolerant, units
from specie.providers.stripe.amounts import amount_told, exponent_of

INTENTS = "/v1/payment_intents"
METHODS = "/v1/payment_methods"
INTENT_PREFIX = "pi_"
SETUP = "setup"
NEEDS_CUSTOMER = "authentication_required"
EXPANDED = "setup_intent.payment_method"
_STATES = {
    "succeeded": ChargeState.PAID,
    "processing": ChargeState.PENDING,
    # Without its customer an intent that was declined waits for ever for another card: nobody will give it one.
    "requires_payment_method": ChargeState.FAILED,
    "canceled": ChargeState.CANCELLED,
}


def setup_form(request: MethodRequest) -> dict[str, str]:
    """A page on which a customer gives Stripe a card to keep; Stripe makes the customer it is kept for."""
    return {
        "mode": SETUP,
        "client_reference_id": request.reference,
        "customer_creation": "always",
        "allowed_payment_method_types[0]": "card",
        "success_url": request.return_url,
        "cancel_url": request.return_url,
        "setup_intent_data[metadata][reference]": request.reference,
        "expand[0]": EXPANDED,
    }


def charge_form(request: ChargeRequest) -> dict[str, str]:
    """A charge to a kept card while its owner is away. Raises ValueError where Stripe cannot tell the amount."""
    customer, _, method = request.method_token.partition("/")
    return {
        "amount": str(amount_told(request.amount)),
        "currency": request.amount.currency.code.lower(),
        "customer": customer,
        "payment_method": method,
        "off_session": "true",
        "confirm": "true",
        "description": request.description or request.reference,
        "metadata[reference]": request.reference,
    }


def method_of(told: Mapping[str, Any]) -> ProviderMethod:
    """A page in setup mode as Stripe tells of it."""
    status, reference = text(told["status"]), text(told["id"])
    if status == "open":
        return ProviderMethod(KeepState.WAITING, provider_ref=reference, page=str(told["url"]))
    if status == "expired":
        return ProviderMethod(KeepState.ENDED, provider_ref=reference, reason="expired")
    kept = told["setup_intent"]["payment_method"]
    card = kept["card"]
    label = f"{text(card['brand']).replace('_', ' ').title()} •••• {text(card['last4'])}"
    token = f"{text(told['customer'])}/{text(kept['id'])}"
    return ProviderMethod(KeepState.KEPT, token, label[:60], provider_ref=reference)


@tolerant
def read_method(response: OutboundResponse) -> Read[ProviderMethod]:
    """A page in setup mode; complete without its card is no answer yet."""
    return refusal(response, error_code(response)) or Accepted(method_of(document(response.body)))


@tolerant
def read_forgotten(response: OutboundResponse) -> Read[None]:
    """That a card is kept no longer, also when Stripe says that it is not, or does not know it."""
    refused = refusal(response, error_code(response))
    unknown_there = isinstance(refused, Rejected) and refused.error_class is ErrorClass.VALIDATION
    return Accepted(None) if unknown_there else refused or Accepted(None)


@tolerant
def read_intent(response: OutboundResponse) -> Read[ProviderCharge]:
    """A charge to a kept card. Declined is decided; only a bank that asks for its customer is named apart."""
    code = error_code(response)
    refused = refusal(response, code)
    if isinstance(refused, Rejected) and code == NEEDS_CUSTOMER:
        return Rejected(code, ErrorClass.CUSTOMER_NEEDED)
    return refused or Accepted(intent_of(document(response.body)))


def read_intents(reference: str, response: OutboundResponse) -> Read[ProviderCharge | None]:
    """Our intent among a customer's latest ones; nobody knows when there are more than one page of them."""
    refused = refusal(response)
    if refused is not None:
        return refused
    told = document(response.body)
    ours = [one for one in told["data"] if (one.get("metadata") or {}).get("reference") == reference]
    if ours:
        return Accepted(intent_of(ours[0]))
    return Unknown("too_many_to_look_through") if told["has_more"] else Accepted(None)


def intent_of(told: Mapping[str, Any]) -> ProviderCharge:
    """A payment intent as Stripe tells of it."""
    status, code = text(told["status"]), text(told["currency"]).upper()
    error = told.get("last_payment_error") or {}
    why = str(error.get("decline_code") or error.get("code") or "")
    return ProviderCharge(
        reference=text(told["metadata"]["reference"]),
        provider_ref=text(told["id"]),
        failure=ErrorClass.CUSTOMER_NEEDED if why == NEEDS_CUSTOMER else None,
        state=_STATES.get(status, ChargeState.UNMAPPED),
        raw_state=f"{status}/{why}"[:100] if why else status,
        amount=units(told["amount"], code, exponent_of(code)),
        fee=None,
        action=Action(ActionKind.NONE),
        occurred_at=None,
        expires_at=None,
    )


def error_code(response: OutboundResponse) -> str:
    """Stripe's own word for why it refused; empty for a 2xx."""
    if response.status < 300:
        return ""
    error = document(response.body).get("error") or {}
    return str(error.get("decline_code") or error.get("code") or "")
