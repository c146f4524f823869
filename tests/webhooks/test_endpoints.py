"""Endpoints and the log of deliveries over HTTP."""

import json
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import psycopg
import pytest

from specie import audit, webhooks
from specie.audit import AuditFilter
from specie.kernel.ids import EndpointId, PartyId
from specie.kernel.scope import Scope
from specie.platform.db import Database
from specie.platform.jobs import JobContext, registered
from specie.platform.mail import Mail
from specie.platform.outbound import DEVELOPMENT, OutboundClient
from specie.webhooks import Sender
from specie.webhooks.routes import router
from tests.events.facts import fact, feed, publish_all, tell
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope
from tests.webhooks.receiver import RING, Receiver, deliver, make_due, subscribe

pytestmark = pytest.mark.usefixtures("quiet_others")


def client_of(database: Database, scope: Scope) -> AbstractAsyncContextManager[httpx2.AsyncClient]:
    services = {"outbound": OutboundClient(tenant_policy=DEVELOPMENT), "vault": RING}
    return calling(database, scope, [router], services)


class Outbox:
    """Keeps mail instead of sending it."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.sent.append(mail)


async def run_jobs(database: Database, scope: Scope, connection: psycopg.Connection, mail: Outbox) -> list[str]:
    """Run what waits in the queue for this tenant, as the worker would. Returns the names."""

    async def admins(uow: Any) -> list[str]:
        return ["owner@example.com"]

    context = JobContext(database, scope, {"mail": mail, "admin_addresses": admins})
    # The queue's own triggers name its tables without their schema.
    connection.execute("set search_path to jobs")
    queued = connection.execute(
        "delete from jobs.procrastinate_jobs where args ->> 'tenant_id' = %s returning task_name, args",
        [str(scope.tenant_id)],
    ).fetchall()
    for name, args in queued:
        await registered(name)(context, **args["arguments"])
    return [name for name, _ in queued]


async def made(client: httpx2.AsyncClient, url: str, **body: Any) -> dict[str, Any]:
    answer = await client.post("/webhook-endpoints", json={"url": url, **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_the_secret_is_shown_once_and_kept_sealed(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    async with client_of(database, scope) as client:
        endpoint = await made(client, "https://example.com/hook")
        again = (await client.get(f"/webhook-endpoints/{endpoint['id']}")).json()
        [listed] = (await client.get("/webhook-endpoints")).json()["data"]
    assert endpoint["secret"].startswith("whsec_")
    assert again["secret"] is None
    assert listed == again
    [[sealed]] = superuser_connection.execute(
        "select secret from specie.webhook_endpoint where tenant_id = %s", [scope.tenant_id.uuid]
    ).fetchall()
    assert endpoint["secret"].encode() not in bytes(sealed)


async def test_a_repeated_request_makes_no_second_endpoint_and_stores_no_secret(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    async with client_of(database, scope) as client:
        asked = {"json": {"url": "https://example.com/hook"}, "headers": {"Idempotency-Key": "make-endpoint-1"}}
        first = await client.post("/webhook-endpoints", **asked)
        second = await client.post("/webhook-endpoints", **asked)
        listed = (await client.get("/webhook-endpoints")).json()["data"]
    assert second.headers["idempotent-replayed"] == "true"
    assert second.json() == first.json() | {"secret": None}
    assert len(listed) == 1
    kept = superuser_connection.execute(
        "select body from specie.idempotency where tenant_id = %s", [scope.tenant_id.uuid]
    ).fetchall()
    assert "whsec_" not in str(kept)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "ftp://example.com"}, "url_unsafe"),
        ({"url": "https://user@example.com"}, "url_unsafe"),
        ({"url": "https://metadata.internal/"}, "url_unsafe"),
        ({"url": "https://example.com", "types": ["no.such.type"]}, "event_type_unknown"),
        ({"url": "https://example.com", "types": ["*.paid"]}, "event_type_unknown"),
        ({"url": "https://example.com", "types": []}, "field_invalid"),
        ({"url": "https://example.com", "secret": "whsec_x"}, "unknown_field"),
    ],
)
async def test_an_endpoint_that_cannot_work_is_refused(database: Database, body: dict[str, Any], code: str) -> None:
    scope = fresh_scope()
    async with client_of(database, scope) as client:
        answer = await client.post("/webhook-endpoints", json=body)
        listed = (await client.get("/webhook-endpoints")).json()["data"]
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert listed == []


async def test_during_a_rotation_messages_verify_with_either_secret(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    endpoint, old = await subscribe(database, scope, receiver.url())
    async with client_of(database, scope) as client:
        rotated = await client.post(f"/webhook-endpoints/{endpoint.id}/rotate-secret", json={"overlap_hours": 1})
    await tell(database, scope)
    await deliver(database, sender)
    new = rotated.json()["secret"]
    assert new != old
    receiver.got[0].verified(old)
    receiver.got[0].verified(new)


async def test_after_a_rotation_without_overlap_only_the_new_secret_signs(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    endpoint, _ = await subscribe(database, scope, receiver.url())
    async with client_of(database, scope) as client:
        rotated = await client.post(f"/webhook-endpoints/{endpoint.id}/rotate-secret", json={"overlap_hours": 0})
    await tell(database, scope)
    await deliver(database, sender)
    assert " " not in receiver.got[0].headers["webhook-signature"]
    receiver.got[0].verified(rotated.json()["secret"])


async def test_a_paused_endpoint_gets_later_what_happened_meanwhile(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    endpoint, _ = await subscribe(database, scope, receiver.url())
    async with client_of(database, scope) as client:
        await client.patch(f"/webhook-endpoints/{endpoint.id}", json={"state": "paused"})
        await tell(database, scope)
        await deliver(database, sender)
        assert receiver.got == []
        enabled = await client.patch(f"/webhook-endpoints/{endpoint.id}", json={"state": "enabled"})
        await deliver(database, sender)
    assert (enabled.json()["state"], enabled.json()["version"]) == ("enabled", 3)
    assert len(receiver.got) == 1


async def test_a_deleted_endpoint_gets_nothing_more_and_its_log_stays(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    endpoint, _ = await subscribe(database, scope, receiver.url())
    await tell(database, scope)
    await publish_all(database)
    await webhooks.fan_out(database)
    async with client_of(database, scope) as client:
        assert (await client.delete(f"/webhook-endpoints/{endpoint.id}")).status_code == 204
        await tell(database, scope)
        await deliver(database, sender)
        assert (await client.get(f"/webhook-endpoints/{endpoint.id}")).status_code == 404
        log = (await client.get("/webhook-deliveries")).json()["data"]
    assert receiver.got == []
    assert [(each["state"], each["error"]) for each in log] == [("dead", "endpoint_deleted")]


async def test_the_log_shows_headers_and_the_beginning_of_a_text_answer(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    receiver.answers["/hook"] = (500, {"content-type": "text/plain"}, b"no\0" + b"x" * 1000)
    await tell(database, scope)
    await deliver(database, sender)
    async with client_of(database, scope) as client:
        [failed] = (await client.get("/webhook-deliveries?status_code=500&type=thing.*&state=pending")).json()["data"]
        assert (await client.get("/webhook-deliveries?status_code=404")).json()["data"] == []
        detail = (await client.get(f"/webhook-deliveries/{failed['id']}")).json()
        stats = (await client.get(f"/webhook-endpoints/{failed['endpoint_id']}/stats")).json()
    [attempt] = detail["attempts"]
    assert detail["body"].encode() == receiver.got[0].body
    assert attempt["request_headers"]["webhook-id"] == receiver.got[0].headers["webhook-id"]
    assert (attempt["status_code"], attempt["error"]) == (500, "http_5xx")
    assert attempt["answer"] == "no\ufffd" + "x" * 509
    assert (stats["attempts"], stats["succeeded"], stats["failed"]) == (1, 0, 1)
    assert stats["deliveries"]["pending"] == 1


async def test_an_answer_that_is_no_text_is_not_kept(database: Database, receiver: Receiver, sender: Sender) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    receiver.answers["/hook"] = (200, {"content-type": "image/png"}, b"\x89PNG")
    await tell(database, scope)
    await deliver(database, sender)
    async with client_of(database, scope) as client:
        [delivered] = (await client.get("/webhook-deliveries?state=delivered")).json()["data"]
        detail = (await client.get(f"/webhook-deliveries/{delivered['id']}")).json()
    assert detail["attempts"][0]["answer"] is None


async def test_a_dead_delivery_is_listed_and_can_be_resent(
    database: Database, receiver: Receiver, sender: Sender, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    receiver.answers["/hook"] = [500] * 10
    await tell(database, scope)
    for _ in range(12):
        await deliver(database, sender)
        make_due(superuser_connection)
    assert len(receiver.got) == 10
    async with client_of(database, scope) as client:
        [dead] = (await client.get("/webhook-deliveries?state=dead")).json()["data"]
        resent = await client.post(f"/webhook-deliveries/{dead['id']}/resend")
        await deliver(database, sender)
        detail = (await client.get(f"/webhook-deliveries/{dead['id']}")).json()
    assert (dead["attempts"], resent.status_code, resent.json()["state"]) == (10, 202, "pending")
    assert (detail["delivery"]["state"], len(detail["attempts"])) == ("delivered", 11)
    assert len({(each.headers["webhook-id"], each.body) for each in receiver.got}) == 1


async def test_nothing_is_resent_to_an_endpoint_that_is_not_enabled(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    endpoint, _ = await subscribe(database, scope, receiver.url())
    await tell(database, scope)
    await deliver(database, sender)
    async with client_of(database, scope) as client:
        [delivered] = (await client.get("/webhook-deliveries")).json()["data"]
        await client.patch(f"/webhook-endpoints/{endpoint.id}", json={"state": "paused"})
        refused = await client.post(f"/webhook-deliveries/{delivered['id']}/resend")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_endpoint_not_enabled")


async def test_an_example_is_signed_marked_and_not_in_the_feed(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    endpoint, secret = await subscribe(database, scope, receiver.url())
    async with client_of(database, scope) as client:
        url = f"/webhook-endpoints/{endpoint.id}/test"
        queued = await client.post(url, json={"type": "webhook_endpoint.disabled"})
        unknown = await client.post(url, json={"type": "no.such.type"})
    await deliver(database, sender)
    message = receiver.got[0].verified(secret)
    assert (queued.status_code, queued.json()["n"]) == (202, None)
    assert (message["type"], message["data"]["example"]) == ("webhook_endpoint.disabled", True)
    assert await feed(database, scope) == []
    assert (unknown.status_code, unknown.json()["code"]) == (422, "event_type_unknown")


async def test_an_answer_410_disables_the_endpoint_and_says_from_where_to_recover(
    database: Database, receiver: Receiver, sender: Sender, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    endpoint, _ = await subscribe(database, scope, receiver.url())
    receiver.answers["/hook"] = [410]
    await tell(database, scope, fact("a"))
    await deliver(database, sender)
    assert await run_jobs(database, scope, superuser_connection, Outbox()) == ["webhooks.alarm"]
    await tell(database, scope, fact("b"))
    await deliver(database, sender)
    async with client_of(database, scope) as client:
        shown = (await client.get(f"/webhook-endpoints/{endpoint.id}")).json()
        assert (shown["state"], shown["disabled_reason"], shown["missed_from_n"]) == ("disabled", "gone", 2)
        await client.patch(f"/webhook-endpoints/{endpoint.id}", json={"state": "enabled"})
        make_due(superuser_connection)
        await deliver(database, sender)
        asked = await client.post(f"/webhook-endpoints/{endpoint.id}/recover", json={"since_n": 1})
        assert (asked.status_code, asked.json()) == (202, {"since_n": 1, "through_n": 3})
    await run_jobs(database, scope, superuser_connection, Outbox())
    await deliver(database, sender)
    numbers = [json.loads(each.body)["data"]["n"] for each in receiver.got]
    assert sorted(numbers) == [1, 1, 2, 3]


async def test_a_recovery_can_repeat_what_was_delivered(
    database: Database, receiver: Receiver, sender: Sender, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    endpoint, _ = await subscribe(database, scope, receiver.url())
    await tell(database, scope, fact("a"), fact("b"))
    await deliver(database, sender)
    async with client_of(database, scope) as client:
        url = f"/webhook-endpoints/{endpoint.id}/recover"
        await client.post(url, json={"since": "2020-01-01T00:00:00Z"})
        await run_jobs(database, scope, superuser_connection, Outbox())
        await deliver(database, sender)
        assert len(receiver.got) == 2
        await client.post(url, json={"since_n": 2, "include_delivered": True})
        await run_jobs(database, scope, superuser_connection, Outbox())
        await deliver(database, sender)
        both = await client.post(url, json={"since_n": 2, "since": "2020-01-01T00:00:00Z"})
    assert [json.loads(each.body)["data"]["n"] for each in receiver.got[2:]] == [2]
    assert both.status_code == 422


async def test_a_range_can_end_before_the_feed_does_and_what_was_missed_after_it_is_still_known(
    database: Database, receiver: Receiver, sender: Sender, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    endpoint, _ = await subscribe(database, scope, receiver.url())
    await tell(database, scope, fact("a"), fact("b"), fact("c"), fact("d"))
    await deliver(database, sender)
    superuser_connection.execute(
        "update specie.webhook_endpoint set missed_from_n = 2 where id = %s", [endpoint.id.uuid]
    )
    async with client_of(database, scope) as client:
        url = f"/webhook-endpoints/{endpoint.id}"
        asked = await client.post(f"{url}/recover", json={"since_n": 2, "through_n": 3, "include_delivered": True})
        turned = await client.post(f"{url}/recover", json={"since_n": 3, "through_n": 2})
        missed = (await client.get(url)).json()["missed_from_n"]
    await run_jobs(database, scope, superuser_connection, Outbox())
    await deliver(database, sender)

    assert (asked.json(), missed, turned.status_code) == ({"since_n": 2, "through_n": 3}, 4, 422)
    assert sorted(json.loads(each.body)["data"]["n"] for each in receiver.got[4:]) == [2, 3]


async def test_after_five_days_of_failure_an_endpoint_is_disabled_and_a_mail_went_before(
    database: Database, receiver: Receiver, sender: Sender, superuser_connection: psycopg.Connection
) -> None:
    scope, mail = fresh_scope(), Outbox()
    endpoint, _ = await subscribe(database, scope, receiver.url())
    receiver.answers["/hook"] = 500
    since = "update specie.webhook_endpoint set failing_since = failing_since - interval '{}' where tenant_id = %s"
    await tell(database, scope)
    await deliver(database, sender)
    for shift in ("3 days", "2 days"):
        superuser_connection.execute(since.format(shift), [scope.tenant_id.uuid])
        superuser_connection.execute("update specie.webhook_endpoint set warned_at = warned_at - interval '2 days'")
        make_due(superuser_connection)
        await sender.step()
        await sender.close()
        await run_jobs(database, scope, superuser_connection, mail)
    async with client_of(database, scope) as client:
        shown = (await client.get(f"/webhook-endpoints/{endpoint.id}")).json()
    await publish_all(database)
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "failing")
    assert [(each.to, receiver.url() in each.text) for each in mail.sent] == [("owner@example.com", True)]
    told = [each.type for each in await feed(database, scope)]
    assert told == ["thing.changed", "webhook_endpoint.failing", "webhook_endpoint.disabled"]


async def test_a_merchant_sees_only_its_own_endpoints_and_deliveries(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    merchant = fresh_scope(scope.tenant_id, party_id=PartyId.new())
    theirs, _ = await subscribe(database, scope, receiver.url())
    await tell(database, scope)
    await deliver(database, sender)
    async with client_of(database, merchant) as client:
        own = await made(client, receiver.url("/own"))
        listed = (await client.get("/webhook-endpoints")).json()["data"]
        refused = await client.get(f"/webhook-endpoints/{theirs.id}")
        changed = await client.patch(f"/webhook-endpoints/{theirs.id}", json={"state": "paused"})
        deliveries = (await client.get("/webhook-deliveries")).json()["data"]
    assert own["party_id"] == str(merchant.party_id)
    assert [each["id"] for each in listed] == [own["id"]]
    assert [answer.json()["code"] for answer in (refused, changed)] == ["not_found", "not_found"]
    assert deliveries == []


async def test_an_unknown_endpoint_is_not_found(database: Database) -> None:
    async with client_of(database, fresh_scope()) as client:
        answer = await client.post(f"/webhook-endpoints/{EndpointId.new()}/rotate-secret", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_every_change_of_an_endpoint_is_in_the_audit_trail(database: Database) -> None:
    scope = fresh_scope()
    async with client_of(database, scope) as client:
        endpoint = await made(client, "https://example.com/hook")
        path = f"/webhook-endpoints/{endpoint['id']}"
        await client.patch(path, json={"description": "shop"})
        await client.post(f"{path}/rotate-secret", json={})
        await client.post(f"{path}/recover", json={"since_n": 1})
        await client.delete(path)
    async with database.begin(scope) as uow:
        trail = (await audit.find(uow, AuditFilter(subject_id=endpoint["id"]), None, 100)).items
    actions = [each.action.removeprefix("webhook_endpoint.") for each in reversed(trail)]
    assert actions == ["create", "change", "rotate_secret", "recover", "delete"]
    assert "whsec_" not in str(trail)
