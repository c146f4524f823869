"""The SQL of what is open of documents on any day, from the accounts that the ledger keeps for them."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlalchemy import Subquery, Table, select, true

from specie import ledger
from specie.billing import tables
from specie.billing.ageing_model import OpenDocument
from specie.billing.model import InvoiceId
from specie.billing.postings import RECEIVABLE
from specie.kernel.ids import PartyId, PrefixedId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork


async def open_on(
    uow: UnitOfWork, currency: Currency, day: date, customer_id: PartyId | None
) -> tuple[list[OpenDocument], int]:
    """Invoices open at the end of a business date, the longest due first, and what all their accounts held."""
    leaf = ledger.leaves(uow, RECEIVABLE, currency, day, customer_id)
    return await documents_of(uow, leaf, tables.invoice, "customer_id", InvoiceId)


async def documents_of(
    uow: UnitOfWork, leaf: Subquery, table: Table, party: str, id_of: Callable[[UUID], PrefixedId], *, sign: int = 1
) -> tuple[list[OpenDocument], int]:
    """The documents of a table that the leaves of a control account are for, the longest due first, and what all held.

    `party` is the column of who owes or is owed; `sign` is -1 where the accounts are credited by what is open.
    """
    d = table.c
    # One look-up for each leaf, however many the planner believes there are.
    document = (
        select(d.id, d[party].label("party_id"), d.number, d.due_on)
        .where(d.tenant_id == uow.scope.tenant_id.uuid, d.account_id == leaf.c.account_id)
        .limit(1)
        .lateral("document")
    )
    # An account without a document is no reason to leave its balance out: the difference is what must be seen.
    query = select(document, leaf.c.debit_minor).outerjoin_from(leaf, document, true())
    rows = (await uow.execute(query.order_by(document.c.due_on, document.c.id))).all()
    found = [
        OpenDocument(id_of(row.id), PartyId(row.party_id), row.number, row.due_on, sign * row.debit_minor)
        for row in rows
        if row.id is not None
    ]
    return found, sign * sum(row.debit_minor for row in rows)
