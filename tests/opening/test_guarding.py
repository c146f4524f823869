"""An opening position passes nothing by: whose a purse is, freezes, budgets, permissions, what came in before."""

from dataclasses import replace
from typing import Any

from specie import parties
from specie.kernel.ids import PartyId
from specie.kernel.permissions import Permission
from specie.opening import routes
from specie.parties import PartyKind
from tests.opening.desk import RING, Desk, file_of, purse
from tests.support.asgi import calling


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
