"""Staff keep stock: a product from a file, goods scanned in, a delivery that is too large, and the books behind it."""

import re

from playwright.async_api import BrowserContext, Page, expect

from tests.support.browser import axe_faults, visit
from tests.support.console import look, opens
from tests.support.installation import Installation

PRODUCTS = b"name,sku,price,currency\nKopi Luwak,LUWAK-1,950000,IDR\n,NAMELESS,,\n"


async def test_products_are_looked_at_in_a_file_before_they_are_taken_in(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "operator", "Products", "Products")
    await expect(page.get_by_role("row", name="Hand grinder")).to_contain_text("425,000.00")
    await look(page, "operator-products")

    await page.get_by_role("button", name="Import", exact=True).click()
    window = page.get_by_role("dialog", name="Import products")
    file = {"name": "products.csv", "mimeType": "text/csv", "buffer": PRODUCTS}
    await window.get_by_label("File").set_input_files(file)  # type: ignore[arg-type]
    await window.get_by_role("button", name="Look at it first").click()
    await expect(window).to_contain_text("NAMELESS: name has 1 to 200 characters")
    assert await axe_faults(page) == []
    await window.get_by_role("button", name="Take 1 in, leave 1 out").click()
    await page.get_by_role("button", name="Kopi Luwak").click()
    form = page.get_by_role("dialog", name="Kopi Luwak")
    await expect(form.get_by_label("SKU")).to_have_value("LUWAK-1")
    assert await axe_faults(page) == []
    await form.get_by_label("Unit", exact=True).fill("jar")
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("row", name="Kopi Luwak")).to_contain_text("/ jar")
    await _a_long_file_comes_in_in_the_background(page)
    assert complaints == []


async def _a_long_file_comes_in_in_the_background(page: Page) -> None:
    good = PRODUCTS.replace(b"LUWAK-1", b"LUWAK-2").replace(b",NAMELESS,,\n", b"Kopi Wamena,WAMENA-1,,\n")
    for content, told in ((PRODUCTS, "Nothing was taken in"), (good, "Added"), (good, "had been sent before")):
        await visit(page, "/products/")
        await page.get_by_role("button", name="Import", exact=True).click()
        file = {"name": "long.csv", "mimeType": "text/csv", "buffer": content}
        await page.get_by_label("File").set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="Take it in in the background").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Import of long.csv")
        await page.reload()
        await expect(page.get_by_text(told)).to_be_visible()
        await look(page, f"product-import-{told.split()[0].lower()}")


async def test_a_price_list_is_made_and_filled_and_leaves_the_usual_prices_alone(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "operator", "Products", "Products")
    await page.get_by_role("link", name="Price lists").click()
    await page.get_by_role("button", name="New price list").click()
    window = page.get_by_role("dialog", name="New price list")
    await window.get_by_label("Name").fill("Wholesale")
    await window.get_by_label("Currency").select_option(label="IDR")
    assert await axe_faults(page) == []
    await window.get_by_role("button", name="Add the price list").click()

    row = page.get_by_role("row", name="Hand grinder")
    await expect(row).to_contain_text("425,000.00")
    await row.get_by_role("button", name="Set a price of Hand grinder").click()
    await page.get_by_label("Price for one pcs").fill("399000")
    await page.get_by_role("button", name="Save the price").click()
    await expect(row).to_contain_text("399,000.00")
    await look(page, "operator-price-lists")

    # The usual price is the standard list's, whatever some customers pay.
    await page.get_by_role("link", name="Products", exact=True).last.click()
    await expect(page.get_by_role("row", name="Hand grinder")).to_contain_text("425,000.00")
    assert complaints == []


async def test_goods_are_scanned_in_and_no_more_leave_than_there_are(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Stock", "Stock")
    await expect(page.get_by_role("row", name="Hand grinder").first).to_contain_text("GRINDER")
    await look(page, "finance-stock")

    await page.get_by_role("button", name="Receive").click()
    form = page.get_by_role("dialog", name="Receive goods")
    await form.get_by_label("Product").fill("8991000000042")
    await form.get_by_label("Product").press("Enter")
    await form.get_by_label("Quantity, pcs").fill("2.5")
    await form.get_by_label("Cost of one pcs").fill("300000")
    await form.get_by_label("Warehouse").select_option(label="Bandung")
    await form.get_by_role("button", name="Show what would change").click()
    await expect(form.get_by_label("What would change")).to_contain_text("750,000.00")
    assert await axe_faults(page) == []
    await form.get_by_role("button", name="Receive").click()
    await expect(form).to_have_count(0)

    await page.get_by_role("button", name="Deliver").click()
    form = page.get_by_role("dialog", name="Deliver goods")
    await form.get_by_label("Product").fill("grinder")
    await form.get_by_label("Product").press("Enter")
    await form.get_by_label("Quantity, pcs").fill("9999")
    await form.get_by_role("button", name="Show what would change").click()
    await expect(form).to_contain_text("Not enough in stock")
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Return", exact=True).click()
    form = page.get_by_role("dialog", name="Return goods to their supplier")
    await form.get_by_label("Product").fill("8991000000042")
    await form.get_by_label("Product").press("Enter")
    await form.get_by_label("Warehouse").select_option(label="Bandung")
    await form.get_by_label("Quantity, pcs").fill("0.5")
    await form.get_by_role("button", name="Show what would change").click()
    await expect(form.get_by_label("What would change")).to_contain_text("143,700.00")
    await form.get_by_role("button", name="Return", exact=True).click()
    await expect(form).to_have_count(0)
    await page.get_by_role("button", name="Policy").click()
    form = page.get_by_role("dialog", name="How stock is kept")
    await form.get_by_label("Reason").fill("As before, said once more")
    assert await axe_faults(page) == []
    await form.get_by_role("button", name="Keep stock like this").click()
    await expect(form).to_have_count(0)

    await page.get_by_role("link", name="Movements").click()
    await expect(page.get_by_role("row").nth(1)).to_contain_text("Hand grinder")
    await look(page, "finance-stock-movements")
    await page.get_by_role("row").nth(1).get_by_role("link").last.click()
    await expect(page).to_have_url(re.compile("/ledger/entry/"))
    await expect(page.get_by_text("stock.return_out").first).to_be_visible()
    # The browser writes down each answer that is a refusal.
    assert [each for each in complaints if "409" not in each] == []
