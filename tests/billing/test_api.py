"""Invoices over HTTP: the whole life of one as an office and its customer see it."""

from dataclasses import replace
from typing import Any

from specie.billing.paid_routes import router as paid_router
from specie.billing.routes import router
from specie.kernel.ids import PartyId, uuid7
from specie.platform.db import Database
from tests.billing.office import Office, open_office
from tests.support.asgi import calling
from tests.wallets.purses import VAULT


async def _ask(
    office: Office, method: str, path: str, body: Any = None, *, party: PartyId | None = None, status: int = 200
) -> Any:
    scope = replace(office.scope, party_id=party)
    async with calling(office.database, scope, [router, paid_router], {"vault": VAULT}) as client:
        headers = {"Idempotency-Key": uuid7().hex} if method == "POST" else {}
        answer = await client.request(method, f"/billing{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def _money(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "IDR"}


def _lines(office: Office) -> list[dict[str, Any]]:
    beans = {"description": "Beans", "quantity": "2.5", "unit": "kg", "discount": "10", "unit_price": _money(100_000)}
    return [beans | {"tax_rate_ids": [str(office.vat)]}, {"description": "Delivery", "unit_price": _money(5_000)}]


async def test_an_invoice_goes_from_draft_to_paid_credited_and_paid_back(database: Database) -> None:
    office = await open_office(database)
    worked = await _ask(office, "POST", "/preview", {"currency": "IDR", "lines": _lines(office)})
    assert (worked["net"]["amount"], worked["tax"]["amount"], worked["total"]["amount"]) == (230_000, 24_750, 254_750)
    body = {"customer_id": str(office.customer), "currency": "IDR", "lines": _lines(office), "due_days": 3}
    draft = await _ask(office, "POST", "/invoices", body, status=201)
    assert (draft["state"], draft["number"], draft["path"]) == ("draft", None, None)
    changed = await _ask(office, "PUT", f"/invoices/{draft['id']}", body | {"reference": "PO-7"})
    assert (changed["reference"], changed["version"]) == ("PO-7", 2)
    issued = await _ask(office, "POST", f"/invoices/{draft['id']}/issue", {})
    assert (issued["number"], issued["open"]["amount"], issued["age"]) == ("INV-00001", 254_750, "not_due")
    assert [line["net"]["amount"] for line in issued["lines"]] == [225_000, 5_000]

    paid = {"customer_id": str(office.customer), "amount": _money(300_000), "reference": "BCA 1"}
    receipt = await _ask(office, "POST", "/receipts", paid, status=201)
    assert (receipt["left"]["amount"], receipt["allocations"][0]["amount"]["amount"]) == (45_250, 254_750)
    torn = {"n": 1, "quantity": "1"}
    part = {"reason": "one bag was torn", "lines": [torn]}
    twice = part | {"lines": [torn, torn]}
    refused = await _ask(office, "POST", f"/invoices/{draft['id']}/credit-notes", twice, status=422)
    assert (refused["code"], refused["param"]) == ("credit_too_large", "lines")
    credited = await _ask(office, "POST", f"/invoices/{draft['id']}/credit-notes", part, status=201)
    assert credited["credited"] == {"1": "1"}
    assert (credited["state"], credited["creditable"]["amount"]) == ("paid", 254_750 - 99_900)
    assert len(credited["entries"]) == 3
    left = await _ask(office, "GET", f"/customers/{office.customer}/credit")
    assert [each["left"]["amount"] for each in left] == [99_900, 45_250]
    back = {"amount": _money(45_251), "reason": "asked for it"}
    refused = await _ask(office, "POST", f"/receipts/{receipt['id']}/refund", back, status=422)
    assert (refused["code"], refused["most"]) == ("credit_refund_too_large", 45_250)
    again = await _ask(office, "POST", f"/receipts/{receipt['id']}/refund", back | {"amount": _money(45_250)})
    assert again["left"]["amount"] == 0
    note = credited["credit_notes"][0]["id"]
    rest = await _ask(office, "POST", f"/credit-notes/{note}/refund", back | {"amount": _money(99_900)})
    assert rest["left"]["amount"] == 0


async def test_the_customer_sees_its_own_and_what_is_wrong_is_named(database: Database) -> None:
    office = await open_office(database)
    body = {"customer_id": str(office.customer), "currency": "IDR", "lines": _lines(office)}
    draft = await _ask(office, "POST", "/invoices", body, status=201)
    await _ask(office, "GET", f"/invoices/{draft['id']}", party=office.customer, status=404)
    await _ask(office, "POST", f"/invoices/{draft['id']}/issue", {})
    seen = await _ask(office, "GET", "/invoices", party=office.customer)
    assert [one["id"] for one in seen["data"]] == [draft["id"]]
    assert (await _ask(office, "GET", f"/invoices/{draft['id']}", party=office.customer))["entries"] == []
    ages = await _ask(office, "GET", "/ageing", party=office.customer)
    assert (ages["total"], ages["control"]) == (254_750, 254_750)
    wrong = [{"description": "x", "unit_price": _money(-1)}]
    refused = await _ask(office, "POST", "/invoices", body | {"lines": wrong}, status=422)
    assert (refused["code"], refused["param"]) == ("invoice_line_invalid", "lines.0.unit_price")
    too_late = await _ask(office, "PUT", f"/invoices/{draft['id']}", body, status=409)
    assert too_late["code"] == "invoice_state"
    found = await _ask(office, "GET", "/invoices?q=inv-00001&state=issued")
    assert len(found["data"]) == 1
    profile = {"name": "Senja", "address": "Jakarta", "tax_number": "1", "footer": "Thanks", "due_days": 30}
    profile |= {"country": "ID", "delivers_from": None, "rounding": "line"}
    assert await _ask(office, "PUT", "/profile", profile) == profile


async def test_an_invoice_is_found_by_its_figure_and_by_how_number_or_reference_begin(database: Database) -> None:
    office = await open_office(database)
    body = {"customer_id": str(office.customer), "currency": "IDR", "lines": _lines(office)}
    for reference in ("Order-7", "order_8"):
        draft = await _ask(office, "POST", "/invoices", body | {"reference": reference}, status=201)
        await _ask(office, "POST", f"/invoices/{draft['id']}/issue", {})

    async def found(typed: str) -> list[str]:
        return [one["number"] for one in (await _ask(office, "GET", f"/invoices?q={typed}"))["data"]]

    assert await found("inv-0") == ["INV-00002", "INV-00001"]
    assert await found("2") == await found("00002") == ["INV-00002"]
    assert await found("ORDER-7") == ["INV-00001"]
    assert await found("order_8") == ["INV-00002"]
    assert await found("order_7") == await found("%25") == await found("INV-0000%25") == []
