"""A second tenant beside the first, with money of no decimals and of three. Neither must notice the other."""

from specie.assay.clients import Client
from specie.assay.settling import Owner
from specie.assay.traffic import Part, World, payment_traffic, wallet_traffic

CURRENCIES = ("JPY", "KWD")
_RIGHTS = (
    *("ledger:read", "ledger:post", "ledger:admin", "wallets:read", "wallets:write", "wallets:admin"),
    *("transfers:create", "payments:read", "payments:create", "payments:manage", "parties:read", "parties:write"),
)
_WALLETS = 3


async def move_in(owner: Owner) -> str:
    """Connect the simulator to the sandbox of the owner's tenant; returns a key of the sandbox."""
    live = (await owner.do("GET", "/me", {}))["tenant"]
    await owner.work_in(live["twin_id"])
    await owner.do("POST", "/connections", {"provider": "simulator", "name": "Simulator"})
    made = await owner.do("POST", "/api-keys", {"name": "Assay", "permissions": list(_RIGHTS)})
    return str(made["key"])


async def look_around(client: Client, url: str, currency: str) -> World:
    """Customers with empty wallets in a currency, which top-ups will fill, and two accounts to post between."""
    wallets = []
    for number in range(_WALLETS):
        body = {"name": f"Neighbour {number} {currency}", "kind": "person", "roles": ["customer"]}
        party = (await client.do("party", "/parties", body)).result
        made = await client.do("wallet", "/wallets", {"party_id": party, "currency": currency})
        wallets.append({"id": made.result, "party_id": party})
    codes = [f"expense:assay:{name}" for name in ("one", "other")]
    opened = [await client.do("account", "/ledger/accounts", {"code": code, "currency": currency}) for code in codes]
    return World(url, wallets, (opened[0].result, opened[1].result), currency)


def traffic_in(world: World) -> Part:
    """Top-ups and what is done with them, in turn."""
    top_ups, wallets = payment_traffic(world, world.wallets[0]["party_id"]), wallet_traffic(world)
    steps = (top_ups.step, wallets.step, wallets.step)

    async def step(client: Client) -> None:
        await client.random.choice(steps)(client)

    # The money comes before what is done with it.
    return Part(step, (*top_ups.first, *wallets.first), top_ups.kinds | wallets.kinds)
