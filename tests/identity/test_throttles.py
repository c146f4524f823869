"""Guessing is slow: failures count per account, per network and per session, and only the owner gets past them."""

import psycopg
import pyotp
import pytest
from fastapi import FastAPI

from specie.kernel.clock import machine_timestamp
from tests.identity.callers import Visitor, code, fresh_address
from tests.identity.people import PASSWORD, Installation, Person, person

WRONG = "wrong pass phrase"
CLOSED = (429, "rate_limited")


async def fail(app: FastAPI, who: Person | str, times: int = 5, **more: str) -> None:
    """Wrong passwords, each from an address of its own."""
    for _ in range(times):
        assert code(await Visitor(app).log_in(who, WRONG, **more)) == (401, "credentials_invalid")


async def protected(app: FastAPI, house: Installation) -> tuple[Person, str]:
    """Somebody with a second factor, and its seed."""
    who, visitor = await person(house), Visitor(app)
    await visitor.log_in(who)
    seed = (await visitor.write("POST", "/auth/totp/enrol")).json()["seed"]
    confirmed = await visitor.write("POST", "/auth/totp/confirm", {"code": code_of(seed, -1)})
    assert confirmed.status_code == 200
    return who, seed


def code_of(seed: str, step: int = 0) -> str:
    return str(pyotp.TOTP(seed).at(machine_timestamp() + 30 * step))


async def test_five_failures_from_anywhere_close_the_account_to_its_own_password(
    app: FastAPI, house: Installation
) -> None:
    who = await person(house)
    await fail(app, who)
    answer = await Visitor(app).log_in(who)
    assert code(answer) == CLOSED
    assert 0 < int(answer.headers["retry-after"]) <= 61
    assert "set-cookie" not in answer.headers


async def test_an_account_is_closed_in_whatever_spelling(app: FastAPI, house: Installation) -> None:
    who = await person(house)
    await fail(app, who)
    assert code(await Visitor(app).log_in(who.email.upper())) == CLOSED


async def test_an_address_nobody_has_closes_like_an_account(app: FastAPI, house: Installation) -> None:
    await fail(app, "stranger@example.com")
    assert code(await Visitor(app).log_in("stranger@example.com", WRONG)) == CLOSED


async def test_a_made_up_code_does_not_open_a_closed_account(app: FastAPI, house: Installation) -> None:
    who = await person(house)
    await fail(app, who)
    assert code(await Visitor(app).log_in(who, WRONG, totp_code="000000")) == CLOSED
    assert code(await Visitor(app).log_in(who, totp_code="000000")) == CLOSED


async def test_made_up_codes_do_not_make_guessing_faster(app: FastAPI, house: Installation) -> None:
    who = await person(house)
    await fail(app, who, totp_code="000000")
    assert code(await Visitor(app).log_in(who, WRONG, totp_code="000000")) == CLOSED


async def test_no_stranger_keeps_out_an_owner_with_a_second_factor(app: FastAPI, house: Installation) -> None:
    who, seed = await protected(app, house)
    await fail(app, who)
    for password in (WRONG, PASSWORD):
        assert code(await Visitor(app).log_in(who, password, totp_code="000000")) == CLOSED
    assert (await Visitor(app).log_in(who, totp_code=code_of(seed))).status_code == 200


async def test_a_success_forgets_the_failures(app: FastAPI, house: Installation) -> None:
    who = await person(house)
    await fail(app, who, 4)
    assert (await Visitor(app).log_in(who)).status_code == 200
    await fail(app, who, 4)
    assert (await Visitor(app).log_in(who)).status_code == 200


async def test_a_minute_later_the_account_is_open_again(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection
) -> None:
    who = await person(house)
    await fail(app, who)
    superuser_connection.execute("update specie.login_throttle set blocked_until = blocked_until - interval '61 s'")
    assert (await Visitor(app).log_in(who)).status_code == 200


@pytest.mark.parametrize("forged", [{}, {"x_forwarded_for": "198.51.100.1"}], ids=["plain", "forged"])
async def test_a_network_that_failed_a_hundred_times_waits_whoever_it_asks_for(
    app: FastAPI, house: Installation, forged: dict[str, str]
) -> None:
    who, address = await person(house), fresh_address()
    guesser = Visitor(app, address)
    for number in range(101):
        body = {"email": f"guess{number}@example.com", "password": WRONG}
        assert (await guesser.send("POST", "/auth/login", body)).status_code == 401
    body = {"email": who.email, "password": PASSWORD}
    assert code(await guesser.send("POST", "/auth/login", body, **forged)) == CLOSED
    assert (await Visitor(app).log_in(who)).status_code == 200


async def test_an_ipv6_subscriber_is_one_network(app: FastAPI, house: Installation) -> None:
    prefix = "2001:db8:5:6"
    for number in range(101):
        body = {"email": f"six{number}@example.com", "password": WRONG}
        guesser = Visitor(app, f"{prefix}::{number:x}")
        assert (await guesser.send("POST", "/auth/login", body)).status_code == 401
    who = await person(house)
    assert code(await Visitor(app, f"{prefix}:ffff::1").log_in(who)) == CLOSED
    assert (await Visitor(app, "2001:db8:5:7::1").log_in(who)).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/step-up", {"password": WRONG}),
        ("/auth/password", {"current_password": WRONG, "new_password": "another fine pass phrase"}),
    ],
)
async def test_whoever_found_a_session_cannot_guess_the_password_through_it(
    app: FastAPI, house: Installation, path: str, body: dict[str, str]
) -> None:
    who, visitor = await person(house), Visitor(app)
    await visitor.log_in(who)
    for _ in range(5):
        assert code(await visitor.write("POST", path, body)) == (401, "credentials_invalid")
    assert code(await visitor.write("POST", "/auth/step-up", {"password": PASSWORD})) == CLOSED
    assert (await Visitor(app).log_in(who)).status_code == 200
