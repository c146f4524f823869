"""Parties are known only under their own key, verified by a person, and can be forgotten."""

from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from specie import audit, parties
from specie.kernel.ids import PartyId
from specie.kernel.scope import Scope
from specie.parties import KycRequired, KycState, Party, PartyKind, documents
from specie.parties.documents import Files
from specie.parties.errors import (
    BirthDateInvalid,
    DocumentMissing,
    EmailInvalid,
    KycCannotMove,
    KycIncomplete,
    PartyMissing,
    PhoneInvalid,
)
from specie.parties.model import Person
from specie.platform.db import Database
from specie.platform.files import FileRefused
from tests.parties.conftest import VAULT
from tests.support.scopes import fresh_scope

CANARY = {
    "name": "Zoraida Quillfeather",
    "email": "zoraida.quill@example.com",
    "phone": "+62 812 9876 5432",
    "address": "Jalan Canaria 77, Bandung",
    "birth_date": "1991-07-03",
    "national_id": "3273011907910001",
}
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj"
    b" 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n"
    b" \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Root 1 0 R/Size 4>>\nstartxref\n164\n%%EOF"
)


async def create(database: Database, scope: Scope, kind: PartyKind = PartyKind.PERSON, **known: str) -> Party:
    async with database.begin(scope) as uow:
        return await parties.create_party(uow, VAULT, kind=kind, roles=["customer"], known=CANARY | known)


async def get(database: Database, scope: Scope, party_id: PartyId) -> Party:
    async with database.begin(scope) as uow:
        return await parties.get_party(uow, VAULT, party_id)


async def test_what_is_known_comes_back_in_its_normal_form(database: Database) -> None:
    scope = fresh_scope()
    made = await create(database, scope, email=" Zoraida.Quill@Example.com ")
    person = (await get(database, scope, made.id)).person
    assert person is not None
    assert (person.email, person.phone) == ("zoraida.quill@example.com", "+6281298765432")


@pytest.mark.parametrize("text", ["zoraida.QUILL@example.com", "+6281298765432", "0812 9876 5432"])
async def test_a_party_is_found_by_e_mail_and_phone(database: Database, text: str) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    async with database.begin(scope) as uow:
        assert await parties.find_by_contact(uow, VAULT, text) == made.id
    async with database.begin(fresh_scope()) as uow:
        assert await parties.find_by_contact(uow, VAULT, text) is None


@pytest.mark.parametrize(
    ("known", "refusal"),
    [({"email": "nobody"}, EmailInvalid), ({"phone": "+62 1"}, PhoneInvalid), ({"phone": "x"}, PhoneInvalid)],
)
async def test_bad_contacts_are_refused(database: Database, known: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await create(database, fresh_scope(), **known)


TODAY = date(2026, 3, 1)


@pytest.mark.parametrize("text", ["2026-02-30", "1990-13-01", "0000-01-01", "2026-03-02", "1900-12-31", "today"])
def test_a_day_on_which_nobody_can_have_been_born_is_refused(text: str) -> None:
    with pytest.raises(BirthDateInvalid) as refusal:
        Person().changed({"birth_date": text}, TODAY)
    assert (refusal.value.code, refusal.value.param) == ("birth_date_invalid", "birth_date")


@pytest.mark.parametrize("text", ["2026-03-01", "2024-02-29", "1901-01-01"])
def test_a_day_on_which_somebody_can_have_been_born_is_kept(text: str) -> None:
    assert Person().changed({"birth_date": text}, TODAY).birth_date == text


async def test_a_party_born_tomorrow_is_neither_made_nor_changed_into(database: Database) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    async with database.begin(scope) as uow:
        tomorrow = (uow.business_date + timedelta(days=1)).isoformat()
    with pytest.raises(BirthDateInvalid):
        await create(database, scope, email="other@example.com", phone="", birth_date=tomorrow)
    with pytest.raises(BirthDateInvalid):
        async with database.begin(scope) as uow:
            await parties.change_party(uow, VAULT, made.id, {"birth_date": tomorrow})
    person = (await get(database, scope, made.id)).person
    assert person is not None
    assert person.birth_date == CANARY["birth_date"]


def everything(connection: psycopg.Connection) -> Iterator[str]:
    tables = connection.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('specie', 'jobs')"
    ).fetchall()
    for (table,) in tables:
        for (row,) in connection.execute(f"select t::text from {table} t"):  # type: ignore[call-overload]
            yield row


async def test_no_personal_word_stands_in_clear_in_any_table(
    database: Database, files: Files, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    await documents.upload(files, scope, made.id, kind="identity", declared_name="zoraida-passport.pdf", data=PDF)
    async with database.begin(scope) as uow:
        await parties.submit_kyc(uow, VAULT, made.id, {"address": "Lorong Kenari 5"})
    text = "\n".join(everything(superuser_connection))
    canaries = [*CANARY.values(), "+6281298765432", "Lorong Kenari", "zoraida"]
    assert [canary for canary in canaries if canary.lower() in text.lower()] == []


async def verified(database: Database, scope: Scope, files: Files) -> Party:
    made = await create(database, scope)
    await documents.upload(files, scope, made.id, kind="identity", declared_name="id.pdf", data=PDF)
    async with database.begin(scope) as uow:
        await parties.submit_kyc(uow, VAULT, made.id, {})
    async with database.begin(scope) as uow:
        return await parties.approve_kyc(uow, VAULT, made.id, None)


async def test_a_verification_goes_from_submission_to_approval(database: Database, files: Files) -> None:
    scope = fresh_scope()
    approved = await verified(database, scope, files)
    assert (approved.kyc_state, approved.tier) == (KycState.APPROVED, "verified")
    async with database.begin(scope) as uow:
        await parties.require_verified(uow, approved.id)


async def test_a_verification_needs_its_fields_and_a_document(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope, national_id="")
    for missing in ("national_id", "documents"):
        with pytest.raises(KycIncomplete) as refusal:
            async with database.begin(scope) as uow:
                await parties.submit_kyc(uow, VAULT, made.id, {"national_id": "1"} if missing == "documents" else {})
        assert refusal.value.facts["missing"] == [missing]
    with pytest.raises(KycRequired):
        async with database.begin(scope) as uow:
            await parties.require_verified(uow, made.id)


async def test_a_company_is_verified_by_its_name_address_and_number_in_the_register(
    database: Database, files: Files
) -> None:
    scope = fresh_scope()
    made = await create(database, scope, kind=PartyKind.COMPANY, birth_date="", national_id="")
    await documents.upload(files, scope, made.id, kind="company", declared_name="deed.pdf", data=PDF)
    with pytest.raises(KycIncomplete) as refusal:
        async with database.begin(scope) as uow:
            await parties.submit_kyc(uow, VAULT, made.id, {})
    assert refusal.value.facts["missing"] == ["national_id"]
    async with database.begin(scope) as uow:
        handed_in = await parties.submit_kyc(uow, VAULT, made.id, {"national_id": "9120001234567"})
    assert handed_in.kyc_state is KycState.SUBMITTED


async def test_a_rejection_says_why_and_may_be_answered(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    await documents.upload(files, scope, made.id, kind="identity", declared_name="id.pdf", data=PDF)
    async with database.begin(scope) as uow:
        await parties.submit_kyc(uow, VAULT, made.id, {})
    async with database.begin(scope) as uow:
        rejected = await parties.reject_kyc(uow, VAULT, made.id, "the picture is not readable")
    assert (rejected.kyc_state, rejected.kyc_reason) == (KycState.REJECTED, "the picture is not readable")
    async with database.begin(scope) as uow:
        again = await parties.submit_kyc(uow, VAULT, made.id, {})
    assert again.kyc_state is KycState.SUBMITTED


async def test_what_was_not_submitted_cannot_be_approved(database: Database) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    with pytest.raises(KycCannotMove):
        async with database.begin(scope) as uow:
            await parties.approve_kyc(uow, VAULT, made.id, None)
    assert (await get(database, scope, made.id)).kyc_state is KycState.UNVERIFIED


async def test_changing_what_was_reviewed_asks_for_a_new_review(database: Database, files: Files) -> None:
    scope = fresh_scope()
    approved = await verified(database, scope, files)
    async with database.begin(scope) as uow:
        same = await parties.change_party(uow, VAULT, approved.id, {"address": "Jalan Baru 1"})
    assert same.kyc_state is KycState.APPROVED
    async with database.begin(scope) as uow:
        other = await parties.change_party(uow, VAULT, approved.id, {"name": "Somebody Else"})
    assert other.kyc_state is KycState.REJECTED


async def test_a_limited_caller_sees_only_itself(database: Database) -> None:
    scope = fresh_scope()
    mine, theirs = await create(database, scope), await create(database, scope)
    limited = fresh_scope(scope.tenant_id, party_id=mine.id)
    assert (await get(database, limited, mine.id)).id == mine.id
    with pytest.raises(PartyMissing):
        await get(database, limited, theirs.id)


async def test_a_document_is_shown_once_per_link(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    document = await documents.upload(files, scope, made.id, kind="identity", declared_name="id.pdf", data=PDF)
    async with database.begin(scope) as uow:
        token = await documents.make_link(uow, document.id)
    shown, content = await documents.open_document(files, scope, document.id, token)
    assert (shown.media_type, shown.name) == ("application/pdf", "id.pdf")
    assert content.startswith(b"%PDF")
    with pytest.raises(DocumentMissing):
        await documents.open_document(files, scope, document.id, token)


async def test_a_link_is_of_no_use_to_another_person(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    document = await documents.upload(files, scope, made.id, kind="identity", declared_name="id.pdf", data=PDF)
    async with database.begin(scope) as uow:
        token = await documents.make_link(uow, document.id)
    with pytest.raises(DocumentMissing):
        await documents.open_document(files, fresh_scope(scope.tenant_id), document.id, token)


async def test_a_file_that_is_no_picture_and_no_pdf_is_refused(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    with pytest.raises(FileRefused):
        await documents.upload(files, scope, made.id, kind="identity", declared_name="a.svg", data=b"<svg/>")
    async with database.begin(scope) as uow:
        assert await documents.list_documents(uow, VAULT, made.id) == []


async def test_after_erasure_nothing_can_be_read_and_nothing_found(database: Database, files: Files) -> None:
    scope = fresh_scope()
    made = await create(database, scope)
    document = await documents.upload(files, scope, made.id, kind="identity", declared_name="id.pdf", data=PDF)
    async with database.begin(scope) as uow:
        assert await parties.erase(uow, made.id, reason="asked to be forgotten") is None
    party = await get(database, scope, made.id)
    assert (party.person, party.display_name) == (None, "erased")
    async with database.begin(scope) as uow:
        assert await parties.find_by_contact(uow, VAULT, CANARY["email"]) is None
        token = await documents.make_link(uow, document.id)
    with pytest.raises(DocumentMissing):
        await documents.open_document(files, scope, document.id, token)


async def test_somebody_who_is_still_needed_is_not_forgotten_and_the_refusal_is_on_record(database: Database) -> None:
    scope = fresh_scope()
    made = await create(database, scope)

    async def refuse(_: object, party_id: PartyId) -> str | None:
        return "money is left" if party_id == made.id else None

    parties.before_erasure(refuse)
    async with database.begin(scope) as uow:
        assert await parties.erase(uow, made.id, reason="asked to be forgotten") == "money is left"
    assert (await get(database, scope, made.id)).person is not None
    async with database.begin(scope) as uow:
        acts = await audit.find(uow, audit.AuditFilter(action="party.erase_refused"), None, 10)
    assert [(act.subject_id, act.reason) for act in acts.items] == [(str(made.id), "money is left")]
