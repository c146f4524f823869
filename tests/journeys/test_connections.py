"""An admin connects a provider in its dialect, tries the credentials, and sees what is kept from live money."""

from playwright.async_api import BrowserContext, expect

from tests.support.console import look, opens
from tests.support.installation import Installation


async def test_an_admin_connects_a_provider_and_tries_it(desk: BrowserContext, installation: Installation) -> None:
    page, complaints = await opens(desk, installation, "owner", "Connections", "Connections")

    await page.get_by_role("button", name="Connect a provider").click()
    await page.get_by_label("Provider", exact=True).select_option(label="Gidi")
    await expect(
        page.get_by_role("dialog").get_by_text("Not confirmed, so switched off for live money:")
    ).to_be_visible()
    await page.get_by_label("Provider", exact=True).select_option(label="OY! Indonesia")
    await look(page, "connections-form")
    await page.get_by_label("Name", exact=True).fill("OY in the simulator")
    await page.get_by_role("button", name="Connect", exact=True).click()
    await expect(page.get_by_text("/api/v1/callbacks/")).to_be_visible()

    await page.get_by_role("button", name="Test the connection").click()

    await expect(page.get_by_text("The credentials work")).to_be_visible()
    await look(page, "connection")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="OY in the simulator")).to_be_visible()
    await expect(page.get_by_text("Not for live money").first).to_be_visible()
    await look(page, "connections")
    assert complaints == []
