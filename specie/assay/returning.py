"""Money that goes back and money that is owed: refunds of what was sold, and invoices that are issued and paid."""

import asyncio

from specie.assay.clients import Client
from specie.assay.journal import Told
from specie.assay.settling import Owner, is_paid, open_merchant, sell
from specie.assay.traffic import Part, World

# What the bank does with a refund; those without an answer are heard of by asking.
_SCENARIOS = ("success", "slow", "lost", "lost+error_after", "decline")
_MOST = 30_000
"""Below what a second person has to agree to."""


def refund_traffic(world: World, owner: Owner) -> Part:
    """A merchant gives back parts of what it has sold, and sometimes tries to give back more than there was."""
    merchants: list[str] = []

    async def step(client: Client) -> None:
        if not merchants:
            merchants.append(await open_merchant(client, owner, settles=False))
        words = {"simulator": "success", "simulator_refund": client.random.choice(_SCENARIOS)}
        sale = await sell(client, world, merchants[0], client.random.randint(1_000, _MOST), words)
        if not await is_paid(client, sale):
            return
        sold = sale.asked["amount"]["amount"]
        parts = [client.random.randint(1, sold) for _ in range(2)]
        await asyncio.gather(*(_give_back(client, world, sale.result, part) for part in parts))

    return Part(step, (step,), frozenset({"sale", "give_back"}))


async def _give_back(client: Client, world: World, payment: str, minor: int) -> None:
    body = {"amount": world.money(minor), "reason": "it was broken"}
    await client.do("give_back", f"/payments/{payment}/refunds", body, [minor])


def invoice_traffic(world: World) -> Part:
    """A customer is sent an invoice, and the bank brings the money for it, all or a part."""

    async def step(client: Client) -> None:
        customer = world.wallets[0]["party_id"]
        minor = client.random.randint(2, 90_000)
        lines = [{"description": "Beans", "quantity": "1", "unit_price": world.money(minor), "tax_rate_ids": []}]
        reference = client.reference()
        body = {"customer_id": customer, "currency": world.currency, "lines": lines, "reference": reference}
        draft = await client.do("draft", "/billing/invoices", body)
        if draft.told is not Told.DONE:
            return
        issued = await client.do("issue", f"/billing/invoices/{draft.result}/issue", {}, [minor])
        if issued.told is not Told.DONE:
            return
        # What the bank brought first stands to the customer's credit, and from there pays the invoice.
        part = client.random.randint(1, minor)
        shares = [{"invoice_id": draft.result, "amount": world.money(part)}]
        paid = {"customer_id": customer, "amount": world.money(part), "allocations": shares}
        await client.do("banked", "/billing/receipts", paid | {"reference": f"{reference}-r"}, [part, part])

    return Part(step, (step,), frozenset({"draft", "issue", "banked"}))
