"""Files of a dispute's evidence: kept sealed, shown to whom they belong, and left alone once handed in."""

import asyncio
import io
from typing import Any

import httpx2
import psycopg
import pytest
import pytest_asyncio
from PIL import Image

from specie import parties, payments
from specie.kernel.ids import ConnectionId, PartyId, PaymentId, RequestId
from specie.kernel.money import Money
from specie.payments.evidence_model import MOST_AN_HOUR, MOST_FILES, EvidenceFileId
from specie.platform.storage import FileMissing
from specie.providers import DisputeFact, DisputeState, Trust
from tests.support.shop import IDR, Shop

PRICE = 1_500_000
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(out, "PNG")
    return out.getvalue()


def fact(shop: Shop, reference: str, state: DisputeState) -> DisputeFact:
    assert isinstance(shop.connection_id, ConnectionId)
    return DisputeFact(
        connection_id=shop.connection_id,
        reference="",
        charge_reference=reference,
        provider_ref=f"dispute of {reference}",
        event_key="",
        state=state,
        raw_state=str(state),
        amount=Money(PRICE, IDR),
        fee=None,
        reason="fraudulent",
        occurred_at=None,
        trust=Trust.QUERIED,
        must_requery=False,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def disputed(shop: Shop) -> dict[str, Any]:
    """A paid payment of a known merchant which the customer's bank is deciding about."""
    shop.merchant = await shop.other_party()
    return await dispute(shop)


async def dispute(shop: Shop, **more: Any) -> dict[str, Any]:
    payment_id = await shop.payment("lost", minor=PRICE, **more)
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/check")
    reference = (await shop.get(f"/payments/{payment_id}")).json()["attempts"][0]["reference"]
    async with shop.db.begin(shop.scope) as uow:
        await payments.apply(uow, fact(shop, reference, DisputeState.OPEN))
    [found] = (await shop.get(f"/payments/{payment_id}")).json()["disputes"]
    return {**found, "reference": reference}


async def attach(
    shop: Shop, of: dict[str, Any], name: str = "slip.png", data: bytes | None = None, **headers: str
) -> httpx2.Response:
    files = {"file": (name, data if data is not None else picture(), "application/octet-stream")}
    url = f"{shop.url}/api/v1/disputes/{of['id']}/files"
    return await shop.client.post(url, files=files, headers=shop.headers | headers)


async def remove(shop: Shop, file_id: str, **headers: str) -> httpx2.Response:
    url = f"{shop.url}/api/v1/disputes/files/{file_id}"
    return await shop.client.delete(url, headers=shop.headers | headers)


async def names(shop: Shop, of: dict[str, Any]) -> list[str]:
    return [file["name"] for file in (await shop.get(f"/disputes/{of['id']}/files")).json()["data"]]


async def decided(shop: Shop, of: dict[str, Any]) -> None:
    async with shop.db.begin(shop.scope) as uow:
        await payments.apply(uow, fact(shop, of["reference"], DisputeState.LOST))


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_file_is_kept_listed_given_back_and_taken_away(shop: Shop, disputed: dict[str, Any]) -> None:
    made = await attach(shop, disputed)
    assert made.status_code == 201, made.text
    assert await names(shop, disputed) == ["slip.png"]
    given = await shop.get(f"/disputes/files/{made.json()['id']}")
    assert (given.status_code, given.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(given.content)).size == (40, 20)
    assert await stored(shop, made.json()["id"]) is not None
    assert (await remove(shop, made.json()["id"])).status_code == 200
    assert await stored(shop, made.json()["id"]) is None
    assert await names(shop, disputed) == []
    assert refusal(await shop.get(f"/disputes/files/{made.json()['id']}")) == (404, "evidence_file_not_found")


async def stored(shop: Shop, file_id: str) -> bytes | None:
    """The bytes in the storage folder; None when there are none."""
    try:
        kept = await shop.services["storage"].get(
            f"evidence/{shop.tenant_id.uuid}/{EvidenceFileId.parse(file_id).uuid}"
        )
    except FileMissing:
        return None
    return bytes(kept)


async def test_neither_the_name_nor_the_content_is_stored_in_the_clear(
    shop: Shop, disputed: dict[str, Any], superuser_connection: psycopg.Connection
) -> None:
    made = (await attach(shop, disputed, "passport of Budi.png")).json()
    assert made["name"] == "passport of Budi.png"
    row = superuser_connection.execute(
        "select name from specie.payment_dispute_file where id = %s", [EvidenceFileId.parse(made["id"]).uuid]
    ).fetchone()
    content = await stored(shop, made["id"])
    assert row is not None
    assert content is not None
    assert b"Budi" not in row[0]
    assert b"PNG" not in content


async def test_of_removals_that_arrive_together_one_finds_the_file_and_is_audited(
    shop: Shop, disputed: dict[str, Any], superuser_connection: psycopg.Connection
) -> None:
    file = (await attach(shop, disputed)).json()
    async with shop.db.begin(shop.scope) as uow:
        await payments.get_payment(uow, PaymentId.parse(disputed["payment_id"]), lock=True)
        removals = [asyncio.create_task(remove(shop, file["id"])) for _ in range(2)]
        while superuser_connection.execute(WAITING).fetchone() != (2,):
            await asyncio.sleep(0.01)
    assert sorted([(await removal).status_code for removal in removals]) == [200, 404]
    query = "select count(*) from specie.audit where action = 'dispute_file.remove' and tenant_id = %s"
    assert superuser_connection.execute(query, [shop.tenant_id.uuid]).fetchone() == (1,)


async def test_evidence_about_somebody_who_is_forgotten_goes_once_the_bank_has_decided(
    shop: Shop, disputed: dict[str, Any]
) -> None:
    parties.on_erased(payments.forget_customers)
    parties.before_erasure(payments.still_disputed)
    contact = {"name": "Sari", "email": "sari@example.com"}
    sari = await customer(shop, contact)
    theirs = await dispute(shop, customer=contact)
    await shop.post(f"/disputes/{theirs['id']}/evidence", {"note": "Sari signed for it"})
    file, other = (await attach(shop, theirs)).json(), (await attach(shop, disputed)).json()
    assert await erased(shop, sari) == "a dispute about a payment is not decided"
    assert await names(shop, theirs) == ["slip.png"]

    await decided(shop, theirs)
    assert await erased(shop, sari) is None
    await shop.work()
    assert await names(shop, theirs) == []
    assert (await shop.get(f"/disputes/{theirs['id']}")).json()["evidence"] is None
    assert await stored(shop, file["id"]) is None
    assert await names(shop, disputed) == ["slip.png"]
    assert await stored(shop, other["id"]) is not None


async def customer(shop: Shop, known: dict[str, str]) -> PartyId:
    async with shop.db.begin(shop.scope) as uow:
        ring, kind = shop.services["vault"], parties.PartyKind.PERSON
        return (await parties.create_party(uow, ring, kind=kind, roles=["customer"], known=known)).id


async def erased(shop: Shop, party_id: PartyId) -> str | None:
    async with shop.db.begin(shop.scope) as uow:
        return await parties.erase(uow, party_id, reason="asked to be forgotten")


@pytest.mark.parametrize(("name", "data"), [("slip.png", b"<html>"), ("slip.pdf", None)])
async def test_what_is_no_plain_picture_or_pdf_is_refused_and_nothing_is_kept(
    shop: Shop, disputed: dict[str, Any], name: str, data: bytes | None
) -> None:
    assert refusal(await attach(shop, disputed, name, data)) == (422, "file_type")
    assert await names(shop, disputed) == []


async def test_no_more_files_are_kept_than_there_is_room_for_however_many_race(
    shop: Shop, disputed: dict[str, Any]
) -> None:
    for _ in range(MOST_FILES - 1):
        assert (await attach(shop, disputed)).status_code == 201
    answers = await asyncio.gather(*(attach(shop, disputed) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "evidence_full"}


async def test_an_upload_repeated_with_its_key_is_answered_again_and_keeps_one_file(
    shop: Shop, disputed: dict[str, Any]
) -> None:
    key = {"idempotency-key": str(RequestId.new())}
    answers = [await attach(shop, disputed, **key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert refusal(await attach(shop, disputed, "another.png", **key)) == (422, "idempotency_key_reused")
    assert await names(shop, disputed) == ["slip.png"]
    assert await kept(shop) == 1
    await decided(shop, disputed)
    assert (await attach(shop, disputed, **key)).json() == answers[0].json()


async def test_only_so_many_files_of_a_merchant_are_taken_within_an_hour(
    shop: Shop, disputed: dict[str, Any], superuser_connection: psycopg.Connection
) -> None:
    other = await dispute(shop)
    file = (await attach(shop, other)).json()
    superuser_connection.execute(
        """insert into specie.payment_dispute_file
           select f.tenant_id, gen_random_uuid(), f.dispute_id, f.name, f.media_type, f.size_bytes, f.storage_key,
                  f.created_at, f.created_by
           from specie.payment_dispute_file f, generate_series(2, %s) where f.id = %s""",
        [MOST_AN_HOUR, EvidenceFileId.parse(file["id"]).uuid],
    )
    assert refusal(await attach(shop, disputed)) == (409, "evidence_full")
    assert await names(shop, disputed) == []
    assert await kept(shop) == 1


async def kept(shop: Shop) -> int:
    """How many files of the tenant lie in the storage folder."""
    folder = shop.services["simulator_book"].parent / "files" / "evidence" / str(shop.tenant_id.uuid)
    return len(list(folder.iterdir()))


async def test_what_was_handed_in_stays_as_it_is(shop: Shop, disputed: dict[str, Any]) -> None:
    path = f"/disputes/{disputed['id']}/submit"
    assert refusal(await shop.post(path)) == (409, "evidence_empty")
    file = (await attach(shop, disputed)).json()
    submitted = await shop.post(path)
    assert submitted.json()["submitted_at"] is not None
    note = await shop.post(f"/disputes/{disputed['id']}/evidence", {"note": "And a photograph"})
    late = (await attach(shop, disputed), await remove(shop, file["id"]), note, await shop.post(path))
    assert [refusal(answer) for answer in late] == [(409, "evidence_submitted")] * 4
    assert await names(shop, disputed) == ["slip.png"]


async def test_nothing_changes_once_the_bank_has_decided(shop: Shop, disputed: dict[str, Any]) -> None:
    file = (await attach(shop, disputed)).json()
    await decided(shop, disputed)
    late = (await attach(shop, disputed), await remove(shop, file["id"]))
    assert [refusal(answer) for answer in late] == [(409, "dispute_decided")] * 2
    assert await names(shop, disputed) == ["slip.png"]


async def test_another_merchant_sees_none_of_it(shop: Shop, disputed: dict[str, Any]) -> None:
    file = (await attach(shop, disputed)).json()
    stranger = {"test-party": str(await shop.other_party())}
    assert refusal(await shop.get(f"/disputes/{disputed['id']}/files", **stranger)) == (404, "dispute_not_found")
    assert refusal(await shop.get(f"/disputes/files/{file['id']}", **stranger)) == (404, "evidence_file_not_found")
    assert refusal(await remove(shop, file["id"], **stranger)) == (404, "evidence_file_not_found")
    assert await names(shop, disputed) == ["slip.png"]
