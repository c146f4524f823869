"""Payouts over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import ledger, parties, providers, wallets
from specie.kernel.ids import ConnectionId, PartyId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission, Verification
from specie.kernel.scope import ActorKind
from specie.payouts import beneficiaries, errors, sending, service, store, terms_service, terms_store
from specie.payouts.model import BatchId, Payout, PayoutId, Route, reference_of
from specie.payouts.schemas import (
    AgainIn,
    Detail,
    PayoutDetail,
    PayoutIn,
    PayoutListed,
    PayoutOut,
    PayoutRouteIn,
    PayoutRouteOut,
    PayoutRoutesOut,
    PayoutTermsIn,
    PayoutTermsOut,
)
from specie.payouts.service import RequestPayout
from specie.payouts.store import PayoutFilter
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.jobs import JobContext
from specie.platform.wire import ListOf, SearchText, id_text

router = ApiRouter(tags=["Payouts"])

_LIST = "payouts"
_MOST_CALLBACKS = 50

Limit = Annotated[int, Query(ge=1, le=100)]
Status = Literal["requested", "approved", "sent", "unknown", "succeeded", "failed", "returned", "cancelled"]
REFUSALS = (
    errors.BeneficiaryMissing,
    errors.BeneficiaryUnverified,
    errors.BeneficiaryCoolingOff,
    errors.PayoutReferenceTaken,
    errors.PayoutTooSmall,
    errors.PayoutPartyRequired,
    ledger.InsufficientFunds,
    wallets.LimitExceeded,
    wallets.WalletFrozen,
)


@router.post("/payouts", status_code=201, response_model=PayoutOut)
@refuses(*REFUSALS, errors.SignedRouteRequired)
async def request_payout(
    body: PayoutIn, edge: Edge = requires(Permission.PAYOUTS_CREATE, step_up=True, verification=Verification.APPROVED)
) -> Response:
    """Ask for money to leave a wallet; with `dry_run=true` the answer shows amount, fee and total."""
    require_person(edge)
    return await ask_for(edge, body.command("console"))


async def ask_for(edge: Edge, command: RequestPayout) -> Response:
    """Request a payout under the caller's key."""
    return await edge.money(lambda uow: service.request(uow, command), PayoutOut.of)


def require_person(edge: Edge) -> None:
    """Raise SignedRouteRequired for a server: its key alone does not move money out."""
    if edge.scope.actor.kind is ActorKind.API_KEY:
        raise errors.SignedRouteRequired("a key alone moves no money out: servers use /server/payouts and sign")


@router.get("/payouts", response_model=ListOf[PayoutListed])
async def list_payouts(
    edge: Edge = requires(Permission.PAYOUTS_READ),
    status: Status | None = None,
    party_id: str | None = None,
    batch_id: str | None = None,
    attention: bool = False,
    q: SearchText | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Payouts, newest first; a merchant or customer sees its own."""
    wanted = PayoutFilter(
        states=[status] if status else [],
        party_id=id_text(PartyId, party_id, "party_id") if party_id else None,
        batch_id=id_text(BatchId, batch_id, "batch_id") if batch_id else None,
        attention=attention,
        q=q,
    )
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None

    async def read(uow: UnitOfWork) -> Page[PayoutListed]:
        page = Page.cut(
            await store.find_payouts(uow, wanted, before, limit), limit, key=lambda found: (str(found.id.uuid),)
        )
        names = await parties.names(uow, edge.service("vault"), list({each.party_id for each in page.items}))
        wanted_ids = {each.beneficiary_id for each in page.items}
        accounts = {each: await beneficiaries.get(uow, each) for each in wanted_ids}
        return page.map(
            lambda each: PayoutListed.named(each, accounts.get(each.beneficiary_id), names.get(each.party_id))
        )

    return edge.page(_LIST, await edge.read(read), lambda listed: listed)


@router.get("/payouts/{payout_id}", response_model=PayoutDetail)
@refuses(errors.PayoutMissing)
async def show_payout(payout_id: str, edge: Edge = requires(Permission.PAYOUTS_READ)) -> PayoutDetail:
    """One payout with its timeline, attempts, callbacks and postings."""
    wanted = id_text(PayoutId, payout_id, "payout_id")
    return PayoutDetail.opened(await edge.read(lambda uow: _detail(uow, edge, wanted)))


@router.post("/payouts/{payout_id}/cancel", response_model=PayoutOut)
@refuses(errors.PayoutMissing, errors.PayoutCannotMove)
async def cancel_payout(payout_id: str, edge: Edge = requires(Permission.PAYOUTS_CREATE)) -> Response:
    """Call a payout off before it leaves; its money is available again."""
    wanted = id_text(PayoutId, payout_id, "payout_id")
    return await edge.write(lambda uow: service.cancel(uow, wanted), PayoutOut.of)


@router.post("/payouts/{payout_id}/again", status_code=201, response_model=PayoutOut)
@refuses(errors.PayoutMissing, errors.PayoutCannotMove, *REFUSALS, errors.SignedRouteRequired)
async def request_again(
    payout_id: str,
    body: AgainIn,
    edge: Edge = requires(Permission.PAYOUTS_CREATE, step_up=True, verification=Verification.APPROVED),
) -> Response:
    """Ask anew for a payout that failed, came back or was called off."""
    require_person(edge)
    wanted = id_text(PayoutId, payout_id, "payout_id")
    return await edge.money(lambda uow: service.again(uow, wanted, body.reference), PayoutOut.of)


@router.post("/payouts/{payout_id}/check", response_model=PayoutOut)
@refuses(errors.PayoutMissing)
async def check_payout(payout_id: str, edge: Edge = requires(Permission.PAYOUTS_READ)) -> Response:
    """Ask the provider now."""
    wanted = id_text(PayoutId, payout_id, "payout_id")
    if not edge.dry_run:
        await sending.check(job_context(edge), wanted)
    return await edge.write(lambda uow: service.get_payout(uow, wanted), PayoutOut.of)


@router.get("/payout-settings", response_model=PayoutTermsOut)
async def show_terms(edge: Edge = requires(Permission.PAYOUTS_READ)) -> PayoutTermsOut:
    """Fee, smallest amount and cool-off of payouts."""
    return PayoutTermsOut.of(await edge.read(terms_store.terms_of))


@router.patch("/payout-settings", response_model=PayoutTermsOut)
async def change_terms(body: PayoutTermsIn, edge: Edge = requires(Permission.TENANT_WRITE, step_up=True)) -> Response:
    """Set fee, smallest amount or cool-off."""

    async def work(uow: UnitOfWork) -> PayoutTermsOut:
        terms = body.over(await terms_store.terms_of(uow))
        return PayoutTermsOut.of(await terms_service.change_terms(uow, terms))

    return await edge.write(work, lambda shown: shown)


@router.get("/payout-routes", response_model=PayoutRoutesOut)
async def list_routes(edge: Edge = requires(Permission.PROVIDERS_READ)) -> PayoutRoutesOut:
    """Connections that pay out, in the order in which they are tried."""
    return await edge.read(lambda uow: _routes(uow, edge))


@router.put("/payout-routes/{connection_id}", response_model=PayoutRoutesOut)
@refuses(providers.ConnectionMissing)
async def change_route(
    connection_id: str, body: PayoutRouteIn, edge: Edge = requires(Permission.PROVIDERS_WRITE)
) -> Response:
    """Use a connection for payouts or not, at which position, and how many it takes a minute."""
    wanted = id_text(ConnectionId, connection_id, "connection_id")

    async def work(uow: UnitOfWork) -> PayoutRoutesOut:
        await terms_service.change_route(uow, Route(wanted, body.is_enabled, body.per_minute, body.position))
        return await _routes(uow, edge)

    return await edge.write(work, lambda shown: shown)


async def _routes(uow: UnitOfWork, edge: Edge) -> PayoutRoutesOut:
    found = await terms_service.routes(uow, edge.service("providers"))
    return PayoutRoutesOut(data=[PayoutRouteOut.of(route, name) for route, name in found])


async def _detail(uow: UnitOfWork, edge: Edge, payout_id: PayoutId) -> Detail:
    payout = await service.get_payout(uow, payout_id)
    attempts = await store.attempts_of(uow, payout_id)
    callbacks = []
    for attempt in attempts:
        callbacks += await providers.find_callbacks(
            uow, states=(), reference=reference_of(attempt.id), before=None, limit=_MOST_CALLBACKS
        )
    names = await parties.names(uow, edge.service("vault"), [payout.party_id])
    details = await beneficiaries.details_of(uow, edge.service("vault"), [payout.beneficiary_id])
    return Detail(
        payout=payout,
        beneficiary=await beneficiaries.get(uow, payout.beneficiary_id),
        details=details.get(payout.beneficiary_id),
        party_name=names.get(payout.party_id),
        attempts=attempts,
        timeline=await store.changes_of(uow, payout_id),
        callbacks=callbacks,
        entries=await _entries(uow, payout),
    )


async def _entries(uow: UnitOfWork, payout: Payout) -> list[dict[str, Any]]:
    """Everything that was posted for a payout, oldest first: its hold, how the hold ended, and what came after."""
    ids = {*await wallets.entry_ids_of_hold(uow, payout.hold_id), *await store.entry_ids_of(uow, payout.id)}
    if payout.return_entry_id is not None:
        ids.add(payout.return_entry_id)
    in_order = sorted(ids, key=lambda entry_id: entry_id.uuid)
    return await ledger.entries_told(uow, [await ledger.get_entry(uow, entry_id) for entry_id in in_order])


def job_context(edge: Edge) -> JobContext:
    """What the functions that call providers work with, in the caller's own scope."""
    return JobContext(edge.db, edge.scope, edge.request.app.state.services)
