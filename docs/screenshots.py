"""Takes the README's pictures: a paid payment with its postings open, by day and by night, and one payment as a film.

`.venv/bin/python -m docs.screenshots` starts an installation of its own with demo data, so that the pictures show what
`make run` shows. Needs Chromium and a built web console.
"""

import asyncio
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.async_api import Browser

from docs import film
from tests.support.browser import launched
from tests.support.console import log_in
from tests.support.installation import Installation
from tests.support.state import reachable_folder

Scheme = Literal["light", "dark"]
IMAGES = Path(__file__).parent / "images"
SIZE = {"width": 1280, "height": 880}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# Flat colours need no more, and the files stay small enough for a page that everybody loads.
COLOURS = 128


async def take(browser: Browser, installation: Installation, scheme: Scheme) -> Path:
    """The newest paid payment as an admin sees it. Returns the file."""
    context = await browser.new_context(
        viewport=SIZE,  # type: ignore[arg-type]
        color_scheme=scheme,
        locale="en-US",
        timezone_id="Asia/Jakarta",
        device_scale_factor=1.5,
        reduced_motion="reduce",
    )
    page, _ = await log_in(context, installation, "admin")
    await page.goto(f"{installation.url}/payments/?status=paid")
    await page.get_by_role("table").get_by_role("link").first.click()
    await page.locator("#postings li").first.wait_for()
    await page.wait_for_load_state("networkidle")
    # The pointer rests on nothing, and the story begins at the top with its postings below.
    await page.mouse.move(0, 0)
    file = IMAGES / f"payment-{scheme}.png"
    await page.screenshot(path=file)
    await context.close()
    return file


async def main() -> None:
    """Write the pictures and the film into docs/images."""
    IMAGES.mkdir(exist_ok=True)
    with reachable_folder() as folder, Installation(folder) as installation:
        async with launched() as browser:
            for scheme in SCHEMES:
                shrink(await take(browser, installation, scheme))
            await film.shoot(browser, installation, folder, IMAGES / "first-payment.gif")


def shrink(file: Path) -> None:
    """Keep the picture's look in a fraction of its bytes."""
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
