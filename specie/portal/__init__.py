"""Portals: one page for each customer with what it owes, what it is offered and what it has paid.

Owns the pages' secret addresses alone. What a page says is read from billing and sales when it is opened.
"""

from specie.portal.service import forget

__all__ = ["forget"]
