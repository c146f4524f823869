"""The hosted pages where a customer pays: one per payment and one per purchase, each behind a random token.

Owns the pages and their tokens, and nothing of money: what they show and do goes through `payments` and `purchases`.
A token ends some days after its payment or purchase. What is a customer's own, its session alone is shown.
"""

from specie.checkout.invariants import INVARIANTS
from specie.checkout.order_paths import order_path
from specie.checkout.service import page_path

__all__ = ["INVARIANTS", "order_path", "page_path"]
