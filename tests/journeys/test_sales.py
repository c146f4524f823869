"""A salesperson's day: the board by keyboard and a customer from all sides; then finance and its reports."""

from playwright.async_api import BrowserContext, expect

from tests.support.console import go, look, opens
from tests.support.installation import Installation


async def test_a_deal_is_moved_by_keyboard_and_a_note_names_a_colleague(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "sales", "Pipeline", "Pipeline")
    board = page.get_by_role("list", name="Board of Sales")
    talking = board.locator("> li").filter(has=page.get_by_role("heading", name="Talking"))
    card = talking.get_by_text("Two grinders for the new shop")
    await expect(card).to_be_visible()
    await look(page, "pipeline")
    await talking.get_by_role("button", name="Move Two grinders").focus()
    await page.keyboard.press("ArrowRight")
    sent = board.locator("> li").filter(has=page.get_by_role("heading", name="Offer sent"))
    await expect(sent.get_by_text("Two grinders for the new shop")).to_be_visible()
    await page.get_by_role("button", name="Forecast").click()
    await expect(page.get_by_role("columnheader", name="Likely")).to_be_visible()
    await look(page, "forecast")

    await go(page, "Customers", "Customers")
    await look(page, "customers")
    await page.get_by_role("link", name="Hotel Bunga Melati").click()
    await expect(page.get_by_text("Tasting went well")).to_be_visible()
    await look(page, "customer")
    await page.get_by_role("button", name="Add a contact").click()
    await page.get_by_label("Name", exact=True).fill("Ni Luh Ayu")
    await page.get_by_label("What they do there").fill("Runs the breakfast")
    await page.get_by_label("E-mail").fill("ayu@melati.example")
    await page.get_by_role("button", name="Add the contact").click()
    await page.get_by_role("button", name="Change Ni Luh Ayu").click()
    await page.get_by_label("Phone").fill("+62 812 3456 7890")
    await page.get_by_role("button", name="Save the contact").click()
    await expect(page.get_by_text("ayu@melati.example · +6281234567890")).to_be_visible()
    await page.get_by_role("button", name="Change Rizky Pratama").click()
    await look(page, "contact")
    await page.get_by_role("button", name="Remove from this company").click()
    await expect(page.get_by_role("link", name="Rizky Pratama")).to_have_count(0)
    await page.get_by_label("Note").fill("They signed. Thank you @Agus")
    await page.get_by_role("button", name="@Agus Wijaya").click()
    await page.get_by_role("button", name="Save the note").click()
    await expect(page.get_by_text("They signed. Thank you @Agus Wijaya")).to_be_visible()
    await page.get_by_role("button", name="Done: Answer about the price").click()
    await expect(page.get_by_role("button", name="Done: Answer about the price")).to_have_count(0)
    assert complaints == []


async def test_a_stage_goes_and_its_deals_stay(desk: BrowserContext, installation: Installation) -> None:
    page, complaints = await opens(desk, installation, "owner", "Pipeline", "Pipeline")
    await page.get_by_role("link", name="Stages").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Stages of Sales")
    await page.get_by_label("Stage 1").fill("Won")
    await page.get_by_role("button", name="Save the stages").click()
    await expect(page.get_by_text("two stages have the same name").first).to_be_visible()
    await page.get_by_label("Stage 1").fill("First word")
    await page.get_by_role("button", name="Remove: Agreed").click()
    await look(page, "stages")
    await page.get_by_label("1 deal stands at Agreed and goes to").select_option("Offer sent")
    await page.get_by_role("button", name="Save the stages").click()
    await expect(page.get_by_text("Stages that go")).to_have_count(0)
    await page.get_by_role("link", name="Back to the pipeline").click()
    sent = page.get_by_role("list", name="Board of Sales").locator("> li").filter(has_text="Offer sent")
    await expect(sent.get_by_text("House blend for three shops")).to_be_visible()
    await expect(page.get_by_role("heading", name="First word")).to_be_visible()
    assert [one for one in complaints if "422" not in one] == []


async def test_finance_reads_a_statement_and_opens_an_amount_down_to_its_entry(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Reports", "Profit and loss")
    await page.get_by_role("button", name="Year").click()
    await page.get_by_label("Compare with").select_option("before")
    await expect(page.get_by_text("Total income").first).to_be_visible()
    await look(page, "profit-and-loss")
    await page.get_by_role("button", name="Balance sheet").click()
    await expect(page.get_by_text("Balanced").first).to_be_visible()
    await look(page, "balance-sheet")
    await page.get_by_role("row", name="Total assets").first.get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("General ledger")
    await look(page, "general-ledger")
    await page.get_by_role("table").get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Postings")
    await look(page, "report-postings")
    assert complaints == []
