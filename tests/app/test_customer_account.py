"""A customer of a business on one page: what is owed, what is left over, and everything in the order it happened."""

from typing import Any

from tests.app.office import Office, idr, office, org, services

__all__ = ["office", "org", "services"]

VALID = {"valid_until": "2027-12-31"}


def receive(office: Office, customer: str, minor: int, *shares: tuple[Any, int]) -> Any:
    allocations = [{"invoice_id": invoice["id"], "amount": idr(part)} for invoice, part in shares]
    body = {"customer_id": customer, "amount": idr(minor), "reference": "Transfer 7", "allocations": allocations}
    return office.post("/billing/receipts", body)


def test_what_is_owed_and_left_is_the_balance_of_the_accounts_it_names(office: Office) -> None:
    customer = office.customer()
    first, second = office.invoice(customer), office.invoice(customer)
    receive(office, customer, 300_000, (first, 250_000), (second, 20_000))
    [account] = office.get(f"/billing/customers/{customer}/account")
    assert (account["owed"], account["overdue"], account["credit"]) == (idr(230_000), idr(0), idr(30_000))
    [opened], [left] = account["invoices"], account["credits"]
    assert (opened["id"], opened["open"]) == (second["id"], idr(230_000))
    for account_id, minor in ((opened["account_id"], 230_000), (left["account_id"], 30_000)):
        assert office.get(f"/ledger/accounts/{account_id}")["balance"] == idr(minor)


def test_the_timeline_has_the_documents_and_the_mails_between_both_sides_in_one_order(office: Office) -> None:
    customer = office.customer()
    line = {"description": "Repair", "unit_price": idr(250_000)}
    quote = office.post("/quotes", {"customer_id": customer, "currency": "IDR", "lines": [line]} | VALID)
    office.post(f"/quotes/{quote['id']}/send")
    office.post(f"/quotes/{quote['id']}/accept", {"version": 1, "name": "Budi"})
    order = office.post(f"/quotes/{quote['id']}/order")
    invoice = office.invoice(customer)
    office.post(f"/crm/customers/{customer}/notes", {"body": "Pays late"})
    receipt = receive(office, customer, 300_000, (invoice, 250_000))
    office.post(f"/billing/receipts/{receipt['id']}/refund", {"amount": idr(50_000), "reason": "paid too much"})
    credited = office.post(f"/billing/invoices/{invoice['id']}/credit-notes", {"reason": "came broken"})
    [credit_note] = credited["credit_notes"]
    facts = office.get(f"/crm/customers/{customer}/timeline?limit=100")["data"]
    assert [(fact["kind"], fact["title"], fact["amount"]) for fact in reversed(facts)] == [
        ("quote", quote["number"], idr(250_000)),
        ("order", order["number"], idr(250_000)),
        ("invoice", invoice["number"], idr(250_000)),
        ("message", "The invoice", None),
        ("note", "Pays late", None),
        ("receipt", "Transfer 7", idr(300_000)),
        ("refund", "paid too much", idr(50_000)),
        ("credit_note", credit_note["number"], idr(250_000)),
    ]
    opens = {fact["kind"]: fact["opens"] for fact in facts}
    assert (opens["credit_note"], opens["message"]) == (invoice["id"], invoice["id"])
    assert opens["receipt"] == receipt["entry_id"]
    first = office.get(f"/crm/customers/{customer}/timeline?limit=3")
    rest = office.get(f"/crm/customers/{customer}/timeline?limit=100&cursor={first['next_cursor']}")
    assert first["data"] + rest["data"] == facts


def test_a_mail_with_the_address_of_their_own_page_is_in_the_timeline(office: Office) -> None:
    customer = office.customer()
    office.post(f"/portals/{customer}/mail")
    [fact] = office.get(f"/crm/customers/{customer}/timeline")["data"]
    assert (fact["kind"], fact["title"], fact["opens"]) == ("message", "The address of their page", customer)
