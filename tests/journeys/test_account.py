"""Looking after one's own account: a new password, a second factor switched off, a reset by mail, two organisations."""

import asyncio
import email as mail
import email.policy
import os
import re
import secrets
import subprocess
from email.message import EmailMessage

import pyotp
from playwright.async_api import BrowserContext, expect

from tests.journeys.test_console import PASSWORD as OWNERS_PASSWORD
from tests.journeys.test_console import SPECIE, enters
from tests.journeys.test_customer import (
    PASSWORD,
    Somebody,
    fresh_phone,
    log_in,
    second_factor_seed,
    sit_down,
)
from tests.support.browser import Visitors, visit
from tests.support.console import look
from tests.support.installation import Installation

SANDBOX = "Sandbox: nothing here is real money"
FRESH = "sate lilit dengan sambal matah"


async def opens_an_account(who: Somebody, name: str = "Tuti Rahayu") -> str:
    """Sign up; the address to log in with."""
    email = f"tuti-{secrets.token_hex(4)}@mail.example"
    await who.open("/register/")
    await who.fill(name=name, email=email, phone=fresh_phone(), password=PASSWORD)
    await who.press("Open the account")
    await who.page.wait_for_url("**/wallets/")
    return email


async def tries(who: Somebody, email: str, password: str) -> None:
    """Log in with what may be wrong."""
    await who.fill(email=email, password=password)
    await who.press("Log in")


async def test_a_changed_password_ends_the_other_sessions_and_the_old_one_opens_nothing(
    visitors: Visitors, installation: Installation
) -> None:
    tuti, phone = await sit_down(visitors), await sit_down(visitors)
    email = await opens_an_account(tuti)
    await log_in(phone, email, PASSWORD)
    await tuti.open("/account/")
    await tuti.fill(current_password="not the right one", new_password=FRESH)
    await tuti.press("Change the password")
    await tuti.sees("Type it again.")
    await look(tuti.page, "account-password-refused")

    await tuti.fill(current_password=PASSWORD, new_password=FRESH)
    await tuti.press("Change the password")

    await tuti.sees("The password is changed; other sessions have ended.")
    await look(tuti.page, "account-password")
    await visit(phone.page, "/wallets/")
    await phone.page.wait_for_url("**/login/**")
    await tries(phone, email, PASSWORD)
    await phone.sees("Type it again.")
    await look(phone.page, "account-login-refused")
    await tries(phone, email, FRESH)
    await phone.page.wait_for_url("**/wallets/**")
    await tuti.open("/wallets/")
    await tuti.sees("Available")


async def test_a_second_factor_goes_off_with_a_code_only(visitors: Visitors, installation: Installation) -> None:
    tuti, phone = await sit_down(visitors), await sit_down(visitors)
    email = await opens_an_account(tuti)
    await tuti.open("/account/")
    await tuti.press("Switch on")
    codes = pyotp.TOTP(await second_factor_seed(tuti))
    await look(tuti.page, "account-second-factor")
    await tuti.fill(code=codes.now())
    await tuti.press("Confirm")
    await tuti.sees("Recovery codes")
    recovery = (await tuti.page.get_by_role("dialog").locator("pre").inner_text()).split()[0]
    await tuti.page.keyboard.press("Escape")
    await tuti.sees("It is on")
    await tuti.fill(code="000000")
    await tuti.press("Switch off")
    await tuti.sees("Type it again.")
    await tuti.page.reload()
    await tuti.sees("It is on")

    # The app's code has been used up; it would show another within half a minute.
    await tuti.fill(code=recovery)
    await tuti.press("Switch off")

    await expect(tuti.page.get_by_role("button", name="Switch on", exact=True)).to_be_visible()
    await log_in(phone, email, PASSWORD)
    await phone.sees("Available")


async def test_a_forgotten_password_is_set_anew_by_the_mailed_link_once(
    visitors: Visitors, installation: Installation
) -> None:
    tuti, phone = await sit_down(visitors), await sit_down(visitors)
    email = await opens_an_account(phone)
    await tuti.open("/login/")
    await tuti.page.get_by_role("link", name="Forgotten the password?").click()
    await tuti.sees("Set a new password")
    await tuti.fill(email=email)
    await look(tuti.page, "account-forgotten")
    await tuti.press("Send the link")
    await tuti.sees("a link is on its way")
    link = await mailed_link(installation, email)

    await tuti.open(link)
    await look(tuti.page, "account-reset")
    await tuti.fill(new_password=FRESH)
    await tuti.press("Set the password")

    await tuti.sees("The password is set. Log in with it now.")
    await visit(phone.page, "/wallets/")
    await phone.page.wait_for_url("**/login/**")
    await log_in(phone, email, FRESH)
    await tuti.open(link)
    await tuti.fill(new_password=PASSWORD)
    await tuti.press("Set the password")
    await tuti.sees("This link has been used or is too old.")
    await expect(tuti.page.get_by_role("link", name="Ask for a new link")).to_be_visible()
    await look(tuti.page, "account-reset-used")
    await tuti.open("/login/")
    await tries(tuti, email, PASSWORD)
    await tuti.sees("Type it again.")


async def mailed_link(installation: Installation, to: str) -> str:
    """The address in the newest mail to somebody, from where an installation without a mail server keeps its mail."""
    for _ in range(100):
        for file in sorted((installation.state / "mail").glob("*.eml"), reverse=True):
            message = mail.message_from_bytes(file.read_bytes(), EmailMessage, policy=email.policy.default)
            if message["To"] == to:
                found = re.search(r"http\S+", message.get_content())
                assert found, message.get_content()
                return found.group()
        await asyncio.sleep(0.1)
    raise AssertionError(f"no mail to {to}")


async def test_a_member_of_two_organisations_chooses_one_and_goes_over_to_the_other(
    desk: BrowserContext, installation: Installation
) -> None:
    login = f"sore-{secrets.token_hex(4)}@toko.example"
    founds(installation, login, f"toko-{login[5:13]}", "Toko Sore")
    page, complaints = await enters(desk, login)
    await visit(page, "/choose-tenant/")
    await expect(page.get_by_role("button").filter(has_text="Toko Sore")).to_have_count(2)
    await look(page, "account-choose-tenant")

    live = page.get_by_role("button").filter(has_text="Toko Sore").filter(has_not_text="Sandbox")
    await live.click()

    await page.wait_for_url("**/home/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_text(SANDBOX)).to_have_count(0)
    await page.get_by_role("button", name="Organisation and account").click()
    await page.get_by_role("menuitem").filter(has_text="Sandbox").click()
    await expect(page.get_by_text(SANDBOX)).to_be_visible()
    assert complaints == []


def founds(installation: Installation, login: str, tenant: str, name: str) -> None:
    """An organisation with a sandbox and its owner, made as the handbook says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPECIE_")}
    environment |= {"SPECIE_STATE": str(installation.state)}
    command = [SPECIE, "user", "create", login, "--tenant", tenant, "--found", name, "--password-stdin"]
    subprocess.run(command, input=f"{OWNERS_PASSWORD}\n", env=environment, text=True, check=True, timeout=120)
