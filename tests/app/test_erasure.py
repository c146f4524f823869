"""Forgetting somebody over the whole platform: not while money is open, then altogether, and the books stand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import psycopg
import pytest
import pytest_asyncio

from specie.app.wiring import Services, build
from specie.identity import service as people
from specie.identity.model import Role
from specie.identity.scopes import system_scope
from specie.identity.service import NewUser
from specie.kernel.ids import PartyId, RequestId, UserId
from specie.platform.config import Settings
from tests.app.callers import Organisation, organisation, token
from tests.parties.test_parties import PDF
from tests.payments.test_erasure import standing_in

ZORA = {
    "name": "Zoraida Kenanga",
    "email": "zoraida@kenanga.example",
    "phone": "+6281298760001",
    "address": "Jalan Cendrawasih 77",
    "tax_number": "77.888.999.0-111.000",
}
SAID = ("Zoraida", "Kenanga", "zoraida@", "+6281298760001", "Cendrawasih", "77.888.999.0", "778889990111000")
DUE = {"due_at": "2027-01-31T09:00:00Z"}
WHY = "asked for it in writing"


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
        line = {"description": "Repair", "unit_price": _idr(250_000)}
        written = self.post("/billing/invoices", {"customer_id": customer, "currency": "IDR", "lines": [line]})
        issued = self.post(f"/billing/invoices/{written['id']}/issue")
        self.post(f"/billing/invoices/{written['id']}/mail")
        return issued

    def paid(self, customer: str, invoice: Any) -> None:
        body = {"customer_id": customer, "amount": invoice["total"], "method": "bank"}
        self.post(
            "/billing/receipts", body | {"allocations": [{"invoice_id": invoice["id"], "amount": invoice["total"]}]}
        )

    async def with_login(self, customer: str) -> UserId:
        async with self.services.db.begin(system_scope(self.org.live)) as uow:
            new = NewUser(email=ZORA["email"], name=ZORA["name"])
            user_id = await people.create_user(uow, self.services.identity, new)
            await people.add_member(uow, user_id, Role.CUSTOMER, party_id=PartyId.parse(customer))
        return user_id


def _idr(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "IDR"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(settings: Settings) -> AsyncIterator[Services]:
    made = build(settings)
    yield made
    await made.db.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def org(services: Services) -> Organisation:
    return await organisation(services, "forgetful")


@pytest.fixture
def office(
    client: httpx2.Client, services: Services, org: Organisation, superuser_connection: psycopg.Connection
) -> Office:
    owner, admin = (token(services, superuser_connection, org.users[r], org.live) for r in (Role.OWNER, Role.ADMIN))
    return Office(client, services, org, owner, admin)


def test_nobody_is_forgotten_who_owes_or_is_owed_and_the_refusal_says_why(office: Office) -> None:
    customer = office.customer()
    invoice = office.invoice(customer)
    before = office.get("/ledger/trial-balance")["lines"]
    why = "an invoice is still open"
    assert office.get(f"/parties/{customer}/erasure")["reasons"] == [why]
    assert office.refused(f"/parties/{customer}/erase", {"reason": WHY}) == ("party_not_erasable", why)
    assert office.get("/ledger/trial-balance")["lines"] == before
    body = {"customer_id": customer, "amount": _idr(300_000), "method": "bank"}
    office.post(
        "/billing/receipts", body | {"allocations": [{"invoice_id": invoice["id"], "amount": invoice["total"]}]}
    )
    why = "credit of the customer is not used or paid back"
    assert office.refused(f"/parties/{customer}/erase", {"reason": WHY}) == ("party_not_erasable", why)
    assert office.get(f"/parties/{customer}")["name"] == "Budi Halim"
    asked = office.get("/audit?action=party.erase_refused")["data"]
    assert [each["reason"] for each in asked] == [why, "an invoice is still open"]


def test_the_reason_outlives_the_person_so_it_may_not_name_them(office: Office) -> None:
    customer = office.customer()
    answer = office.refused(f"/parties/{customer}/erase", {"reason": "budi halim asked"})
    assert answer[0] == "reason_names_person"
    assert office.get(f"/parties/{customer}")["erased"] is False


def test_where_two_people_are_wanted_the_first_one_forgets_nobody(office: Office) -> None:
    customer = office.customer()
    path = f"/parties/{customer}/erase"
    assert office.ask("PUT", "/approval-rules/erasure", {"second_person": True}).is_success
    asked = office.post(path, {"reason": WHY})
    assert (asked["status"], office.get(f"/parties/{customer}")["erased"]) == ("needs_approval", False)
    assert office.get(f"/parties/{customer}/erasure")["approval_id"] == asked["approval_id"]
    assert office.refused(path, {"reason": WHY})[0] == "erasure_waits"
    yes = f"/approvals/{asked['approval_id']}/approve"
    assert office.refused(yes, {"reason": "seen the letter"})[0] == "maker_cannot_approve"
    assert office.post(yes, {"reason": "seen the letter"}, by=office.admin)["status"] == "approved"
    assert office.get(f"/parties/{customer}")["name"] == "erased"
    assert office.ask("PUT", "/approval-rules/erasure", {"second_person": False}).is_success


async def test_afterwards_nothing_anywhere_says_who_it_was_and_the_books_are_the_same(
    office: Office, superuser_connection: psycopg.Connection
) -> None:
    customer = office.customer(**ZORA)
    user_id = await office.with_login(customer)
    login = token(office.services, superuser_connection, user_id, office.org.live)
    _leave_traces(office, customer)
    invoice = office.invoice(customer)
    office.paid(customer, invoice)
    before = office.get("/ledger/trial-balance")["lines"]
    seen = office.get(f"/parties/{customer}/erasure")
    forgotten = {each["kind"] for each in seen["forgotten"] if each["number"] == 1}
    assert forgotten == {"details", "documents", "logins", "notes", "activities", "deals"}
    assert {each["kind"] for each in seen["kept"]} == {"postings", "invoices", "receipts", "statements"}
    assert seen["reasons"] == []

    assert office.post(f"/parties/{customer}/erase", {"reason": WHY})["erased"] is True

    assert office.ask("GET", "/me", by=login).status_code == 401
    assert office.get(f"/parties?q={ZORA['email']}")["data"] == office.get("/parties?q=zoraida")["data"] == []
    assert [word for word in SAID if word in _everything_told(office, customer, invoice["id"])] == []
    assert office.get("/ledger/trial-balance")["lines"] == before
    assert office.get(f"/billing/invoices/{invoice['id']}")["total"] == invoice["total"]
    assert office.refused(f"/parties/{customer}/erase", {"reason": WHY})[1] == "it has been erased already"
    assert standing_in(superuser_connection, *SAID) == []


def _leave_traces(office: Office, customer: str) -> None:
    """What people write about Zoraida in a year."""
    office.post(
        f"/parties/{customer}/documents", files={"file": ("zoraida.pdf", PDF, "application/pdf")}, data={"kind": "id"}
    )
    office.post(f"/crm/customers/{customer}/notes", {"body": "Zoraida wants to be called in the morning"})
    office.post("/crm/activities", {"party_id": customer, "kind": "call", "subject": "Call Zoraida Kenanga"} | DUE)
    pipeline = office.get("/crm/pipelines")["data"][0]["id"]
    deal = {"pipeline_id": pipeline, "party_id": customer, "title": "Kitchen of Zoraida", "amount": _idr(900)}
    office.post("/crm/opportunities", deal | {"expected_close": "2027-01-31"})
    office.ask("PATCH", f"/parties/{customer}", {"address": ZORA["address"] + "\n40115 Bandung"})
    days = {"from_day": "2026-01-01", "through_day": "2026-11-01"}
    office.post("/statements", {"party_id": customer, "currency": "IDR"} | days)


def _everything_told(office: Office, customer: str, invoice: str) -> str:
    """What the pages about a customer and the platform's lists and exports say."""
    pages = (
        *(f"/billing/invoices/{invoice}", "/billing/invoices", "/billing/receipts"),
        *(f"/crm/customers/{customer}", f"/crm/customers/{customer}/timeline", "/crm/activities", "/parties"),
        *("/audit", "/requests", "/events", "/reports/general-ledger/file", "/billing/ageing"),
    )
    return "".join(office.ask("GET", path).text for path in pages)
