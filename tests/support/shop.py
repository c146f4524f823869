"""A whole shop for tests: our API on a socket, the simulator in its own server, a worker to run by hand."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI, Request

from specie import (
    approvals,
    billing,
    checkout,
    installments,
    ledger,
    parties,
    payments,
    payouts,
    providers,
    purchases,
    sales,
    wallets,
)
from specie.approvals import routes as approval_routes
from specie.checkout import routes as checkout_routes
from specie.checkout import routes_order_pages, routes_orders, routes_pages
from specie.kernel.clock import BusinessClock
from specie.kernel.errors import Unauthenticated
from specie.kernel.ids import ConnectionId, PartyId, PaymentId, RequestId, TenantId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import CursorSigner
from specie.kernel.permissions import Permission
from specie.kernel.scope import Actor, ActorKind, Mode, Scope
from specie.payments import capture_routes, dispute_routes, link_routes, method_routes, refund_routes, route_routes
from specie.payments import jobs as payment_jobs
from specie.payments import routes as payment_routes
from specie.payouts import beneficiary_routes
from specie.payouts import jobs as payout_jobs
from specie.payouts import routes as payout_routes
from specie.platform import due, jobs, problems, storage, vault
from specie.platform.db import Database
from specie.platform.jobs import JobContext
from specie.platform.outbound import OutboundClient
from specie.platform.vault import KeyRing
from specie.providers import Arrivals, ChargeKind, Installation, Toolbox, dialect_routes
from specie.providers import jobs as provider_jobs
from specie.providers import routes as provider_routes
from specie.providers.simulator.server import create_app
from specie.purchases import routes as purchase_routes
from specie.reconciliation import expected_routes
from specie.reconciliation import jobs as reconciliation_jobs
from specie.reconciliation import routes as reconciliation_routes
from specie.settlement import jobs as settlement_jobs
from specie.settlement import routes as settlement_routes
from specie.wallets import routes as wallet_routes

IDR = Currency.of("IDR")
assert provider_jobs
assert payment_jobs
assert payout_jobs
assert reconciliation_jobs
assert settlement_jobs


class HeaderAuthenticator:
    """Tests say who they are: the tenant in a header, and a party when the caller is limited to one.

    A person instead of a key, and a tenant's clock that is some days ahead, are said the same way.
    """

    async def authenticate(self, request: Request) -> Scope:
        tenant = request.headers.get("test-tenant")
        if tenant is None:
            raise Unauthenticated("say which tenant")
        party, person = request.headers.get("test-party"), request.headers.get("test-person")
        scope = scope_of(TenantId.parse(tenant), "key_test", PartyId.parse(party) if party else None)
        ahead = timedelta(days=int(request.headers.get("test-days-ahead", "0")))
        clock = BusinessClock(scope.clock.zone, offset=ahead) if ahead else scope.clock
        return replace(scope, clock=clock, actor=Actor(ActorKind.USER, person) if person else scope.actor)


def scope_of(tenant_id: TenantId, name: str, party_id: PartyId | None = None) -> Scope:
    """A scope with every permission."""
    actor = Actor(ActorKind.JOB, name)
    return Scope(tenant_id, Mode.SANDBOX, actor, frozenset(Permission), party_id=party_id)


@contextlib.asynccontextmanager
async def served(app: Any, listener: socket.socket) -> AsyncIterator[str]:
    """The application on a socket, as its URL."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await running


def free_socket() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


@dataclass
class Shop:
    """One tenant with a merchant and a simulator connection, and everything a test does with them."""

    db: Database
    services: dict[str, Any]
    url: str
    simulator_url: str
    client: httpx2.AsyncClient
    tenant_id: TenantId = field(default_factory=TenantId.new)
    merchant: PartyId = field(default_factory=PartyId.new)
    connection_id: ConnectionId | None = None

    @property
    def scope(self) -> Scope:
        return scope_of(self.tenant_id, "test")

    @property
    def context(self) -> JobContext:
        return JobContext(self.db, self.scope, self.services)

    @property
    def headers(self) -> dict[str, str]:
        return {"test-tenant": str(self.tenant_id)}

    async def connect(self, provider: str = "simulator", timeout_ms: int = 700, **credentials: Any) -> ConnectionId:
        """Connect the simulator in a dialect; answers are awaited for a moment only."""
        async with self.db.begin(self.scope) as uow:
            made = await providers.connect(
                uow,
                self.services["providers"],
                provider=provider,
                name=provider.capitalize(),
                credentials=credentials,
                timeout_ms=timeout_ms,
            )
        self.connection_id = made.id
        return made.id

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        key = {"idempotency-key": str(RequestId.new())}
        return await self.client.post(f"{self.url}/api/v1{path}", json=body, headers=self.headers | key | headers)

    async def patch(self, path: str, body: Any) -> httpx2.Response:
        key = {"idempotency-key": str(RequestId.new())}
        return await self.client.patch(f"{self.url}/api/v1{path}", json=body, headers=self.headers | key)

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.client.get(f"{self.url}/api/v1{path}", headers=self.headers | headers)

    async def payment(self, scenario: str = "", minor: int = 1_500_000, **more: Any) -> PaymentId:
        """A payment of the merchant, waiting for its customer."""
        body = {
            "merchant_id": str(self.merchant),
            "reference": str(RequestId.new()),
            "amount": {"amount": minor, "currency": "IDR"},
            "metadata": {"simulator": scenario} if scenario else {},
        }
        answer = await self.post("/payments", body | more)
        assert answer.status_code == 201, answer.text
        return PaymentId.parse(answer.json()["id"])

    async def other_party(self, role: str = "merchant") -> PartyId:
        """Another party of the tenant, known by name."""
        async with self.db.begin(self.scope) as uow:
            known = {"name": f"Another {role}"}
            ring, kind = self.services["vault"], parties.PartyKind.COMPANY
            return (await parties.create_party(uow, ring, kind=kind, roles=[role], known=known)).id

    async def pay(self, payment_id: PaymentId, kind: ChargeKind = ChargeKind.QR) -> payments.Attempt:
        """What the checkout page does when the customer has chosen."""
        return await payments.pay(self.context, payment_id, kind)

    async def state(self, payment_id: PaymentId) -> str:
        async with self.db.begin(self.scope) as uow:
            return (await payments.get_payment(uow, payment_id)).state.value

    async def settled(self, payment_id: PaymentId, wanted: str, seconds: float = 8) -> None:
        """Run the worker until the payment has the state."""
        for _ in range(int(seconds * 10)):
            await self.work()
            if await self.state(payment_id) == wanted:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{payment_id} is {await self.state(payment_id)}, not {wanted}")

    async def work(self) -> None:
        """Run every job that is due now."""
        await self.services["queue"].run_worker_async(
            queues=["work"], wait=False, install_signal_handlers=False, listen_notify=False, concurrency=4
        )

    async def sweep(self) -> int:
        """Turn what is due into jobs."""
        async with self.db.system() as uow:
            return await due.sweep(uow)

    async def scope_for_job(self, tenant_id: TenantId, name: str, request_id: RequestId) -> Scope:
        return scope_of(tenant_id, name)

    async def wallet(self, party_id: PartyId | None = None) -> tuple[int, int]:
        """Available and pending minor units."""
        async with self.db.begin(self.scope) as uow:
            wallet = await wallets.ensure_wallet(uow, party_id or self.merchant, IDR)
            accounts = await ledger.accounts_by_ids(uow, [wallet.available_account, wallet.pending_account])
        return accounts[wallet.available_account].balance.minor, accounts[wallet.pending_account].balance.minor

    async def balance(self, code: str, currency: str = "IDR") -> int:
        """The balance of an account by its code; 0 when there is none."""
        prefix = ledger.AccountSpec(code, ledger.AccountType(code.split(":", maxsplit=1)[0]), Currency.of(currency))
        async with self.db.begin(self.scope) as uow:
            return (await ledger.ensure_account(uow, prefix)).balance.minor

    async def fill(self, code: str, more: int = Money.MAX_MINOR) -> None:
        """Add so much to an account; without an amount, to an empty one, the most that the books can hold."""
        kind = ledger.AccountType(code.split(":", maxsplit=1)[0])
        other = "memo:test:rest" if kind is ledger.AccountType.MEMO else "asset:test:bank"
        async with self.db.begin(self.scope) as uow:
            full, rest = [
                (await ledger.ensure_account(uow, ledger.AccountSpec(each, of, IDR))).id
                for each, of in ((code, kind), (other, ledger.AccountType(other.split(":", maxsplit=1)[0])))
            ]
            sides = (full, rest) if kind.debit_normal == (more > 0) else (rest, full)
            leg = ledger.Leg(*sides, Money(abs(more), IDR))
            await ledger.post(uow, ledger.EntryDraft(ledger.Recipe("test.fill", 1), [leg]))

    async def lever(self, name: str, **body: Any) -> Any:
        answer = await self.client.post(f"{self.simulator_url}/admin/{name}", json=body)
        return answer.json()

    async def book(self) -> list[dict[str, Any]]:
        """The simulator's own charges of this tenant's connections."""
        return self._own((await self.client.get(f"{self.simulator_url}/admin/book")).json()["charges"])

    def _own(self, charges: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.connection_id is None:
            return []
        own = (f"sim_{self.connection_id.uuid.hex}", str(self.connection_id.uuid.int)[-11:])
        return [charge for charge in charges if any(name in charge["account"] for name in own)]

    async def charge_of(self, payment_id: PaymentId) -> str:
        """The simulator's own id of a payment's first charge."""
        charge: str = (await self.get(f"/payments/{payment_id}")).json()["attempts"][0]["provider_ref"]
        return charge

    async def callbacks_sent(self) -> list[dict[str, Any]]:
        """The simulator's log of callbacks for this tenant's charges."""
        book = (await self.client.get(f"{self.simulator_url}/admin/book")).json()
        ids = {charge["id"] for charge in self._own(book["charges"])}
        return [callback for callback in book["callbacks"] if callback["charge_id"] in ids]

    async def callbacks_answered(self, count: int) -> list[dict[str, Any]]:
        """The log once that many callbacks have been delivered."""
        for _ in range(300):
            sent = await self.callbacks_sent()
            if sum(callback["state"] != "queued" for callback in sent) >= count:
                return sent
            await asyncio.sleep(0.1)
        raise AssertionError(f"not {count} callbacks: {sent}")


def application(db: Database, services: dict[str, Any]) -> FastAPI:
    """Our API with the routes of providers and payments."""
    app = FastAPI()
    app.state.db = db
    app.state.services = services
    app.state.authenticator = HeaderAuthenticator()

    async def require_verified(scope: Scope, party_id: PartyId) -> None:
        await db.run(scope, lambda uow: parties.require_verified(uow, party_id), label="test.require_verified")

    app.state.require_verified = require_verified
    app.state.cursors = CursorSigner(b"test")
    for router in (
        provider_routes.router,
        dialect_routes.router,
        payment_routes.router,
        link_routes.router,
        method_routes.router,
        refund_routes.router,
        capture_routes.router,
        dispute_routes.router,
        route_routes.router,
        checkout_routes.router,
        routes_orders.router,
        wallet_routes.router,
        payout_routes.router,
        beneficiary_routes.router,
        settlement_routes.router,
        purchase_routes.router,
        reconciliation_routes.router,
        expected_routes.router,
        approval_routes.router,
    ):
        app.include_router(router, prefix="/api/v1")
    app.include_router(routes_pages.pages)
    app.include_router(routes_order_pages.pages)
    problems.install(app)
    return app


@contextlib.asynccontextmanager
async def open_shop(db: Database, folder: Path, *, hang_seconds: float = 1.5) -> AsyncIterator[Shop]:
    """A running shop with a simulator of its own."""
    ours, theirs = free_socket(), free_socket()
    url = f"http://127.0.0.1:{ours.getsockname()[1]}"
    simulator_url = f"http://127.0.0.1:{theirs.getsockname()[1]}"
    outbound = OutboundClient()
    ring = KeyRing({1: vault.new_key()}, 1)
    services: dict[str, Any] = {
        "outbound": outbound,
        "vault": ring,
        "providers": Toolbox(ring, outbound, Installation(url, simulator_url)),
        "settings": SimpleNamespace(public_url=url),
        "simulator_book": folder / "simulator.db",
        "storage": storage.open_storage(str(folder / "files")),
    }
    providers.subscribe(payments.apply)
    providers.subscribe_payouts(payouts.apply)
    approvals.on_decided(payouts.KIND, payouts.decided)
    approvals.on_decided(payouts.BATCH_KIND, payouts.batch_decided)
    approvals.on_decided(purchases.REFUND_KIND, purchases.refund_decided)
    payments.follow(purchases.payment_paid)
    payments.keep_refunds(purchases.keeper)
    payments.follow_end(purchases.payment_ended)
    payments.follow(installments.payment_paid)
    installments.follow_begin(purchases.order_begun)
    installments.keep_returns(purchases.order_keeper)
    payments.follow_end(installments.payment_ended)
    payments.set_checkout_page(checkout.page_path)
    purchases.set_page(checkout.order_path)
    purchases.set_vault(ring)
    billing.before_credit(purchases.refuse_credit)
    billing.before_credit(sales.hold_credited)
    billing.follow_credit(sales.give_up_credited)
    # Another installation in this process may have left its own, with a key that opens nothing here.
    payments.set_party_names(lambda uow, ids: parties.names(uow, ring, ids))
    simulator = create_app(folder / "simulator.db", hang_seconds=hang_seconds, pace=0.4)
    async with (
        served(simulator, theirs),
        httpx2.AsyncClient(timeout=30) as client,
    ):
        shop = Shop(db, services, url, simulator_url, client)
        services["scope_for_job"] = shop.scope_for_job
        services["callbacks"] = Arrivals(shop.db, services["providers"], shop.scope_for_job)
        # One for all tenants, whose scopes are in their jobs: to open it takes longer than most of its work.
        services["queue"] = jobs.build_worker(db.app_url, db, shop.scope_for_job, services)
        async with services["queue"].open_async(), served(application(db, services), ours):
            yield shop
    await outbound.close()


async def new_tenant(shop: Shop, provider: str = "simulator", timeout_ms: int = 700, **credentials: Any) -> Shop:
    """The same servers for another tenant, with a connection of its own."""
    other = Shop(shop.db, shop.services, shop.url, shop.simulator_url, shop.client)
    await other.connect(provider, timeout_ms, **credentials)
    return other


def rupiah(minor: int) -> Money:
    return Money(minor, IDR)
