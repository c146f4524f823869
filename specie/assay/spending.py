"""Money that leaves a wallet: payouts that a server signs for, and purchases paid from the wallet."""

import asyncio
import hmac
import secrets
import time
from hashlib import sha256

from specie.assay.clients import Client
from specie.assay.journal import Operation, Told
from specie.assay.settling import Owner, open_merchant
from specie.assay.traffic import Part, World

# What the bank does with a payout; those without an answer are heard of by asking.
_SCENARIOS = (
    *("success", "success", "doubled", "decline", "lost", "late", "contradicted"),
    *("error_after+lost", "cut+success", "no_answer+success"),
)
_MOST = 30_000
"""Below what a second person has to agree to."""
# A few of each are enough: what is slow about them is the bank.
_REST_SECONDS = 1.5
_HERE = "127.0.0.1/32"


class Signer:
    """Signs what a server asks for: anew for every try, with its moment and a number that is used once."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def __call__(self, path: str, body: bytes) -> dict[str, str]:
        """The headers that prove who asks."""
        now, nonce = str(int(time.time())), secrets.token_hex(16)
        text = "\n".join(("v1", "POST", f"/api/v1{path}", now, nonce, sha256(body).hexdigest()))
        signature = hmac.digest(self._secret, text.encode(), "sha256").hex()
        return {"Specie-Timestamp": now, "Specie-Nonce": nonce, "Specie-Signature": f"v1={signature}"}


async def open_counter(owner: Owner) -> tuple[str, Signer]:
    """A key of its own for the server that pays out, and what signs with it."""
    rights = {"permissions": ["payouts:create", "payouts:read"], "networks": [_HERE]}
    made = await owner.do("POST", "/api-keys", {"name": "Assay's payouts"} | rights)
    secret = await owner.do("POST", "/payout-signing-keys", {"key_id": made["id"]})
    return str(made["key"]), Signer(secret["secret"])


def payout_traffic(world: World, owner: Owner) -> Part:
    """The server pays out of the fullest wallet, to its owner's account at the bank."""
    accounts: list[str] = []

    async def pay_out(client: Client, scenario: str) -> Operation:
        if not accounts:
            accounts.append(await _add_account(client, world, owner))
        body = {
            "beneficiary_id": accounts[0],
            "wallet_id": world.rich["id"],
            "reference": client.reference(),
            "amount": world.money(client.random.randint(1, _MOST)),
            "metadata": {"simulator": scenario},
        }
        return await client.do("pay_out", "/server/payouts", body)

    async def first(client: Client) -> None:
        made = await pay_out(client, "success")
        if made.told is Told.DONE:
            await client.until(f"/payouts/{made.result}", "succeeded")

    async def step(client: Client) -> None:
        await pay_out(client, client.random.choice(_SCENARIOS))
        await asyncio.sleep(_REST_SECONDS)

    return Part(step, (first,), frozenset({"pay_out"}))


async def _add_account(client: Client, world: World, owner: Owner) -> str:
    await owner.do("PATCH", "/payout-settings", {"cool_off_seconds": 0, "minimum": {"IDR": 1}})
    # Thirteen digits could be the number of a card, which is refused.
    number = f"{client.random.randrange(10**7, 10**8)}0100"
    account = {"party_id": world.rich["party_id"], "bank_code": "014", "number": number, "label": "Main"}
    made = str((await owner.do("POST", "/beneficiaries", account))["id"])
    await client.until(f"/beneficiaries/{made}", "verified")
    return made


def purchase_traffic(world: World, owner: Owner) -> Part:
    """The customer with the fullest wallet buys from a merchant and pays from it."""
    merchants: list[str] = []

    async def step(client: Client) -> None:
        if not merchants:
            merchants.append(await open_merchant(client, owner, settles=False))
        minor = client.random.randint(1, _MOST)
        body = {
            "merchant_id": merchants[0],
            "customer_id": world.rich["party_id"],
            "title": "A kettle",
            "reference": client.reference(),
            "amount": world.money(minor),
        }
        opened = await client.do("purchase", "/purchases", body)
        if opened.told is Told.DONE:
            tenders = [{"kind": "wallet", "amount": world.money(minor)}]
            await client.do("tendered", f"/purchases/{opened.result}/pay", {"tenders": tenders}, [minor])
        await asyncio.sleep(_REST_SECONDS)

    return Part(step, (step,), frozenset({"purchase", "tendered"}))
