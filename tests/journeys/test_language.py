"""A customer's own language: chosen from the menu, read from right to left, and remembered after logging out."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import Visitors, visit, watched_page
from tests.support.console import look
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def turned(page: Page) -> tuple[str | None, str | None]:
    """The language and the direction in which the page says that it is written."""
    html = page.locator("html")
    return await html.get_attribute("lang"), await html.get_attribute("dir")


async def test_a_customer_sends_money_in_arabic_and_comes_back_to_a_log_in_in_indonesian(
    visitors: Visitors, installation: Installation
) -> None:
    page, complaints = await watched_page(await visitors.come())
    # A session of her own: this one ends in logging out.
    await visit(page, "/login/")
    await page.locator("[name=email]").fill("sari@warung-kopi.example")
    await page.locator("[name=password]").fill(installation.password("sari"))
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_role("button", name=re.compile("Organisation and account")).click()
    await page.get_by_role("menuitemradio", name="العربية").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("المحفظة")
    assert await turned(page) == ("ar", "rtl")
    await look(page, "language-arabic-home")

    await visit(page, "/wallets/send/")
    await page.locator("[name=recipient]").fill("budi@warung-kopi.example")
    # Digits as an Arabic keyboard types them.
    await page.get_by_label("المبلغ").fill("\u0661\u0662\u0660\u0660\u0660")
    await page.get_by_role("button", name="تحقق وتابع").click()
    dialog = page.get_by_role("dialog", name=re.compile(r"إرسال إلى .*B\*\*\* S\*\*\*"))
    await expect(dialog.get_by_text("12,000.00").first).to_be_visible()
    await look(page, "language-arabic-confirm")
    await dialog.get_by_role("button", name="أرسل الآن").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("تم الإرسال")
    assert await turned(page) == ("ar", "rtl")

    await page.get_by_role("button", name=re.compile("المؤسسة والحساب")).click()
    await page.get_by_role("menuitem", name="تسجيل الخروج").click()
    await page.get_by_label("اللغة").select_option("id")
    await expect(page.get_by_role("button", name="Masuk")).to_be_visible()
    await visit(page, "/login/")
    await expect(page.get_by_role("button", name="Masuk")).to_be_visible()
    assert await turned(page) == ("id", "ltr")
    await look(page, "language-indonesian-log-in")
    assert complaints == []
