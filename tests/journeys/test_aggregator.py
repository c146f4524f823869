"""What finance does after the customer agreed: the rest of an authorisation captured, evidence for a dispute."""

import io
from typing import Any

from PIL import Image
from playwright.async_api import BrowserContext, FilePayload, expect

from tests.journeys.test_admin import as_merchant
from tests.support.browser import axe_faults
from tests.support.console import go, look, signed_in
from tests.support.installation import Installation


def found(installation: Installation, reference: str) -> dict[str, Any]:
    """A payment of the demo by its reference."""
    (listed,) = as_merchant(installation).get("/payments", params={"q": reference}).json()["data"]
    shown: dict[str, Any] = as_merchant(installation).get(f"/payments/{listed['id']}").json()
    return shown


def slip() -> FilePayload:
    """A picture of a paper with a signature."""
    kept = io.BytesIO()
    Image.new("RGB", (320, 200), "#cfe3dc").save(kept, "PNG")
    return {"name": "delivery slip.png", "mimeType": "image/png", "buffer": kept.getvalue()}


async def test_the_rest_of_an_authorisation_is_captured_and_a_dispute_gets_its_evidence(
    desk: BrowserContext, installation: Installation
) -> None:
    held = found(installation, "order-1303")
    page, complaints = await signed_in(desk, installation, "finance", f"/payments/view/?id={held['id']}")
    await look(page, "aggregator-partly-captured")
    await page.get_by_role("button", name="Capture", exact=True).click()
    dialog = page.get_by_role("dialog", name="Capture this payment")
    assert await axe_faults(page) == []
    await dialog.get_by_label("Amount").fill("100000")
    await dialog.get_by_role("button", name="Capture now").click()
    await expect(dialog).to_have_count(0)
    amounts = page.locator("section").filter(has=page.get_by_role("heading", name="Amounts"))
    await expect(amounts).to_contain_text("700,000.00", timeout=20_000)

    await go(page, "Refunds and disputes", "Refunds and disputes")
    answer = page.get_by_role("row").filter(has_text="2,400,000.00")
    await expect(answer).to_contain_text("in 6 days")
    await answer.get_by_role("button").click()
    await expect(page.get_by_role("dialog", name="Dispute").locator("dl")).to_contain_text("Answer by")
    assert await axe_faults(page) == []
    await page.keyboard.press("Escape")
    await look(page, "aggregator-disputes")
    await page.get_by_role("button", name="Refunds", exact=True).click()
    await expect(page.get_by_role("row").nth(1)).to_be_visible()
    await look(page, "aggregator-refunds")
    await page.get_by_role("button", name="To answer").click()
    await answer.get_by_role("link", name="2,400,000.00").click()
    await expect(page.get_by_role("status").filter(has_text="Disputed")).to_be_visible()
    await page.get_by_label("Evidence").fill("Signed for at the door by the card's owner")
    await page.get_by_role("button", name="Keep the evidence").click()
    dispute = page.locator("section").filter(has=page.get_by_role("heading", name="Dispute"))
    await expect(dispute.locator("dl")).to_contain_text("Signed for at the door")
    await dispute.get_by_label("Add a file").set_input_files(slip())
    await dispute.get_by_role("button", name="Upload").click()
    await expect(dispute.get_by_role("listitem")).to_contain_text("delivery slip.png")
    await look(page, "aggregator-dispute")
    await dispute.get_by_role("button", name="The evidence is handed in").click()
    assert await axe_faults(page) == []
    await page.get_by_role("dialog").get_by_role("button", name="It is handed in").click()
    await expect(dispute.locator("dl")).to_contain_text("Handed in")
    await expect(dispute.get_by_role("button")).to_have_count(0)
    assert complaints == []
