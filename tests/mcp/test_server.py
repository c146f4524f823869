"""The MCP server as a program, spoken to by the protocol's own client, over the real application."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import jsonschema
from mcp import Client, StdioServerParameters

from specie.app.mcp.tools import READING, WRITING
from specie_client import AsyncClient, ledger, parties, wallets
from specie_client.types import Wallet, amount
from tests.support.site import Site


@asynccontextmanager
async def assistant(site: Site, *options: str) -> AsyncIterator[Client]:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "specie.app.cli", "mcp", *options], env=site.environment
    )
    async with Client(command, read_timeout_seconds=60) as client:
        yield client


async def asked(client: Client, tool: str, **arguments: Any) -> tuple[bool, Any]:
    """Whether the call failed, and what it answered."""
    result = await client.call_tool(tool, arguments)
    return bool(result.is_error), result.structured_content


async def two_wallets(site: Site) -> tuple[Wallet, Wallet]:
    """The first holds 1,000 rupiah."""
    async with AsyncClient(site.key, site.url) as specie:
        opened = []
        for name in ("Sri Wahyuni", "Budi Santoso"):
            party = await specie.send(parties.create(name=name))
            opened.append(await specie.send(wallets.open(party_id=party["id"], currency="IDR")))
        bank = await specie.send(ledger.open_account(code=f"asset:bank:{opened[0]['id'][4:]}", currency="IDR"))
        to = opened[0]["account_ids"]["available"]
        posting = {"debit_account": bank["id"], "credit_account": to, "amount": amount(1000, "IDR")}
        await specie.send(ledger.post(description="Opening", postings=[posting]))
    return opened[0], opened[1]


async def done(client: Client, tool: str, **arguments: Any) -> Any:
    """What a change answered that was rehearsed first."""
    failed, would = await asked(client, tool, **arguments)
    assert not failed, would
    failed, made = await asked(client, tool, **arguments, confirm=would["confirm"])
    assert not failed, made
    return made


async def warehouse(site: Site) -> str:
    async with httpx2.AsyncClient(base_url=site.url, headers={"Authorization": f"Bearer {site.key}"}) as owner:
        known = {"code": "SHOP", "name": "Shop", "currency": "IDR"}
        answer = await owner.post("/api/v1/stock/warehouses", json=known, headers={"Idempotency-Key": "shop"})
        return str(answer.raise_for_status().json()["id"])


async def on_hand(client: Client, product: str) -> list[str]:
    _, levels = await asked(client, "stock_levels", product_id=product)
    return [level["on_hand"] for level in levels["data"]]


async def available(client: Client, wallet: Wallet) -> int:
    _, shown = await asked(client, "get_wallet", wallet_id=wallet["id"])
    return int(shown["available"]["amount"])


async def test_an_assistant_reads_and_is_offered_nothing_that_writes(site: Site) -> None:
    payer, _ = await two_wallets(site)
    async with assistant(site) as client:
        offered = (await client.list_tools()).tools
        assert {tool.name for tool in offered} == {operation.name for operation in READING}
        assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in offered)
        for tool in offered:
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert await available(client, payer) == 1000
        failed, found = await asked(client, "list_wallets", limit=1)
        assert (failed, len(found["data"]), found["has_more"]) == (False, 1, True)
        failed, balance = await asked(client, "trial_balance")
        assert (failed, balance["balanced"]) == (False, True)
        failed, missing = await asked(client, "get_wallet", wallet_id="wal_01h455vb4pex5vsknk084sn02q")
        assert (failed, missing["code"], missing["money_moved"]) == (True, "wallet_not_found", False)
        for elsewhere in ("../ledger/accounts", "..", "x/../../parties?"):
            failed, refused = await asked(client, "get_wallet", wallet_id=elsewhere)
            assert (failed, "data" in refused) == (True, False)
        failed, wrong = await asked(client, "list_wallets", colour="red")
        assert (failed, wrong["code"]) == (True, "unknown_argument")
        failed, refused = await asked(client, "create_transfer", from_wallet_id=payer["id"])
        assert (failed, refused["code"]) == (True, "unknown_tool")


async def test_things_happen_only_after_a_rehearsal_of_the_same_words_and_only_once(site: Site) -> None:
    payer, payee = await two_wallets(site)
    wish = {"from_wallet_id": payer["id"], "to": {"wallet_id": payee["id"]}, "amount": amount(10, "IDR")}
    async with assistant(site, "--allow-writes") as client:
        offered = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(offered) == {operation.name for operation in (*READING, *WRITING)}
        transfer = offered["create_transfer"]
        assert transfer.annotations is not None
        assert transfer.annotations.destructive_hint
        jsonschema.Draft202012Validator(transfer.input_schema).validate(wish)

        failed, shown = await asked(client, "create_transfer", **wish)
        assert (failed, shown["rehearsal"], shown["would_answer"]["preview"]) == (False, True, True)
        assert await available(client, payee) == 0

        failed, changed = await asked(
            client, "create_transfer", **{**wish, "amount": amount(11, "IDR")}, confirm=shown["confirm"]
        )
        assert (failed, changed["code"]) == (True, "not_rehearsed")
        failed, invented = await asked(client, "create_transfer", **wish, confirm="mcp-1")
        assert (failed, invented["code"]) == (True, "not_rehearsed")
        assert await available(client, payee) == 0

        failed, made = await asked(client, "create_transfer", **wish, confirm=shown["confirm"])
        assert (failed, made["state"]) == (False, "completed")
        assert await asked(client, "create_transfer", **wish, confirm=shown["confirm"]) == (False, made)
        assert await available(client, payee) == 10

        failed, poor = await asked(client, "create_transfer", **{**wish, "amount": amount(5000, "IDR")})
        assert (failed, poor["code"], poor["money_moved"]) == (True, "insufficient_funds", False)
        assert await available(client, payee) == 10

        failed, would = await asked(client, "create_party", name="Toko")
        assert (failed, would["would_answer"]["name"]) == (False, "Toko")
        failed, found = await asked(client, "list_parties", limit=100)
        assert (failed, [one for one in found["data"] if one["name"] == "Toko"]) == (False, [])

        line = {"description": "Advice", "unit_price": amount(100_000, "IDR")}
        drafted = {"customer_id": payer["party_id"], "currency": "IDR", "lines": [line]}
        failed, would = await asked(client, "draft_invoice", **drafted)
        assert (failed, would["would_answer"]["total"]["amount"]) == (False, 100_000)
        failed, draft = await asked(client, "draft_invoice", **drafted, confirm=would["confirm"])
        assert (failed, draft["state"]) == (False, "draft")
        failed, would = await asked(client, "issue_invoice", invoice_id=draft["id"])
        assert (failed, would["would_answer"]["state"]) == (False, "issued")
        failed, still = await asked(client, "get_invoice", invoice_id=draft["id"])
        assert (failed, still["state"], still["number"]) == (False, "draft", None)


async def test_goods_are_bought_quoted_ordered_delivered_and_invoiced_by_an_assistant(site: Site) -> None:
    place = await warehouse(site)
    async with assistant(site, "--allow-writes") as client:
        supplier = await done(client, "create_party", name="Kebun Gayo", roles=["supplier"])
        sari = await done(client, "create_party", name="Sari", roles=["customer"])
        beans = await done(client, "create_product", name="Beans", sku="BEANS", unit="bag")
        line = {"description": "Beans", "unit_price": amount(40_000, "IDR"), "product_id": beans["id"]}

        bought = {"supplier_id": supplier["id"], "warehouse_id": place, "currency": "IDR"}
        order = await done(client, "create_purchase_order", **bought, lines=[{**line, "quantity": "10"}])
        await done(client, "receive_purchase_order", purchase_order_id=order["id"])
        assert await on_hand(client, beans["id"]) == ["10"]
        billed = {"their_number": "F-7", "billed_on": "2026-01-05", "due_on": "2026-02-05", "order_id": order["id"]}
        bill = await done(client, "record_bill", supplier_id=supplier["id"], currency="IDR", **billed)
        assert (bill["state"], bill["owed"]["amount"]) == ("open", 400_000)

        asks = {"customer_id": sari["id"], "currency": "IDR", "valid_until": "2099-12-31"}
        sells = {**line, "quantity": "3", "unit_price": amount(90_000, "IDR")}
        quote = await done(client, "draft_quote", **asks, lines=[sells])
        quote = await done(client, "send_quote", quote_id=quote["id"])
        await done(client, "accept_quote", quote_id=quote["id"], version=quote["version"], name="Sari")
        sold = await done(client, "order_quote", quote_id=quote["id"])
        failed, _ = await asked(client, "deliver_sales_order", sales_order_id=sold["id"], warehouse_id=place)
        assert (failed, await on_hand(client, beans["id"])) == (False, ["10"])
        await done(client, "deliver_sales_order", sales_order_id=sold["id"], warehouse_id=place)
        assert await on_hand(client, beans["id"]) == ["7"]
        await done(client, "invoice_sales_order", sales_order_id=sold["id"])
        _, account = await asked(client, "customer_account", party_id=sari["id"])
        assert [one["owed"]["amount"] for one in account["answer"]] == [270_000]
