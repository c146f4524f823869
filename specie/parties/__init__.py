"""Parties: the people and companies money moves to or from, their verification and documents.

Owns parties, their keys and documents. Everything personal is sealed under the party's own key from the first row;
destroying the key forgets the person and leaves the books whole.
"""

from specie.kernel.errors import KycRequired
from specie.parties.addressing import addressee_on, freeze_addressee
from specie.parties.erasing import KIND as ERASURE_KIND
from specie.parties.erasing import Traces, count_traces
from specie.parties.erasing import decided as erasure_decided
from specie.parties.errors import EmailInvalid, KycCannotMove, PartyMissing, PhoneInvalid
from specie.parties.finding import (
    SEARCHED,
    all_with_contacts,
    contact_of,
    find_by_contact,
    oldest_with_contacts,
    own_contact,
)
from specie.parties.invariants import INVARIANTS
from specie.parties.model import Addressee, Contact, KycState, Party, PartyKind, masked
from specie.parties.pens import ERASED, Pen, pens
from specie.parties.review import KIND as KYC_KIND
from specie.parties.review import decided as kyc_decided
from specie.parties.service import (
    approve_kyc,
    before_erasure,
    change_party,
    create_party,
    erase,
    get_parties,
    get_party,
    list_parties,
    names,
    on_erased,
    on_tier_changed,
    reject_kyc,
    require_verified,
    roles_of,
    submit_kyc,
    tiers,
)

__all__ = [
    "ERASED",
    "ERASURE_KIND",
    "INVARIANTS",
    "KYC_KIND",
    "SEARCHED",
    "Addressee",
    "Contact",
    "EmailInvalid",
    "KycCannotMove",
    "KycRequired",
    "KycState",
    "Party",
    "PartyKind",
    "PartyMissing",
    "Pen",
    "PhoneInvalid",
    "Traces",
    "addressee_on",
    "all_with_contacts",
    "approve_kyc",
    "before_erasure",
    "change_party",
    "contact_of",
    "count_traces",
    "create_party",
    "erase",
    "erasure_decided",
    "find_by_contact",
    "freeze_addressee",
    "get_parties",
    "get_party",
    "kyc_decided",
    "list_parties",
    "masked",
    "names",
    "oldest_with_contacts",
    "on_erased",
    "on_tier_changed",
    "own_contact",
    "pens",
    "reject_kyc",
    "require_verified",
    "roles_of",
    "submit_kyc",
    "tiers",
]
