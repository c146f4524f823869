"""API keys over HTTP: what each may do, from where, in which tenant, and until when."""

from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from specie.identity.model import Role
from tests.identity.callers import Visitor, code
from tests.identity.people import Installation, person


@pytest.fixture
async def owner(app: FastAPI, house: Installation) -> Visitor:
    return await at_work(app, house)


async def at_work(app: FastAPI, house: Installation, role: Role = Role.OWNER) -> Visitor:
    visitor = Visitor(app)
    assert (await visitor.log_in(await person(house, role))).status_code == 200
    return visitor


async def make(owner: Visitor, *permissions: str, **more: Any) -> dict[str, Any]:
    body = {"name": "till", "permissions": list(permissions or ["payments:read"])} | more
    answer = await owner.write("POST", "/api-keys", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def use(app: FastAPI, key: str, path: str = "/payments", *, address: str | None = None, **headers: str) -> Any:
    return await Visitor(app, address).send("GET", path, authorization=f"Bearer {key}", **headers)


async def test_a_key_s_text_is_shown_once(owner: Visitor) -> None:
    made = await make(owner)
    [listed] = [one for one in (await owner.get("/api-keys")).json()["data"] if one["id"] == made["id"]]
    assert listed["key"] is None
    assert listed["hint"] == f"spc_live_…{made['key'][-4:]}"
    assert made["key"] not in (await owner.get("/audit?limit=100")).text


async def test_a_key_may_do_what_it_was_given_and_no_more(app: FastAPI, owner: Visitor) -> None:
    key = (await make(owner))["key"]
    assert (await use(app, key)).status_code == 200
    refused = await use(app, key, "/ledger/accounts")
    assert code(refused) == (403, "missing_scope")
    assert refused.json()["permission"] == "ledger:read"


async def test_no_bit_of_a_key_can_be_flipped(app: FastAPI, owner: Visitor) -> None:
    key, visitor = (await make(owner))["key"].encode(), Visitor(app)
    let_in = []
    for position in range(len(key) * 8):
        changed = bytearray(key)
        changed[position // 8] ^= 1 << position % 8
        headers = {b"authorization": b"Bearer " + bytes(changed)}
        answer = await visitor.http.get("/api/v1/payments", headers=headers)
        if answer.status_code != 401:
            let_in.append(position)
    assert let_in == []


@pytest.mark.parametrize(
    ("networks", "inside", "outside"),
    [
        (["198.51.100.0/24"], "198.51.100.255", "198.51.101.0"),
        (["198.51.100.7"], "198.51.100.7", "198.51.100.8"),
        (["2001:db8:1::/48"], "2001:db8:1:ffff::1", "2001:db8:2::1"),
        (["192.0.2.0/25", "198.51.100.7/32"], "198.51.100.7", "192.0.2.128"),
    ],
)
async def test_a_key_with_a_list_of_networks_works_only_from_there(
    app: FastAPI, owner: Visitor, networks: list[str], inside: str, outside: str
) -> None:
    key = (await make(owner, networks=networks))["key"]
    assert (await use(app, key, address=inside)).status_code == 200
    assert code(await use(app, key, address=outside)) == (403, "ip_not_allowed")
    assert code(await use(app, key, address=outside, x_forwarded_for=inside)) == (403, "ip_not_allowed")


async def test_the_addresses_of_a_key_can_be_changed_until_it_ends(app: FastAPI, owner: Visitor) -> None:
    made = await make(owner, networks=["198.51.100.0/24"])
    path = f"/api-keys/{made['id']}"

    changed = await owner.write("PATCH", path, {"networks": ["203.0.113.0/24"]})

    assert (changed.status_code, changed.json()["networks"], changed.json()["name"]) == (
        200,
        ["203.0.113.0/24"],
        "till",
    )
    assert code(await use(app, made["key"], address="198.51.100.1")) == (403, "ip_not_allowed")
    assert (await use(app, made["key"], address="203.0.113.9")).status_code == 200
    assert code(await owner.write("PATCH", path, {"networks": ["everywhere"]}))[0] == 422
    await owner.write("DELETE", path)
    assert code(await owner.write("PATCH", path, {"networks": []})) == (409, "api_key_ended")


async def test_a_budget_refuses_what_a_key_and_its_successor_move_beyond_it(app: FastAPI, owner: Visitor) -> None:
    made = await make(owner, "ledger:post", "ledger:read", "ledger:admin")
    books = {"authorization": f"Bearer {made['key']}"}
    ids = []
    for name in ("asset:cash", "expense:rent"):
        opened = await Visitor(app).send("POST", "/ledger/accounts", {"code": name, "currency": "IDR"}, **books)
        ids.append(opened.json()["id"])

    async def post(key: str, minor: int) -> Any:
        posting = {"debit_account": ids[1], "credit_account": ids[0], "amount": {"amount": minor, "currency": "IDR"}}
        headers = {"authorization": f"Bearer {key}", "idempotency-key": f"k-{minor}"}
        return await Visitor(app).send(
            "POST", "/ledger/entries", {"description": "rent", "postings": [posting]}, **headers
        )

    limits = {"per_day": 1_000, "per_month": None}
    assert (await owner.write("PUT", f"/budgets/{made['id']}/IDR", limits)).status_code == 200
    fresh = (await owner.write("POST", f"/api-keys/{made['id']}/rotate", {"overlap_hours": 24})).json()
    assert (await post(made["key"], 700)).status_code == 201
    refused = await post(fresh["key"], 301)
    posted = await post(fresh["key"], 300)

    assert code(refused) == (422, "budget_exceeded")
    assert (refused.json()["left"], refused.json()["budget"], posted.status_code) == (300, "day", 201)
    shown = (await owner.get("/budgets")).json()["data"]
    assert {(each["holder"], each["used_day"]["amount"]) for each in shown} == {
        (made["id"], 1_000),
        (fresh["id"], 1_000),
    }
    assert code(await owner.write("PUT", "/budgets/usr_unknown/IDR", limits))[0] == 404
    me = (await owner.get("/members")).json()["data"][0]["user"]["id"]
    assert code(await owner.write("PUT", f"/budgets/{me}/IDR", limits)) == (403, "own_budget")


@pytest.mark.parametrize(("path", "secret"), [("/api-keys", "key"), ("/payment-settings/return-key", "return_key")])
async def test_a_secret_made_under_a_key_is_made_once_and_shown_once(owner: Visitor, path: str, secret: str) -> None:
    body = {"name": "once", "permissions": ["payments:read"]} if path == "/api-keys" else {}
    asked = f"make-{secret}"
    first, again = [await owner.write("POST", path, body, idempotency_key=asked) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert first.json()[secret]
    assert again.json() == first.json() | {secret: None}
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_what_cannot_be_rehearsed_refuses_a_dry_run_and_does_nothing(owner: Visitor) -> None:
    made = await make(owner)
    body = {"name": "rehearsed", "permissions": ["payments:read"]}

    for method, path, sent in (
        ("POST", "/api-keys", body),
        ("POST", f"/api-keys/{made['id']}/rotate", {"overlap_hours": 0}),
        ("DELETE", f"/api-keys/{made['id']}", None),
        ("POST", "/payment-settings/return-key", {}),
    ):
        refused = await owner.write(method, f"{path}?dry_run=true", sent)
        assert code(refused) == (422, "dry_run_impossible"), path
        assert refused.json()["param"] == "dry_run"

    listed = (await owner.get("/api-keys")).json()["data"]
    assert "rehearsed" not in {one["name"] for one in listed}
    [same] = [one for one in listed if one["id"] == made["id"]]
    assert (same["revoked_at"], same["rotated_to"]) == (None, None)


async def test_a_network_that_is_none_is_refused(owner: Visitor) -> None:
    for network in ("198.51.100.1/24", "everywhere", "1.2.3.4/33"):
        body = {"name": "till", "permissions": ["payments:read"], "networks": [network]}
        assert code(await owner.write("POST", "/api-keys", body))[0] == 422


async def test_while_keys_overlap_both_work_and_then_only_the_new_one(
    app: FastAPI, owner: Visitor, superuser_connection: psycopg.Connection
) -> None:
    old = await make(owner, networks=["198.51.100.0/24"])
    fresh = (await owner.write("POST", f"/api-keys/{old['id']}/rotate", {"overlap_hours": 24})).json()
    assert fresh["key"] != old["key"]
    assert (fresh["permissions"], fresh["networks"]) == (old["permissions"], old["networks"])
    for key in (old["key"], fresh["key"]):
        assert (await use(app, key, address="198.51.100.1")).status_code == 200
    superuser_connection.execute("update specie.api_key set expires_at = expires_at - interval '24 h 1 s'")
    assert code(await use(app, old["key"], address="198.51.100.1")) == (401, "api_key_expired")
    assert (await use(app, fresh["key"], address="198.51.100.1")).status_code == 200


async def test_a_key_is_replaced_once(owner: Visitor) -> None:
    old = await make(owner)
    assert (await owner.write("POST", f"/api-keys/{old['id']}/rotate", {})).status_code == 201
    assert code(await owner.write("POST", f"/api-keys/{old['id']}/rotate", {})) == (409, "api_key_ended")


async def test_nobody_gets_hold_of_a_mightier_key_by_replacing_it(
    app: FastAPI, house: Installation, owner: Visitor
) -> None:
    key = await make(owner, "ledger:post", "ledger:read")
    admin = await at_work(app, house, Role.ADMIN)
    answer = await admin.write("POST", f"/api-keys/{key['id']}/rotate", {"overlap_hours": 0})
    assert code(answer) == (403, "role_too_high")
    assert (await use(app, key["key"], "/ledger/accounts")).status_code == 200


async def test_a_revoked_key_is_over_at_once(app: FastAPI, owner: Visitor) -> None:
    made = await make(owner)
    assert (await owner.write("DELETE", f"/api-keys/{made['id']}")).status_code == 200
    assert code(await use(app, made["key"])) == (401, "api_key_revoked")
    again = await owner.write("DELETE", f"/api-keys/{made['id']}")
    assert again.json()["revoked_at"] is not None


async def test_another_tenant_s_key_is_nobody_s_here(app: FastAPI, neighbour: Installation, owner: Visitor) -> None:
    theirs = await make(await at_work(app, neighbour))
    assert code(await owner.write("DELETE", f"/api-keys/{theirs['id']}")) == (404, "not_found")
    assert code(await owner.write("POST", f"/api-keys/{theirs['id']}/rotate", {})) == (404, "not_found")
    assert theirs["id"] not in (await owner.get("/api-keys?limit=100")).text
    assert (await use(app, theirs["key"])).status_code == 200


async def test_a_live_key_in_test_clothes_is_refused(app: FastAPI, house: Installation, owner: Visitor) -> None:
    from specie.identity.key_text import KeyText, read_key
    from specie.kernel.scope import Mode

    read = read_key((await make(owner))["key"])
    assert read is not None
    assert code(await use(app, KeyText(Mode.SANDBOX, read.secret).full)) == (401, "wrong_mode")


async def test_a_key_gives_no_access_away(app: FastAPI, owner: Visitor) -> None:
    for permission in ("api_keys:write", "members:write", "account:self"):
        body = {"name": "till", "permissions": [permission]}
        assert code(await owner.write("POST", "/api-keys", body)) == (422, "field_invalid")
    key = (await make(owner, "payments:read", "api_keys:read"))["key"]
    body = {"name": "another", "permissions": ["payments:read"]}
    assert code(await Visitor(app).with_bearer("POST", "/api-keys", key, body)) == (403, "missing_scope")


async def test_a_key_is_no_person(app: FastAPI, owner: Visitor) -> None:
    key = (await make(owner))["key"]
    for path in ("/me", "/auth/sessions"):
        assert code(await use(app, key, path)) == (403, "missing_scope")


async def test_a_key_s_last_use_is_noted(app: FastAPI, owner: Visitor) -> None:
    made = await make(owner)
    await use(app, made["key"], address="198.51.100.44")
    [listed] = [one for one in (await owner.get("/api-keys")).json()["data"] if one["id"] == made["id"]]
    assert listed["last_used_address"] == "198.51.100.44"
    assert listed["last_used_at"] is not None
