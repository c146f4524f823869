"""An opening position passes nothing by: whose a purse is, freezes, budgets, permissions, what came in before."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import specie
from specie import cashback, ledger, parties, wallets
from specie.cashback.invariants import INVARIANTS
from specie.kernel.ids import PartyId, UserId
from specie.kernel.money import Money
from specie.kernel.permissions import Permission
from specie.kernel.scope import Actor, ActorKind
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, budget_service, read_store
from specie.ledger.errors import NotReversible
from specie.opening import routes
from specie.opening.reading import is_kept_by_module
from specie.parties import PartyKind
from tests.opening.desk import IDR, RING, Desk, account, file_of, goods, purse
from tests.support.asgi import calling

PURSE_HOLDS = next(name for name in INVARIANTS if name.startswith("a purse holds no more"))


async def somebody(desk: Desk, **known: str) -> PartyId:
    async with desk.database.begin(desk.scope) as uow:
        made = await parties.create_party(uow, RING, kind=PartyKind.PERSON, roles=["customer"], known=known)
    return made.id


async def looked_at(desk: Desk, content: bytes, *, without: Permission) -> Any:
    """What somebody is shown who has every permission but one."""
    scope = replace(desk.scope, permissions=desk.scope.permissions - {without})
    async with calling(desk.database, scope, [routes.router], {"vault": RING}) as client:
        return await replace(desk, client=client, scope=scope).send(content, look=True)


async def test_a_contact_that_several_have_names_nobody(desk: Desk) -> None:
    first = await somebody(desk, name="Sari", phone="+6281200000001", email="sari@old.example")
    other = await somebody(desk, name="Eve", phone="+6281200000001", email="sari@old.example")
    content = file_of(purse("+6281200000001", "5"), purse("sari@old.example", "5", "points"), purse(first, "5", "own"))
    lines = (await desk.send(content, look=True))["lines"]
    words = "several have this e-mail address or phone number; give the id"
    assert [(each["code"], each["column"], each["problem"]) for each in lines[:2]] == [
        ("opening_line_invalid", "party", words)
    ] * 2
    assert (lines[2]["party_id"], lines[2]["problem"]) == (str(first), None)
    await desk.send(content, 409)
    assert (await desk.books(), await desk.entries()) == ({}, 0)

    async with desk.database.begin(desk.scope) as uow:
        await parties.erase(uow, other, reason="asked to be forgotten")
    [line] = (await desk.send(file_of(purse("+6281200000001", "5"))))["lines"]
    assert line["party_id"] == str(first)


async def test_each_line_about_a_purse_says_whose_it_is_and_what_is_kept_does_not(desk: Desk) -> None:
    content = file_of(purse("wulan@old.example", "5"))
    [line] = (await desk.send(content, look=True))["lines"]
    assert (line["party_name"], line["party_id"]) == ("Wulan", str(desk.customer))
    [masked] = (await looked_at(desk, content, without=Permission.PARTIES_READ))["lines"]
    assert masked["party_name"] == "W***"
    done = await desk.send(content)
    assert done["lines"][0]["party_name"] is None
    shown = (await desk.client.get(f"/opening-imports/{done['id']}")).json()
    assert shown["lines"][0]["party_name"] == "Wulan"


async def reverse_the_last(desk: Desk) -> None:
    async with desk.database.begin(desk.scope) as uow:
        [entry] = (await read_store.entries(uow, after=None, limit=1)).items
        await ledger.reverse(uow, entry.id, effective_at=entry.effective_at, reason="it was wrong")


async def test_goods_brought_in_are_corrected_by_counting_and_not_by_a_reversal(desk: Desk) -> None:
    await desk.send(file_of(goods("GAYO", "4", "100")))
    with pytest.raises(NotReversible):
        await reverse_the_last(desk)
    [line] = (await desk.send(file_of(goods("GAYO", "4", "90")), look=True))["lines"]
    assert (line["code"], "count the stock" in line["problem"]) == ("opening_line_repeated", True)
    assert await desk.on_hand() == {"GAYO": ("4", 40_000)}


async def test_points_of_cashback_draw_on_the_budget_of_whoever_brings_them(desk: Desk) -> None:
    boss = replace(desk.scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    async with desk.database.begin(boss) as uow:
        await budget_service.set_budget(uow, str(desk.scope.actor), IDR, Money(2_500, IDR), None)
    content = file_of(purse(desk.customer, "20", cashback.PURSE), purse(await somebody(desk), "6", cashback.PURSE))
    lines = (await desk.send(content, look=True))["lines"]
    assert [line["code"] for line in lines] == [None, "budget_exceeded"]
    await desk.send(content, 409)
    assert (await desk.books(), await desk.entries()) == ({}, 0)

    await desk.send(file_of(purse(desk.customer, "20", cashback.PURSE)))
    async with desk.database.begin(boss) as uow:
        [left] = await budget_service.left(uow)
    assert left.used_day == Money(2_000, IDR)


async def test_a_frozen_purse_of_cashback_takes_no_opening_balance(desk: Desk) -> None:
    async with desk.database.begin(desk.scope) as uow:
        mine = await cashback.purse_of(uow, desk.customer, IDR)
        await wallets.freeze(uow, mine.id, debits=True, credits=True, reason="under review")
    content = file_of(purse(desk.customer, "20", cashback.PURSE))
    [line] = (await desk.send(content, look=True))["lines"]
    assert line["code"] == "account_frozen"
    await desk.send(content, 409)
    assert (await desk.books(), await desk.entries()) == ({}, 0)


class _Undone(Exception):
    """Ends a try of what must not stay."""


async def test_points_whose_entry_was_reversed_leave_no_room_in_the_purse(desk: Desk) -> None:
    await desk.send(file_of(purse(desk.customer, "20", cashback.PURSE)))
    await reverse_the_last(desk)
    with pytest.raises(_Undone):
        async with desk.database.begin(desk.scope) as uow:
            mine = await cashback.purse_of(uow, desk.customer, IDR)
            bank = await ledger.ensure_account(uow, AccountSpec("asset:bank:main", AccountType.ASSET, IDR))
            leg = Leg(bank.id, mine.available_account, Money(1, IDR))
            await ledger.post(uow, EntryDraft(Recipe("ledger.manual", 1), [leg], "Not cashback", is_fact=True))
            assert (await uow.execute(text(INVARIANTS[PURSE_HOLDS]))).all()
            raise _Undone


async def test_to_open_an_account_takes_what_it_takes_elsewhere(desk: Desk) -> None:
    content = file_of(account("asset:bank:main", "5", type="asset"))
    [line] = (await looked_at(desk, content, without=Permission.LEDGER_ADMIN))["lines"]
    words = "there is no asset:bank:main, and to open it takes the permission ledger:admin"
    assert (line["code"], line["column"], line["problem"]) == ("opening_line_invalid", "account", words)
    async with desk.database.begin(desk.scope) as uow:
        await ledger.open_account(uow, AccountSpec("asset:bank:main", AccountType.ASSET, IDR))
    [line] = (await looked_at(desk, content, without=Permission.LEDGER_ADMIN))["lines"]
    assert (line["problem"], line["opens"]) == (None, False)


async def test_an_account_that_a_module_keeps_is_not_opened_by_a_line(desk: Desk) -> None:
    code = wallets.debt_account(desk.customer, IDR).code
    content = file_of(account(code, "5", type="asset"))
    [line] = (await desk.send(content, look=True))["lines"]
    assert (line["code"], line["column"]) == ("opening_line_invalid", "account")
    await desk.send(content, 409)
    assert (await desk.books(), await desk.entries()) == ({}, 0)
    async with desk.database.begin(desk.scope) as uow:
        await ledger.ensure_account(uow, wallets.debt_account(desk.customer, IDR))
    await desk.send(content)
    assert (await desk.books())[code] == 500


def test_every_account_that_is_about_one_thing_is_kept_by_its_module() -> None:
    """Accounts whose code has an id in it have an owner, a floor or a counterpart that only their module gives them."""
    written = re.compile(r'"((?:asset|liability):[^"]*\{[^"]*)"')
    elsewhere = ("asset:bank:", "asset:stock:", "liability:wallets:")
    found = set()
    for path in Path(specie.__file__).parent.rglob("*.py"):
        source = path.read_text().replace("{root}", "installments")
        found |= {code for code in written.findall(source) if not code.startswith(elsewhere)}
    assert len(found) > 10
    assert [code for code in sorted(found) if not is_kept_by_module(code)] == []
    free = ("asset:bank:main", "asset:billings:old", "liability:loans:bank", "income:billing:sales")
    assert not any(map(is_kept_by_module, free))
