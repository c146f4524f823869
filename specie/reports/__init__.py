"""Answers that join what single modules know: the request log, and the explanation of any number.

Owns no table. What it needs of modules beside it is handed in by `app`.
"""

from specie.reports.model import DeliveriesOf, Delivery

__all__ = ["DeliveriesOf", "Delivery"]
