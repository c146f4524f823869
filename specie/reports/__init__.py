"""Answers that join what single modules know: the request log, explanations of numbers, and financial statements.

Owns no table. What it needs of modules beside it is handed in by `app`.
"""

from specie.reports.invariants import INVARIANTS
from specie.reports.model import DeliveriesOf, Delivery

__all__ = ["INVARIANTS", "DeliveriesOf", "Delivery"]
