"""Somebody new is written down where they are needed, and found again by the beginning of a name that is sealed."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.browser import axe_faults, visit
from tests.support.console import go, look, opens
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_supplier_is_added_with_its_number_put_right_and_found_by_its_name(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "operator", "Customers", "Customers")
    await page.get_by_role("button", name="New supplier").click()
    form = page.get_by_role("dialog", name="New supplier")
    await form.get_by_label("Name").fill("Percetakan Cendana Wangi")
    await form.get_by_label("Phone").fill("+62 1")
    await form.get_by_label("Country").fill("id")
    await form.get_by_label("Tax number").fill("09.254.294.3-407.000")
    await look(page, "new-supplier")
    await form.get_by_role("button", name="Add the supplier").click()
    await expect(form.get_by_label("Phone")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Phone").fill("+62 812 3456 7811")
    await form.get_by_role("button", name="Add the supplier").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Percetakan Cendana Wangi")
    await expect(page.get_by_text("Company · supplier")).to_be_visible()

    await go(page, "Customers", "Customers")
    await page.get_by_role("button", name="Suppliers", exact=True).click()
    for text in ("wangi cen", "092542943407000"):
        await page.get_by_role("searchbox").fill(text)
        await expect(page.get_by_role("row")).to_have_count(2)
        await expect(page.get_by_role("link", name="Percetakan Cendana Wangi")).to_be_visible()
    # The first number was refused by the server, which the browser tells.
    assert [each for each in complaints if "422" not in each] == []


async def test_whoever_is_looked_for_in_vain_is_added_from_the_invoice_itself(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "operator", "Invoices", "Invoices")
    await visit(page, "/invoices/new/")
    customer = page.get_by_role("combobox", name="Customer", exact=True)
    await customer.fill("hot")
    people = page.get_by_role("listbox", name="Customer")
    await expect(people.get_by_role("option", name="Hotel Merdeka")).to_be_visible()
    assert await axe_faults(page) == []
    await customer.fill("Restoran Pelangi")
    await expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    await customer.press("ArrowDown")
    await customer.press("Enter")
    form = page.get_by_role("dialog", name="New customer")
    await expect(form.get_by_label("Name")).to_have_value("Restoran Pelangi")
    await form.get_by_label("Name").press("Enter")
    await expect(form).to_have_count(0)
    await expect(customer).to_have_value("Restoran Pelangi")
    await page.get_by_label("Description of line 1").fill("Kopi Ga")
    await page.get_by_role("listbox", name="Products").get_by_role("option", name="Kopi Gayo 1 kg").click()
    await expect(page.get_by_label("Price of line 1")).not_to_have_value("")
    await look(page, "invoice-for-somebody-new")
    await page.get_by_role("button", name="Save as draft").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Draft")
    await expect(page.get_by_text("Restoran Pelangi").first).to_be_visible()
    assert complaints == []


async def test_suppliers_come_in_from_a_file_that_was_looked_at_first(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "operator", "Customers", "Customers")
    await page.get_by_role("button", name="Import").click()
    form = page.get_by_role("dialog", name="Import customers or suppliers")
    await form.get_by_label("Whoever has no role in it is our").select_option("Supplier")
    wrong = b"name,email,country\nAneka Kemasan,aneka@kemasan.example,id\nPabrik Gelas,no address,id\n"
    await form.get_by_label("File").set_input_files({"name": "s.csv", "mimeType": "text/csv", "buffer": wrong})
    await form.get_by_role("button", name="Look at it first").click()
    await expect(form.get_by_role("region", name="What would happen")).to_contain_text("Row 3 Pabrik Gelas")
    await expect(form.get_by_role("button", name="Add 1")).to_be_disabled()
    await look(page, "import-suppliers")
    right = wrong.replace(b"no address", b"gelas@pabrik.example")
    await form.get_by_label("File").set_input_files({"name": "s.csv", "mimeType": "text/csv", "buffer": right})
    await form.get_by_role("button", name="Look at it first").click()
    await form.get_by_role("button", name="Add 2").click()
    await expect(form).to_have_count(0)
    await expect(page.get_by_role("link", name="Pabrik Gelas")).to_be_visible()
    assert complaints == []
