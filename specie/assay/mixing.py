"""Purchases that are paid by several means at once, and given back in parts that may ask for more than is left."""

import asyncio

from specie.assay.clients import Client
from specie.assay.journal import Operation, Told
from specie.assay.settling import Owner, open_merchant
from specie.assay.traffic import Part, World

_MOST = 15_000
"""Of each tender; all refunds of a purchase together stay below what a second person has to agree to."""
_LINE = 10**12
_REST_SECONDS = 1.5


def mixed_traffic(world: World, owner: Owner) -> Part:
    """The customer with the fullest wallet pays from it and in installments, and brings things back bit by bit."""
    plans: list[tuple[str, str]] = []

    async def step(client: Client) -> None:
        if not plans:
            plans.append(await _open_shop(client, world, owner))
        paid = await _buy(client, world, owner, plans[0])
        if paid is not None and paid.told is Told.DONE:
            await _bring_back(client, world, paid)
        await asyncio.sleep(_REST_SECONDS)

    return Part(step, (step,), frozenset({"purchase", "mixed", "mixed_back"}))


async def _open_shop(client: Client, world: World, owner: Owner) -> tuple[str, str]:
    """A merchant without fees, its plan without interest, and a line of credit for the customer."""
    merchant = await open_merchant(client, owner, settles=False)
    terms = {"parts": 2, "interval": "weekly"}
    plan = {"merchant_id": merchant, "name": "Two parts", "currency": world.currency, "terms": terms}
    made = await owner.do("POST", "/installments/plans", plan)
    line = f"/installments/lines/{world.rich['party_id']}/{world.currency}"
    await owner.do("PUT", line, {"limit_minor": _LINE})
    return merchant, str(made["id"])


async def _buy(client: Client, world: World, owner: Owner, shop: tuple[str, str]) -> Operation | None:
    """The journal keeps what each tender pays, in the order in which tenders pay: wallet, installments."""
    merchant, plan = shop
    wallet, parts = (client.random.randint(2, _MOST) for _ in range(2))
    body = {"merchant_id": merchant, "customer_id": world.rich["party_id"], "title": "A bicycle"}
    body |= {"reference": client.reference(), "amount": world.money(wallet + parts)}
    opened = await client.do("purchase", "/purchases", body)
    if opened.told is not Told.DONE:
        return None
    wanted = {"plan_id": plan, "amount": world.money(parts)}
    cost = await owner.do("POST", "/installments/preview", wanted)
    tenders = [
        {"kind": "wallet", "amount": world.money(wallet)},
        wanted | {"kind": "installments", "fingerprint": cost["fingerprint"]},
    ]
    return await client.do("mixed", f"/purchases/{opened.result}/pay", {"tenders": tenders}, [wallet, parts])


async def _bring_back(client: Client, world: World, paid: Operation) -> None:
    """Two refunds at once, then a third; together they may be more than was paid."""
    total = sum(paid.amounts)
    first, second, third = (client.random.randint(1, total // 2) for _ in range(3))
    path = paid.path.replace("/pay", "/refunds")

    async def back(minor: int) -> None:
        await client.do("mixed_back", path, {"amount": world.money(minor), "reason": "too big"}, [minor])

    await asyncio.gather(back(first), back(second))
    await back(third)
