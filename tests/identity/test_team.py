"""Members, invitations and what needs a fresh look at who one is."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from specie.identity.model import Role
from specie.kernel.ids import MembershipId, PartyId
from specie.kernel.permissions import Permission
from tests.identity.callers import Visitor, code
from tests.identity.people import PASSWORD, Installation, Person, person

MEMBERS = "select id, role, party_id from specie.membership where tenant_id = %s order by id"


@pytest.fixture
async def owner(app: FastAPI, house: Installation) -> Visitor:
    return await at_work(app, house, Role.OWNER)


async def at_work(app: FastAPI, house: Installation, role: Role) -> Visitor:
    visitor = Visitor(app)
    assert (await visitor.log_in(await person(house, role))).status_code == 200
    return visitor


async def member_of(visitor: Visitor, who: Person) -> str:
    cursor, found = "", []
    while not found:
        page = (await visitor.get(f"/members?limit=100{cursor}")).json()
        found = [one["id"] for one in page["data"] if one["user"]["email"] == who.email]
        cursor = f"&cursor={page['next_cursor']}"
    return str(found[0])


def invitation(email: str, role: Role = Role.FINANCE, **more: Any) -> dict[str, Any]:
    return {"email": email, "name": "Fitri Handayani", "role": role.value} | more


async def test_an_invited_person_sets_a_password_by_mail_and_works_with_the_role(
    app: FastAPI, house: Installation, owner: Visitor, outbox: Path
) -> None:
    made = await owner.write("POST", "/members", invitation("fitri@example.com"))
    assert (made.status_code, made.json()["role"]) == (201, "finance")
    fitri = Visitor(app)
    assert code(await fitri.log_in("fitri@example.com")) == (401, "credentials_invalid")
    await fitri.send("POST", "/auth/password/reset-request", {"email": "fitri@example.com"})
    chosen = {"token": token_in_newest(outbox), "new_password": "a garden of brass bells"}
    assert (await fitri.send("POST", "/auth/password/reset", chosen)).status_code == 204
    assert (await fitri.log_in("fitri@example.com", "a garden of brass bells")).status_code == 200
    assert (await fitri.get("/ledger/accounts")).status_code == 200
    assert code(await fitri.get("/members")) == (403, "forbidden")


def token_in_newest(outbox: Path) -> str:
    letter = max(outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns).read_text()
    [token] = re.findall(r"token=(\S+)", letter.replace("=\n", "").replace("=3D", "="))
    return str(token)


async def test_an_invitation_does_not_say_a_password_for_somebody(owner: Visitor) -> None:
    answer = await owner.write("POST", "/members", invitation("x@example.com", password=PASSWORD))
    assert code(answer) == (422, "unknown_field")


async def test_nobody_is_a_member_twice(house: Installation, owner: Visitor) -> None:
    who = await person(house, Role.VIEWER)
    assert code(await owner.write("POST", "/members", invitation(who.email))) == (409, "already_member")


async def test_inviting_a_known_address_shows_what_was_typed_until_the_person_comes(
    app: FastAPI, house: Installation, neighbour: Installation, owner: Visitor
) -> None:
    known = await person(neighbour, Role.VIEWER)
    made = await owner.write("POST", "/members", invitation(known.email))
    assert (made.status_code, made.json()["user"]["name"]) == (201, "Fitri Handayani")
    assert await listed_name(owner, known) == "Fitri Handayani"
    visitor = Visitor(app)
    assert (await visitor.log_in(known)).status_code == 200
    assert await listed_name(owner, known) == "Fitri Handayani"
    switched = await visitor.write("POST", "/me/tenant", {"tenant_id": str(house.tenant.id)})
    assert switched.status_code == 200
    assert await listed_name(owner, known) == "Sri Wahyuni"


async def test_an_invited_person_is_not_named_in_the_sandbox_either_until_they_log_in_there(
    house: Installation, neighbour: Installation, owner: Visitor, superuser_connection: psycopg.Connection
) -> None:
    known = await person(neighbour, Role.VIEWER)
    await owner.write("POST", "/members", invitation(known.email))
    query = "select tenant_id, invited_name is not null from specie.membership where user_id = %s"
    found = dict(superuser_connection.execute(query, [known.id.uuid]).fetchall())
    assert (found[house.tenant.id.uuid], found[house.tenant.twin_id.uuid]) == (True, True)


async def listed_name(visitor: Visitor, who: Person) -> str:
    page = (await visitor.get("/members?limit=100")).json()
    [found] = [one["user"]["name"] for one in page["data"] if one["user"]["email"] == who.email]
    return str(found)


@pytest.mark.parametrize(
    ("inviting", "invited"),
    [
        (Role.ADMIN, Role.OWNER),
        (Role.ADMIN, Role.PLATFORM_ADMIN),
        (Role.OWNER, Role.PLATFORM_ADMIN),
        (Role.ADMIN, Role.FINANCE),
    ],
)
async def test_nobody_makes_somebody_mightier_than_themselves(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection, inviting: Role, invited: Role
) -> None:
    visitor, viewer = await at_work(app, house, inviting), await person(house, Role.VIEWER)
    viewer_id = await member_of(visitor, viewer)
    before = superuser_connection.execute(MEMBERS, [house.tenant.id.uuid]).fetchall()
    added = await visitor.write("POST", "/members", invitation(f"{inviting}-{invited}@example.com", invited))
    raised = await visitor.write("PATCH", f"/members/{viewer_id}", {"role": invited.value})
    assert [code(added), code(raised)] == [(403, "role_too_high")] * 2
    assert superuser_connection.execute(MEMBERS, [house.tenant.id.uuid]).fetchall() == before


async def test_nobody_takes_away_a_role_above_their_own(app: FastAPI, house: Installation) -> None:
    admin, above = await at_work(app, house, Role.ADMIN), await person(house, Role.OWNER)
    member_id = await member_of(admin, above)
    assert code(await admin.write("DELETE", f"/members/{member_id}")) == (403, "role_too_high")
    assert code(await admin.write("PATCH", f"/members/{member_id}", {"role": "viewer"})) == (403, "role_too_high")
    assert (await Visitor(app).log_in(above)).status_code == 200


async def test_the_last_owner_stays(app: FastAPI, neighbour: Installation) -> None:
    only = await person(neighbour)
    visitor = Visitor(app)
    await visitor.log_in(only)
    member_id = await member_of(visitor, only)
    for answer in (
        await visitor.write("DELETE", f"/members/{member_id}"),
        await visitor.write("PATCH", f"/members/{member_id}", {"role": "admin"}),
    ):
        assert code(answer) == (409, "last_owner")
    assert (await visitor.get("/me")).json()["role"] == "owner"


async def test_a_role_that_acts_for_a_party_names_it(owner: Visitor) -> None:
    answer = await owner.write("POST", "/members", invitation("kedai@example.com", Role.MERCHANT))
    assert code(answer) == (422, "field_invalid")


async def test_a_changed_role_counts_from_the_next_request(app: FastAPI, house: Installation, owner: Visitor) -> None:
    who, visitor = await person(house, Role.ADMIN), Visitor(app)
    await visitor.log_in(who)
    assert (await visitor.get("/members")).status_code == 200
    changed = await owner.write("PATCH", f"/members/{await member_of(owner, who)}", {"role": "viewer"})
    assert changed.status_code == 200
    refused = await visitor.get("/members")
    assert code(refused) == (403, "forbidden")
    assert refused.json()["permission"] == "members:read"


async def test_who_is_no_longer_a_member_is_out_at_once(app: FastAPI, house: Installation, owner: Visitor) -> None:
    who, visitor = await person(house, Role.FINANCE), Visitor(app)
    await visitor.log_in(who)
    member_id = await member_of(owner, who)
    assert (await owner.write("DELETE", f"/members/{member_id}")).status_code == 204
    assert code(await visitor.get("/me")) == (401, "session_revoked")
    assert code(await visitor.log_in(who, tenant_id=str(house.tenant.id))) == (403, "no_membership")


async def test_another_tenant_s_member_looks_like_nobody(
    house: Installation, neighbour: Installation, owner: Visitor, superuser_connection: psycopg.Connection
) -> None:
    await person(neighbour, Role.VIEWER)
    before = superuser_connection.execute(MEMBERS, [neighbour.tenant.id.uuid]).fetchall()
    theirs = str(MembershipId(before[-1][0]))
    for member_id in (theirs, str(MembershipId.new())):
        assert code(await owner.write("DELETE", f"/members/{member_id}")) == (404, "not_found")
        assert code(await owner.write("PATCH", f"/members/{member_id}", {"role": "owner"})) == (404, "not_found")
    assert superuser_connection.execute(MEMBERS, [neighbour.tenant.id.uuid]).fetchall() == before


DANGEROUS = [
    ("POST", "/members", invitation("late@example.com")),
    ("PATCH", "/members/{member}", {"role": "viewer"}),
    ("DELETE", "/members/{member}", None),
    ("POST", "/api-keys", {"name": "till", "permissions": ["payments:read"]}),
    ("POST", "/api-keys/{key}/rotate", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), DANGEROUS, ids=[f"{one[0]} {one[1]}" for one in DANGEROUS])
async def test_giving_access_away_needs_a_password_of_the_last_five_minutes(
    house: Installation,
    owner: Visitor,
    superuser_connection: psycopg.Connection,
    method: str,
    path: str,
    body: dict[str, Any] | None,
) -> None:
    member_id = await member_of(owner, await person(house, Role.FINANCE))
    key = await owner.write("POST", "/api-keys", {"name": "old", "permissions": [Permission.PAYMENTS_READ]})
    asked = path.format(member=member_id, key=key.json()["id"])
    superuser_connection.execute("update specie.session set step_up_at = step_up_at - interval '301 s'")
    before = everything(superuser_connection)
    assert code(await owner.write(method, asked, body)) == (403, "step_up_required")
    assert everything(superuser_connection) == before
    refused = await owner.write("POST", "/auth/step-up", {"password": "wrong pass phrase"})
    assert code(refused) == (401, "credentials_invalid")
    assert code(await owner.write(method, asked, body)) == (403, "step_up_required")
    fresh = await owner.write("POST", "/auth/step-up", {"password": PASSWORD})
    owner.csrf = fresh.json()["csrf_token"]
    assert (await owner.write(method, asked, body)).status_code in {200, 201, 204}


def everything(connection: psycopg.Connection) -> Any:
    members = connection.execute("select id, role from specie.membership order by id").fetchall()
    keys = connection.execute("select id, expires_at, revoked_at from specie.api_key order by id").fetchall()
    return members, keys


async def test_what_is_harmless_needs_no_fresh_password(
    owner: Visitor, superuser_connection: psycopg.Connection
) -> None:
    superuser_connection.execute("update specie.session set step_up_at = step_up_at - interval '301 s'")
    assert (await owner.get("/members")).status_code == 200
    assert (await owner.write("PATCH", "/tenant", {"name": "Kopi"})).status_code == 200


async def test_a_role_cannot_act_for_a_party_of_nowhere_or_of_another_tenant(
    app: FastAPI, house: Installation, neighbour: Installation, owner: Visitor
) -> None:
    their_customer = Visitor(app)
    form = {
        "email": "theirs@example.com",
        "name": "Sari",
        "password": "nine doors of teak",
        "tenant": neighbour.tenant.slug,
    }
    theirs = (await their_customer.send("POST", "/auth/register", form)).json()["party_id"]
    member_id = await member_of(owner, await person(house, Role.VIEWER))
    for party_id in (str(PartyId.new()), theirs):
        body = invitation("lost@example.com", Role.CUSTOMER, party_id=party_id)
        assert code(await owner.write("POST", "/members", body)) == (404, "party_not_found")
        change = {"role": "customer", "party_id": party_id}
        assert code(await owner.write("PATCH", f"/members/{member_id}", change)) == (404, "party_not_found")
    members = (await owner.get("/members?limit=100")).json()["data"]
    assert [one["role"] for one in members if one["id"] == member_id] == ["viewer"]
    assert "lost@example.com" not in {one["user"]["email"] for one in members}


async def test_a_role_for_a_party_of_the_tenant_sees_that_party_only(
    app: FastAPI, house: Installation, owner: Visitor
) -> None:
    party = await owner.write("POST", "/parties", {"kind": "company", "roles": ["merchant"], "name": "Kedai Senja"})
    assert party.status_code == 201, party.text
    who = await person(house, Role.VIEWER)
    change = {"role": "merchant", "party_id": party.json()["id"]}
    assert (await owner.write("PATCH", f"/members/{await member_of(owner, who)}", change)).status_code == 200
    shop = Visitor(app)
    await shop.log_in(who, tenant_id=str(house.tenant.id))
    assert (await shop.get("/me")).json()["party_id"] == party.json()["id"]
    assert [one["id"] for one in (await shop.get("/parties")).json()["data"]] == [party.json()["id"]]
