"""Events caused in a sandbox, for real: by the requests that would cause them anywhere.

The requests go through this very application with the caller's own proof, so each is judged, limited and logged as any
other is, and nobody causes what they may not do. Their idempotency keys come from that of the request that asks for
the event: asked again with it, the same things are found instead of made a second time.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx2
from pydantic import Field
from starlette.responses import Response

from specie.kernel.errors import Conflict, InvalidField
from specie.kernel.permissions import Permission
from specie.kernel.scope import Mode
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.metrics import API

router = ApiRouter(prefix="/sandbox", tags=["Sandbox"])

Text = Annotated[str, Field(max_length=200)]
_PROOF = ("authorization", "cookie", "x-csrf-token", "origin", "sec-fetch-site", "user-agent")
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


class SandboxOnly(Conflict):
    """Events are caused in a sandbox only; in live they happen."""

    code = "sandbox_only"
    title = "Only a sandbox can do this"
    is_decision = False


class NotTriggerable(InvalidField):
    """No requests are known that cause this kind of event; its example can be sent to an endpoint."""

    code = "event_not_triggerable"
    title = "This event cannot be caused by itself"


class TriggerRefused(Conflict):
    """One of the requests that cause the event was refused."""

    code = "trigger_refused"
    title = "A request that causes the event was refused"
    is_decision = False


class TriggerIn(Schema):
    """An event to cause, and other values than the usual ones, such as `amount`, `currency`, `method` or `name`."""

    event: Text = Field(examples=["payment.paid"])
    override: Annotated[dict[Text, Text], Field(max_length=20)] = Field(default_factory=dict)


class TriggeredOut(Schema):
    """What happened: the object that the event is about, as its own request answered it."""

    event: str
    object: dict[str, Any]


class TriggersOut(Schema):
    """The kinds of events that can be caused."""

    data: list[str]


@router.get("/triggers", response_model=TriggersOut)
async def list_triggers(_: Edge = requires(Permission.EVENTS_READ)) -> TriggersOut:
    """The kinds of events that a sandbox can be made to cause; of every other an example can be sent."""
    return TriggersOut(data=sorted(MAKERS))


@router.post("/triggers", status_code=201, response_model=TriggeredOut)
@refuses(SandboxOnly, NotTriggerable, TriggerRefused)
async def trigger_event(body: TriggerIn, edge: Edge = requires(Permission.EVENTS_READ, rehearsable=False)) -> Response:
    """Cause an event for real, by the requests that would cause it anywhere, with the caller's own permissions."""
    if edge.scope.mode is not Mode.SANDBOX:
        raise SandboxOnly("a live tenant's events happen by themselves; use its sandbox")
    maker = MAKERS.get(body.event)
    if maker is None:
        raise NotTriggerable(f"say one of: {', '.join(sorted(MAKERS))}", param="event")
    earlier = await edge.earlier()
    if earlier is not None:
        return earlier
    async with _client(edge) as http:
        made = await maker(_Caller(http, edge, _stem(edge)), body.override)

    async def answered(_: UnitOfWork) -> TriggeredOut:
        return TriggeredOut(event=body.event, object=made)

    return await edge.write(answered, lambda shown: shown, status=201)


@dataclass
class _Caller:
    """Whoever asks, sending one request after the other."""

    http: httpx2.AsyncClient
    edge: Edge
    stem: str
    sent: int = 0

    async def get(self, path: str) -> Any:
        return _read(await self.http.get(f"{API}{path}", headers=self._proof()))

    async def post(self, path: str, body: Mapping[str, Any] | None = None, **options: Any) -> Any:
        self.sent += 1
        headers = self._proof() | {"idempotency-key": f"{self.stem}-{self.sent}"}
        payload = options or {"json": body or {}}
        return _read(await self.http.post(f"{API}{path}", headers=headers, **payload))

    async def pays(self, page: str, method: str) -> None:
        """Do what the customer does on the hosted page; nobody is signed in there."""
        await self.http.post(f"{page}/pay", data={"method": method}, headers={"origin": str(self.http.base_url)})

    def _proof(self) -> dict[str, str]:
        given = self.edge.request.headers
        return {name: given[name] for name in _PROOF if name in given}


Maker = Callable[[_Caller, Mapping[str, str]], Awaitable[dict[str, Any]]]


def _client(edge: Edge) -> httpx2.AsyncClient:
    address = edge.request.client
    transport = httpx2.ASGITransport(
        app=edge.request.app, client=(address.host, address.port) if address else ("127.0.0.1", 0)
    )
    return httpx2.AsyncClient(transport=transport, base_url=edge.service("settings").public_url.rstrip("/"))


def _stem(edge: Edge) -> str:
    """What the keys of the requests begin with: the same for a request and its repetitions."""
    asked = edge.key() or str(edge.scope.request_id)
    return f"trigger-{hashlib.sha256(asked.encode()).hexdigest()[:24]}"


def _read(answer: httpx2.Response) -> Any:
    document = answer.json()
    if answer.is_error:
        code, detail = document.get("code", ""), document.get("detail") or document.get("title", "")
        raise TriggerRefused(f"{answer.request.method} {answer.request.url.path}: {code} {detail}", refused=code)
    return document


def _payment(event: str) -> Maker:
    async def make(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
        ending = wishes.get("simulator", _ENDINGS[event])
        payment = await _create_payment(caller, wishes, ending)
        return await _tried(caller, payment, wishes.get("method", "qr"))

    return make


async def _created(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    return await _create_payment(caller, wishes, "")


async def _cancelled(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    payment = await _created(caller, wishes)
    found: dict[str, Any] = await caller.post(f"/payments/{payment['id']}/cancel")
    return found


async def _create_payment(caller: _Caller, wishes: Mapping[str, str], ending: str) -> dict[str, Any]:
    body = {
        "merchant_id": await _merchant(caller),
        "reference": wishes.get("reference", caller.stem),
        "amount": _amount(wishes),
        "description": wishes.get("description", "Made by a trigger"),
        "metadata": {"simulator": ending} if ending else {},
    }
    payment: dict[str, Any] = await caller.post("/payments", body)
    return payment


async def _tried(caller: _Caller, payment: dict[str, Any], method: str) -> dict[str, Any]:
    """What the customer does on the hosted page, and how it ended."""
    await caller.pays(urlsplit(payment["checkout_url"]).path, method)
    found: dict[str, Any] = await caller.post(f"/payments/{payment['id']}/check")
    return found


async def _party(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    body = {"name": wishes.get("name", "Tri Utami"), "roles": ["customer"]}
    party: dict[str, Any] = await caller.post("/parties", body)
    return party


async def _wallet(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    owner = wishes.get("party_id") or (await _party(caller, wishes))["id"]
    body = {"party_id": owner, "currency": wishes.get("currency", "IDR")}
    wallet: dict[str, Any] = await caller.post("/wallets", body)
    return wallet


async def _transfer(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    sender, recipient = await _wallet(caller, wishes), await _wallet(caller, wishes)
    body = {"party_id": sender["party_id"], "amount": _amount(wishes), "metadata": {"simulator": "success"}}
    await _tried(caller, await caller.post("/top-ups", body), "qr")
    body = {"from_wallet_id": sender["id"], "to": {"wallet_id": recipient["id"]}, "amount": _amount(wishes)}
    sent: dict[str, Any] = await caller.post("/transfers", body)
    return sent


async def _kyc(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    path = f"/parties/{(await _party(caller, wishes))['id']}"
    await caller.post(f"{path}/documents", files={"file": ("id-card.png", _PICTURE, "image/png")})
    known = {"birth_date": "1990-01-31", "address": "Jalan Merdeka 1, Jakarta", "national_id": "3174000000000001"}
    submitted: dict[str, Any] = await caller.post(f"{path}/kyc", known)
    return submitted


async def _drafted_invoice(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    amount = _amount(wishes)
    line = {"description": wishes.get("description", "Made by a trigger"), "unit_price": amount}
    customer = wishes.get("customer_id") or (await _party(caller, wishes))["id"]
    body = {"customer_id": customer, "currency": amount["currency"], "lines": [line]}
    drafted: dict[str, Any] = await caller.post("/billing/invoices", body)
    return drafted


async def _issued(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    drafted = await _drafted_invoice(caller, wishes)
    issued: dict[str, Any] = await caller.post(f"/billing/invoices/{drafted['id']}/issue")
    return issued


async def _invoice_paid(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    issued = await _issued(caller, wishes)
    await _receipt(caller, issued)
    paid: dict[str, Any] = await caller.get(f"/billing/invoices/{issued['id']}")
    return paid


async def _received(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    return await _receipt(caller, await _issued(caller, wishes))


async def _receipt(caller: _Caller, issued: dict[str, Any]) -> dict[str, Any]:
    """Money for all of an invoice, as somebody notes it who saw it arrive at the bank."""
    share = {"invoice_id": issued["id"], "amount": issued["total"]}
    body = {"customer_id": issued["customer_id"], "amount": issued["total"], "allocations": [share]}
    noted: dict[str, Any] = await caller.post("/billing/receipts", body)
    return noted


async def _credited(caller: _Caller, wishes: Mapping[str, str]) -> dict[str, Any]:
    issued = await _issued(caller, wishes)
    path = f"/billing/invoices/{issued['id']}/credit-notes"
    noted: dict[str, Any] = await caller.post(path, {"reason": wishes.get("reason", "Made by a trigger")})
    return noted


async def _merchant(caller: _Caller) -> str:
    found = (await caller.get("/parties?role=merchant&limit=1"))["data"]
    if not found:
        found = [await caller.post("/parties", {"name": "Kedai", "roles": ["merchant"]})]
    return str(found[0]["id"])


def _amount(wishes: Mapping[str, str]) -> dict[str, Any]:
    amount = wishes.get("amount", "5000000")
    if not (amount.isascii() and amount.isdigit() and len(amount) <= len(str(2**53))):
        raise InvalidField("an amount is whole minor units", param="override")
    return {"amount": int(amount), "currency": wishes.get("currency", "IDR")}


MAKERS: Mapping[str, Maker] = {
    **{event: _payment(event) for event in _ENDINGS},
    "payment.created": _created,
    "payment.cancelled": _cancelled,
    "party.created": _party,
    "wallet.opened": _wallet,
    "transfer.completed": _transfer,
    "kyc.submitted": _kyc,
    "invoice.issued": _issued,
    "invoice.paid": _invoice_paid,
    "receipt.recorded": _received,
    "credit_note.issued": _credited,
}
