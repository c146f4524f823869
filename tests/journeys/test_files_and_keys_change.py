"""What others change without asking: how a provider writes its files, and the keys it hands out."""

from playwright.async_api import BrowserContext, expect

from tests.support.browser import axe_faults
from tests.support.console import look, signed_in
from tests.support.installation import Installation


async def test_a_source_takes_other_files_from_now_on(desk: BrowserContext, installation: Installation) -> None:
    page, complaints = await signed_in(desk, installation, "finance", "/reconciliation/")
    await page.get_by_role("button", name="Change the source").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Date", exact=True)).not_to_have_value("")
    await look(page, "reconciliation-change-source")
    assert await axe_faults(page) == []
    await dialog.get_by_label("Separated by").select_option(label="Semicolon")
    await dialog.get_by_label("Days around").fill("4")

    await dialog.get_by_role("button", name="Keep the changes").click()

    await expect(dialog).to_have_count(0)
    await page.get_by_role("button", name="Change the source").click()
    await expect(dialog.get_by_label("Separated by")).to_have_value(";")
    await expect(dialog.get_by_label("Days around")).to_have_value("4")
    # As the other journeys expect it.
    await dialog.get_by_label("Separated by").select_option(label="Comma")
    await dialog.get_by_label("Days around").fill("3")
    await dialog.get_by_role("button", name="Keep the changes").click()
    await expect(dialog).to_have_count(0)
    assert complaints == []


async def test_a_connection_takes_the_keys_a_provider_has_handed_out_anew(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await signed_in(desk, installation, "admin", "/developers/connections/")
    await page.get_by_role("button", name="Connect a provider").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Provider").select_option(label="Xendit")
    await dialog.get_by_label("Environment").select_option(label="Sandbox")
    await dialog.get_by_label("Name").fill("Xendit, tests")
    await dialog.get_by_label("Priority").fill("-100")
    await dialog.get_by_label("Secret key").fill("xnd_development_first")
    await dialog.get_by_label("verification token").fill("first")
    await dialog.get_by_role("button", name="Connect", exact=True).click()
    address = dialog.locator("pre")
    before = await address.inner_text()
    await dialog.get_by_role("button", name="Replace the credentials").click()
    await look(page, "connection-new-credentials")
    assert await axe_faults(page) == []

    await dialog.get_by_label("Secret key").fill("xnd_production_not_here")
    await dialog.get_by_label("verification token").fill("second")
    await dialog.get_by_role("button", name="Replace them").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("other environment")
    await dialog.get_by_label("Secret key").fill("xnd_development_second")
    await dialog.get_by_role("button", name="Replace them").click()

    await expect(dialog.get_by_role("button", name="Replace the credentials")).to_be_visible()
    assert await address.inner_text() == before
    await dialog.get_by_role("button", name="Switch off").click()
    await expect(dialog.get_by_role("button", name="Switch on")).to_be_visible()
    assert [each for each in complaints if "422" not in each] == []
