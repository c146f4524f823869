"""Sales: what is offered, what was ordered, and what of an order was delivered and invoiced.

Owns quotes with their versions and orders with their lines. It posts nothing itself: goods leave through stock and
invoices are billing's, so the books say what a sale came to.
"""

from specie.sales.invariants import INVARIANTS

# Imported so that every process that schedules this work also knows it.
from specie.sales.jobs import expire as expire_job
from specie.sales.mailing import mail_quote
from specie.sales.model import Quote, QuoteId, QuoteState, ShipmentId
from specie.sales.ordering import WriteOrder, create, deliver, from_quote, give_up_credited, hold_credited, invoice
from specie.sales.quoting import Offered, WriteQuote, accept, draft, send, still_open
from specie.sales.store import SalesFilter, quotes

__all__ = [
    "INVARIANTS",
    "Offered",
    "Quote",
    "QuoteId",
    "QuoteState",
    "SalesFilter",
    "ShipmentId",
    "WriteOrder",
    "WriteQuote",
    "accept",
    "create",
    "deliver",
    "draft",
    "expire_job",
    "from_quote",
    "give_up_credited",
    "hold_credited",
    "invoice",
    "mail_quote",
    "quotes",
    "send",
    "still_open",
]
