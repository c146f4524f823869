"""Payouts: money that leaves a wallet for a bank account or an e-wallet, once.

Owns the book of accounts, payouts, their attempts at providers, batches, and the signed route for servers. Every fact
about a payout passes through `apply`, whoever brings it.
"""

from specie.payouts.batches import KIND as BATCH_KIND
from specie.payouts.batches import decided as batch_decided
from specie.payouts.beneficiaries import NewBeneficiary, forget
from specie.payouts.beneficiaries import add as add_beneficiary
from specie.payouts.beneficiaries import of_party as book_of
from specie.payouts.errors import (
    BeneficiaryCoolingOff,
    BeneficiaryMissing,
    BeneficiaryUnverified,
    PayoutMissing,
    PayoutPartyRequired,
    PayoutTooSmall,
    SignedRouteRequired,
)
from specie.payouts.events import CATALOGUE, PayoutEvent
from specie.payouts.invariants import INVARIANTS
from specie.payouts.model import Beneficiary, BeneficiaryId, Payout, PayoutId, Terms
from specie.payouts.model import State as PayoutStatus
from specie.payouts.reference_store import references_of
from specie.payouts.sending import check, inquire, send
from specie.payouts.service import KIND, RequestPayout, apply, decided, follow, get_payout, request, states_of
from specie.payouts.terms_service import change_terms

__all__ = [
    "BATCH_KIND",
    "CATALOGUE",
    "INVARIANTS",
    "KIND",
    "Beneficiary",
    "BeneficiaryCoolingOff",
    "BeneficiaryId",
    "BeneficiaryMissing",
    "BeneficiaryUnverified",
    "NewBeneficiary",
    "Payout",
    "PayoutEvent",
    "PayoutId",
    "PayoutMissing",
    "PayoutPartyRequired",
    "PayoutStatus",
    "PayoutTooSmall",
    "RequestPayout",
    "SignedRouteRequired",
    "Terms",
    "add_beneficiary",
    "apply",
    "batch_decided",
    "book_of",
    "change_terms",
    "check",
    "decided",
    "follow",
    "forget",
    "get_payout",
    "inquire",
    "references_of",
    "request",
    "send",
    "states_of",
]
