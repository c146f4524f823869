"""A browser's session: its cookie, the proof its writes carry, and its end."""

from typing import Any

import pytest
from fastapi import FastAPI

from tests.identity.callers import ORIGIN, Visitor, code
from tests.identity.people import PASSWORD, Installation, person

COOKIE = "__Host-specie"


@pytest.fixture
async def owner(app: FastAPI, house: Installation) -> Visitor:
    visitor = Visitor(app)
    assert (await visitor.log_in(await person(house))).status_code == 200
    return visitor


async def name_of_tenant(visitor: Visitor) -> Any:
    return (await visitor.get("/tenant")).json()["name"]


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(app: FastAPI, house: Installation) -> None:
    [cookie] = (await Visitor(app).log_in(await person(house))).headers.get_list("set-cookie")
    name, *flags = cookie.split("; ")
    assert name.startswith(f"{COOKIE}=")
    assert len(name) - len(COOKIE) - 1 == 43
    assert {flag.lower() for flag in flags} == {"httponly", "secure", "samesite=lax", "path=/", "max-age=2592000"}


async def test_our_own_page_may_write(owner: Visitor) -> None:
    assert (await owner.write("PATCH", "/tenant", {"name": "Kopi Pagi"})).status_code == 200
    assert await name_of_tenant(owner) == "Kopi Pagi"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": ORIGIN},
        {"x_csrf_token": "own"},
        {"origin": ORIGIN, "x_csrf_token": "made-up"},
        {"origin": ORIGIN, "x_csrf_token": "another's"},
        {"origin": "https://evil.example", "x_csrf_token": "own"},
        {"origin": "https://pay.example.evil.example", "x_csrf_token": "own"},
        {"origin": "http://pay.example", "x_csrf_token": "own"},
        {"origin": "null", "x_csrf_token": "own"},
        {"sec_fetch_site": "cross-site", "x_csrf_token": "own"},
        {"sec_fetch_site": "same-site", "x_csrf_token": "own"},
        {"origin": ORIGIN, "x_csrf_token": "own", "content_type": "text/plain"},
        {"origin": ORIGIN, "x_csrf_token": "own", "content_type": "application/x-www-form-urlencoded"},
    ],
    ids=str,
)
async def test_a_write_without_full_proof_of_its_page_changes_nothing(
    app: FastAPI, house: Installation, owner: Visitor, headers: dict[str, str]
) -> None:
    other = Visitor(app)
    await other.log_in(await person(house))
    before = await name_of_tenant(owner)
    token = {"own": owner.csrf, "another's": other.csrf}.get(headers.get("x_csrf_token", ""))
    given = headers | ({"x_csrf_token": token} if token else {})
    answer = await owner.send("PATCH", "/tenant", {"name": "Taken over"}, **given)
    assert code(answer) == (403, "csrf")
    assert "access-control-allow-origin" not in answer.headers
    assert await name_of_tenant(owner) == before


async def test_another_site_may_not_even_ask_first(owner: Visitor) -> None:
    asking = {"origin": "https://evil.example", "access_control_request_method": "PATCH"}
    answer = await owner.send("OPTIONS", "/tenant", **asking)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_cookie_planted_before_is_not_the_session_after(app: FastAPI, house: Installation) -> None:
    visitor = Visitor(app)
    visitor.http.cookies.set(COOKIE, "planted" * 6)
    answer = await visitor.log_in(await person(house))
    assert "planted" not in answer.headers["set-cookie"]
    thief = Visitor(app)
    thief.http.cookies.set(COOKIE, "planted" * 6)
    assert code(await thief.get("/me")) == (401, "session_revoked")


async def test_showing_who_one_is_again_replaces_cookie_and_token(owner: Visitor) -> None:
    old_cookie, old_token = owner.http.cookies[COOKIE], owner.csrf
    answer = await owner.write("POST", "/auth/step-up", {"password": PASSWORD})
    assert answer.status_code == 200
    owner.csrf = answer.json()["csrf_token"]
    assert owner.http.cookies[COOKIE] != old_cookie
    assert (await owner.write("PATCH", "/tenant", {"name": "Kopi"})).status_code == 200
    assert code(await owner.send("PATCH", "/tenant", {}, origin=ORIGIN, x_csrf_token=old_token)) == (403, "csrf")
    owner.http.cookies.clear()
    owner.http.cookies.set(COOKIE, old_cookie)
    assert code(await owner.get("/me")) == (401, "session_revoked")


async def test_after_logging_out_the_cookie_is_worth_nothing(owner: Visitor) -> None:
    cookie = owner.http.cookies[COOKIE]
    answer = await owner.write("POST", "/auth/logout")
    assert answer.status_code == 204
    assert "storage" in answer.headers["clear-site-data"]
    assert COOKIE not in owner.http.cookies
    owner.http.cookies.set(COOKIE, cookie)
    assert code(await owner.get("/me")) == (401, "session_revoked")


async def test_one_sees_and_ends_one_s_own_sessions(app: FastAPI, house: Installation) -> None:
    who = await person(house)
    here, elsewhere = Visitor(app), Visitor(app)
    await here.log_in(who)
    await elsewhere.log_in(who)
    listed = (await here.get("/auth/sessions")).json()["data"]
    assert [one["current"] for one in listed].count(True) == 1
    assert len(listed) == 2
    [other] = [one["id"] for one in listed if not one["current"]]
    assert (await here.write("DELETE", f"/auth/sessions/{other}")).status_code == 204
    assert code(await elsewhere.get("/me")) == (401, "session_revoked")
    assert (await here.get("/me")).status_code == 200


async def test_nobody_ends_another_person_s_session(app: FastAPI, house: Installation, owner: Visitor) -> None:
    colleague = Visitor(app)
    await colleague.log_in(await person(house))
    [theirs] = [one["id"] for one in (await colleague.get("/auth/sessions")).json()["data"]]
    assert code(await owner.write("DELETE", f"/auth/sessions/{theirs}")) == (404, "not_found")
    assert (await colleague.get("/me")).status_code == 200


async def test_what_a_person_reads_is_kept_in_no_cache(owner: Visitor) -> None:
    assert (await owner.get("/me")).headers["cache-control"] == "no-store"
