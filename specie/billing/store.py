"""The SQL of invoices and their lines, numbers, links and the tenant's profile."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.billing import tables
from specie.billing.model import (
    OPEN_STATES,
    Figures,
    Invoice,
    InvoiceId,
    InvoiceState,
    Letterhead,
    Line,
    Profile,
    SalesOrderId,
    Series,
    TaxPart,
)
from specie.catalogue import Rounding
from specie.kernel.ids import AccountId, EntryId, PartyId, PaymentId, PrefixedId, TenantId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.platform import numbering_store
from specie.platform.db import UnitOfWork
from specie.platform.searching import begins, is_numbered
from specie.stock import WarehouseId


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """What a list of invoices is narrowed to; None does not narrow. `overdue_on`: open, due before it."""

    state: str | None = None
    customer_id: PartyId | None = None
    overdue_on: date | None = None
    text: str | None = None
    is_closed: bool = False


async def next_number(uow: UnitOfWork, series: Series) -> int:
    """The next number of a series, from 1. The series stays locked until the commit, so that none is ever left out."""
    return await numbering_store.next_number(uow, tables.series, series.value)


async def insert_invoice(uow: UnitOfWork, invoice: Invoice) -> None:
    """Add an invoice."""
    await uow.execute(insert(tables.invoice).values(_invoice_row(uow, invoice)))


async def update_invoice(uow: UnitOfWork, invoice: Invoice) -> None:
    """Store an invoice as it is now; the row was locked when it was read."""
    await uow.execute(update(tables.invoice).where(*_one(uow, invoice.id)).values(_invoice_row(uow, invoice)))


async def delete_draft(uow: UnitOfWork, invoice: Invoice) -> None:
    """Forget a draft; what has been issued is refused by the database."""
    await _clear_lines(uow, invoice)
    await uow.execute(delete(tables.invoice).where(*_one(uow, invoice.id)))


async def invoice_by_id(uow: UnitOfWork, invoice_id: InvoiceId, *, lock: bool = False) -> Invoice | None:
    """One invoice the caller may see, locked on demand."""
    query = _visible(uow).where(tables.invoice.c.id == invoice_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _invoice(row) if row else None


async def invoices_by_ids(
    uow: UnitOfWork, ids: Sequence[InvoiceId], *, lock: bool = False, everybody: bool = False
) -> dict[InvoiceId, Invoice]:
    """Invoices the caller may see, or everybody's, by id; locked in the order of their ids on demand."""
    i = tables.invoice.c
    query = _seen(uow, everybody=everybody).where(i.id.in_([each.uuid for each in ids])).order_by(i.id)
    rows = await uow.execute(query.with_for_update() if lock else query)
    return {InvoiceId(row.id): _invoice(row) for row in rows}


async def invoices(uow: UnitOfWork, wanted: InvoiceFilter, before: UUID | None, limit: int) -> Page[Invoice]:
    """Invoices the caller may see, newest first."""
    i, query = tables.invoice.c, _narrowed(_visible(uow), wanted)
    if before is not None:
        query = query.where(i.id < before)
    rows = (await uow.execute(query.order_by(i.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_invoice)


def _narrowed(query: Select[Any], wanted: InvoiceFilter) -> Select[Any]:
    i = tables.invoice.c
    if wanted.state is not None:
        query = query.where(i.state == wanted.state)
    if wanted.is_closed:
        query = query.where(i.state.not_in([state.value for state in OPEN_STATES]))
    if wanted.customer_id is not None:
        query = query.where(i.customer_id == wanted.customer_id.uuid)
    if wanted.overdue_on is not None:
        query = query.where(i.state.in_([state.value for state in OPEN_STATES]), i.due_on < wanted.overdue_on)
    if wanted.text:
        query = query.where(or_(is_numbered(i.number_key, i.n, wanted.text), begins(i.reference_key, wanted.text)))
    return query


async def open_of_customer(
    uow: UnitOfWork, customer_id: PartyId, currency: Currency, *, everybody: bool = False
) -> list[Invoice]:
    """What a customer still has to pay in a currency, the longest due first; whoever asks, with `everybody`."""
    i = tables.invoice.c
    query = _seen(uow, everybody=everybody).where(
        i.customer_id == customer_id.uuid,
        i.currency == currency.code,
        i.state.in_([state.value for state in OPEN_STATES]),
    )
    return [_invoice(row) for row in await uow.execute(query.order_by(i.due_on, i.id))]


async def deposits_of(uow: UnitOfWork, customer_id: PartyId, currency: Currency) -> list[Invoice]:
    """A customer's deposits in a currency that were asked for, oldest first."""
    i = tables.invoice.c
    query = _visible(uow).where(
        i.customer_id == customer_id.uuid, i.currency == currency.code, i.deposit_id.is_not(None)
    )
    return [_invoice(row) for row in await uow.execute(query.order_by(i.id))]


async def put_figures(uow: UnitOfWork, invoice: Invoice, figures: Figures) -> None:
    """Make these the lines and taxes of a draft."""
    await _clear_lines(uow, invoice)
    rows = [_line_row(uow, invoice, line) for line in figures.lines]
    if rows:
        await uow.execute(insert(tables.line).values(rows))
    await insert_taxes(uow, invoice.id, figures.taxes)


async def insert_taxes(uow: UnitOfWork, document_id: PrefixedId, taxes: Sequence[TaxPart]) -> None:
    """Remember the taxes of an invoice or credit note."""
    key = {"tenant_id": uow.scope.tenant_id.uuid, "document_id": document_id.uuid}
    rows = [
        key
        | {
            "code": part.code,
            "name": part.name,
            "rate": part.rate,
            "base_minor": part.base_minor,
            "tax_minor": part.tax_minor,
        }
        for part in taxes
    ]
    if rows:
        await uow.execute(insert(tables.tax).values(rows))


async def lines_of(uow: UnitOfWork, invoice_id: InvoiceId) -> list[Line]:
    """The lines of an invoice in their order."""
    one = tables.line.c
    query = select(tables.line).where(one.tenant_id == uow.scope.tenant_id.uuid, one.invoice_id == invoice_id.uuid)
    return [_line(row) for row in await uow.execute(query.order_by(one.n))]


async def taxes_of(uow: UnitOfWork, document_id: PrefixedId) -> list[TaxPart]:
    """The taxes of an invoice or credit note."""
    t = tables.tax.c
    query = select(tables.tax).where(t.tenant_id == uow.scope.tenant_id.uuid, t.document_id == document_id.uuid)
    rows = await uow.execute(query.order_by(t.code))
    return [TaxPart(row.code, row.name, row.rate.normalize(), row.base_minor, row.tax_minor) for row in rows]


async def insert_issued(uow: UnitOfWork, found: Sequence[tuple[Invoice, Line]]) -> None:
    """Add issued invoices of one line each, with three statements however many they are."""
    i, rows = tables.invoice.c, [_invoice_row(uow, invoice) for invoice, _ in found]
    # Only a draft takes lines: so each is one until it has its line.
    draft = {"state": InvoiceState.DRAFT.value} | dict.fromkeys(_OF_ISSUED)
    await uow.execute(insert(tables.invoice), [row | draft for row in rows])
    await uow.execute(insert(tables.line), [_line_row(uow, invoice, line) for invoice, line in found])
    one = (i.tenant_id == bindparam("of_tenant"), i.id == bindparam("of_id"))
    names = ("state", *_OF_ISSUED)
    issue = update(tables.invoice).where(*one).values({name: bindparam(f"new_{name}") for name in names})
    values = [
        {f"new_{name}": row[name] for name in names} | {"of_tenant": row["tenant_id"], "of_id": row["id"]}
        for row in rows
    ]
    await uow.execute(issue, values)


async def known_numbers(uow: UnitOfWork, numbers: Collection[tuple[PartyId, str]]) -> set[tuple[PartyId, str]]:
    """Those of these customers and numbers, each as `key_of` has it, that an invoice has which was not withdrawn."""
    i = tables.invoice.c
    keys = {number for _, number in numbers}
    query = select(i.customer_id, i.number_key).where(
        i.tenant_id == uow.scope.tenant_id.uuid, i.number_key.in_(keys), i.withdrawn_id.is_(None)
    )
    return {(PartyId(row.customer_id), row.number_key) for row in await uow.execute(query)} & set(numbers)


async def insert_links(uow: UnitOfWork, paths: Sequence[tuple[bytes, InvoiceId]]) -> None:
    """Remember the ways from public addresses, by the digests of their tokens, to their invoices."""
    tenant = uow.scope.tenant_id.uuid
    rows = [
        {"token_digest": digest, "of_tenant": tenant, "invoice_id": invoice_id.uuid} for digest, invoice_id in paths
    ]
    await uow.execute(insert(tables.link), rows)


async def owner_of_token(uow: UnitOfWork, token_digest: bytes) -> tuple[TenantId, InvoiceId] | None:
    """Whose invoice this is. Needs no tenant."""
    row = (await uow.execute(select(tables.link).where(tables.link.c.token_digest == token_digest))).one_or_none()
    return (TenantId(row.of_tenant), InvoiceId(row.invoice_id)) if row else None


async def profile(uow: UnitOfWork) -> Profile:
    """How the tenant appears on its documents; empty until somebody says."""
    p = tables.profile
    row = (await uow.execute(select(p).where(p.c.tenant_id == uow.scope.tenant_id.uuid))).one_or_none()
    if row is None:
        return Profile()
    collector = PartyId(row.collector_id) if row.collector_id else None
    place = WarehouseId(row.delivers_from) if row.delivers_from else None
    told = (row.name, row.address, row.tax_number, row.footer, row.due_days)
    return Profile(*told, collector, row.country, place, Rounding(row.rounding))


async def put_profile(uow: UnitOfWork, wanted: Profile) -> None:
    """Store how the tenant appears."""
    row = {
        "name": wanted.name,
        "address": wanted.address,
        "tax_number": wanted.tax_number,
        "footer": wanted.footer,
        "due_days": wanted.due_days,
        "country": wanted.country,
        "collector_id": wanted.collector_id.uuid if wanted.collector_id else None,
        "rounding": wanted.rounding.value,
        "delivers_from": wanted.delivers_from.uuid if wanted.delivers_from else None,
    }
    statement = upsert(tables.profile).values(tenant_id=uow.scope.tenant_id.uuid, **row)
    await uow.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=row))


async def keep_letterhead(uow: UnitOfWork, head: Letterhead) -> None:
    """Keep a letterhead, once however many documents are issued under it."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "digest": head.digest, **asdict(head)}
    await uow.execute(upsert(tables.letterhead).values(row).on_conflict_do_nothing())


async def letterhead(uow: UnitOfWork, digest: bytes) -> Letterhead:
    """A letterhead that was kept."""
    h = tables.letterhead.c
    query = select(*(h[each.name] for each in fields(Letterhead))).where(
        h.tenant_id == uow.scope.tenant_id.uuid, h.digest == digest
    )
    return Letterhead(**(await uow.execute(query)).mappings().one())


async def insert_request(uow: UnitOfWork, payment_id: PaymentId, invoice_id: InvoiceId) -> None:
    """Remember for which invoice a payment collects."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "payment_id": payment_id.uuid, "invoice_id": invoice_id.uuid}
    await uow.execute(insert(tables.request).values(row))


async def invoice_of_payment(uow: UnitOfWork, payment_id: PaymentId) -> InvoiceId | None:
    """For which invoice a payment collects, if for any."""
    r = tables.request.c
    query = select(r.invoice_id).where(r.tenant_id == uow.scope.tenant_id.uuid, r.payment_id == payment_id.uuid)
    found = (await uow.execute(query)).scalar_one_or_none()
    return InvoiceId(found) if found else None


async def requests_of(uow: UnitOfWork, invoice_id: InvoiceId) -> list[PaymentId]:
    """The payments that were made to collect an invoice, newest first."""
    r = tables.request.c
    query = select(r.payment_id).where(r.tenant_id == uow.scope.tenant_id.uuid, r.invoice_id == invoice_id.uuid)
    return [PaymentId(row.payment_id) for row in await uow.execute(query.order_by(r.payment_id.desc()))]


async def insert_customer_request(uow: UnitOfWork, payment_id: PaymentId, customer_id: PartyId) -> None:
    """Remember for which customer a payment collects everything."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "payment_id": payment_id.uuid, "customer_id": customer_id.uuid}
    await uow.execute(insert(tables.customer_request).values(row))


async def customer_of_payment(uow: UnitOfWork, payment_id: PaymentId) -> PartyId | None:
    """The customer for whom a payment collects everything."""
    r = tables.customer_request.c
    query = select(r.customer_id).where(r.tenant_id == uow.scope.tenant_id.uuid, r.payment_id == payment_id.uuid)
    found = (await uow.execute(query)).scalar_one_or_none()
    return None if found is None else PartyId(found)


async def requests_of_customer(uow: UnitOfWork, customer_id: PartyId) -> list[PaymentId]:
    """The payments that were to collect everything of a customer, the newest first."""
    r = tables.customer_request.c
    query = select(r.payment_id).where(r.tenant_id == uow.scope.tenant_id.uuid, r.customer_id == customer_id.uuid)
    return [PaymentId(row.payment_id) for row in await uow.execute(query.order_by(r.payment_id.desc()))]


def _seen(uow: UnitOfWork, *, everybody: bool) -> Select[Any]:
    return (
        select(tables.invoice).where(tables.invoice.c.tenant_id == uow.scope.tenant_id.uuid)
        if everybody
        else _visible(uow)
    )


def _visible(uow: UnitOfWork) -> Select[Any]:
    i, party = tables.invoice.c, uow.scope.party_id
    query = select(tables.invoice).where(i.tenant_id == uow.scope.tenant_id.uuid)
    # A customer sees what was sent to it, never what is still being written.
    return query if party is None else query.where(i.customer_id == party.uuid, i.state != InvoiceState.DRAFT.value)


def _one(uow: UnitOfWork, invoice_id: InvoiceId) -> tuple[Any, Any]:
    i = tables.invoice.c
    return i.tenant_id == uow.scope.tenant_id.uuid, i.id == invoice_id.uuid


async def _clear_lines(uow: UnitOfWork, invoice: Invoice) -> None:
    tenant, one, t = uow.scope.tenant_id.uuid, tables.line.c, tables.tax.c
    await uow.execute(delete(tables.line).where(one.tenant_id == tenant, one.invoice_id == invoice.id.uuid))
    await uow.execute(delete(tables.tax).where(t.tenant_id == tenant, t.document_id == invoice.id.uuid))


def _invoice_row(uow: UnitOfWork, invoice: Invoice) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": invoice.id.uuid,
        "customer_id": invoice.customer_id.uuid,
        "currency": invoice.currency.code,
        "state": invoice.state.value,
        "account_id": invoice.account_id.uuid if invoice.account_id else None,
        "creditable_id": invoice.creditable_id.uuid if invoice.creditable_id else None,
        "entry_id": invoice.entry_id.uuid if invoice.entry_id else None,
        "order_id": invoice.order_id.uuid if invoice.order_id else None,
        "deposit_id": invoice.deposit_id.uuid if invoice.deposit_id else None,
        "withdrawn_id": invoice.withdrawn_id.uuid if invoice.withdrawn_id else None,
        **{name: getattr(invoice, name) for name in _PLAIN},
    }


_PLAIN = (
    *("reference", "note", "includes_tax", "due_days", "net_minor", "tax_minor", "total_minor", "version"),
    *("created_at", "number", "n", "issued_on", "due_on", "token", "is_deposit", "billed_to"),
    "original_total_minor",
    "letterhead",
)


_OF_ISSUED = ("number", "issued_on", "due_on", "account_id", "creditable_id", "entry_id", "token")
"""What an invoice has from the moment on at which somebody owes it."""


def _invoice(row: Row[Any]) -> Invoice:
    return Invoice(
        id=InvoiceId(row.id),
        customer_id=PartyId(row.customer_id),
        currency=Currency.of(row.currency),
        state=InvoiceState(row.state),
        account_id=AccountId(row.account_id) if row.account_id else None,
        creditable_id=AccountId(row.creditable_id) if row.creditable_id else None,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        order_id=SalesOrderId(row.order_id) if row.order_id else None,
        deposit_id=AccountId(row.deposit_id) if row.deposit_id else None,
        withdrawn_id=EntryId(row.withdrawn_id) if row.withdrawn_id else None,
        **{name: getattr(row, name) for name in _PLAIN},
    )


def _line_row(uow: UnitOfWork, invoice: Invoice, line: Line) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "invoice_id": invoice.id.uuid,
        "n": line.n,
        "product_id": line.product_id,
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price_minor": line.unit_price_minor,
        "discount": line.discount,
        "taxes": [part.to_json() for part in line.taxes],
        "net_minor": line.net_minor,
        "tax_minor": line.tax_minor,
    }


def _line(row: Row[Any]) -> Line:
    return Line(
        n=row.n,
        product_id=row.product_id,
        description=row.description,
        quantity=row.quantity.normalize(),
        unit=row.unit,
        unit_price_minor=row.unit_price_minor,
        discount=row.discount.normalize(),
        taxes=[TaxPart.from_json(part) for part in row.taxes],
        net_minor=row.net_minor,
    )
