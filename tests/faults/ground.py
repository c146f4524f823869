"""What the flows start from: people with money of their own for each flow, a shop for each, and what the shops offer.

Every flow has its own parties, so that what one of them has at the end is decided by one flow alone.
"""

import json

from specie.app.demo_people import specimen
from tests.faults.caller import Caller, rupiah

FUNDS = 14_000_000
PAYERS = (
    *("plain_payer", "plain_payee", "withdrawer", "doubter", "decliner", "returner", "batcher", "asker", "server"),
    *("part_payer", "earner", "buyer", "saver", "time_buyer", "time_asker", "time_earner", "invoiced", "chooser"),
    "sender",
)
POOR = ("card_buyer", "subscriber", "recipient")
"""Customers whose wallets are empty."""
SHOPS = (
    *("capture_shop", "doubt_shop", "refund_shop", "refund_doubt_shop", "dispute_shop", "part_shop", "earn_shop"),
    *("buy_shop", "recon_shop", "time_shop", "follow_shop", "settled_shop", "card_shop"),
    "given_up_shop",
)
SUPPLIERS = ("supplier", "far_supplier")
"""They are owed, and have no money here."""
# Whose account, and its number there. The last digits tell the bank nothing that the flows do not say.
ACCOUNTS = {
    "withdrawer": "514007110010",
    "doubter": "514007110020",
    "decliner": "514007110030",
    "returner": "514007110040",
    "batcher": "514007110050",
    "asker": "514007110060",
    "server": "514007110070",
    "time_asker": "514007110080",
    "settled_shop": "514007110090",
    "supplier": "514007110100",
    # What is paid to this one comes back.
    "far_supplier": "514007110004",
}
LINE = 40_000
"""Payouts and refunds above it need a second person."""


def prepare(caller: Caller) -> dict[str, str]:
    """Make it all, and return the ids by name."""
    made: dict[str, str] = {}
    _people(caller, made)
    _rules(caller, made)
    _accounts(caller, made)
    _offers(caller, made)
    _goods(caller, made)
    _server(caller, made)
    return made


def _people(caller: Caller, made: dict[str, str]) -> None:
    rich = caller.read("/wallets?limit=100")["data"]
    funded = [
        one["id"] for one in rich if one["currency"] == "IDR" and one["available"]["amount"] > FUNDS * len(PAYERS)
    ]
    for number, name in enumerate((*PAYERS, *POOR, *SHOPS, *SUPPLIERS)):
        role = "merchant" if name in SHOPS else "supplier" if name in SUPPLIERS else "customer"
        body = {"name": name, "email": f"{name}@assay.example", "kind": "person", "roles": [role]}
        made[f"{name}_party"] = caller.do("party", "/parties", body).result
        wallet = {"party_id": made[f"{name}_party"], "currency": "IDR"}
        made[name] = caller.do("wallet", "/wallets", wallet).result
        if name in PAYERS:
            body = {"from_wallet_id": funded[number % len(funded)], "to": {"wallet_id": made[name]}}
            caller.do("transfer", "/transfers", body | {"amount": rupiah(FUNDS)})


def _rules(caller: Caller, made: dict[str, str]) -> None:
    for shop in SHOPS:
        terms = {"merchant_id": made[f"{shop}_party"], "fee_rate": "0", "fee_fixed": {"IDR": 0}, "hold_days": 0}
        caller.do("terms", "/payment-settings", terms, method="PATCH")
    terms = {"fee_rate": "0", "fee_fixed": {"IDR": 250}, "minimum": {"IDR": 1}, "cool_off_seconds": 0}
    caller.do("terms", "/payout-settings", terms, method="PATCH")
    caller.log_in("owner")
    for kind in ("payout", "refund"):
        caller.do("line", f"/approval-lines/{kind}/IDR", {"above": LINE}, owner="owner", method="PUT")


def _accounts(caller: Caller, made: dict[str, str]) -> None:
    for name, number in ACCOUNTS.items():
        body = {"party_id": made[f"{name}_party"], "bank_code": "014", "number": number, "label": name}
        made[f"{name}_account"] = caller.do("account", "/beneficiaries", body, owner="owner").result
    for name in ACCOUNTS:
        account = f"/beneficiaries/{made[f'{name}_account']}"
        if caller.read(account)["status"] != "verified":
            caller.do("account", f"{account}/check", owner="owner")
        caller.wait_for(account, lambda found: found["status"] == "verified")


def _offers(caller: Caller, made: dict[str, str]) -> None:
    for shop, days in (("earn_shop", 0), ("buy_shop", 0), ("follow_shop", 0), ("time_shop", 1)):
        party = made[f"{shop}_party"]
        _verify(caller, party)
        caller.do("cashback", "/cashback/merchants", {"party_id": party})
        caller.do("cashback", f"/cashback/merchants/{party}/activate", {"reason": "known"})
        terms = {"currency": "IDR", "reward": {"kind": "percent", "rate": "0.1"}}
        terms |= {"return_days": days, "expiry_days": 3 if days else None}
        body = {"merchant_id": party, "name": "A tenth", "funded_by": "house", "terms": terms}
        offer = caller.do("cashback", "/cashback/offers", body).result
        caller.do("cashback", f"/cashback/offers/{offer}/fund", {"amount": rupiah(FUNDS * 5)})
        caller.do("cashback", f"/cashback/offers/{offer}/activate", {})
    for shop, buyer, late_fee in (
        ("part_shop", "part_payer", 700),
        ("buy_shop", "buyer", 700),
        ("time_shop", "time_buyer", 700),
        # A charge that is answered a day late must end like one that is not.
        ("card_shop", "card_buyer", 0),
    ):
        terms = {"parts": 2, "interval": "weekly", "grace_days": 0, "late_fee_minor": late_fee}
        body = {"merchant_id": made[f"{shop}_party"], "name": "Two parts", "currency": "IDR", "terms": terms}
        made[f"{shop}_plan"] = caller.do("plan", "/installments/plans", body).result
        line = f"/installments/lines/{made[f'{buyer}_party']}/IDR"
        caller.do("line", line, {"limit_minor": FUNDS * 100}, method="PUT")


def _verify(caller: Caller, party: str) -> None:
    caller.upload(f"/parties/{party}/documents", {"kind": "id_card"}, ("card.png", specimen("assay"), "image/png"))
    known = {"birth_date": "1991-04-17", "address": "Jalan Senopati 12", "national_id": party[-12:]}
    caller.do("kyc", f"/parties/{party}/kyc", known)
    caller.do("kyc", f"/parties/{party}/kyc/approve", {"reason": "it matches"})


def _goods(caller: Caller, made: dict[str, str]) -> None:
    made["warehouse"] = caller.do("warehouse", "/stock/warehouses", _place("FAULT")).result
    made["other_warehouse"] = caller.do("warehouse", "/stock/warehouses", _place("OTHER")).result
    body = {"name": "Beans", "sku": "FAULT-1", "unit": "bag"}
    made["product"] = caller.do("product", "/products", body).result
    caller.do("profile", "/billing/profile", {"name": "Kedai Assay"}, method="PUT")


def _server(caller: Caller, made: dict[str, str]) -> None:
    """A key that signs what it asks for."""
    body = {"name": "server", "permissions": ["payouts:create", "payouts:read"], "networks": ["127.0.0.1/32"]}
    key = json.loads(caller.do("key", "/api-keys", body, owner="owner").answer)
    secret = json.loads(caller.do("secret", "/payout-signing-keys", {"key_id": key["id"]}, owner="owner").answer)
    made["server_key"], made["server_secret"] = key["key"], secret["secret"]


def _place(code: str) -> dict[str, str]:
    return {"code": code, "name": code, "currency": "IDR"}
