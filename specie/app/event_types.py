"""Entries of the event catalogue for the modules that only name their types, so that examples and filters know them."""

from collections.abc import Mapping
from typing import Any

from specie import cashback, payments, payouts
from specie.events import EventType, catalogue

_KEY = "key_01jx3s5v0q8e5t9m2w4r6y8zab"
_PARTY = "pty_01jx3s5v0q8e5t9m2w4r6y8zab"
_ENTRY = "txn_01jx3s5v0q8e5t9m2w4r6y8zab"
_DEBIT, _CREDIT = "acct_01jx3s5v0q8e5t9m2w4r6y8zab", "acct_01jx3s5v0q8e5t9m2w4r6y8zac"
_PAYMENT = {
    "id": "pay_01jx3s5v0q8e5t9m2w4r6y8zab",
    "kind": "sale",
    "party_id": _PARTY,
    "reference": "order-1234",
    "status": "paid",
    "version": 3,
    "amount": {"amount": 1_500_000, "currency": "IDR"},
    "paid_at": "2026-11-21T08:00:00+00:00",
    "paid_late": False,
    "platform_fee": {"amount": 15_000, "currency": "IDR"},
    "provider_fee": {"amount": 7_000, "currency": "IDR"},
    "net": {"amount": 1_478_000, "currency": "IDR"},
    "captured": {"amount": 1_500_000, "currency": "IDR"},
    "entry_id": _ENTRY,
    "metadata": {},
    "splits": [],
}
_PAYOUT = {
    "id": "po_01jx3s5v0q8e5t9m2w4r6y8zab",
    "party_id": _PARTY,
    "wallet_id": "wal_01jx3s5v0q8e5t9m2w4r6y8zab",
    "beneficiary_id": "ben_01jx3s5v0q8e5t9m2w4r6y8zab",
    "reference": "withdrawal-17",
    "status": "succeeded",
    "version": 4,
    "amount": {"amount": 25_000_000, "currency": "IDR"},
    "fee": {"amount": 250_000, "currency": "IDR"},
    "failure": None,
    "attention": None,
    "entry_id": _ENTRY,
    "metadata": {},
}
_BENEFICIARY = {
    "id": "ben_01jx3s5v0q8e5t9m2w4r6y8zab",
    "party_id": _PARTY,
    "rail": "bank_account",
    "bank_code": "014",
    "hint": "••••7890",
    "status": "verified",
    "usable_from": "2026-11-22T08:00:00+00:00",
}
_POSTED = {
    "entry_id": _ENTRY,
    "recipe": "ledger.manual@1",
    "effective_at": "2026-11-21T08:00:00+00:00",
    "recorded_at": "2026-11-21T08:00:00+00:00",
    "reverses": None,
    "postings": [
        {"debit_account": _DEBIT, "credit_account": _CREDIT, "amount": {"amount": 1_500_000, "currency": "IDR"}}
    ],
}
_CAPTURE = {
    "id": "cap_01jx3s5v0q8e5t9m2w4r6y8zab",
    "amount": {"amount": 500_000, "currency": "IDR"},
    "status": "succeeded",
    "failure": None,
}
_DISPUTE = {
    "id": "dsp_01jx3s5v0q8e5t9m2w4r6y8zab",
    "amount": {"amount": 1_500_000, "currency": "IDR"},
    "fee": {"amount": 15_000, "currency": "IDR"},
    "status": "open",
    "reason": "The customer does not recognise the payment",
}
_CROSSED = {
    "monitor_id": "mon_01jx3s5v0q8e5t9m2w4r6y8zab",
    "account_id": _DEBIT,
    "name": "asset:clearing:simulator",
    "direction": "below",
    "limit": {"amount": 100_000_000, "currency": "IDR"},
    "balance": {"amount": 99_000_000, "currency": "IDR"},
    "entry_id": _ENTRY,
}
_REFUND = {
    "id": "ref_01jx3s5v0q8e5t9m2w4r6y8zab",
    "amount": {"amount": 500_000, "currency": "IDR"},
    "status": "succeeded",
    "origin": "request",
    "reason": "one bag was missing",
    "failure": None,
}


_MERCHANT = {"party_id": _PARTY, "status": "active", "reason": "the shop is known"}
_OFFER_ID, _PURCHASE_ID = "ofr_01jx3s5v0q8e5t9m2w4r6y8zab", "pur_01jx3s5v0q8e5t9m2w4r6y8zab"
_OFFER = {
    "id": _OFFER_ID,
    "merchant_id": _PARTY,
    "name": "Weekend coffee",
    "status": "active",
    "rule_version": 1,
    "funded_by": "merchant",
    "currency": "IDR",
}
_PURCHASE = {
    "id": _PURCHASE_ID,
    "merchant_id": _PARTY,
    "party_id": _PARTY,
    "external_id": "order-1234",
    "status": "confirmed",
    "amount": {"amount": 1_500_000, "currency": "IDR"},
    "returned": {"amount": 0, "currency": "IDR"},
    "occurred_at": "2026-11-21T08:00:00+00:00",
    "reason": "",
}
_CASHBACK = {
    "id": "acr_01jx3s5v0q8e5t9m2w4r6y8zab",
    "purchase_id": _PURCHASE_ID,
    "offer_id": _OFFER_ID,
    "rule_version": 1,
    "party_id": _PARTY,
    "merchant_id": _PARTY,
    "status": "available",
    "amount": {"amount": 75_000, "currency": "IDR"},
    "granted": {"amount": 75_000, "currency": "IDR"},
    "kept": {"amount": 75_000, "currency": "IDR"},
    "matures_at": "2026-12-05T08:00:00+00:00",
    "expires_at": None,
}
_SPENT = {
    "entry_id": _ENTRY,
    "party_id": _PARTY,
    "merchant_id": _PARTY,
    "amount": {"amount": 100_000, "currency": "IDR"},
    "purses": [
        {"purpose": "cashback", "amount": {"amount": 75_000, "currency": "IDR"}},
        {"purpose": "main", "amount": {"amount": 25_000, "currency": "IDR"}},
    ],
}


def _cashback_sample(name: str) -> Mapping[str, Any]:
    if name == "cashback.spent":
        return {"spent": _SPENT}
    subject = name.split(".", maxsplit=1)[0]
    if subject == "offer":
        more = {"amount": {"amount": 10_000_000, "currency": "IDR"}} if name.endswith(("funded", "withdrawn")) else {}
        return {"offer": _OFFER, **more}
    if subject == "purchase":
        return {"purchase": _PURCHASE}
    return {"merchant": _MERCHANT} if subject == "cashback_merchant" else {"cashback": _CASHBACK}


def _payment_sample(name: str) -> Mapping[str, Any]:
    more: dict[str, Any] = {"refund": _REFUND} if name.startswith("refund.") else {}
    if name.startswith("dispute."):
        more = {"dispute": _DISPUTE}
    if name.startswith("capture."):
        more = {"capture": _CAPTURE}
    return {"payment": _PAYMENT, **more}


_SAMPLES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "ledger.entry.posted": ("An entry that belongs to no product was posted.", _POSTED),
    "ledger.balance.crossed": ("A commit took a watched balance beyond its limit.", _CROSSED),
    "ledger.period.closed": ("The books take no more entries up to a day.", {"closed_through": "2026-10-31"}),
    "ledger.period.reopened": ("The books are closed up to an earlier day, or open.", {"closed_through": None}),
    "tenant.created": ("A tenant has its books.", {"slug": "kopi", "mode": "live"}),
    "user.registered": ("A person signed up by themselves.", {"party_id": _PARTY}),
    "api_key.created": ("A key is valid from now on.", {"permissions": ["payments:create"], "rotated_from": _KEY}),
    "api_key.revoked": ("A key is not valid any more.", {}),
    **{str(name): (description, _payment_sample(str(name))) for name, description in payments.CATALOGUE.items()},
    **{str(name): (description, {"payout": _PAYOUT}) for name, description in payouts.CATALOGUE.items()},
    **{str(name): (description, _cashback_sample(str(name))) for name, description in cashback.CATALOGUE.items()},
    "beneficiary.added": ("An account is in a party's book; the bank is asked.", {"beneficiary": _BENEFICIARY}),
    "beneficiary.verified": ("The bank has said whose account it is.", {"beneficiary": _BENEFICIARY}),
    "beneficiary.rejected": ("The bank knows no such account.", {"beneficiary": _BENEFICIARY}),
    "beneficiary.removed": ("An account has been taken out of the book.", {"beneficiary": _BENEFICIARY}),
}


def register() -> None:
    """Add the types; the schema of each is that of its example."""
    for name, (description, sample) in _SAMPLES.items():
        catalogue.register(
            EventType(name=name, version=1, json_schema=_schema_of(sample), sample=sample, description=description)
        )


def _schema_of(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        properties = {name: _schema_of(item) for name, item in value.items()}
        return {"type": "object", "properties": properties}
    if isinstance(value, list):
        return {"type": "array", "items": _schema_of(value[0])} if value else {"type": "array"}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "integer"}
    return {"type": ["string", "null"]}
