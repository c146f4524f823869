"""Signing up: one commit makes person and wallet, and nobody learns who else is here cheaply."""

import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from specie.app.api import create_app
from specie.kernel.ids import TenantId
from specie.platform.config import Settings
from specie.platform.mail import MailNotSent
from tests.identity.callers import ORIGIN, Visitor, code
from tests.identity.people import Installation, person

PASSWORD = "seven cups on the counter"
COUNTS = """
select (select count(*) from specie.app_user), (select count(*) from specie.membership),
       (select count(*) from specie.party), (select count(*) from specie.wallet), (select count(*) from specie.session)
"""


def form(email: str, **more: Any) -> dict[str, Any]:
    return {"email": email, "name": "Budi Santoso", "password": PASSWORD, "tenant": "kopi"} | more


async def register(visitor: Visitor, email: str, **more: Any) -> Any:
    return await visitor.send("POST", "/auth/register", form(email, **more), origin=ORIGIN)


async def test_who_signs_up_has_a_person_and_a_wallet_and_is_signed_in(app: FastAPI, house: Installation) -> None:
    visitor = Visitor(app)
    answer = await register(visitor, "budi@example.com", phone="+62 812 1000 0002")
    assert answer.status_code == 201
    me = (await visitor.get("/me")).json()
    assert (me["role"], me["tenant"]["id"]) == ("customer", str(house.tenant.id))
    assert me["party_id"] == answer.json()["party_id"]
    [wallet] = (await visitor.get("/wallets")).json()["data"]
    assert (wallet["party_id"], wallet["available"]["amount"]) == (me["party_id"], 0)
    party = (await visitor.get(f"/parties/{me['party_id']}")).json()
    assert party["phone"].endswith("02")


async def test_who_names_no_tenant_joins_the_sandbox_where_no_real_money_moves(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection
) -> None:
    answer = await register(Visitor(app), "somebody@example.com", tenant=None)
    oldest = superuser_connection.execute(
        "select of_tenant from specie.tenant_lookup where mode = 'sandbox' order by created_at, of_tenant limit 1"
    ).fetchone()
    assert answer.status_code == 201
    assert (TenantId.parse(answer.json()["tenant"]["id"]).uuid,) == oldest


@pytest.mark.parametrize("spelling", ["ani@example.com", "  Ani@Example.COM "])
async def test_a_known_address_is_refused_and_nothing_is_made(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection, spelling: str
) -> None:
    await register(Visitor(app), "ani@example.com")
    before = superuser_connection.execute(COUNTS).fetchone()
    answer = await register(Visitor(app), spelling, password="quite another pass phrase")
    assert code(answer) == (409, "email_taken")
    assert superuser_connection.execute(COUNTS).fetchone() == before
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"password": "short"}, (422, "password_weak")),
        ({"password": "budi.new@example.com"}, (422, "password_weak")),
        ({"email": "no address"}, (422, "field_invalid")),
        ({"tenant": "nowhere"}, (404, "not_found")),
        ({"role": "owner"}, (422, "unknown_field")),
        ({"party_id": "pty_x"}, (422, "unknown_field")),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_form_makes_nothing(
    app: FastAPI,
    house: Installation,
    superuser_connection: psycopg.Connection,
    change: dict[str, str],
    refusal: tuple[int, str],
) -> None:
    before = superuser_connection.execute(COUNTS).fetchone()
    answer = await register(Visitor(app), **({"email": "budi.new@example.com"} | change))
    assert code(answer) == refusal
    assert superuser_connection.execute(COUNTS).fetchone() == before


async def test_two_who_sign_up_with_one_address_at_once_are_one(app: FastAPI, house: Installation) -> None:
    answers = await asyncio.gather(*(register(Visitor(app), "twice@example.com") for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_an_address_tries_twenty_forms_a_minute_and_no_more(settings: Settings, house: Installation) -> None:
    strict = create_app(settings.model_copy(update={"rate_limit_login": 1}))
    async with strict.router.lifespan_context(strict):
        visitor = Visitor(strict)
        answers = [await register(visitor, "nobody@example.com", password="short") for _ in range(21)]
        assert [answer.status_code for answer in answers] == [422] * 20 + [429]
        assert code(answers[-1]) == (429, "rate_limited")
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert (await register(Visitor(strict), "nobody@example.com", password="short")).status_code == 422


async def test_a_network_that_tries_out_addresses_is_closed_after_a_hundred(app: FastAPI, house: Installation) -> None:
    await register(Visitor(app), "here@example.com")
    prober = Visitor(app)
    for _ in range(101):
        assert code(await register(prober, "here@example.com")) == (409, "email_taken")
    for email in ("here@example.com", "not.here@example.com"):
        assert code(await register(prober, email)) == (429, "rate_limited")
    assert (await register(Visitor(app), "not.here@example.com")).status_code == 201


@pytest.mark.parametrize("kind", ["login", "token"])
async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    app: FastAPI, house: Installation, kind: str
) -> None:
    known = await person(house)
    answers = [
        await Visitor(app).send("POST", f"/auth/{kind}", {"email": email, "password": "wrong password!"})
        for email in (known.email, "stranger@example.com")
    ]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert [code(answer) for answer in answers] == [(401, "credentials_invalid")] * 2
    assert bodies[0] == bodies[1]


async def test_asking_for_a_reset_link_tells_nothing_about_the_address(
    app: FastAPI, house: Installation, outbox: Path
) -> None:
    known = await person(house)
    before = letters(outbox)
    answers = [
        await Visitor(app).send("POST", "/auth/password/reset-request", {"email": email})
        for email in (known.email, "stranger@example.com")
    ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
    assert letters(outbox) - before == 1


async def test_a_mail_server_that_is_down_does_not_tell_known_addresses_apart(
    app: FastAPI, house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await person(house)
    asked: list[str] = []

    async def down(self: object, mail: Any) -> None:
        asked.append(mail.to)
        raise MailNotSent("no mail today", permanent=False)

    monkeypatch.setattr("specie.platform.mail.OutboxMailer.send", down)
    answer = await Visitor(app).send("POST", "/auth/password/reset-request", {"email": known.email})
    assert answer.status_code == 202
    assert asked == [known.email]


def letters(outbox: Path) -> int:
    return len(list(outbox.glob("*.eml")))
