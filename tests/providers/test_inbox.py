"""The inbox: what is let in, what is stored, and that nothing acts twice or is forgotten."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import orjson
import psycopg
import pytest

from specie import providers
from specie.kernel.clock import machine_timestamp
from specie.kernel.errors import Conflict
from specie.kernel.ids import PaymentId
from specie.providers import ProviderFact, ProviderSilent, Trust, Unknown
from specie.providers import jobs as provider_jobs
from specie.providers.model import RawCallback
from specie.providers.simulator import signing
from specie.providers.simulator.adapter import SimulatorAdapter
from tests.support.card_search import tables_with
from tests.support.shop import Shop, new_tenant

CARD = "4111111111111111"


async def address(shop: Shop) -> str:
    assert shop.connection_id
    async with shop.db.begin(shop.scope) as uow:
        return (await providers.open_link(uow, shop.services["providers"], shop.connection_id)).callback_url


def key(shop: Shop) -> str:
    assert shop.connection_id
    return f"sim_{shop.connection_id.uuid.hex}"


def body(reference: str = "NOBODY", event: str = "cbk_1", **more: Any) -> bytes:
    data = {
        "id": "chg_1",
        "reference": reference,
        "amount": 1_500_000,
        "currency": "IDR",
        "state": "paid",
        "fee": 10_500,
        "action": {"kind": "none"},
    }
    return orjson.dumps({"id": event, "type": "charge.updated", "data": data | more})


async def send(
    shop: Shop, content: bytes, *, secret: str | None = None, at: int = 0, url: str = "", **headers: str
) -> httpx2.Response:
    timestamp = machine_timestamp() + at
    signature = signing.sign(secret or signing.secret_of(key(shop)), timestamp, content)
    sent = {signing.TIMESTAMP_HEADER: str(timestamp), signing.SIGNATURE_HEADER: signature} | headers
    return await shop.client.post(url or await address(shop), content=content, headers=sent)


async def inbox(shop: Shop, **query: str) -> list[dict[str, Any]]:
    answer = await shop.get("/callbacks?" + "&".join(f"{name}={value}" for name, value in query.items()))
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_a_genuine_callback_is_stored_byte_for_byte_and_acknowledged(shop: Shop) -> None:
    content = body() + b"  \n"

    answer = await send(shop, content)

    assert answer.status_code == 200
    [stored] = await inbox(shop)
    detail = (await shop.get(f"/callbacks/{stored['id']}")).json()
    assert detail["body_text"] == content.decode()
    assert detail["headers"][signing.SIGNATURE_HEADER].startswith("v1=")


@pytest.mark.parametrize("signature", ["absent", "empty", "garbage", "foreign tenant", "v0"])
async def test_a_callback_without_the_right_signature_leaves_nothing_but_a_trace(shop: Shop, signature: str) -> None:
    content = body()
    other = await new_tenant(shop)
    right = signing.sign(signing.secret_of(key(shop)), machine_timestamp(), content)
    forged = {
        "absent": None,
        "empty": "",
        "garbage": "v1=zzz",
        "foreign tenant": signing.sign(signing.secret_of(key(other)), machine_timestamp(), content),
        "v0": right.replace("v1=", "v0="),
    }[signature]
    headers = {signing.TIMESTAMP_HEADER: str(machine_timestamp())}
    if forged is not None:
        headers[signing.SIGNATURE_HEADER] = forged

    answer = await shop.client.post(await address(shop), content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "callback_unverified")
    assert await inbox(shop) == []


@pytest.mark.parametrize("secrets", [[], [""]])
async def test_without_a_secret_nothing_verifies(shop: Shop, secrets: list[str]) -> None:
    await shop.connect(callback_secrets=secrets)
    content = body()
    stamp = str(machine_timestamp())
    mac = signing.sign("", int(stamp), content)
    headers = {signing.TIMESTAMP_HEADER: stamp, signing.SIGNATURE_HEADER: mac}

    answer = await shop.client.post(await address(shop), content=content, headers=headers)

    assert answer.status_code == 401


async def test_an_old_secret_verifies_while_it_is_listed(shop: Shop) -> None:
    await shop.connect(callback_secrets=["new", "old"])

    assert (await send(shop, body(), secret="old")).status_code == 200
    assert (await send(shop, body(event="cbk_2"), secret="new")).status_code == 200
    assert (await send(shop, body(event="cbk_3"), secret="older")).status_code == 401


@pytest.mark.parametrize(("at", "status"), [(-302, 401), (-298, 200), (0, 200), (298, 200), (302, 401)])
async def test_the_time_window_holds_on_both_sides(shop: Shop, at: int, status: int) -> None:
    assert (await send(shop, body(), at=at)).status_code == status


async def test_a_changed_body_does_not_verify(shop: Shop) -> None:
    content = body()
    stamp = machine_timestamp()
    mac = signing.sign(signing.secret_of(key(shop)), stamp, content)
    headers = {signing.TIMESTAMP_HEADER: str(stamp), signing.SIGNATURE_HEADER: mac}

    answer = await shop.client.post(
        await address(shop), content=content.replace(b"1500000", b"1500001"), headers=headers
    )

    assert answer.status_code == 401


async def test_twenty_doubles_at_once_are_all_acknowledged_and_stored_once(shop: Shop) -> None:
    content = body()

    answers = await asyncio.gather(*(send(shop, content) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert sum("already-received" in answer.headers for answer in answers) == 19
    assert len(await inbox(shop)) == 1


async def test_a_callback_that_is_too_large_is_refused_before_it_is_read(shop: Shop) -> None:
    answer = await send(shop, b"x" * (256 * 1024 + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["nobody", "x" * 300, "%F0%9F%92%B8"])
async def test_an_address_nobody_has_is_not_found(shop: Shop, path: str) -> None:
    answer = await shop.client.post(f"{shop.url}/api/v1/callbacks/{path}", content=b"{}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"[]", b"null", b"not json", b"", b'{"id":1}', body(amount="1500000"), body(amount=1.5), body(currency="X")],
)
async def test_a_genuine_callback_nobody_can_read_is_kept_for_a_person(shop: Shop, content: bytes) -> None:
    assert (await send(shop, content)).status_code == 200
    await shop.work()

    [stored] = await inbox(shop, state="dead")
    assert stored["reason"]


async def test_an_unknown_reference_is_parked_and_applied_once_it_is_known(shop: Shop) -> None:
    await send(shop, body("NOBODY"))
    await shop.work()
    [parked] = await inbox(shop, state="parked")
    assert parked["reason"] == "nobody knows the reference yet"

    # The payment's own attempt gets that reference, as when a callback overtakes the answer of its order.
    payment_id = await shop.payment()
    await shop.pay(payment_id)
    with psycopg.connect(shop.db.app_url, autocommit=True) as connection:
        connection.execute("select set_config('app.tenant_id', %s, false)", [str(shop.tenant_id.uuid)])
        connection.execute(
            "update specie.payment_attempt set reference = 'NOBODY' where payment_id = %s", [payment_id.uuid]
        )
    await provider_jobs.process_callback(shop.context, callback_id=parked["id"])

    assert await shop.state(payment_id) == "paid"
    assert [row["state"] for row in await inbox(shop)] == ["processed"]


async def test_a_reference_unknown_for_a_day_goes_on_the_list_of_exceptions(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("specie.providers.inbox._PARKED_FOR", timedelta(0))
    await send(shop, body("NOBODY"))
    await shop.work()

    [dead] = await inbox(shop, state="dead")
    assert dead["reason"] == "nobody knew the reference for 24 hours"


async def test_a_state_that_no_callback_has_is_refused_with_those_there_are(shop: Shop) -> None:
    refused = await shop.get("/callbacks?state=dead,lost")

    assert (refused.status_code, refused.json()["param"]) == (422, "query.state")
    assert refused.json()["detail"] == "'lost' is none of received, processed, ignored, parked, dead"


async def test_a_replayed_callback_has_no_second_effect(shop: Shop) -> None:
    payment_id = await shop.payment("success")
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")
    await shop.callbacks_answered(1)
    await shop.work()
    [stored] = await inbox(shop)

    answer = await shop.post(f"/callbacks/{stored['id']}/replay")
    await shop.work()

    assert answer.status_code == 202
    assert await shop.wallet() == (1_500_000, 0)


async def test_a_callback_before_the_answer_of_its_order_is_not_lost(shop: Shop) -> None:
    payment_id = await shop.payment("before_answer")
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")

    assert await shop.wallet() == (1_500_000, 0)


@pytest.mark.parametrize("scenario", ["bad_signature", "foreign_key", "stale_signature"])
async def test_a_forged_callback_moves_nothing_until_the_provider_is_asked(shop: Shop, scenario: str) -> None:
    payment_id = await shop.payment(scenario)
    await shop.pay(payment_id)
    sent = await shop.callbacks_answered(1)
    await shop.work()

    assert sent[0]["last_status"] == 401
    assert await shop.state(payment_id) == "pending"
    await shop.post(f"/payments/{payment_id}/check")
    assert await shop.state(payment_id) == "paid"


@pytest.mark.parametrize("scenario", ["doubled", "reordered", "contradicted"])
async def test_doubled_reordered_and_contradicting_callbacks_pay_once(shop: Shop, scenario: str) -> None:
    payment_id = await shop.payment(scenario)
    await shop.pay(payment_id)
    await shop.callbacks_answered(2)
    await shop.work()

    assert await shop.state(payment_id) == "paid"
    assert await shop.wallet() == (1_500_000, 0)


async def test_another_tenants_callback_cannot_name_our_payment(shop: Shop) -> None:
    other = await new_tenant(shop)
    payment_id: PaymentId = await shop.payment()
    attempt = await shop.pay(payment_id)

    await send(other, body(attempt.id.uuid.hex.upper()))
    await other.work()

    assert await shop.state(payment_id) == "pending"
    assert [row["state"] for row in await inbox(other)] == ["parked"]


async def test_a_fact_that_is_not_wholly_signed_is_asked_about_and_the_answer_counts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = await shop.payment("lost", minor=777_700)
    attempt = await shop.pay(payment_id)
    signed = SimulatorAdapter.parse_callback

    def half_signed(adapter: SimulatorAdapter, raw: RawCallback) -> list[ProviderFact]:
        return [replace(fact, trust=Trust.PARTIAL, must_requery=True) for fact in signed(adapter, raw)]

    monkeypatch.setattr(SimulatorAdapter, "parse_callback", half_signed)
    await send(shop, body(attempt.id.uuid.hex.upper(), state="declined", amount=5))
    await shop.work()

    assert await shop.state(payment_id) == "paid"
    assert await shop.wallet() == (777_700, 0)


async def test_a_hint_is_kept_until_the_provider_answers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    payment_id = await shop.payment("lost")
    attempt = await shop.pay(payment_id)
    signed = SimulatorAdapter.parse_callback

    def half_signed(adapter: SimulatorAdapter, raw: RawCallback) -> list[ProviderFact]:
        return [replace(fact, must_requery=True) for fact in signed(adapter, raw)]

    async def silent(*_: object) -> Unknown:
        return Unknown("timeout")

    monkeypatch.setattr(SimulatorAdapter, "parse_callback", half_signed)
    monkeypatch.setattr("specie.providers.jobs.perform", silent)
    await send(shop, body(attempt.id.uuid.hex.upper()))
    await shop.work()

    assert await shop.state(payment_id) == "pending"
    [parked] = await inbox(shop, state="parked")
    assert parked["reason"] == "the provider does not answer"

    monkeypatch.undo()
    await provider_jobs.process_callback(shop.context, callback_id=parked["id"])
    assert await shop.state(payment_id) == "paid"


async def test_a_hint_that_no_provider_answered_for_a_day_goes_on_the_list_of_exceptions(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> None:
        raise ProviderSilent("asked about it")

    monkeypatch.setattr("specie.providers.jobs._established", silent)
    monkeypatch.setattr("specie.providers.inbox._PARKED_FOR", timedelta(0))
    await send(shop, body())
    await shop.work()

    [dead] = await inbox(shop, state="dead")
    assert dead["reason"] == "the provider did not answer for 24 hours"


async def test_a_callback_whose_effect_is_refused_does_not_just_stay(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise Conflict("there is no way from here to there")

    monkeypatch.setattr("specie.providers.inbox.dispatch", refuse)
    await send(shop, body())
    await shop.work()

    [dead] = await inbox(shop, state="dead")
    assert dead["reason"] == "refused: there is no way from here to there"


async def test_a_flood_of_forgeries_leaves_a_handful_of_traces(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    for _ in range(40):
        await send(shop, body(), secret="wrong")

    traces = superuser_connection.execute(
        "select count(*) from specie.audit where tenant_id = %s and action = 'callback.rejected'", [shop.tenant_id.uuid]
    ).fetchone()
    assert traces is not None
    assert 0 < traces[0] <= 20


async def test_credentials_and_secret_addresses_are_sealed(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    token = (await address(shop)).rsplit("/", 1)[1]
    payment_id = await shop.payment("success")
    await shop.pay(payment_id)
    await shop.callbacks_answered(1)

    for table in ("provider_connection", "callback_path", "provider_callback"):
        dump = str(superuser_connection.execute(f"select * from specie.{table}").fetchall())
        assert token not in dump
        assert key(shop) not in dump


async def test_a_card_s_number_in_a_provider_s_text_is_masked_before_anything_is_kept(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    payment_id = await shop.payment()
    await shop.pay(payment_id)
    reference = (await shop.book())[0]["reference"]
    told = body(reference, "cbk_cards", state="odd 4111 1111 1111 1111", action={"kind": "none", "text": CARD})

    assert (await send(shop, told)).status_code == 200
    await shop.work()

    (found,) = await inbox(shop)
    assert "[card number]" in str(found["facts"])
    assert tables_with(superuser_connection, CARD) == []


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"payment_status": "COMPLETE", "partner_trx_id": "A", "trx_id": "\\ud800", "amount": 1}',
        b'{"payment_status": "COMPLETE", "partner_trx_id": "A", "trx_id": "1", "settlement_status": "\\u0000"}',
        b'{"payment_status": "COMPLETE", "partner_trx_id": "A", "trx_id": "1", "settlement_status": "'
        + b"x" * 9000
        + b'"}',
    ],
    ids=["nested", "half a character", "zero byte", "long"],
)
async def test_what_nobody_has_signed_and_no_table_can_keep_is_kept_as_unreadable(
    running: Shop, content: bytes
) -> None:
    shop = await new_tenant(running, "oy")

    answer = await shop.client.post(await address(shop), content=content)
    await shop.work()

    assert answer.status_code == 200
    assert [row["state"] for row in await inbox(shop)] == ["dead"]
