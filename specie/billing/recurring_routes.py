"""Recurring invoices over HTTP."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import catalogue, parties
from specie.billing import errors, recurring, recurring_store, store
from specie.billing.recurring_model import Recurring, RecurringId
from specie.billing.recurring_schemas import (
    RecurringDetail,
    RecurringIn,
    RecurringOut,
    RecurringRunOut,
    RecurringTermsIn,
    ResumeRecurringIn,
    coming_days,
    recurring_fields,
    run_out,
)
from specie.billing.schemas import InvoiceLineOut
from specie.kernel.money import AmountOutOfRange, Currency
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.vault import KeyRing
from specie.platform.wire import Amount, ListOf, id_text

router = ApiRouter(prefix="/billing", tags=["Billing"])

Limit = Annotated[int, Query(ge=1, le=100)]
_MOVES = (errors.RecurringMissing, errors.RecurringCannotMove)
_SAYS = (
    *(errors.RecurringUnfit, errors.LineInvalid, catalogue.LineUnfit, AmountOutOfRange, catalogue.ProductMissing),
    *(catalogue.TaxRateMissing, catalogue.TaxRateArchived),
)
_LATEST_RUNS = 24
_COMING = 6


def _id(recurring_id: str) -> RecurringId:
    return id_text(RecurringId, recurring_id, "recurring_id")


@router.get("/recurring-invoices", response_model=ListOf[RecurringOut])
async def list_recurring(
    edge: Edge = requires(Permission.BILLING_WRITE),
    state: Literal["active", "paused", "ended"] | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Recurring invoices, newest first, with the day of the next invoice."""
    key = edge.cursor("recurring", cursor)

    async def read(uow: UnitOfWork) -> Page[RecurringOut]:
        page = await recurring_store.all_recurring(uow, state, UUID(key[0]) if key else None, limit)
        return Page(await _listed(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page("recurring", await edge.read(read), lambda shown: shown)


async def _listed(uow: UnitOfWork, ring: KeyRing, found: Sequence[Recurring]) -> list[RecurringOut]:
    names = await parties.names(uow, ring, list({one.customer_id for one in found}))
    charged = await recurring_store.charged(uow, [one.id for one in found])
    today = await recurring.today(uow, found)
    return [RecurringOut.of(one, now, names, charged.get(one.id, 0)) for one, now in zip(found, today, strict=True)]


async def _detail(uow: UnitOfWork, ring: KeyRing, found: Recurring) -> RecurringDetail:
    [today], names = await recurring.today(uow, [found]), await parties.names(uow, ring, [found.customer_id])
    charged = (await recurring_store.charged(uow, [found.id])).get(found.id, 0)
    code = found.currency.code
    return RecurringDetail(
        **recurring_fields(found, today, names, charged),
        includes_tax=found.terms.includes_tax,
        due_days=found.terms.due_days,
        note=found.terms.note,
        lines=[InvoiceLineOut.of(line, code) for line in today.figures.lines],
        coming=list(coming_days(found, _COMING)),
        runs=await _runs(uow, found),
    )


async def _runs(uow: UnitOfWork, of: Recurring) -> list[RecurringRunOut]:
    runs = await recurring_store.runs_of(uow, of.id, _LATEST_RUNS)
    invoices = await store.invoices_by_ids(uow, [run.invoice_id for run in runs])
    shown = [(run, invoices[run.invoice_id]) for run in runs if run.invoice_id in invoices]
    return [
        run_out(run, one.number, one.state.value, Amount(amount=one.total_minor, currency=one.currency.code))
        for run, one in shown
    ]


@router.post("/recurring-invoices", status_code=201, response_model=RecurringDetail)
@refuses(*_SAYS, parties.PartyMissing)
async def begin_recurring(body: RecurringIn, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Charge something again and again; each period gets one invoice on its first day, by the business's clock."""
    command = body.command()
    return await _write(edge, lambda uow: recurring.begin(uow, command), status=201)


async def _write(edge: Edge, work: Callable[[UnitOfWork], Awaitable[Recurring]], *, status: int = 200) -> Response:
    async def shown(uow: UnitOfWork) -> RecurringDetail:
        return await _detail(uow, edge.service("vault"), await work(uow))

    return await edge.write(shown, lambda detail: detail, status=status)


@router.get("/recurring-invoices/{recurring_id}", response_model=RecurringDetail)
@refuses(errors.RecurringMissing)
async def show_recurring(recurring_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> RecurringDetail:
    """One recurring invoice with its coming days and the invoices of its latest periods."""
    wanted = _id(recurring_id)

    async def read(uow: UnitOfWork) -> RecurringDetail:
        return await _detail(uow, edge.service("vault"), await recurring.get(uow, wanted))

    return await edge.read(read)


@router.put("/recurring-invoices/{recurring_id}", response_model=RecurringDetail)
@refuses(*_MOVES, *_SAYS)
async def change_recurring(
    recurring_id: str, body: RecurringTermsIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Say what the coming invoices charge; those that were made stay."""
    wanted, terms, currency = _id(recurring_id), body.terms(), Currency.of(body.currency)
    return await _write(edge, lambda uow: recurring.change(uow, wanted, terms, currency))


@router.post("/recurring-invoices/{recurring_id}/pause", response_model=RecurringDetail)
@refuses(*_MOVES)
async def pause_recurring(recurring_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Charge nothing until it is resumed."""
    wanted = _id(recurring_id)
    return await _write(edge, lambda uow: recurring.pause(uow, wanted))


@router.post("/recurring-invoices/{recurring_id}/resume", response_model=RecurringDetail)
@refuses(*_MOVES)
async def resume_recurring(
    recurring_id: str, body: ResumeRecurringIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Go on with the next period, or with those that were left out as well."""
    wanted = _id(recurring_id)
    return await _write(edge, lambda uow: recurring.resume(uow, wanted, catch_up=body.catch_up))


@router.post("/recurring-invoices/{recurring_id}/end", response_model=RecurringDetail)
@refuses(*_MOVES)
async def end_recurring(recurring_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Charge nothing any more, for good."""
    wanted = _id(recurring_id)
    return await _write(edge, lambda uow: recurring.end(uow, wanted))
