"""`specie trigger`: make an event happen for real in a sandbox, by the requests that would make it happen anywhere."""

import uuid
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx2
import typer

from specie.app.cli.client import Client, Key, Unreachable, Url
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain

Wishes = dict[str, str]
Maker = Callable[[Client, Wishes], dict[str, Any]]

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


def trigger_command(
    event: Annotated[str, typer.Argument(help="The event to cause, such as payment.paid; without it, the list.")] = "",
    override: Annotated[list[str] | None, typer.Option(help="Another value, as amount=1500 or currency=JPY.")] = None,
    url: Url = "",
    key: Key = "",
    json: Json = False,
) -> None:
    """Cause an event in a sandbox; the object it is about is printed."""
    if event not in MAKERS:
        complain(json, "usage", f"Say one of: {', '.join(sorted(MAKERS))}.")
        raise typer.Exit(ExitCode.USAGE)
    if key.startswith("spc_live_"):
        complain(json, "usage", "This key is live; trigger works in a sandbox only.")
        raise typer.Exit(ExitCode.USAGE)
    wishes = dict(part.split("=", 1) for part in override or [] if "=" in part)
    with Client(url, key) as client:
        made = MAKERS[event](client, wishes)
    about = made.get("id") or made.get("entry_id") or ""
    answer(json, {"event": event, "object": made}, f"{event}: {about} is {made.get('status', 'made')}")


def _payment(event: str) -> Maker:
    def make(client: Client, wishes: Wishes) -> dict[str, Any]:
        ending = wishes.get("simulator", _ENDINGS[event])
        payment = _create_payment(client, wishes, _merchant(client), ending)
        return _tried(client, payment, wishes.get("method", "qr"))

    return make


def _created(client: Client, wishes: Wishes) -> dict[str, Any]:
    return _create_payment(client, wishes, _merchant(client), "")


def _cancelled(client: Client, wishes: Wishes) -> dict[str, Any]:
    payment = _created(client, wishes)
    found: dict[str, Any] = client.post(f"/payments/{payment['id']}/cancel")
    return found


def _create_payment(client: Client, wishes: Wishes, merchant: str, ending: str) -> dict[str, Any]:
    body = {
        "merchant_id": merchant,
        "reference": wishes.get("reference", f"trigger-{uuid.uuid4().hex[:12]}"),
        "amount": _amount(wishes),
        "description": wishes.get("description", "Made by specie trigger"),
        "metadata": {"simulator": ending} if ending else {},
    }
    payment: dict[str, Any] = client.post("/payments", body)
    return payment


def _tried(client: Client, payment: dict[str, Any], method: str) -> dict[str, Any]:
    """Do what the customer does on the hosted page, then ask how it ended."""
    page = urlsplit(payment["checkout_url"]).path
    try:
        client.http.post(f"{page}/pay", data={"method": method}, headers={"Authorization": "", "Origin": client.url})
    except httpx2.HTTPError as error:
        raise Unreachable(f"{client.url} does not answer ({type(error).__name__})") from error
    found: dict[str, Any] = client.post(f"/payments/{payment['id']}/check")
    return found


def _party(client: Client, wishes: Wishes) -> dict[str, Any]:
    party: dict[str, Any] = client.post("/parties", {"name": wishes.get("name", "Tri Utami"), "roles": ["customer"]})
    return party


def _wallet(client: Client, wishes: Wishes) -> dict[str, Any]:
    currency = wishes.get("currency", "IDR")
    owner = wishes.get("party_id") or _party(client, wishes)["id"]
    wallet: dict[str, Any] = client.post("/wallets", {"party_id": owner, "currency": currency})
    return wallet


def _transfer(client: Client, wishes: Wishes) -> dict[str, Any]:
    sender, recipient = _wallet(client, wishes), _wallet(client, wishes)
    top_up = client.post(
        "/top-ups",
        {"party_id": sender["party_id"], "amount": _amount(wishes), "metadata": {"simulator": "success"}},
    )
    _tried(client, top_up, "qr")
    body = {"from_wallet_id": sender["id"], "to": {"wallet_id": recipient["id"]}, "amount": _amount(wishes)}
    sent: dict[str, Any] = client.post("/transfers", body)
    return sent


def _kyc(client: Client, wishes: Wishes) -> dict[str, Any]:
    party = _party(client, wishes)
    path = f"/parties/{party['id']}"
    client.ask("POST", f"{path}/documents", files={"file": ("id-card.png", _PICTURE, "image/png")})
    known = {"birth_date": "1990-01-31", "address": "Jalan Merdeka 1, Jakarta", "national_id": "3174000000000001"}
    submitted: dict[str, Any] = client.post(f"{path}/kyc", known)
    return submitted


def _merchant(client: Client) -> str:
    found = client.get("/parties", role="merchant", limit=1)["data"]
    return str((found[0] if found else client.post("/parties", {"name": "Kedai", "roles": ["merchant"]}))["id"])


def _amount(wishes: Wishes) -> dict[str, Any]:
    return {"amount": int(wishes.get("amount", "5000000")), "currency": wishes.get("currency", "IDR")}


MAKERS: dict[str, Maker] = {
    **{event: _payment(event) for event in _ENDINGS},
    "payment.created": _created,
    "payment.cancelled": _cancelled,
    "party.created": _party,
    "wallet.opened": _wallet,
    "transfer.completed": _transfer,
    "kyc.submitted": _kyc,
}
