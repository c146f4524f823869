"""Connecting: what a dialect asks for, which money may meet which books, and what is shown of it afterwards."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from specie import providers
from specie.kernel.scope import Mode
from specie.providers.errors import CredentialsInvalid, LiveOnly, ProviderUnconfirmed, SandboxOnly
from tests.support.shop import Shop, new_tenant

LIVE_OY = {"environment": "live", "username": "u", "api_key": "k"}


async def connected(shop: Shop, mode: Mode, provider: str, **credentials: Any) -> providers.Connection:
    async with shop.db.begin(replace(shop.scope, mode=mode)) as uow:
        toolbox = shop.services["providers"]
        return await providers.connect(uow, toolbox, provider=provider, name="One", credentials=credentials)


UNCONFIRMED = [dialect.name for dialect in providers.dialects() if not dialect.confirmed]


def test_what_is_unconfirmed_says_why() -> None:
    assert UNCONFIRMED == ["snap", "netzme", "hilogate", "gidi", "genesis", "gudangvoucher", "ing1", "piro"]
    for dialect in providers.dialects():
        assert dialect.confirmed or all(len(reason) > 10 for reason in dialect.unconfirmed)


@pytest.mark.parametrize("provider", UNCONFIRMED)
async def test_an_unconfirmed_provider_is_refused_for_live_money(shop: Shop, provider: str) -> None:
    with pytest.raises(ProviderUnconfirmed) as refusal:
        await connected(shop, Mode.LIVE, provider)

    assert refusal.value.code == "provider_unconfirmed"


async def test_a_confirmed_provider_takes_live_credentials_in_a_live_tenant_only(shop: Shop) -> None:
    assert (await connected(shop, Mode.LIVE, "oy", **LIVE_OY)).active
    with pytest.raises(LiveOnly):
        await connected(shop, Mode.SANDBOX, "oy", **LIVE_OY)


@pytest.mark.parametrize("environment", ["simulator", "sandbox"])
async def test_play_money_stays_out_of_a_live_tenant(shop: Shop, environment: str) -> None:
    with pytest.raises(SandboxOnly):
        await connected(shop, Mode.LIVE, "oy", environment=environment, username="u", api_key="k")


@pytest.mark.parametrize(
    ("provider", "credentials"),
    [
        ("oy", {"environment": "sandbox", "username": "u"}),
        ("oy", {"environment": "moon"}),
        ("oy", {"environment": "sandbox", "username": "u", "api_key": "k", "colour": "red"}),
        ("oy", {"environment": "sandbox", "username": "u\nX-Other: 1", "api_key": "k"}),
        ("oy", {"environment": "sandbox", "username": "u", "api_key": "k", "va_bank": "999"}),
        ("oy", {"environment": "sandbox", "username": 5, "api_key": "k"}),
        ("xendit", {"environment": "live", "secret_key": "xnd_development_a", "callback_token": "t"}),
        ("stripe", {"environment": "sandbox", "secret_key": "sk_live_a", "webhook_secret": "w"}),
        ("gidi", {"environment": "sandbox", "merchant_id": "one", "credential_key": "k", "base_url": "https://a.b"}),
        ("gidi", {"environment": "sandbox", "merchant_id": "012", "credential_key": "k", "base_url": "https://a.b"}),
        ("ing1", {"environment": "sandbox", "email": "a", "password": "b", "base_url": "http://10.0.0.1"}),
        ("netzme", {"environment": "sandbox", "client_key": "c", "client_secret": "s", "partner_id": "p",
                    "merchant_id": "m", "private_key": "no key", "public_key": "no key"}),
    ],
)  # fmt: skip
async def test_credentials_that_do_not_fit_are_refused(
    shop: Shop, provider: str, credentials: dict[str, object]
) -> None:
    with pytest.raises(CredentialsInvalid):
        await connected(shop, Mode.SANDBOX, provider, **credentials)


async def test_a_connection_shows_its_address_and_never_its_secrets(running: Shop) -> None:
    shop = await new_tenant(running, "oy")

    shown = (await shop.get(f"/connections/{shop.connection_id}")).json()

    assert shown["environment"] == "simulator"
    assert shown["callback_url"].startswith(f"{shop.url}/api/v1/callbacks/")
    assert set(shown["shown_credentials"]) == {"username", "va_bank", "ewallet"}


async def test_connections_come_in_pages_oldest_first(shop: Shop) -> None:
    made = [str((await connected(shop, Mode.SANDBOX, "simulator")).id) for _ in range(2)]
    everything = [row["id"] for row in (await shop.get("/connections")).json()["data"]]

    first = (await shop.get("/connections?limit=1")).json()
    rest = (await shop.get(f"/connections?cursor={first['next_cursor']}")).json()

    assert [row["id"] for row in [*first["data"], *rest["data"]]] == everything
    assert everything[-2:] == made
    assert (first["has_more"], rest["has_more"], rest["next_cursor"]) == (True, False, None)


async def test_a_connection_can_be_tried_from_outside(running: Shop) -> None:
    good, bad = await new_tenant(running, "oy", 2000), await new_tenant(running, "oy", 2000, username="x", api_key="y")

    works = (await good.post(f"/connections/{good.connection_id}/test")).json()
    refused = (await bad.post(f"/connections/{bad.connection_id}/test")).json()

    assert works == {"outcome": "works", "reason": None}
    assert refused == {"outcome": "refused", "reason": "208"}


async def test_the_list_of_dialects_tells_what_each_asks_for(shop: Shop) -> None:
    listed = {row["name"]: row for row in (await shop.get("/provider-dialects")).json()}

    assert listed["oy"]["confirmed"] is True
    assert [known["name"] for known in listed["xendit"]["fields"]] == ["secret_key", "callback_token"]
    assert listed["gidi"]["unconfirmed"]


async def test_a_picture_of_a_code_may_come_from_its_provider_and_from_nowhere_else(running: Shop) -> None:
    shop = await new_tenant(running, "oy", 2000)
    payment_id = await shop.payment()
    await shop.pay(payment_id)
    made = (await shop.get(f"/payments/{payment_id}")).json()

    page = await shop.client.get(made["checkout_url"])

    assert f"img-src 'self' data: {shop.simulator_url};" in page.headers["content-security-policy"]
    assert f"{shop.simulator_url}/oy/qr/" in page.text
    picture = await shop.client.get(page.text.split('class="qr" src="')[1].split('"')[0])
    assert picture.content.startswith(b"\x89PNG")


async def test_new_credentials_take_the_place_of_the_old_ones_and_the_address_stays(
    running: Shop, superuser_connection: psycopg.Connection
) -> None:
    shop = await new_tenant(running, "oy", 2000, username="x", api_key="wrong")
    path = f"/connections/{shop.connection_id}"
    before = (await shop.get(path)).json()
    assert (await shop.post(f"{path}/test")).json()["outcome"] == "refused"

    answer = await shop.patch(path, {"credentials": {"environment": "simulator"}})

    assert answer.status_code == 200
    assert (await shop.post(f"{path}/test")).json() == {"outcome": "works", "reason": None}
    assert (await shop.get(path)).json()["callback_url"] == before["callback_url"]
    written = superuser_connection.execute(
        "select action from specie.audit where tenant_id = %s and action like 'provider.%%' order by id",
        [shop.tenant_id.uuid],
    ).fetchall()
    assert written == [("provider.connect",), ("provider.credentials",)]


@pytest.mark.parametrize(
    ("credentials", "status", "code"),
    [
        ({"environment": "sandbox", "username": "u", "api_key": "k"}, 422, "provider_credentials_invalid"),
        ({"environment": "simulator", "colour": "red"}, 422, "provider_credentials_invalid"),
        (LIVE_OY, 409, "provider_live_only"),
    ],
)
async def test_credentials_of_another_place_replace_nothing(
    running: Shop, credentials: dict[str, object], status: int, code: str
) -> None:
    shop = await new_tenant(running, "oy", 2000)
    path = f"/connections/{shop.connection_id}"

    answer = await shop.patch(path, {"credentials": credentials})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await shop.post(f"{path}/test")).json() == {"outcome": "works", "reason": None}
