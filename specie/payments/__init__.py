"""Payments: the state machine around collecting money, its attempts at providers, links, fees and exceptions.

Owns who has to pay what to whom and how far that has come. Every fact about a payment passes through `apply`, whoever
brings it; the postings of a collected payment are made in the same unit of work.
"""

from specie.payments.acceptances import KIND as ACCEPTANCE_KIND
from specie.payments.acceptances import decided as acceptance_decided
from specie.payments.attempts import live_attempt
from specie.payments.booking import Bearing, bearings
from specie.payments.captures import request as request_capture
from specie.payments.capturing import order as send_capture
from specie.payments.charging import check, pay
from specie.payments.errors import (
    ChargeUnknown,
    LinkAmount,
    LinkClosed,
    LinkMissing,
    MethodUnavailable,
    PaymentCannotMove,
    PaymentDisputed,
    PaymentMissing,
    RefundImpossible,
    RefundTooLarge,
)
from specie.payments.events import CATALOGUE, PaymentEvent
from specie.payments.extras import (
    add_detail,
    checkout_path,
    follow,
    follow_end,
    keep_refunds,
    set_checkout_page,
    set_party_names,
    set_settled_parties,
    settled_parties,
)
from specie.payments.facts import apply
from specie.payments.invariants import INVARIANTS
from specie.payments.link_model import PaymentLink
from specie.payments.link_store import owner_of_token
from specie.payments.links import current_payment as current_payment_of_link
from specie.payments.links import digest as link_digest
from specie.payments.links import get as get_link
from specie.payments.links import use as use_link
from specie.payments.method_model import SavedMethod
from specie.payments.model import Attempt, AttemptState, CaptureMode, Payment, PaymentKind, PaymentState, Terms
from specie.payments.postings import provider_fee_account
from specie.payments.reference_store import references_of
from specie.payments.refund_approval import KIND as REFUND_KIND
from specie.payments.refund_approval import decided as refund_decided
from specie.payments.refund_approval import request as request_refund
from specie.payments.refund_booking import refundable
from specie.payments.refund_model import Refund, RefundId, RefundState
from specie.payments.refund_store import entry_ids_of, refunds_of
from specie.payments.refunding import order as send_refund
from specie.payments.refunds import get_refund
from specie.payments.refunds import possible as refund_possible
from specie.payments.refunds import reserve as reserve_refund
from specie.payments.routing import methods
from specie.payments.saving import charge as charge_saved
from specie.payments.saving import to_charge as methods_to_charge
from specie.payments.service import (
    CreatePayment,
    cancel,
    create,
    forget_customers,
    get_payment,
    open_customers,
    still_disputed,
)
from specie.payments.store import attempts_of
from specie.payments.terms_service import get_terms, return_link

__all__ = [
    "ACCEPTANCE_KIND",
    "CATALOGUE",
    "INVARIANTS",
    "REFUND_KIND",
    "Attempt",
    "AttemptState",
    "Bearing",
    "CaptureMode",
    "ChargeUnknown",
    "CreatePayment",
    "LinkAmount",
    "LinkClosed",
    "LinkMissing",
    "MethodUnavailable",
    "Payment",
    "PaymentCannotMove",
    "PaymentDisputed",
    "PaymentEvent",
    "PaymentKind",
    "PaymentLink",
    "PaymentMissing",
    "PaymentState",
    "Refund",
    "RefundId",
    "RefundImpossible",
    "RefundState",
    "RefundTooLarge",
    "SavedMethod",
    "Terms",
    "acceptance_decided",
    "add_detail",
    "apply",
    "attempts_of",
    "bearings",
    "cancel",
    "charge_saved",
    "check",
    "checkout_path",
    "create",
    "current_payment_of_link",
    "entry_ids_of",
    "follow",
    "follow_end",
    "forget_customers",
    "get_link",
    "get_payment",
    "get_refund",
    "get_terms",
    "keep_refunds",
    "link_digest",
    "live_attempt",
    "methods",
    "methods_to_charge",
    "open_customers",
    "owner_of_token",
    "pay",
    "provider_fee_account",
    "references_of",
    "refund_decided",
    "refund_possible",
    "refundable",
    "refunds_of",
    "request_capture",
    "request_refund",
    "reserve_refund",
    "return_link",
    "send_capture",
    "send_refund",
    "set_checkout_page",
    "set_party_names",
    "set_settled_parties",
    "settled_parties",
    "still_disputed",
    "use_link",
]
