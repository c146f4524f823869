"""What the API answers, as far as the functions of this package speak of it. Answers may hold more than is named here.

Times are text in RFC 3339, UTC. Every name and type here is compared with the API's own document by a test.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict


class Amount(TypedDict):
    """Money: whole minor units (cents, sen) of a currency."""

    amount: int
    currency: str


def amount(minor: int, currency: str) -> Amount:
    """So many minor units of a currency."""
    return {"amount": minor, "currency": currency}


class Customer(TypedDict, total=False):
    """Who pays."""

    name: str | None
    email: str | None
    phone: str | None


class Split(TypedDict):
    """Another merchant's part of a payment."""

    merchant_id: str
    amount: Amount


class Payment(TypedDict):
    """A payment to collect."""

    id: str
    merchant_id: str
    reference: str
    amount: Amount
    description: str
    status: str
    captured: Amount
    version: int
    created_at: str
    expires_at: str
    paid_at: str | None
    failure: str | None
    platform_fee: Amount | None
    provider_fee: Amount | None
    net: Amount | None
    entry_id: str | None
    metadata: dict[str, str]
    checkout_url: str | None


class Refund(TypedDict):
    """Money given back."""

    id: str
    payment_id: str
    amount: Amount
    reason: str
    status: str
    failure: str | None
    created_at: str


class RefundOrRequest(TypedDict, total=False):
    """A refund; or, when somebody must approve it, the request for one: that has an `approval_id` and no `id`."""

    id: str
    approval_id: str
    payment_id: str
    amount: Amount | None
    reason: str
    status: str


class Capture(TypedDict):
    """What was collected of an authorised payment."""

    id: str
    payment_id: str
    amount: Amount
    final: bool
    status: str


class PaymentLink(TypedDict):
    """An address at which to pay."""

    id: str
    merchant_id: str
    url: str
    currency: str
    amount: Amount | None
    reusable: bool
    active: bool
    uses: int
    created_at: str


class Wallet(TypedDict):
    """A wallet with its balances."""

    id: str
    party_id: str
    currency: str
    purpose: str
    available: Amount
    pending: Amount
    held: Amount
    account_ids: dict[str, str]
    version: int
    opened_at: str


class Movement(TypedDict):
    """One line of a wallet's history."""

    entry_id: str
    recipe: str
    description: str
    note: str | None
    direction: str
    amount: Amount
    balance_after: Amount
    effective_at: str
    recorded_at: str


class Hold(TypedDict):
    """Money set aside in a wallet."""

    id: str
    wallet_id: str
    amount: Amount
    state: str
    reason: str
    expires_at: str | None
    version: int


class Recipient(TypedDict, total=False):
    """Whom a transfer is for: one of the three."""

    wallet_id: str | None
    email: str | None
    phone: str | None


class Transfer(TypedDict):
    """Money from one wallet to another."""

    id: str
    state: str
    from_wallet_id: str
    to_wallet_id: str
    amount: Amount
    entry_id: str | None
    balance_after: Amount | None
    scheduled_for: str | None
    failure: str | None
    note: str | None


class Beneficiary(TypedDict):
    """A bank account or e-wallet to pay out to."""

    id: str
    party_id: str
    rail: str
    bank_code: str
    number_hint: str
    holder_name: str | None
    label: str
    status: str
    usable_from: str
    version: int


class Payout(TypedDict):
    """Money on its way out."""

    id: str
    party_id: str
    wallet_id: str
    beneficiary_id: str
    reference: str
    amount: Amount
    fee: Amount
    total: Amount
    status: str
    needs_approval: bool
    failure: str | None
    entry_id: str | None
    metadata: dict[str, str]
    version: int
    created_at: str


class Party(TypedDict):
    """A person or a company."""

    id: str
    kind: str
    roles: list[str]
    name: str
    email: str | None
    phone: str | None
    address: str | None
    kyc_state: str
    tier: str
    version: int
    created_at: str


class InvoiceLine(TypedDict, total=False):
    """A line of an invoice. Quantity and discount (percent) are decimal text."""

    description: str
    quantity: str
    unit: str
    unit_price: Amount
    discount: str
    tax_rate_ids: list[str]
    product_id: str | None


class Invoice(TypedDict):
    """An invoice and what is still open of it."""

    id: str
    number: str | None
    state: str
    customer_id: str
    reference: str
    net: Amount
    tax: Amount
    total: Amount
    open: Amount
    issued_on: str | None
    due_on: str | None
    version: int
    created_at: str


class PayLink(TypedDict):
    """Where the customer pays an invoice."""

    payment_id: str
    amount: Amount
    checkout_path: str | None


class Account(TypedDict):
    """An account of the ledger."""

    id: str
    code: str
    type: str
    currency: str
    name: str
    owner: str | None
    balance: Amount
    floor: Amount | None
    closed_at: str | None
    version: int


class Posting(TypedDict):
    """One debit and one credit of the same amount."""

    debit_account: str
    credit_account: str
    amount: Amount


class Entry(TypedDict):
    """A journal entry."""

    id: str
    recipe: str
    description: str
    effective_at: str
    recorded_at: str
    reverses: str | None
    reversed_by: str | None
    undo: str | None
    metadata: dict[str, Any]
    postings: list[dict[str, Any]]


class TrialBalance(TypedDict):
    """Every account's balance at one moment, and that they balance."""

    as_of: str
    balanced: bool
    totals: list[dict[str, Any]]
    lines: list[dict[str, Any]]


class Subject(TypedDict):
    """What an event is about; of two events, the one with the higher version is newer."""

    kind: str
    id: str
    version: int


class Event(TypedDict):
    """Something that happened, with its number."""

    n: int
    id: str
    type: str
    subject: Subject
    data: dict[str, Any]
    occurred_at: str


class Endpoint(TypedDict):
    """Where webhooks go. `secret` is there once, in the answer that made it."""

    id: str
    url: str
    types: list[str]
    description: str
    disabled_reason: str | None
    version: int
    secret: str | None


class WebhookMessage(TypedDict):
    """The body of a webhook."""

    type: str
    timestamp: str
    data: dict[str, Any]


Role = Literal["customer", "merchant", "supplier"]
