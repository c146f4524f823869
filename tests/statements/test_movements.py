"""Movements of a wallet or account on paper: opening, every movement, closing; nobody else's, and not without end."""

import io
from dataclasses import replace

import httpx2
import pypdf
import pytest

from specie import wallets
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork
from specie.statements import movement_routes
from specie.statements.gathering import period_of
from specie.statements.movements import Movements, of_wallet, signed
from specie.wallets import Wallet
from tests.purchases.market import WALLET, Market
from tests.support.asgi import calling


async def purse(market: Market) -> Wallet:
    [found] = [
        each
        for each in await market.do(lambda uow: wallets.wallets_of(uow, market.customer))
        if each.purpose == wallets.MAIN
    ]
    return found


async def asked(market: Market, path: str, caller: PartyId | None = None) -> httpx2.Response:
    scope = replace(market.shop.scope, party_id=caller) if caller else market.shop.scope
    async with calling(market.shop.db, scope, [movement_routes.router], market.shop.services) as client:
        return await client.get(path)


def words(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    return "".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(answer.content)).pages)


async def test_a_wallets_movements_lead_from_opening_to_closing(market: Market) -> None:
    await market.buy(wallet=60_000)
    wallet = await purse(market)

    async def read(uow: UnitOfWork) -> Movements:
        days = period_of(uow, uow.business_date, uow.business_date)
        return await of_wallet(uow, market.shop.services["vault"], wallet.id, days)

    found = await market.do(read)
    moved = sum(signed(line, of_wallet=True) for line in found.lines)
    assert found.opening.minor + moved == found.closing.minor == WALLET - 60_000

    text = words(await asked(market, f"/wallets/{wallet.id}/movements.pdf"))
    assert "Wallet movements" in text
    assert f"{found.closing.major():,.2f}" in text
    account = words(await asked(market, f"/ledger/accounts/{wallet.available_account}/movements.pdf"))
    assert "Account movements" in account
    assert "Debit" in account


@pytest.mark.parametrize(
    ("language", "title", "amount"),
    [("id", "Mutasi dompet", "Rp\u00a0"), ("hi", "वॉलेट", "IDR\u00a0"), ("ar", "المحفظة", "IDR")],
)
async def test_customers_read_their_movements_in_their_language(
    market: Market, language: str, title: str, amount: str
) -> None:
    await market.buy(wallet=60_000)
    wallet = await purse(market)
    answer = await asked(market, f"/wallets/{wallet.id}/movements.pdf?language={language}", market.customer)
    assert answer.status_code == 200, answer.text
    page = pypdf.PdfReader(io.BytesIO(answer.content))
    assert page.root_object["/Lang"] == language
    text = words(answer)
    assert ("Opening" in text, "Wallet movements" in text) == (False, False)


@pytest.mark.parametrize("days", ["from=2026-02-01&through=2026-01-31", "from=2024-01-01&through=2025-12-31"])
async def test_no_period_and_one_that_is_too_long_are_refused(market: Market, days: str) -> None:
    wallet = await purse(market)
    answer = await asked(market, f"/wallets/{wallet.id}/movements.pdf?{days}")
    assert (answer.status_code, answer.json()["code"]) == (422, "statement_period")


async def test_anothers_wallet_is_not_printed(market: Market) -> None:
    wallet = await purse(market)
    answer = await asked(market, f"/wallets/{wallet.id}/movements.pdf", market.merchant)
    assert (answer.status_code, answer.json()["code"]) == (404, "wallet_not_found")
