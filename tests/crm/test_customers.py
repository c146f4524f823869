"""Customers from all sides: one timeline, merges that can be undone, files and texts under the customer's seal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import psycopg
import pytest

from specie import crm, parties
from specie.crm import merging, timeline, working
from specie.crm.errors import CannotMerge, CannotUnmerge, ContactExists, ContactInvalid, MergedAway, NotAColleague
from specie.crm.model import ActivityKind, Fact
from specie.crm.working import NewActivity
from specie.kernel.ids import PartyId, PaymentId, UserId
from specie.kernel.money import Money
from specie.parties import PartyMissing
from specie.platform.db import UnitOfWork
from tests.crm.teams import VAULT, Team
from tests.parties.test_parties import PDF


async def told(team: Team, party: PartyId) -> list[tuple[str, str]]:
    """The timeline as kinds and titles, the newest first, read in parts of two."""
    facts: list[Fact] = []
    after = None
    while True:
        page = await team.do(lambda uow, after=after: timeline.of(uow, VAULT, party, after, 2))
        facts += page.items
        after = page.next_key
        if after is None:
            return [(fact.kind, fact.title) for fact in facts]


async def test_one_timeline_holds_what_is_written_here_and_what_other_modules_add(team: Team) -> None:
    payment = PaymentId.new()

    async def payments(uow: UnitOfWork, found: Sequence[PartyId], before: crm.Before, limit: int) -> list[Fact]:
        fact = Fact("payment", str(payment), payment.uuid, uow.now - timedelta(days=1), "order-1", Money.of(5, "IDR"))
        is_later = before is None or (fact.at, fact.key) < before
        return [fact] if team.budi in found and is_later else []

    crm.add_facts("payments of the test", payments)
    await team.deal(title="Beans")
    new = NewActivity(team.budi, ActivityKind.CALL, "Ask about the beans", team.now().clock.now(), team.sari)
    await team.do(lambda uow: working.plan(uow, team.desk, new))
    for number in range(3):
        await team.do(lambda uow, number=number: working.write_note(uow, team.desk, team.budi, f"note {number}"))
    assert await told(team, team.budi) == [
        ("note", "note 2"),
        ("note", "note 1"),
        ("note", "note 0"),
        ("call", "Ask about the beans"),
        ("opportunity", "Beans"),
        ("payment", "order-1"),
    ]
    timeline._sources.pop("payments of the test")


async def test_a_merge_brings_everything_together_and_undoing_it_brings_back_what_came(team: Team) -> None:
    twin = await team.customer("Budi S.")
    await team.deal(party=twin, title="Twin's deal")
    await team.do(lambda uow: working.write_note(uow, team.desk, twin, "Twin's note"))
    await team.do(lambda uow: working.write_note(uow, team.desk, team.budi, "Budi's note"))
    merge = await team.do(lambda uow: merging.merge(uow, VAULT, team.budi, twin))
    assert [title for _, title in await told(team, team.budi)] == ["Budi's note", "Twin's note", "Twin's deal"]
    with pytest.raises(MergedAway) as refused:
        await team.do(lambda uow: working.write_note(uow, team.desk, twin, "Too late"))
    assert refused.value.facts == {"survivor_id": str(team.budi)}
    await team.do(lambda uow: working.write_note(uow, team.desk, team.budi, "Written since"))
    await team.do(lambda uow: merging.undo(uow, merge.id))
    assert [title for _, title in await told(team, twin)] == ["Twin's note", "Twin's deal"]
    assert [title for _, title in await told(team, team.budi)] == ["Written since", "Budi's note"]
    with pytest.raises(CannotUnmerge):
        await team.do(lambda uow: merging.undo(uow, merge.id))


async def test_what_is_not_one_customer_cannot_be_merged(team: Team) -> None:
    other = await team.customer("Dewi")
    third = await team.customer("Wati")
    await team.do(lambda uow: merging.merge(uow, VAULT, team.budi, other))
    for survivor, merged, refusal in (
        (team.budi, team.budi, CannotMerge),
        (team.company, third, CannotMerge),
        (third, team.budi, CannotMerge),
        (third, other, MergedAway),
        (team.budi, PartyId.new(), PartyMissing),
    ):
        with pytest.raises(refusal):
            await team.do(lambda uow, one=survivor, two=merged: merging.merge(uow, VAULT, one, two))


async def test_a_forgotten_customer_is_forgotten_here_too_but_not_before_those_merged_into_it(team: Team) -> None:
    twin = await team.customer("Budi S.")
    await team.do(lambda uow: working.write_note(uow, team.desk, twin, "His sister is ill"))
    await team.do(lambda uow: merging.merge(uow, VAULT, team.budi, twin))
    assert await team.do(lambda uow: crm.still_holds_others(uow, VAULT, team.budi)) is not None
    await team.do(lambda uow: parties.erase(uow, twin, reason="asked for it"))
    assert await team.do(lambda uow: crm.still_holds_others(uow, VAULT, team.budi)) is None
    assert await told(team, team.budi) == [("note", "erased")]


async def test_a_mention_is_told_to_that_colleague_alone_and_nobody_else_can_be_mentioned(team: Team) -> None:
    async with team.client() as client:
        body = {"body": "@Agus please call him", "mentions": [str(team.agus)]}
        made = await client.post(f"/crm/customers/{team.budi}/notes", json=body)
        stranger = await client.post(f"/crm/customers/{team.budi}/notes", json=body | {"mentions": [str(UserId.new())]})
        colleagues = (await client.get("/crm/colleagues")).json()["data"]
    assert made.status_code == 201, made.text
    assert (stranger.status_code, stranger.json()["code"]) == (422, NotAColleague.code)
    assert [one["name"] for one in colleagues] == ["Agus", "Sari"]
    async with team.database.begin(team.now()) as uow:
        from sqlalchemy import text

        rows = (await uow.execute(text("select data from specie.event where type = 'note.mentioned'"))).scalars().all()
    assert [row["user_id"] for row in rows] == [str(team.agus)]


async def test_files_are_sealed_and_open_only_while_the_customer_is_known(team: Team, tmp_path: Path) -> None:
    async with team.client(storage=f"{tmp_path}/files") as client:
        sent = {"file": ("offer.pdf", PDF, "application/pdf")}
        made = await client.post(f"/crm/customers/{team.budi}/files", files=sent)
        assert made.status_code == 201, made.text
        path = f"/crm/files/{made.json()['id']}"
        assert (await client.get(path)).content == PDF
        assert not any(PDF in kept.read_bytes() for kept in (tmp_path / "files").rglob("*") if kept.is_file())
        await team.do(lambda uow: parties.erase(uow, team.budi, reason="asked for it"))
        gone = await client.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "crm_file_not_found")


async def test_an_upload_repeated_with_its_key_is_answered_again_and_keeps_one_file(
    team: Team, tmp_path: Path, superuser_connection: psycopg.Connection
) -> None:
    path, key = f"/crm/customers/{team.budi}/files", {"idempotency-key": "file-1"}
    async with team.client(storage=f"{tmp_path}/files") as client:

        async def send(name: str) -> httpx2.Response:
            return await client.post(path, files={"file": (name, PDF, "application/pdf")}, headers=key)

        first, again, other = await send("budis-offer.pdf"), await send("budis-offer.pdf"), await send("another.pdf")
    assert (first.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len([kept for kept in (tmp_path / "files").rglob("*") if kept.is_file()]) == 1
    stored = superuser_connection.execute("select body from specie.idempotency where key = 'file-1'").fetchall()
    assert [body for (body,) in stored if "budis-offer" in body] == []


async def test_a_contact_is_a_person_of_a_company_once(team: Team) -> None:
    add = working.add_contact
    await team.do(lambda uow: add(uow, VAULT, team.company, team.budi, "Buys the beans"))
    with pytest.raises(ContactExists):
        await team.do(lambda uow: add(uow, VAULT, team.company, team.budi, "Buys the beans"))
    with pytest.raises(ContactInvalid):
        await team.do(lambda uow: add(uow, VAULT, team.budi, team.company, "Buys the beans"))
    async with team.client() as client:
        [seen] = (await client.get(f"/crm/customers/{team.company}")).json()["contacts"]
        gone = await client.delete(f"/crm/customers/{team.company}/contacts/{team.budi}")
        again = await client.delete(f"/crm/customers/{team.company}/contacts/{team.budi}")
    assert (seen["person_name"], seen["position"]) == ("Budi Santoso", "Buys the beans")
    assert (gone.status_code, again.status_code) == (204, 404)


async def test_a_new_contact_is_sealed_and_changes_until_somebody_has_verified_the_person(
    team: Team, superuser_connection: psycopg.Connection
) -> None:
    path = f"/crm/customers/{team.company}/contacts"
    dewi = {"name": "Dewi Canary", "email": "dewi@kopi.example", "phone": "", "position": "Canary of the kitchen"}
    async with team.client() as client:
        wrong = await client.post(path, json=dewi | {"email": "nowhere"})
        assert (wrong.status_code, wrong.json()["code"], wrong.json()["param"]) == (422, "email_invalid", "email")
        made = await client.post(path, json=dewi)
        person = made.json()["id"]
        changed = await client.put(f"{path}/{person}", json=dewi | {"phone": "+62 812 3456 7890", "position": "Cook"})
        [seen] = (await client.get(f"/crm/customers/{team.company}")).json()["contacts"]
        missing = await client.put(f"{path}/{team.budi}", json=dewi)
    assert (made.status_code, changed.status_code, missing.json()["code"]) == (201, 200, "contact_not_found")
    assert (seen["person_name"], seen["email"], seen["phone"], seen["position"]) == (
        "Dewi Canary",
        "dewi@kopi.example",
        "+6281234567890",
        "Cook",
    )
    for table in ("party", "crm_contact", "event", "audit", "idempotency"):
        found = superuser_connection.execute(
            f"select count(*) from specie.{table} t where position('Canary' in t::text) > 0"
            f" or position('{b'Canary'.hex()}' in t::text) > 0"
        ).fetchone()
        assert found == (0,), table
    approved = "update specie.party set kyc_state = 'approved' where id = %s"
    superuser_connection.execute(approved, (PartyId.parse(person).uuid,))
    superuser_connection.commit()
    cook = dewi | {"phone": "+6281234567890", "position": "Head cook"}
    async with team.client() as client:
        refused = await client.put(f"{path}/{person}", json=cook | {"name": "Somebody else"})
        kept = await client.put(f"{path}/{person}", json=cook)
        [seen] = (await client.get(f"/crm/customers/{team.company}")).json()["contacts"]
    assert (refused.status_code, refused.json()["code"], kept.status_code) == (409, "kyc_state", 200)
    assert (seen["person_name"], seen["position"]) == ("Dewi Canary", "Head cook")


async def test_over_http_a_deal_goes_its_way_and_a_repeated_request_makes_nothing_twice(team: Team) -> None:
    body = {
        "pipeline_id": str(team.pipeline.id),
        "party_id": str(team.budi),
        "title": "Two machines",
        "amount": {"amount": 90_000_000, "currency": "IDR"},
        "expected_close": "2026-12-15",
    }
    key = {"idempotency-key": "deal-1"}
    async with team.client() as client:
        made = await client.post("/crm/opportunities", json=body, headers=key)
        again = await client.post("/crm/opportunities", json=body, headers=key)
        assert made.status_code == 201, made.text
        assert (again.json(), again.headers["idempotent-replayed"]) == (made.json(), "true")
        deal = made.json()
        assert (deal["customer_name"], deal["owner_name"], deal["version"]) == ("Budi Santoso", "Sari", 1)
        move = {"stage_id": str(team.stage("Talking")), "version": 1}
        moved = await client.post(f"/crm/opportunities/{deal['id']}/move", json=move)
        stale = await client.post(f"/crm/opportunities/{deal['id']}/move", json=move)
        assert (moved.json()["version"], stale.status_code, stale.json()["code"]) == (2, 409, "changed_meanwhile")
        board = (await client.get(f"/crm/pipelines/{team.pipeline.id}/board")).json()
        [listed] = (await client.get(f"/crm/opportunities?party_id={team.budi}")).json()["data"]
        [month] = (await client.get("/crm/forecast")).json()["data"]
        due = {"party_id": str(team.budi), "kind": "call", "subject": "Ring", "due_at": "2026-12-01T09:00:00Z"}
        planned = (await client.post("/crm/activities", json=due | {"opportunity_id": deal["id"]})).json()
        customers = (await client.get("/crm/customers")).json()["data"]
        named = (await client.get("/crm/customers", params={"q": "sant bu"})).json()["data"]
        done = (await client.post(f"/crm/activities/{planned['id']}/done", json={})).json()
        open_ones = (await client.get("/crm/activities")).json()["data"]
        facts = (await client.get(f"/crm/customers/{team.budi}/timeline")).json()["data"]
    column = next(one for one in board["columns"] if one["stage"]["name"] == "Talking")
    assert (column["number"], column["sums"], column["opportunities"][0]["id"]) == (1, [body["amount"]], deal["id"])
    assert (listed["id"], month["weighted"]["amount"]) == (deal["id"], 27_000_000)
    budi = next(one for one in customers if one["party_id"] == str(team.budi))
    assert named == [budi]
    assert (budi["open"], budi["next_due_at"]) == ([body["amount"]], "2026-12-01T09:00:00Z")
    assert (done["done_at"] is not None, open_ones) == (True, [])
    assert [(fact["kind"], fact["actor_name"]) for fact in facts] == [("call", "Sari"), ("opportunity", "Sari")]


async def test_views_are_shared_or_ones_own_and_customers_themselves_see_none_of_this(team: Team) -> None:
    view = {"screen": "pipeline", "name": "Mine this month", "query": {"owner": "me"}}
    agus = replace(team.now(), actor=replace(team.scope.actor, id=str(team.agus)))
    async with team.client() as mine, team.client(agus) as theirs:
        own = (await mine.post("/crm/views", json=view)).json()
        shared = (await mine.post("/crm/views", json=view | {"name": "Ours", "is_shared": True})).json()
        seen = (await theirs.get("/crm/views?screen=pipeline")).json()["data"]
        refused = await theirs.delete(f"/crm/views/{shared['id']}")
        gone = await mine.delete(f"/crm/views/{own['id']}")
    assert [(one["name"], one["is_mine"]) for one in seen] == [("Ours", False)]
    assert (refused.status_code, gone.status_code) == (404, 204)
    async with team.client(replace(team.now(), party_id=team.budi)) as customer:
        answers = [
            await customer.get(path)
            for path in ("/crm/customers", f"/crm/customers/{team.budi}", "/crm/pipelines", "/crm/activities")
        ]
    assert [answer.status_code for answer in answers] == [403] * 4
