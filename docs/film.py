"""Makes the README's moving picture: one payment from the request to the books, on a running installation.

Called by `docs.screenshots`. Every frame is what a browser showed; only the line that says what one sees is added.
"""

from pathlib import Path

import httpx2
from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.support.console import log_in
from tests.support.installation import Installation

SIZE: ViewportSize = {"width": 1000, "height": 640}
CAPTION_HEIGHT = 44
INK, PAPER, RULE = "#1c1b17", "#faf9f5", "#e4e1d7"
FRAME_MS = 2600
LAST_FRAME_MS = 5000
COLOURS = 96
PATIENCE_MS = 20_000

Frame = tuple[str, Path]


async def shoot(browser: Browser, installation: Installation, folder: Path, file: Path) -> None:
    """Let somebody pay a payment of the demo's merchant, and write what was seen as one GIF."""
    context = await browser.new_context(
        viewport=SIZE,
        color_scheme="light",
        locale="en-US",
        timezone_id="Asia/Jakarta",
        reduced_motion="reduce",
    )
    frames = await _story(context, installation, folder)
    await context.close()
    _join(frames, file)


async def _story(context: BrowserContext, installation: Installation, folder: Path) -> list[Frame]:
    frames: list[Frame] = []

    async def keep(page: Page, caption: str) -> None:
        await page.wait_for_load_state("networkidle")
        await page.mouse.move(0, 0)
        path = folder / f"frame-{len(frames)}.png"
        await page.screenshot(path=path)
        frames.append((caption, path))

    desk, _ = await log_in(context, installation, "merchant")
    payment = _ask(installation)
    await desk.goto(f"{installation.url}/payments/view/?id={payment['id']}")
    status = desk.get_by_role("heading", level=1).get_by_role("status")
    await expect(status).to_have_text("Created")
    await keep(desk, "1. A shop asks for a payment by API; here it is in the console.")
    checkout = await context.new_page()
    await checkout.goto(payment["checkout_url"])
    await keep(checkout, "2. The customer opens the hosted page…")
    await checkout.get_by_role("button", name="QR code").click()
    await checkout.locator("a.simulate").wait_for()
    await keep(checkout, "3. …and chooses the code to scan.")
    async with checkout.expect_popup() as opening:
        await checkout.locator("a.simulate").click()
    simulator = await opening.value
    await keep(simulator, "4. The simulator plays the bank. We approve.")
    await simulator.get_by_role("button", name="Approve").first.click()
    await expect(checkout.get_by_role("status")).to_have_text("Paid", timeout=PATIENCE_MS)
    await keep(checkout, "5. The customer's page follows by itself.")
    await expect(status).to_have_text("Paid", timeout=PATIENCE_MS)
    await desk.reload()
    await desk.locator("#postings li").first.wait_for()
    await keep(desk, "6. So does the shop's: the whole story of the payment…")
    await desk.locator("#postings").scroll_into_view_if_needed()
    await desk.locator("#postings").evaluate("element => element.scrollIntoView({block: 'center'})")
    await keep(desk, "7. …and the postings behind it: debits equal credits, fee included.")
    return frames


def _ask(installation: Installation) -> dict[str, str]:
    answer = httpx2.post(
        f"{installation.url}/api/v1/payments",
        headers={"Authorization": f"Bearer {installation.api_key('merchant')}", "Idempotency-Key": "film-1"},
        json={
            "reference": "film-1",
            "amount": {"amount": 15_000_000, "currency": "IDR"},
            "description": "Two bags of beans",
        },
    )
    answer.raise_for_status()
    payment: dict[str, str] = answer.json()
    return payment


def _join(frames: list[Frame], file: Path) -> None:
    drawn = [_captioned(caption, path) for caption, path in frames]
    durations = [FRAME_MS] * (len(drawn) - 1) + [LAST_FRAME_MS]
    drawn[0].save(file, save_all=True, append_images=drawn[1:], duration=durations, loop=0, optimize=True)


def _captioned(caption: str, path: Path) -> Image.Image:
    with Image.open(path) as shot:
        frame = Image.new("RGB", (shot.width, shot.height + CAPTION_HEIGHT), PAPER)
        frame.paste(shot.convert("RGB"), (0, CAPTION_HEIGHT))
    draw = ImageDraw.Draw(frame)
    draw.line([(0, CAPTION_HEIGHT - 1), (frame.width, CAPTION_HEIGHT - 1)], fill=RULE)
    draw.text((20, CAPTION_HEIGHT // 2), caption, fill=INK, anchor="lm", font=ImageFont.load_default(17))
    return frame.quantize(COLOURS, dither=Image.Dither.NONE)
