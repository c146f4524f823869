"""Read what happened, several things at a time, and go on where you stopped."""

import asyncio
import os

from specie_client import AsyncClient, feed, parties


async def main() -> None:
    """Add three customers at once, then read the feed."""
    async with AsyncClient(os.environ["SPECIE_API_KEY"], os.environ["SPECIE_URL"]) as specie:
        await asyncio.gather(*(specie.send(parties.create(name=name)) for name in ("Ayu", "Bima", "Citra")))
        last = 0
        async for event in specie.events(feed(after=last)):
            last = event["n"]
            print(event["n"], event["type"], event["subject"]["id"])


if __name__ == "__main__":
    asyncio.run(main())
