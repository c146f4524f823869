"""Opening: what a business brings along from the system it used before, taken in as of one cut-over date.

Owns the files that were taken in and what each of their lines became. What the lines post belongs to others: accounts
to the ledger, purses to wallets and cashback, goods to stock; the other side of all of it is `equity:opening`.
"""

from specie.opening.importing import KIND, decided
from specie.opening.invariants import INVARIANTS

__all__ = ["INVARIANTS", "KIND", "decided"]
