"""What is sent to a route, by example: one body for each route that moves money, and for those most used beside them.

They stand in the OpenAPI document. A test sends each one, so none can be wrong for long.
"""

from collections.abc import Mapping
from typing import Any

from specie.platform.metrics import API

Body = Mapping[str, Any]

_ID = "01jx3s5v0q8e5t9m2w4r6y8zab"
_OTHER = "01jx3s5v0q8e5t9m2w4r6y8zac"


def _idr(minor: int) -> Body:
    return {"amount": minor, "currency": "IDR"}


_COFFEE: Body = {"description": "Kopi Gayo, 1 kg", "quantity": "2", "unit": "bag", "unit_price": _idr(18_000_000)}
_STOCKED: Body = {"product_id": f"prd_{_ID}", "quantity": "12"}
_PAID_BACK: Body = {"amount": _idr(5_000_000), "method": "bank", "reason": "Paid twice"}

_WALLETS: Mapping[str, Body] = {
    "POST /wallets": {"party_id": f"pty_{_ID}", "currency": "IDR"},
    "POST /transfers": {
        "from_wallet_id": f"wal_{_ID}",
        "to": {"email": "sri@example.com"},
        "amount": _idr(2_500_000),
        "note": "Rent, November",
    },
    "POST /wallets/{wallet_id}/holds": {
        "amount": _idr(2_500_000),
        "reason": "Deposit for a bicycle",
        "expires_at": "2099-12-31T17:00:00Z",
    },
    "POST /holds/{hold_id}/capture": {"to_wallet_id": f"wal_{_OTHER}", "amount": _idr(1_000_000)},
    "POST /exchanges": {
        "from_wallet_id": f"wal_{_ID}",
        "to_wallet_id": f"wal_{_OTHER}",
        "amount": _idr(16_000_000),
        "at_least": {"amount": 900, "currency": "USD"},
    },
    "POST /top-ups": {"party_id": f"pty_{_ID}", "amount": _idr(10_000_000), "reference": "top-up-17"},
}

_PAYMENTS: Mapping[str, Body] = {
    "POST /payments": {
        "merchant_id": f"pty_{_ID}",
        "reference": "order-1001",
        "amount": _idr(15_000_000),
        "description": "Two bags of coffee",
        "customer": {"name": "Sri Wahyuni", "email": "sri@example.com"},
    },
    "POST /payments/{payment_id}/refunds": {"amount": _idr(5_000_000), "reason": "One bag was torn"},
    "POST /disputes/{dispute_id}/accept": {"reason": "The parcel was never sent"},
    "POST /payments/{payment_id}/captures": {"amount": _idr(15_000_000), "final": True},
    "POST /payment-links": {
        "merchant_id": f"pty_{_ID}",
        "currency": "IDR",
        "description": "Coffee tasting, one place",
        "amount": _idr(7_500_000),
        "reusable": True,
    },
    "POST /payouts": {
        "beneficiary_id": f"ben_{_ID}",
        "reference": "withdrawal-17",
        "amount": _idr(20_000_000),
        "description": "Weekly withdrawal",
    },
    "POST /server/payouts": {"beneficiary_id": f"ben_{_ID}", "reference": "withdrawal-18", "amount": _idr(20_000_000)},
    "POST /payouts/{payout_id}/again": {"reference": "withdrawal-17-again"},
    "POST /beneficiaries": {
        "party_id": f"pty_{_ID}",
        "rail": "bank_account",
        "bank_code": "014",
        "number": "1234567890",
        "label": "Main account",
    },
    "POST /settlements": {"merchant_id": f"pty_{_ID}", "currency": "IDR"},
}

_PURCHASES: Mapping[str, Body] = {
    "POST /purchases": {
        "merchant_id": f"pty_{_ID}",
        "reference": "order-1234",
        "amount": _idr(36_000_000),
        "title": "Coffee for the office",
        "lines": [{"name": "Kopi Gayo, 1 kg", "quantity": 2, "amount": _idr(36_000_000)}],
        "tenders": ["wallet", "provider"],
    },
    "POST /purchases/{buy_id}/pay": {
        "tenders": [{"kind": "wallet", "amount": _idr(6_000_000)}, {"kind": "provider"}],
    },
    "POST /purchases/{buy_id}/refunds": {"lines": [{"n": 1, "quantity": 1}], "reason": "One bag was torn"},
    "POST /cashback/purchases": {
        "external_id": "order-1234",
        "amount": _idr(15_000_000),
        "customer_email": "sri@example.com",
        "merchant_id": f"pty_{_ID}",
    },
    "POST /cashback/purchases/{purchase_id}/returns": {"external_id": "return-77", "amount": _idr(5_000_000)},
    "POST /cashback/payments": {"merchant_id": f"pty_{_ID}", "amount": _idr(4_500_000), "party_id": f"pty_{_OTHER}"},
    "POST /cashback/offers/{offer_id}/fund": {"amount": _idr(100_000_000)},
    "POST /cashback/offers/{offer_id}/withdraw": {"amount": _idr(25_000_000)},
}

_INSTALLMENTS: Mapping[str, Body] = {
    "POST /installments/orders": {
        "plan_id": f"ipl_{_ID}",
        "amount": _idr(120_000_000),
        "reference": "order-1234",
        "title": "Espresso machine",
        "customer_id": f"pty_{_ID}",
    },
    "POST /installments/orders/{order_id}/accept": {"fingerprint": "0123456789abcdef0123456789abcdef"},
    "POST /installments/orders/{order_id}/pay": {"amount": _idr(20_000_000), "ahead": "next"},
    "POST /installments/orders/{order_id}/payoff": {"quote_id": f"iqt_{_ID}"},
    "POST /installments/orders/{order_id}/returns": {"amount": _idr(30_000_000), "reason": "The grinder came back"},
    "POST /installments/orders/{order_id}/waive": {"amount": _idr(500_000), "reason": "The bank was closed"},
    "POST /installments/orders/{order_id}/recover": {"amount": _idr(10_000_000)},
    "POST /installments/orders/{order_id}/charge-off": {"reason": "Nobody has answered for half a year"},
    "POST /installments/orders/{order_id}/reschedule": {"parts": 9, "reason": "A lower income, agreed by phone"},
}

_BILLING: Mapping[str, Body] = {
    "POST /billing/invoices": {
        "customer_id": f"pty_{_ID}",
        "currency": "IDR",
        "lines": [_COFFEE],
        "due_days": 14,
        "reference": "PO-88",
    },
    "POST /billing/invoices/{invoice_id}/issue": {"deliver_from": f"whs_{_ID}"},
    "POST /billing/invoices/{invoice_id}/credit-notes": {
        "reason": "One bag was torn",
        "lines": [{"n": 1, "quantity": "1"}],
    },
    "POST /billing/invoices/{invoice_id}/delivery": {"warehouse_id": f"whs_{_ID}"},
    "POST /billing/invoices/{invoice_id}/pay-link": {"amount": _idr(10_000_000)},
    "POST /billing/invoices/{invoice_id}/deposit-refund": _PAID_BACK,
    "POST /billing/credit-notes/{credit_note_id}/refund": _PAID_BACK,
    "POST /billing/receipts": {
        "customer_id": f"pty_{_ID}",
        "amount": _idr(36_000_000),
        "method": "bank",
        "reference": "BCA 21/11",
        "allocations": [{"invoice_id": f"inv_{_ID}", "amount": _idr(36_000_000)}],
    },
    "POST /billing/receipts/{receipt_id}/allocate": {
        "allocations": [{"invoice_id": f"inv_{_ID}", "amount": _idr(10_000_000)}],
    },
    "POST /billing/receipts/{receipt_id}/refund": _PAID_BACK,
    "POST /quotes": {
        "customer_id": f"pty_{_ID}",
        "currency": "IDR",
        "lines": [_COFFEE],
        "valid_until": "2099-12-31",
    },
    "POST /sales-orders/{sales_order_id}/deliveries": {
        "warehouse_id": f"whs_{_ID}",
        "lines": [{"n": 1, "quantity": "2"}],
    },
    "POST /sales-orders/{sales_order_id}/invoices": {"lines": [{"n": 1, "quantity": "2"}]},
}

_PAYABLES: Mapping[str, Body] = {
    "POST /payables/orders/{purchase_order_id}/receive": {"lines": [{"n": 1, "quantity": "2"}]},
    "POST /payables/bills": {
        "supplier_id": f"pty_{_ID}",
        "currency": "IDR",
        "their_number": "F-2026-118",
        "billed_on": "2026-11-02",
        "due_on": "2026-12-02",
        "lines": [_COFFEE],
    },
    "POST /payables/bills/{bill_id}/accept": {"reason": "The price had risen, agreed by phone"},
    "POST /payables/bills/{bill_id}/reject": {"reason": "Nothing of it was ordered"},
    "POST /payables/bills/{bill_id}/debit-notes": {"reason": "One bag was torn", "lines": [{"n": 1, "quantity": "1"}]},
    "POST /payables/payments": {
        "supplier_id": f"pty_{_ID}",
        "amount": _idr(36_000_000),
        "method": "bank",
        "allocations": [{"bill_id": f"bil_{_ID}", "amount": _idr(36_000_000)}],
    },
    "POST /payables/payouts": {"beneficiary_id": f"ben_{_ID}", "bill_ids": [f"bil_{_ID}"]},
}

_STOCK: Mapping[str, Body] = {
    "POST /stock/receipts": {
        "warehouse_id": f"whs_{_ID}",
        "lines": [{**_STOCKED, "unit_cost": _idr(12_000_000)}],
        "note": "Delivery of Monday",
    },
    "POST /stock/deliveries": {"warehouse_id": f"whs_{_ID}", "lines": [_STOCKED]},
    "POST /stock/supplier-returns": {"warehouse_id": f"whs_{_ID}", "lines": [_STOCKED], "note": "Mouldy"},
    "POST /stock/transfers": {
        "warehouse_id": f"whs_{_ID}",
        "to_warehouse_id": f"whs_{_OTHER}",
        "lines": [_STOCKED],
    },
    "POST /stock/counts": {"warehouse_id": f"whs_{_ID}", "lines": [_STOCKED], "note": "Counted on Sunday"},
    "POST /stock/adjustments": {
        "warehouse_id": f"whs_{_ID}",
        "direction": "out",
        "goods": {"product_id": f"prd_{_ID}", "quantity": "1"},
        "note": "Broken",
    },
    "POST /stock/movements/{stock_movement_id}/return": {"quantity": "1", "note": "The customer brought it back"},
}

_BOOKS: Mapping[str, Body] = {
    "POST /ledger/entries": {
        "description": "Rent of the shop, November",
        "postings": [
            {"debit_account": "expense:rent", "credit_account": "asset:bank:main", "amount": _idr(500_000_000)}
        ],
    },
    "POST /ledger/entries/bulk": {
        "mode": "each_on_its_own",
        "entries": [
            {
                "description": "Coffee for the team",
                "postings": [
                    {"debit_account": "expense:office", "credit_account": "asset:bank:main", "amount": _idr(4_500_000)}
                ],
            }
        ],
    },
    "POST /ledger/opening-balances": {
        "effective_at": "2026-01-01T00:00:00Z",
        "balances": [{"account": "asset:bank:main", "amount": _idr(1_000_000_000)}],
    },
    "POST /ledger/entries/{entry_id}/reverse": {
        "effective_at": "2026-11-02T03:00:00Z",
        "reason": "Written into the wrong account",
    },
    "POST /ledger/revaluations": {"currency": "USD", "day": "2026-10-31"},
    "POST /reconciliation/sources/{source_id}/fetch": {
        "since": "2026-11-01T00:00:00Z",
        "until": "2026-11-02T00:00:00Z",
    },
    "POST /reconciliation/sources/{source_id}/matches": {
        "line_ids": [f"rln_{_ID}"],
        "entry_ids": [f"txn_{_ID}"],
        "note": "The bank rounded",
    },
    "POST /reconciliation/matches/{match_id}/reopen": {"reason": "It belongs to another payment"},
}

_PEOPLE: Mapping[str, Body] = {
    "POST /auth/login": {"email": "sri@example.com", "password": "a garden of brass bells"},
    "POST /members": {"email": "fitri@example.com", "name": "Fitri Handayani", "role": "finance"},
    "POST /api-keys": {
        "name": "Shop",
        "permissions": ["payments:create", "payments:read"],
        "networks": ["203.0.113.7/32"],
        "expires_in_days": 90,
    },
    "POST /parties": {
        "name": "Sri Wahyuni",
        "email": "sri@example.com",
        "phone": "+6281298765432",
        "roles": ["customer"],
    },
    "POST /parties/{party_id}/kyc": {
        "birth_date": "1990-05-17",
        "address": "Jalan Senopati 12, Jakarta",
        "national_id": "3174000000000001",
    },
    "POST /connections": {"provider": "simulator", "name": "To try things with"},
    "POST /webhook-endpoints": {"url": "https://example.com/specie", "types": ["payment.*"]},
}

EXAMPLES: Mapping[str, Body] = {
    **_WALLETS,
    **_PAYMENTS,
    **_PURCHASES,
    **_INSTALLMENTS,
    **_BILLING,
    **_PAYABLES,
    **_STOCK,
    **_BOOKS,
    **_PEOPLE,
}
"""A body by method and path below `/api/v1`."""


def add(document: dict[str, Any]) -> dict[str, Any]:
    """Put the examples into a complete document. Raises LookupError for one whose route takes no such body."""
    for way, body in EXAMPLES.items():
        method, path = way.split(" ")
        operation = document["paths"].get(f"{API}{path}", {}).get(method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            raise LookupError(f"no JSON body is sent to {way}")
        content["example"] = dict(body)
    return document
