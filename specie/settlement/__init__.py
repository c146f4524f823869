"""Settlement: merchants are paid over what they are owed, on business days, less reserve, fees and debts.

Owns the merchants' terms, their settlements with one line for each cause, what is kept in reserve, and which payouts
were made of a settlement. What is owed is never kept twice: it is read from the postings of the pending account.
"""

from specie.settlement.invariants import INVARIANTS
from specie.settlement.model import Settlement, SettlementId, Status, Terms
from specie.settlement.payment_view import settlements_of
from specie.settlement.service import get_terms, payouts_of, plan, settle, settle_today
from specie.settlement.store import settled_parties
from specie.settlement.terms_service import NewTerms, set_terms

__all__ = [
    "INVARIANTS",
    "NewTerms",
    "Settlement",
    "SettlementId",
    "Status",
    "Terms",
    "get_terms",
    "payouts_of",
    "plan",
    "set_terms",
    "settle",
    "settle_today",
    "settled_parties",
    "settlements_of",
]
