"""A business on the running platform: its owner and an administrator at the keyboard, customers and documents."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import psycopg
import pytest
import pytest_asyncio

from specie.app.wiring import Services, build
from specie.identity.model import Role
from specie.kernel.ids import RequestId
from specie.platform.config import Settings
from tests.app.callers import Organisation, organisation, token


@dataclass
class Office:
    """A business on the running platform, with its owner and an administrator at the keyboard."""

    client: httpx2.Client
    services: Services
    org: Organisation
    owner: str
    admin: str

    def ask(self, method: str, path: str, body: Any = None, by: str = "", **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {by or self.owner}", "Idempotency-Key": str(RequestId.new())}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=headers, **more)

    def post(self, path: str, body: Any = None, by: str = "", **more: Any) -> Any:
        answer = self.ask("POST", path, body, by, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.is_success, answer.text
        return answer.json()

    def refused(self, path: str, body: Any, by: str = "") -> Any:
        answer = self.ask("POST", path, body, by)
        assert answer.is_error, answer.text
        problem = answer.json()
        return problem["code"], problem["detail"]

    def customer(self, **known: str) -> str:
        return str(self.post("/parties", known or {"name": "Budi Halim", "email": "budi@example.com"})["id"])

    def invoice(self, customer: str) -> Any:
        line = {"description": "Repair", "unit_price": idr(250_000)}
        written = self.post("/billing/invoices", {"customer_id": customer, "currency": "IDR", "lines": [line]})
        issued = self.post(f"/billing/invoices/{written['id']}/issue")
        self.post(f"/billing/invoices/{written['id']}/mail")
        return issued

    def paid(self, customer: str, invoice: Any) -> None:
        body = {"customer_id": customer, "amount": invoice["total"], "method": "bank"}
        self.post(
            "/billing/receipts", body | {"allocations": [{"invoice_id": invoice["id"], "amount": invoice["total"]}]}
        )


def idr(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "IDR"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(settings: Settings) -> AsyncIterator[Services]:
    made = build(settings)
    yield made
    await made.db.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def org(services: Services) -> Organisation:
    return await organisation(services, "office")


@pytest.fixture
def office(
    client: httpx2.Client, services: Services, org: Organisation, superuser_connection: psycopg.Connection
) -> Office:
    owner, admin = (token(services, superuser_connection, org.users[r], org.live) for r in (Role.OWNER, Role.ADMIN))
    return Office(client, services, org, owner, admin)
