"""Forgetting somebody over the whole platform: not while money is open, then altogether, and the books stand."""

import psycopg

from specie.identity import service as people
from specie.identity.model import Role
from specie.identity.scopes import system_scope
from specie.identity.service import NewUser
from specie.kernel.ids import PartyId, UserId
from tests.app.callers import token
from tests.app.office import Office, idr, office, org, services
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
__all__ = ["office", "org", "services"]

WHY = "asked for it in writing"


def test_nobody_is_forgotten_who_owes_or_is_owed_and_the_refusal_says_why(office: Office) -> None:
    customer = office.customer()
    invoice = office.invoice(customer)
    before = office.get("/ledger/trial-balance")["lines"]
    why = "an invoice is still open"
    assert office.get(f"/parties/{customer}/erasure")["reasons"] == [why]
    assert office.refused(f"/parties/{customer}/erase", {"reason": WHY}) == ("party_not_erasable", why)
    assert office.get("/ledger/trial-balance")["lines"] == before
    body = {"customer_id": customer, "amount": idr(300_000), "method": "bank"}
    office.post(
        "/billing/receipts", body | {"allocations": [{"invoice_id": invoice["id"], "amount": invoice["total"]}]}
    )
    why = "credit of the customer is not used or paid back"
    assert office.refused(f"/parties/{customer}/erase", {"reason": WHY}) == ("party_not_erasable", why)
    assert office.get(f"/parties/{customer}")["name"] == "Budi Halim"
    asked = office.get("/audit?action=party.erase_refused")["data"]
    assert [each["reason"] for each in asked] == [why, "an invoice is still open"]


def test_the_reason_outlives_the_person_so_it_may_not_name_them(office: Office) -> None:
    customer = office.customer(name="Budi Halim", phone="+6281298760009")
    for reason in ("budi halim asked", "mr. Halim asked", "asked from +62 812-9876-0009"):
        answer = office.refused(f"/parties/{customer}/erase", {"reason": reason})
        assert answer[0] == "reason_names_person", reason
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
    user_id = await _with_login(office, customer)
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


async def _with_login(office: Office, customer: str) -> UserId:
    async with office.services.db.begin(system_scope(office.org.live)) as uow:
        user_id = await people.create_user(
            uow, office.services.identity, NewUser(email=ZORA["email"], name=ZORA["name"])
        )
        await people.add_member(uow, user_id, Role.CUSTOMER, party_id=PartyId.parse(customer))
    return user_id


def _leave_traces(office: Office, customer: str) -> None:
    """What people write about Zoraida in a year."""
    office.post(
        f"/parties/{customer}/documents", files={"file": ("zoraida.pdf", PDF, "application/pdf")}, data={"kind": "id"}
    )
    office.post(f"/crm/customers/{customer}/notes", {"body": "Zoraida wants to be called in the morning"})
    office.post("/crm/activities", {"party_id": customer, "kind": "call", "subject": "Call Zoraida Kenanga"} | DUE)
    pipeline = office.get("/crm/pipelines")["data"][0]["id"]
    deal = {"pipeline_id": pipeline, "party_id": customer, "title": "Kitchen of Zoraida", "amount": idr(900)}
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
