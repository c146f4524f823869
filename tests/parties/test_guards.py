"""What a reviewer sees is what is approved; files have their limits; nothing personal leaves the seal over HTTP."""

import asyncio
from datetime import timedelta

import httpx2
import psycopg
import pytest

from specie import parties
from specie.kernel.ids import SessionId
from specie.kernel.scope import Scope
from specie.parties import KycState, documents
from specie.parties.documents import Files
from specie.parties.errors import DocumentMissing, KycCannotMove, TooManyDocuments
from specie.parties.routes import router
from specie.platform.db import Database
from tests.parties.conftest import VAULT
from tests.parties.test_parties import CANARY, PDF, create, everything, get
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope


def elsewhere(scope: Scope, *, by: timedelta = timedelta(0), session: SessionId | None = None) -> Scope:
    """The same caller with a clock moved on, or in another session."""
    clock = type(scope.clock)(scope.clock.zone, offset=by)
    return Scope(scope.tenant_id, scope.mode, scope.actor, scope.permissions, clock, session_id=session)


async def upload(files: Files, scope: Scope, party: parties.Party) -> documents.Document:
    return await documents.upload(files, scope, party.id, kind="identity", declared_name="id.pdf", data=PDF)


async def test_what_a_reviewer_looks_at_cannot_be_changed_under_their_eyes(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    await upload(files, scope, made)
    async with database.begin(scope) as uow:
        await parties.submit_kyc(uow, VAULT, made.id, {})
    with pytest.raises(KycCannotMove):
        async with database.begin(scope) as uow:
            await parties.change_party(uow, VAULT, made.id, {"name": "Somebody Else"})
    async with database.begin(scope) as uow:
        moved = await parties.change_party(uow, VAULT, made.id, {"address": "Jalan Baru 1"})
    assert (moved.kyc_state, moved.display_name) == (KycState.SUBMITTED, CANARY["name"])


async def test_uploads_at_once_cannot_pass_the_hourly_number(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)

    async def try_one() -> bool:
        try:
            await upload(files, scope, made)
        except TooManyDocuments:
            return False
        return True

    assert sum(await asyncio.gather(*(try_one() for _ in range(30)))) == documents.MOST_AN_HOUR


async def test_a_person_keeps_at_most_twenty_documents(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    for hours in (0, 2):
        for _ in range(10):
            await upload(files, elsewhere(scope, by=timedelta(hours=hours)), made)
    with pytest.raises(TooManyDocuments):
        await upload(files, elsewhere(scope, by=timedelta(hours=4)), made)


async def test_all_documents_together_have_a_size(
    database: Database, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    monkeypatch.setattr(documents, "MOST_BYTES", len(PDF) * 2 - 1)
    await upload(files, scope, made)
    with pytest.raises(TooManyDocuments):
        await upload(files, scope, made)


async def test_a_refused_upload_leaves_no_file_behind(
    database: Database, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    stored: list[str] = []
    removed: list[str] = []
    put, delete = files.storage.put, files.storage.delete

    async def note_put(key: str, data: bytes) -> None:
        stored.append(key)
        await put(key, data)

    async def note_delete(key: str) -> None:
        removed.append(key)
        await delete(key)

    monkeypatch.setattr(files.storage, "put", note_put)
    monkeypatch.setattr(files.storage, "delete", note_delete)
    monkeypatch.setattr(documents, "MOST_BYTES", len(PDF) - 1)
    with pytest.raises(TooManyDocuments):
        await upload(files, scope, made)
    assert stored == removed


async def test_a_link_counts_its_minute_on_the_machines_clock(
    database: Database, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    document = await upload(files, scope, made)
    async with database.begin(scope) as uow:
        token = await documents.make_link(uow, document.id)
    later = elsewhere(scope, by=timedelta(hours=2))
    _, content = await documents.open_document(files, later, document.id, token)
    assert content.startswith(b"%PDF")
    monkeypatch.setattr(documents, "LINK_SECONDS", -1)
    async with database.begin(scope) as uow:
        stale = await documents.make_link(uow, document.id)
    with pytest.raises(DocumentMissing):
        await documents.open_document(files, scope, document.id, stale)


async def test_a_link_is_of_no_use_in_another_session(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    document = await upload(files, scope, made)
    async with database.begin(elsewhere(scope, session=SessionId.new())) as uow:
        token = await documents.make_link(uow, document.id)
    with pytest.raises(DocumentMissing):
        await documents.open_document(files, elsewhere(scope, session=SessionId.new()), document.id, token)


async def test_an_answer_kept_under_a_key_holds_nothing_personal(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    async with calling(database, scope, [router], {"vault": VAULT}) as client:
        first = await client.post("/parties", json=CANARY, headers={"Idempotency-Key": "k1"})
        again = await client.post("/parties", json=CANARY, headers={"Idempotency-Key": "k1"})
        party = first.json()["id"]
        changed = await client.patch(
            f"/parties/{party}", json={"address": "Canary 9"}, headers={"Idempotency-Key": "2"}
        )
    assert (first.status_code, again.status_code, changed.status_code) == (201, 201, 200)
    assert first.json() == again.json()
    assert (first.json()["name"], changed.json()["address"]) == (CANARY["name"], "Canary 9")
    assert ("idempotent-replayed" in first.headers, "idempotent-replayed" in again.headers) == (False, True)
    text = "\n".join(everything(superuser_connection))
    assert [word for word in [*CANARY.values(), "+6281298765432", "Canary 9"] if word in text] == []


async def test_a_document_repeated_with_its_key_is_answered_again_and_kept_once(
    database: Database, files: Files, superuser_connection: psycopg.Connection
) -> None:
    scope, key = fresh_scope(), {"idempotency-key": "document-1"}
    made = await create(database, scope)
    async with calling(database, scope, [router], {"vault": VAULT, "storage": files.storage}) as client:
        path = f"/parties/{made.id}/documents"

        async def send() -> httpx2.Response:
            return await client.post(path, files={"file": ("zoraida.pdf", PDF, "application/pdf")}, headers=key)

        first, again = await send(), await send()
        listed = (await client.get(path)).json()["data"]
    assert (first.status_code, again.json(), listed) == (201, first.json(), [first.json()])
    assert again.headers["idempotent-replayed"] == "true"
    assert "zoraida" not in "\n".join(everything(superuser_connection))


async def test_a_tier_follows_from_the_verification(database: Database) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    stranger = await create(database, fresh_scope())
    async with database.begin(scope) as uow:
        assert await parties.tiers(uow, [made.id, stranger.id]) == {made.id: "unverified"}
    assert (await get(database, scope, made.id)).tier == "unverified"
