"""Causing events in a sandbox: by ordinary requests, with the caller's own rights, once under a key."""

from collections.abc import Iterator

import httpx2
import psycopg
import pytest

from specie.app.triggers import customers, documents, goods
from specie.app.wiring import build
from specie.identity.model import Role
from specie.platform.config import Settings
from tests.app.callers import Organisation, api_key, organisation, token


@pytest.fixture(scope="module")
async def keys(settings: Settings) -> tuple[Organisation, str, str]:
    services = build(settings)
    made = await organisation(services, "triggers")
    texts = [await api_key(services, tenant) for tenant in (made.sandbox, made.live)]
    await services.db.close()
    return made, texts[0], texts[1]


@pytest.fixture
def developer(client: httpx2.Client, keys: tuple[Organisation, str, str]) -> Iterator[httpx2.Client]:
    client.headers["Authorization"] = f"Bearer {keys[1]}"
    yield client
    del client.headers["Authorization"]


def trigger(client: httpx2.Client, event: str, key: str = "", **override: str) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"event": event, "override": override}
    return client.post("/api/v1/sandbox/triggers", json=body, headers=headers)


@pytest.mark.parametrize(
    ("event", "status"), [("payment.created", "created"), ("payment.cancelled", "cancelled"), ("wallet.opened", None)]
)
def test_an_event_is_caused_for_real(developer: httpx2.Client, event: str, status: str | None) -> None:
    answer = trigger(developer, event, currency="JPY")

    assert answer.status_code == 201, answer.text
    made = answer.json()["object"]
    assert made.get("status") in {status, "active"}
    plural = event.split(".", maxsplit=1)[0] + "s"
    shown = developer.get(f"/api/v1/{plural}/{made['id']}").json()
    assert (shown["id"], made.get("currency", "JPY")) == (made["id"], "JPY")


@pytest.mark.parametrize("event", sorted(documents.MAKERS | goods.MAKERS | customers.MAKERS))
def test_what_happens_to_documents_goods_and_customers_is_caused_and_told(
    developer: httpx2.Client, superuser_connection: psycopg.Connection, event: str
) -> None:
    before = _told(superuser_connection, event)

    answer = trigger(developer, event, amount="70000")

    assert answer.status_code == 201, answer.text
    assert _told(superuser_connection, event) == before + 1


@pytest.mark.parametrize(
    ("event", "state", "owed"), [("invoice.issued", "issued", 70_000), ("invoice.paid", "paid", 0)]
)
def test_the_invoice_of_a_trigger_is_a_real_one(developer: httpx2.Client, event: str, state: str, owed: int) -> None:
    made = trigger(developer, event, amount="70000").json()["object"]

    shown = developer.get(f"/api/v1/billing/invoices/{made['id']}").json()
    assert (shown["state"], shown["open"]["amount"], shown["total"]["amount"]) == (state, owed, 70_000)


def _told(connection: psycopg.Connection, event: str) -> int:
    found = connection.execute("SELECT count(*) FROM specie.event WHERE type = %s", [event]).fetchone()
    assert found is not None
    return int(found[0])


def test_what_was_caused_under_a_key_is_not_caused_again(developer: httpx2.Client) -> None:
    first, again = (trigger(developer, "payment.created", "one-payment") for _ in range(2))

    assert (first.status_code, again.headers.get("Idempotent-Replayed")) == (201, "true")
    assert again.json() == first.json()
    reference = first.json()["object"]["reference"]
    found = developer.get("/api/v1/payments", params={"q": reference}).json()["data"]
    assert [each["id"] for each in found] == [first.json()["object"]["id"]]


def test_an_event_that_no_request_causes_is_refused(developer: httpx2.Client) -> None:
    answer = trigger(developer, "settlement.made")
    assert (answer.status_code, answer.json()["code"]) == (422, "event_not_triggerable")
    known = developer.get("/api/v1/sandbox/triggers").json()["data"]
    assert "settlement.made" not in known
    assert "payment.paid" in known


def test_nothing_is_caused_in_live(developer: httpx2.Client, keys: tuple[Organisation, str, str]) -> None:
    developer.headers["Authorization"] = f"Bearer {keys[2]}"
    answer = trigger(developer, "party.created")
    assert (answer.status_code, answer.json()["code"]) == (409, "sandbox_only")
    assert developer.get("/api/v1/parties").json()["data"] == []


async def test_nobody_causes_what_they_may_not_do(
    settings: Settings,
    client: httpx2.Client,
    superuser_connection: psycopg.Connection,
    keys: tuple[Organisation, str, str],
) -> None:
    made, services = keys[0], build(settings)
    viewer = token(services, superuser_connection, made.users[Role.VIEWER], made.sandbox)
    await services.db.close()
    headers = {"Authorization": f"Bearer {viewer}"}

    answer = client.post("/api/v1/sandbox/triggers", json={"event": "party.created"}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "trigger_refused")
    assert "POST /api/v1/parties: forbidden" in answer.json()["detail"]
