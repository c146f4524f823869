"""Wire shapes of parties."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from specie.approvals import Approval
from specie.parties.erasing import Preview
from specie.parties.model import Document, Party
from specie.platform.http import Schema
from specie.platform.wire import one_line

Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(one_line)]
Text = Annotated[str, Field(max_length=200)]
Address = Annotated[str, Field(max_length=500)]
Country = Annotated[str, Field(pattern=r"^([A-Z]{2})?$", description="ISO 3166, for post and invoices")]
IsoDate = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"}, examples=["1990-05-17"])
]
Role = Literal["customer", "merchant", "supplier"]
Reason = Annotated[str, Field(min_length=3, max_length=500)]


class KnownFields(Schema):
    """What is known of somebody; a field left out stays as it is."""

    name: Name | None = None
    email: Text | None = None
    phone: Text | None = None
    address: Address | None = None
    birth_date: IsoDate | None = None
    national_id: Annotated[
        Text | None,
        Field(description="Number of the identity document; of a company, its number in the register of companies"),
    ] = None
    country: Country | None = None
    tax_number: Text | None = None

    def known(self) -> dict[str, str]:
        """The fields that were given."""
        names = (
            *("name", "email", "phone", "address", "birth_date", "national_id"),
            *("country", "tax_number"),
        )
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


class PartyIn(KnownFields):
    """A person or company to add."""

    kind: Literal["person", "company"] = "person"
    roles: Annotated[list[Role], Field(min_length=1, max_length=3)] = ["customer"]  # noqa: RUF012
    name: Name


class ReasonIn(Schema):
    """Why; the person concerned reads it."""

    reason: Reason


class ApprovalIn(Schema):
    """An approval, with a remark if there is one."""

    reason: Reason | None = None


class PartyOut(Schema):
    """A party as its tenant sees it; `erased` ones have no personal fields any more."""

    id: str
    kind: str
    roles: list[str]
    name: str
    email: str | None
    phone: str | None
    address: str | None
    birth_date: str | None
    national_id: str | None
    country: str | None
    tax_number: str | None
    kyc_state: str
    kyc_reason: str | None
    tier: str
    erased: bool
    version: int
    created_at: datetime

    @classmethod
    def of(cls, party: Party) -> "PartyOut":
        """The wire form."""
        person = party.person
        return cls(
            id=str(party.id),
            kind=party.kind.value,
            roles=sorted(party.roles),
            name=party.display_name,
            email=person.email or None if person else None,
            phone=person.phone or None if person else None,
            address=person.address or None if person else None,
            birth_date=person.birth_date or None if person else None,
            national_id=person.national_id or None if person else None,
            country=person.country or None if person else None,
            tax_number=person.tax_number or None if person else None,
            kyc_state=party.kyc_state.value,
            kyc_reason=party.kyc_reason,
            tier=party.tier,
            erased=person is None,
            version=party.version,
            created_at=party.created_at,
        )


class PartyRef(Schema):
    """Which party it is, and nothing about it."""

    id: str

    @classmethod
    def of(cls, party: Party) -> "PartyRef":
        """The wire form."""
        return cls(id=str(party.id))


class KycAsked(Schema):
    """A decision on a verification that a second person confirms; nothing has changed."""

    approval_id: str
    party_id: str
    decision: str = Field(description="approved or rejected")
    status: Literal["needs_approval"] = "needs_approval"
    expires_at: datetime

    @classmethod
    def of(cls, approval: Approval) -> "KycAsked":
        """The wire form."""
        return cls(
            approval_id=str(approval.id),
            party_id=approval.subject[1],
            decision=approval.after["state"],
            expires_at=approval.expires_at,
        )


class ErasureIn(Schema):
    """Why somebody is forgotten. It stays on record, so it may not say who."""

    reason: Reason


class TraceOut(Schema):
    """How many things of one kind there are."""

    kind: str
    number: int


class ErasureOut(Schema):
    """What erasing a party would forget and what stays; with any reason it cannot be done now."""

    party_id: str
    erased: bool
    reasons: list[str] = Field(description="Why it cannot be erased now; empty when it can")
    forgotten: list[TraceOut] = Field(description="What nobody can read any more")
    kept: list[TraceOut] = Field(description="What the books and the law keep, without saying who it was")
    needs_second_person: bool
    approval_id: str | None = Field(description="The request that a second person has not decided")

    @classmethod
    def of(cls, seen: Preview) -> "ErasureOut":
        """The wire form."""
        return cls(
            party_id=str(seen.party.id),
            erased=seen.party.person is None,
            reasons=seen.reasons,
            forgotten=[TraceOut(kind=kind, number=number) for kind, number in seen.traces.forgotten.items()],
            kept=[TraceOut(kind=kind, number=number) for kind, number in seen.traces.kept.items()],
            needs_second_person=seen.needs_second_person,
            approval_id=str(seen.waits.id) if seen.waits else None,
        )


class ErasureAsked(Schema):
    """An erasure that a second person confirms; nothing has been forgotten."""

    approval_id: str
    party_id: str
    status: Literal["needs_approval"] = "needs_approval"
    expires_at: datetime

    @classmethod
    def of(cls, approval: Approval) -> "ErasureAsked":
        """The wire form."""
        return cls(approval_id=str(approval.id), party_id=approval.subject[1], expires_at=approval.expires_at)


class DocumentRef(Schema):
    """Which document it is, and nothing about it: what is kept under a request's key."""

    id: str


class DocumentOut(Schema):
    """A document of a party."""

    id: str
    party_id: str
    kind: str
    media_type: str
    name: str
    size: int
    uploaded_at: datetime

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        """The wire form."""
        return cls(
            id=str(document.id),
            party_id=str(document.party_id),
            kind=document.kind,
            media_type=document.media_type,
            name=document.name,
            size=document.size,
            uploaded_at=document.uploaded_at,
        )


class DocumentsOut(Schema):
    """All documents of a party."""

    data: list[DocumentOut]


class LinkOut(Schema):
    """Where a document can be fetched once."""

    url: str
    expires_in: int
