"""Quotes from the first version to the customer's answer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from specie import audit, billing, crm, events, parties
from specie.billing import LineDraft
from specie.crm import OpportunityId
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.parties import Pen
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.sales import order_store, store
from specie.sales.errors import QuoteCannotMove, QuoteEmpty, QuoteMissing, QuoteUnfit
from specie.sales.events import quote_event
from specie.sales.model import (
    OrderState,
    Quote,
    QuoteId,
    QuoteLine,
    QuoteState,
    QuoteVersion,
    Series,
    both_discounts,
)
from specie.sales.store import SalesFilter

EXPIRE = "sales.quotes.expire"

_TOKEN_BYTES = 16
TABLE = "sales_quote"
"""Where what is sealed with a quote belongs."""
_AT_ONCE = 100
_USUALLY_VALID = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class WriteQuote:
    """What a quote says. `discount` is a fraction of one, taken off every line after the line's own.

    Without a last day it is valid for fourteen days from the business day on which it is written.
    """

    lines: Sequence[LineDraft]
    currency: Currency
    valid_until: date | None = None
    includes_tax: bool = False
    discount: Decimal = Decimal(0)
    due_days: int | None = None
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who accepted a quote, or why it was declined; empty where nobody wrote anything."""

    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Offered:
    """Whom something is offered, and the deal it belongs to."""

    customer_id: PartyId
    opportunity_id: OpportunityId | None = None


async def draft(uow: UnitOfWork, ring: KeyRing, to: Offered, command: WriteQuote) -> Quote:
    """Write a quote's first version.

    Raises PartyMissing, OpportunityMissing, QuoteUnfit, or what `billing.figures_of` raises.
    """
    if to.customer_id not in await parties.tiers(uow, [to.customer_id]):
        raise parties.PartyMissing(f"there is no party {to.customer_id}", param="customer_id")
    if to.opportunity_id is not None:
        deal = await crm.opportunity(uow, ring, to.opportunity_id)
        if deal.party_id != to.customer_id:
            raise QuoteUnfit("the deal is with another customer", param="opportunity_id")
    said = await _version(uow, to.customer_id, command, 1)
    n = await store.next_number(uow, Series.QUOTE)
    quote = Quote(
        id=QuoteId.new(),
        number=Series.QUOTE.number(n),
        n=n,
        customer_id=to.customer_id,
        opportunity_id=to.opportunity_id,
        currency=command.currency,
        state=QuoteState.DRAFT,
        version=1,
        valid_until=said.valid_until,
        total_minor=said.total_minor,
        token=secrets.token_urlsafe(_TOKEN_BYTES),
        changes=1,
        created_at=uow.now,
    )
    await store.insert_quote(uow, quote, billing.digest(quote.token))
    await store.insert_version(uow, quote.id, said)
    await _note(uow, "draft", quote)
    return quote


async def change(uow: UnitOfWork, quote_id: QuoteId, command: WriteQuote) -> Quote:
    """Give a quote a new version, which has to be sent before it can be answered; earlier versions stay as they are.

    Raises QuoteMissing, QuoteCannotMove for one that was accepted, QuoteUnfit, or what `billing.figures_of` raises.
    """
    before = await get(uow, quote_id, lock=True)
    before.require_open()
    if command.currency != before.currency:
        raise QuoteUnfit(f"{before.number} is in {before.currency.code}", param="currency")
    said = await _version(uow, before.customer_id, command, before.version + 1)
    quote = replace(
        before.after(QuoteState.DRAFT),
        version=said.version,
        valid_until=said.valid_until,
        total_minor=said.total_minor,
        decided_at=None,
        decided_by=b"",
        reason=b"",
    )
    await store.insert_version(uow, quote_id, said)
    await store.update_quote(uow, quote)
    await _note(uow, "change", quote)
    return quote


async def _version(uow: UnitOfWork, customer_id: PartyId, command: WriteQuote, version: int) -> QuoteVersion:
    valid_until = command.valid_until or uow.business_date + _USUALLY_VALID
    if valid_until < uow.business_date:
        raise QuoteUnfit("a quote is valid until today or later", param="valid_until")
    lines, rounding = discounted(command.lines, command.discount), (await billing.profile(uow)).rounding
    figures = await billing.figures_of(
        uow, lines, command.currency, includes_tax=command.includes_tax, customer_id=customer_id, rounding=rounding
    )
    own = [line.discount for line in command.lines]
    return QuoteVersion(
        version=version,
        valid_until=valid_until,
        due_days=command.due_days,
        reference=command.reference,
        note=command.note,
        includes_tax=command.includes_tax,
        discount=command.discount,
        lines=[QuoteLine(line, alone) for line, alone in zip(figures.lines, own, strict=True)],
        net_minor=figures.net_minor,
        tax_minor=figures.tax_minor,
        rounding=rounding,
        created_at=uow.now,
    )


def discounted(lines: Sequence[LineDraft], whole: Decimal) -> list[LineDraft]:
    """The lines with a discount on the whole in each of them."""
    return [replace(line, discount=both_discounts(line.discount, whole)) for line in lines]


async def send(uow: UnitOfWork, ring: KeyRing, quote_id: QuoteId) -> Quote:
    """Let the customer answer the newest version, on which both stand as today, at its public address until its day.

    Raises QuoteMissing, QuoteCannotMove, QuoteEmpty or QuoteUnfit.
    """
    before = await get(uow, quote_id, lock=True)
    if before.state is not QuoteState.DRAFT:
        raise QuoteCannotMove(f"{before.number} has been sent; change it to send it anew", state=before.state.value)
    if before.total_minor <= 0:
        raise QuoteEmpty("write a line that offers something first")
    if before.valid_until < uow.business_date:
        raise QuoteUnfit(f"it was valid until {before.valid_until}; change that first", param="valid_until")
    quote = replace(
        before.after(QuoteState.SENT),
        sent_version=before.version,
        sent_at=uow.now,
        offered_to=await parties.freeze_addressee(uow, ring, before.customer_id, TABLE, str(quote_id)),
        letterhead=await billing.freeze_letterhead(uow),
    )
    await store.update_quote(uow, quote)
    last = uow.scope.clock.end_of(quote.valid_until)
    await due.schedule(uow, kind=EXPIRE, at=last + timedelta(microseconds=1), payload={})
    await _tell(uow, "sent", quote)
    return quote


async def accept(uow: UnitOfWork, ring: KeyRing, quote_id: QuoteId, version: int, name: str) -> Quote:
    """Accept the version that was read, once; a deal it belongs to is won.

    Raises QuoteMissing, QuoteCannotMove, QuoteChanged or QuoteExpired.
    """
    before = await get(uow, quote_id, lock=True)
    before.require_answerable(version, uow.business_date)
    sealed = await _sealed(uow, ring, before, "decided_by", name)
    quote = replace(before.after(QuoteState.ACCEPTED), decided_at=uow.now, decided_by=sealed)
    await store.update_quote(uow, quote)
    await _tell(uow, "accepted", quote)
    if quote.opportunity_id is not None:
        await crm.win(uow, ring, quote.opportunity_id)
    return quote


async def decline(uow: UnitOfWork, ring: KeyRing, quote_id: QuoteId, version: int, reason: str) -> Quote:
    """Decline the version that was read; a new version may follow.

    Raises QuoteMissing, QuoteCannotMove, QuoteChanged or QuoteExpired.
    """
    before = await get(uow, quote_id, lock=True)
    before.require_answerable(version, uow.business_date)
    sealed = await _sealed(uow, ring, before, "reason", reason)
    quote = replace(before.after(QuoteState.DECLINED), decided_at=uow.now, reason=sealed)
    await store.update_quote(uow, quote)
    await _tell(uow, "declined", quote)
    return quote


async def _sealed(uow: UnitOfWork, ring: KeyRing, quote: Quote, column: str, text: str) -> bytes:
    if not text:
        return b""
    pen = (await parties.pens(uow, ring, [quote.customer_id]))[quote.customer_id]
    return pen.close(TABLE, str(quote.id), column, text.encode())


async def answers(uow: UnitOfWork, ring: KeyRing, quotes: Sequence[Quote]) -> list[Answer]:
    """What was written on each quote by whoever decided."""
    pens = await parties.pens(uow, ring, {each.customer_id for each in quotes}) if quotes else {}
    return [
        Answer(*(_opened(pens[each.customer_id], each, column) for column in ("decided_by", "reason")))
        for each in quotes
    ]


def _opened(pen: Pen, quote: Quote, column: str) -> str:
    sealed: bytes = getattr(quote, column)
    return pen.text(TABLE, str(quote.id), column, sealed) if sealed else ""


async def still_open(uow: UnitOfWork, party_id: PartyId) -> str | None:
    """Why a party cannot be forgotten yet: it may still answer a quote, or waits for an order; None when it may be."""
    if (await store.quotes(uow, SalesFilter(QuoteState.SENT.value, party_id), None, 1)).items:
        return "a quote awaits an answer"
    if (await order_store.orders(uow, SalesFilter(OrderState.OPEN.value, party_id), None, 1)).items:
        return "an order is still open"
    return None


async def expire(uow: UnitOfWork) -> int:
    """End quotes whose day has passed without an answer. Returns how many; 0 when there are none left."""
    found = await store.past(uow, uow.business_date, _AT_ONCE)
    for each in found:
        quote = each.after(QuoteState.EXPIRED)
        await store.update_quote(uow, quote)
        await _tell(uow, "expired", quote)
    return len(found)


async def get(uow: UnitOfWork, quote_id: QuoteId, *, lock: bool = False) -> Quote:
    """One quote the caller may see. Raises QuoteMissing."""
    quote = await store.quote_by_id(uow, quote_id, lock=lock)
    if quote is None:
        raise QuoteMissing(f"there is no quote {quote_id}")
    return quote


async def _tell(uow: UnitOfWork, kind: str, quote: Quote) -> None:
    await events.record(uow, quote_event(kind, quote))
    await _note(uow, kind, quote)


async def _note(uow: UnitOfWork, act: str, quote: Quote) -> None:
    told = {"version": quote.version, "state": quote.state.value, "total_minor": quote.total_minor}
    await audit.record(uow, action=f"quote.{act}", subject=("quote", str(quote.id)), after=told)
