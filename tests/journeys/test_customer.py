"""A customer's way: register, be verified, top up, send money; and both sides see the same."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.support.browser import looks_right, visitor_at, watched_page
from tests.support.installation import Installation

# So that the journey can be walked again in the same installation.
RUN = "".join(secrets.choice(ascii_lowercase) for _ in range(6))
PASSWORD = "seventeen quiet lanterns"


@dataclass
class Visitor:
    """Somebody with a browser of their own."""

    name: str
    page: Page
    complaints: list[str]


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(browser: Browser, installation: Installation) -> AsyncIterator[list[BrowserContext]]:
    """Three browsers: two customers and an admin."""
    made = [await visitor_at(browser, installation.url) for _ in range(3)]
    yield made
    for context in made:
        await context.close()


async def test_a_customer_is_verified_tops_up_and_sends_money(
    browsers: list[BrowserContext], installation: Installation, tmp_path: Path
) -> None:
    alya, bima, admin = [Visitor(name, *await watched_page(at)) for name, at in zip(_NAMES, browsers, strict=True)]
    await register(alya)
    await register(bima)
    await ask_for_verification(alya, document=specimen(tmp_path))
    await log_in(admin, "admin@warung-kopi.example", installation.password("admin"))
    await approve(admin, alya.name)
    await expect_verified(alya)
    await top_up(alya, "250000")
    await send(alya, to=address_of(bima), amount="75000", recipient_shown="B***")
    sent, topped_up = await movements(alya)
    for seen in ("To B***", "IDR −75,000.00", "Balance after IDR 175,000.00"):
        assert seen in sent
    for seen in ("Top-up", "IDR +250,000.00", "Balance after IDR 250,000.00"):
        assert seen in topped_up
    [received] = await movements(bima)
    for seen in ("From A***", "IDR +75,000.00", "Balance after IDR 75,000.00"):
        assert seen in received
    for visitor in (alya, bima, admin):
        assert visitor.complaints == [], visitor.name


_NAMES = (f"Alya {RUN.capitalize()}", f"Bima {RUN.capitalize()}", "admin")


def address_of(visitor: Visitor) -> str:
    return f"{visitor.name.split()[0].lower()}-{RUN}@example.com"


def specimen(folder: Path) -> Path:
    file = folder / "id-card.png"
    Image.new("RGB", (320, 200), "#e9e4d8").save(file)
    return file


async def register(visitor: Visitor) -> None:
    page = visitor.page
    await page.goto("/register/")
    await looks_right(page, "customer-register")
    await page.get_by_label("Name").fill(visitor.name)
    await page.get_by_label("E-mail").fill(address_of(visitor))
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Open the account").click()
    await expect(page.get_by_text("Available").first).to_be_visible()
    await looks_right(page, "customer-wallet-home-empty")


async def log_in(visitor: Visitor, email: str, password: str) -> None:
    page = visitor.page
    await page.goto("/login/")
    await looks_right(page, "customer-login")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()


async def ask_for_verification(visitor: Visitor, document: Path) -> None:
    page = visitor.page
    await page.goto("/account/")
    await page.get_by_label("Kind").select_option("identity")
    await page.get_by_label("File").set_input_files(document)
    await page.get_by_role("button", name="Upload").click()
    await expect(page.get_by_text("id-card.png")).to_be_visible()
    await looks_right(page, "customer-verification")
    await page.get_by_label("Full name").fill(visitor.name)
    await page.get_by_label("Date of birth").fill("1994-03-12")
    await page.get_by_label("Address").fill("Jalan Kemang 8, Jakarta")
    await page.get_by_label("Number of your identity document").fill("3174051203940001")
    await page.get_by_role("button", name="Hand in for review").click()
    await expect(page.get_by_text("Submitted").first).to_be_visible()


async def approve(admin: Visitor, name: str) -> None:
    page = admin.page
    await page.goto("/kyc/")
    await expect(page.get_by_role("link", name=name)).to_be_visible()
    await looks_right(page, "customer-kyc-queue")
    await page.get_by_role("link", name=name).click()
    await expect(page.get_by_text("id-card.png")).to_be_visible()
    await looks_right(page, "customer-kyc-review")
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    await expect(page.get_by_text("Approved").first).to_be_visible()


async def expect_verified(visitor: Visitor) -> None:
    await visitor.page.goto("/account/")
    await expect(visitor.page.get_by_text("Approved").first).to_be_visible()
    await looks_right(visitor.page, "customer-account-verified")


async def top_up(visitor: Visitor, amount: str) -> None:
    page = visitor.page
    await page.goto("/wallets/top-up/")
    await looks_right(page, "customer-top-up")
    await page.get_by_label("Amount").fill(amount)
    await page.get_by_role("button", name="Continue to pay").click()
    await page.locator("button[value=qr]").click()
    async with page.expect_popup() as opened:
        await page.locator("a.simulate").click()
    bank = await opened.value
    await bank.get_by_role("button", name="success").click()
    await expect(page.get_by_role("status")).to_have_text("Paid", timeout=20_000)
    await page.goto("/wallets/")
    await expect(page.get_by_text("250,000.00").first).to_be_visible(timeout=20_000)
    await looks_right(page, "customer-wallet-home")


async def send(visitor: Visitor, *, to: str, amount: str, recipient_shown: str) -> None:
    page = visitor.page
    await page.goto("/wallets/send/")
    await looks_right(page, "customer-send")
    await page.get_by_label("To").fill(to)
    await page.get_by_label("Amount").fill(amount)
    await page.get_by_role("button", name="Check and continue").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text(recipient_shown).first).to_be_visible()
    await looks_right(page, "customer-send-confirm")
    await dialog.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    await looks_right(page, "customer-sent")


async def movements(visitor: Visitor) -> list[str]:
    await visitor.page.goto("/wallets/activity/")
    lines = visitor.page.get_by_role("main").get_by_role("listitem")
    await expect(lines.first).to_be_visible()
    await looks_right(visitor.page, f"customer-activity-{visitor.name.split()[0].lower()}")
    # The space behind a currency's code does not break; the test does not care.
    return [" ".join(text.replace("\xa0", " ").split()) for text in await lines.all_inner_texts()]
