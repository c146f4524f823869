"""Causing what happens to payments, wallets and people."""

from typing import Any
from urllib.parse import urlsplit

from specie.app.triggers.caller import Caller, Maker, Wishes, amount_of

# How the simulator is told to end a payment.
_ENDINGS = {
    "payment.pending": "",
    "payment.paid": "success",
    "payment.failed": "decline",
    "payment.expired": "timeout",
    "payment.exception": "wrong_amount",
}
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8ffff3f0005fe02fea7359d810000000049454e44ae426082"
)


def _payment(event: str) -> Maker:
    async def make(caller: Caller, wishes: Wishes) -> dict[str, Any]:
        ending = wishes.get("simulator", _ENDINGS[event])
        payment = await _create_payment(caller, wishes, ending)
        return await _tried(caller, payment, wishes.get("method", "qr"))

    return make


async def _created(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    return await _create_payment(caller, wishes, "")


async def _cancelled(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    payment = await _created(caller, wishes)
    found: dict[str, Any] = await caller.post(f"/payments/{payment['id']}/cancel")
    return found


async def _create_payment(caller: Caller, wishes: Wishes, ending: str) -> dict[str, Any]:
    body = {
        "merchant_id": await _merchant(caller),
        "reference": wishes.get("reference", caller.stem),
        "amount": amount_of(wishes),
        "description": wishes.get("description", "Made by a trigger"),
        "metadata": {"simulator": ending} if ending else {},
    }
    payment: dict[str, Any] = await caller.post("/payments", body)
    return payment


async def _tried(caller: Caller, payment: dict[str, Any], method: str) -> dict[str, Any]:
    """What the customer does on the hosted page, and how it ended."""
    await caller.pays(urlsplit(payment["checkout_url"]).path, method)
    found: dict[str, Any] = await caller.post(f"/payments/{payment['id']}/check")
    return found


async def party(caller: Caller, wishes: Wishes, role: str = "customer") -> dict[str, Any]:
    """Somebody new."""
    body = {"name": wishes.get("name", "Tri Utami"), "roles": [role]}
    made: dict[str, Any] = await caller.post("/parties", body)
    return made


async def _wallet(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    owner = wishes.get("party_id") or (await party(caller, wishes))["id"]
    body = {"party_id": owner, "currency": wishes.get("currency", "IDR")}
    wallet: dict[str, Any] = await caller.post("/wallets", body)
    return wallet


async def _transfer(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    sender, recipient = await _wallet(caller, wishes), await _wallet(caller, wishes)
    body = {"party_id": sender["party_id"], "amount": amount_of(wishes), "metadata": {"simulator": "success"}}
    await _tried(caller, await caller.post("/top-ups", body), "qr")
    body = {"from_wallet_id": sender["id"], "to": {"wallet_id": recipient["id"]}, "amount": amount_of(wishes)}
    sent: dict[str, Any] = await caller.post("/transfers", body)
    return sent


async def _kyc(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    path = f"/parties/{(await party(caller, wishes))['id']}"
    await caller.post(f"{path}/documents", files={"file": ("id-card.png", _PICTURE, "image/png")})
    known = {"birth_date": "1990-01-31", "address": "Jalan Merdeka 1, Jakarta", "national_id": "3174000000000001"}
    submitted: dict[str, Any] = await caller.post(f"{path}/kyc", known)
    return submitted


async def _merchant(caller: Caller) -> str:
    found = (await caller.get("/parties?role=merchant&limit=1"))["data"]
    if not found:
        found = [await caller.post("/parties", {"name": "Kedai", "roles": ["merchant"]})]
    return str(found[0]["id"])


MAKERS: dict[str, Maker] = {
    **{event: _payment(event) for event in _ENDINGS},
    "payment.created": _created,
    "payment.cancelled": _cancelled,
    "party.created": party,
    "wallet.opened": _wallet,
    "transfer.completed": _transfer,
    "kyc.submitted": _kyc,
}
