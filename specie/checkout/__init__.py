"""The hosted page where a customer pays: one per payment, behind a random token that ends some days after the payment.

Owns the pages and their tokens, and nothing of money: what it shows and does goes through `payments`.
"""

from specie.checkout.invariants import INVARIANTS
from specie.checkout.service import page_path

__all__ = ["INVARIANTS", "page_path"]
