"""The SQL of what is open of documents on any day, from the accounts that the ledger keeps for them."""

from datetime import date

from sqlalchemy import select, true

from specie import ledger
from specie.billing import tables
from specie.billing.ageing_model import OpenDocument
from specie.billing.model import InvoiceId
from specie.billing.postings import RECEIVABLE
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork


async def open_on(
    uow: UnitOfWork, currency: Currency, day: date, customer_id: PartyId | None
) -> tuple[list[OpenDocument], int]:
    """Invoices open at the end of a business date, the longest due first, and what all their accounts held."""
    leaf, i = ledger.leaves(uow, RECEIVABLE, currency, day, customer_id), tables.invoice.c
    # One look-up for each leaf, however many the planner believes there are.
    document = (
        select(i.id, i.customer_id, i.number, i.due_on)
        .where(i.tenant_id == uow.scope.tenant_id.uuid, i.account_id == leaf.c.account_id)
        .limit(1)
        .lateral("document")
    )
    # An account without an invoice is no reason to leave its balance out: the difference is what must be seen.
    query = select(document, leaf.c.debit_minor).outerjoin_from(leaf, document, true())
    rows = (await uow.execute(query.order_by(document.c.due_on, document.c.id))).all()
    found = [
        OpenDocument(InvoiceId(row.id), PartyId(row.customer_id), row.number, row.due_on, row.debit_minor)
        for row in rows
        if row.id is not None
    ]
    return found, sum(row.debit_minor for row in rows)
