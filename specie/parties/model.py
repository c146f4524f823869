"""Parties, their verification and documents; no I/O, no clock."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import phonenumbers

from specie.kernel.ids import DocumentId, PartyId
from specie.parties.errors import BirthDateInvalid, EmailInvalid, KycCannotMove, PhoneInvalid

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
_WORD = re.compile(r"[^\W_]+")
SHORTEST, LONGEST = 2, 12
"""How many letters of a word somebody types to find a name, and how many are looked at."""
_MOST_WORDS = 6
_SHORTEST_TAX_NUMBER = 5
_OLDEST_YEARS = 125


class PartyKind(StrEnum):
    """A human being or an organisation."""

    PERSON = "person"
    COMPANY = "company"


REQUIRED_FOR_KYC = {
    PartyKind.PERSON: ("name", "birth_date", "address", "national_id"),
    PartyKind.COMPANY: ("name", "address", "national_id"),
}
"""What a reviewer needs to know; a company was never born, and its number is the one in the register of companies."""


class KycState(StrEnum):
    """How far the verification of an identity is."""

    UNVERIFIED = "unverified"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class KycEvent(StrEnum):
    """What can happen to a verification."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    REVOKE = "revoke"


KYC_NEXT: dict[tuple[KycState, KycEvent], KycState] = {
    (KycState.UNVERIFIED, KycEvent.SUBMIT): KycState.SUBMITTED,
    (KycState.REJECTED, KycEvent.SUBMIT): KycState.SUBMITTED,
    (KycState.SUBMITTED, KycEvent.APPROVE): KycState.APPROVED,
    (KycState.SUBMITTED, KycEvent.REJECT): KycState.REJECTED,
    (KycState.APPROVED, KycEvent.REVOKE): KycState.REJECTED,
}

TIER = {
    KycState.UNVERIFIED: "unverified",
    KycState.SUBMITTED: "unverified",
    KycState.REJECTED: "unverified",
    KycState.APPROVED: "verified",
}
"""The tier of limits that goes with a state."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """A party as a document names it: where its post goes (several lines), its country (ISO 3166) and tax number."""

    name: str
    address: str = ""
    country: str = ""
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody; sealed as a whole under the party's own key.

    `national_id` is the number of an identity document, of a company the one in the register of companies.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    birth_date: str = ""
    national_id: str = ""
    country: str = ""
    tax_number: str = ""

    @property
    def addressee(self) -> Addressee:
        """What documents need to know, and nothing else."""
        return Addressee(self.name, self.address, self.country, self.tax_number)

    def changed(self, changes: dict[str, str], today: date) -> "Person":
        """The same with some fields replaced, in their normal forms.

        Raises EmailInvalid, PhoneInvalid or BirthDateInvalid.
        """
        normal = dict(changes)
        if changes.get("birth_date"):
            require_birth_date(changes["birth_date"], today)
        if changes.get("email"):
            normal["email"] = normal_email(changes["email"])
        if changes.get("phone"):
            normal["phone"] = normal_phone(changes["phone"])
        return replace(self, **normal)

    def missing_for_kyc(self, kind: PartyKind) -> list[str]:
        """The fields a reviewer needs and does not have."""
        return [name for name in REQUIRED_FOR_KYC[kind] if not getattr(self, name)]


@dataclass(frozen=True, slots=True)
class Contact:
    """The keyed hashes by which an address and a number are found again; None for one that is not known."""

    email_index: bytes | None
    phone_index: bytes | None


@dataclass(frozen=True, slots=True)
class Party:
    """A person or company money moves to or from. `person` is None after erasure."""

    id: PartyId
    kind: PartyKind
    roles: frozenset[str]
    kyc_state: KycState
    kyc_reason: str | None
    version: int
    created_at: datetime
    person: Person | None = field(default=None)

    @property
    def tier(self) -> str:
        """The tier of limits."""
        return TIER[self.kyc_state]

    @property
    def display_name(self) -> str:
        """The name, or what stands for it after erasure."""
        return self.person.name if self.person else "erased"

    def after(self, event: KycEvent, reason: str | None = None) -> "Party":
        """The party after a step of its verification. Raises KycCannotMove."""
        state = KYC_NEXT.get((self.kyc_state, event))
        if state is None:
            raise KycCannotMove(f"a verification that is {self.kyc_state} cannot {event}", state=str(self.kyc_state))
        return replace(self, kyc_state=state, kyc_reason=reason, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that proves something about a party; the file itself is sealed in storage."""

    id: DocumentId
    party_id: PartyId
    kind: str
    media_type: str
    name: str
    size: int
    storage_key: str
    uploaded_at: datetime


def normal_email(text: str) -> str:
    """Trimmed and in lower case. Raises EmailInvalid."""
    email = text.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise EmailInvalid("write it as name@example.com", param="email")
    return email


def normal_phone(text: str, region: str = "ID") -> str:
    """The international form (E.164). Numbers without a country code are read as Indonesian. Raises PhoneInvalid."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise PhoneInvalid("write it with its country code, for example +62 812 …", param="phone") from None
    if not phonenumbers.is_valid_number(number):
        raise PhoneInvalid("no such number can exist", param="phone")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def require_birth_date(text: str, today: date) -> None:
    """Raise BirthDateInvalid unless somebody alive can have been born on this day, written YYYY-MM-DD."""
    try:
        born = date.fromisoformat(text)
    except ValueError:
        raise BirthDateInvalid("there is no such day", param="birth_date") from None
    if born > today:
        raise BirthDateInvalid("this day has not come yet", param="birth_date")
    if today.year - born.year > _OLDEST_YEARS:
        raise BirthDateInvalid(f"nobody is more than {_OLDEST_YEARS} years old", param="birth_date")


def beginnings(name: str) -> set[str]:
    """What a name is found by: the beginnings of its words, of two to twelve letters; a shorter word as it is."""
    return {word[:size] for word in _words(name) for size in range(min(SHORTEST, len(word)), len(word) + 1)}


def searched_beginnings(text: str) -> list[str]:
    """The beginnings somebody types, each once, the longest first as the fewest have it.

    A single letter beside longer ones says nothing yet: its word is still being typed.
    """
    words = sorted(set(_words(text)), key=lambda word: (-len(word), word))
    return ([word for word in words if len(word) >= SHORTEST] or words)[:_MOST_WORDS]


def _words(text: str) -> list[str]:
    """The words of a text without case and accents, each cut to what is looked at; an apostrophe parts nothing."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", ""))
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
    return [word[:LONGEST] for word in _WORD.findall(kept)]


def normal_tax_number(text: str) -> str:
    """The letters and digits of a tax number, which people group as they like; empty for what is too short."""
    signs = "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())
    return signs if len(signs) >= _SHORTEST_TAX_NUMBER else ""


def masked(name: str) -> str:
    """Enough of a name to recognise somebody by: each word's first letter and length up to four."""
    return " ".join(word[0] + "*" * min(len(word) - 1, 3) for word in name.split())


def masked_fields(changes: dict[str, Any]) -> dict[str, str]:
    """What may be told of changed personal fields: which they are, not what they say."""
    return dict.fromkeys(sorted(changes), "***")
