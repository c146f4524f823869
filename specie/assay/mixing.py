"""Purchases that are paid by several means at once, and given back in parts that may ask for more than is left."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from specie.assay.clients import Client
from specie.assay.journal import Operation, Told
from specie.assay.settling import Owner, open_merchant
from specie.assay.traffic import Part, World, pay_on_page

_MOST = 10_000
"""Of each tender; all refunds of a purchase together stay below what a second person has to agree to."""
_LINE = 10**12
_GIFT = 10**10
_REST_SECONDS = 1.5
_AT_PROVIDER = 0.4
"""How many pay the rest at a provider; the others pay it in parts."""


def mixed_traffic(world: World, owner: Owner) -> Part:
    """A customer pays by cashback, from its wallet and the rest in installments or at a provider, all at once.

    It brings things back bit by bit.
    """
    shops: list[_Shop] = []

    async def step(client: Client) -> None:
        if not shops:
            shops.append(await _open_shop(client, world, owner))
        paid = await _buy(client, world, owner, shops[0])
        if paid is not None and paid.told is Told.DONE and await _is_complete(client, world, paid):
            await _bring_back(client, world, paid)
        await asyncio.sleep(_REST_SECONDS)

    return Part(step, (step,), frozenset({"purchase", "mixed", "mixed_back"}))


@dataclass(frozen=True, slots=True)
class _Shop:
    """Who sells, by which plan, and to whom."""

    merchant: str
    plan: str
    customer: str


async def _open_shop(client: Client, world: World, owner: Owner) -> _Shop:
    """A merchant without fees, its plan without interest, and a customer with cashback and a line of credit."""
    merchant = await open_merchant(client, owner, settles=False)
    terms = {"parts": 2, "interval": "weekly"}
    plan = {"merchant_id": merchant, "name": "Two parts", "currency": world.currency, "terms": terms}
    made = await owner.do("POST", "/installments/plans", plan)
    # Whose identity has been proved; nobody earns cashback at a shop of their own.
    giver = (await client.read("/cashback/merchants?status=active"))["data"][0]["party_id"]
    customer = world.fullest_but(giver)
    await owner.do("PUT", f"/installments/lines/{customer}/{world.currency}", {"limit_minor": _LINE})
    await _give_cashback(client, world, owner, {"merchant_id": giver, "party_id": customer})
    return _Shop(merchant, str(made["id"]), customer)


async def _give_cashback(client: Client, world: World, owner: Owner, whose: dict[str, str]) -> None:
    """More than a trial can spend, from the house, for one purchase; before any other offer, and none beside it."""
    gift = world.money(_GIFT)
    terms = {"currency": world.currency, "reward": {"kind": "fixed", "amount": gift}, "return_days": 0, "priority": 0}
    offer = {"merchant_id": whose["merchant_id"], "name": "A gift", "funded_by": "house", "terms": terms}
    path = f"/cashback/offers/{(await owner.do('POST', '/cashback/offers', offer))['id']}"
    await owner.do("POST", f"{path}/fund", {"amount": gift})
    await owner.do("POST", f"{path}/activate", {})
    bought = {"external_id": client.reference(), "amount": gift, "status": "confirmed"}
    await owner.do("POST", "/cashback/purchases", bought | whose)
    await owner.do("POST", f"{path}/end", {})


async def _buy(client: Client, world: World, owner: Owner, shop: _Shop) -> Operation | None:
    """The journal keeps what each tender pays in the order in which tenders pay, nothing for one that is not used."""
    cashback, wallet, rest = (client.random.randint(2, _MOST) for _ in range(3))
    is_at_provider = client.random.random() < _AT_PROVIDER
    body: dict[str, Any] = {"merchant_id": shop.merchant, "customer_id": shop.customer, "title": "A bicycle"}
    body |= {"reference": client.reference(), "amount": world.money(cashback + wallet + rest)}
    opened = await client.do("purchase", "/purchases", body)
    if opened.told is not Told.DONE:
        return None
    last = {"kind": "provider", "amount": world.money(rest)}
    tenders = [
        {"kind": "cashback", "amount": world.money(cashback)},
        {"kind": "wallet", "amount": world.money(wallet)},
        last if is_at_provider else await _in_parts(world, owner, shop, rest),
    ]
    amounts = [cashback, wallet, *((0, rest) if is_at_provider else (rest, 0))]
    return await client.do("mixed", f"/purchases/{opened.result}/pay", {"tenders": tenders}, amounts)


async def _in_parts(world: World, owner: Owner, shop: _Shop, minor: int) -> dict[str, Any]:
    """The tender of a plan, whose cost the customer has seen."""
    wanted = {"plan_id": shop.plan, "amount": world.money(minor)}
    cost = await owner.do("POST", "/installments/preview", wanted)
    return wanted | {"kind": "installments", "fingerprint": cost["fingerprint"]}


async def _is_complete(client: Client, world: World, paid: Operation) -> bool:
    """Whether all has been paid within a while; what a provider is to collect, the customer pays on its page."""
    for leg in json.loads(paid.answer)["legs"]:
        if leg["payment_id"] is not None:
            await pay_on_page(client, world, leg["payment_id"])
    return await client.until(f"/purchases/{paid.result}", "completed")


async def _bring_back(client: Client, world: World, paid: Operation) -> None:
    """Two refunds at once, then a third; together they may be more than was paid."""
    total = sum(paid.amounts)
    first, second, third = (client.random.randint(1, total // 2) for _ in range(3))
    path = paid.path.replace("/pay", "/refunds")

    async def back(minor: int) -> None:
        await client.do("mixed_back", path, {"amount": world.money(minor), "reason": "too big"}, [minor])

    await asyncio.gather(back(first), back(second))
    await back(third)
