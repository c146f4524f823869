"""Payouts to suppliers over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import ledger, payouts, wallets
from specie.kernel.ids import PartyId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.kernel.scope import ActorKind
from specie.payables import errors, looks, paying_out, payout_store
from specie.payables.payout_schemas import SupplierPayoutIn, SupplierPayoutOut
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, id_text

router = ApiRouter(prefix="/payables", tags=["Payables"])

Limit = Annotated[int, Query(ge=1, le=100)]
_LIST = "supplier_payouts"


@router.post("/payouts", status_code=201, response_model=SupplierPayoutOut)
@refuses(
    *(errors.BillMissing, errors.BillCannotMove, errors.SupplierMismatch, ledger.PeriodClosed),
    *(payouts.BeneficiaryMissing, payouts.BeneficiaryUnverified, payouts.BeneficiaryCoolingOff),
    *(payouts.PayoutPartyRequired, payouts.PayoutTooSmall, payouts.SignedRouteRequired),
    *(wallets.WalletFrozen, ledger.InsufficientFunds),
)
async def pay_bills(
    body: SupplierPayoutIn, edge: Edge = requires(Permission.PAYABLES_MANAGE, step_up=True)
) -> Response:
    """Pay all that is owed of some bills of one supplier by one payout, which a second person may have to approve.

    The bills are `paying` until the payout ends: then they are paid, or owed again.
    """
    if edge.scope.actor.kind is ActorKind.API_KEY:
        raise payouts.SignedRouteRequired("a key alone moves no money out: a person pays suppliers")
    command = body.command()

    async def work(uow: UnitOfWork) -> SupplierPayoutOut:
        made = await paying_out.pay_out(uow, command)
        [shown] = await looks.payouts(uow, edge.service("vault"), [made])
        return shown

    return await edge.money(work, lambda shown: shown)


@router.get("/payouts", response_model=ListOf[SupplierPayoutOut])
async def list_supplier_payouts(
    edge: Edge = requires(Permission.PAYABLES_READ),
    supplier_id: str | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Payouts to suppliers, newest first, each with its bills."""
    key = edge.cursor(_LIST, cursor)
    supplier = id_text(PartyId, supplier_id, "supplier_id") if supplier_id else None

    async def read(uow: UnitOfWork) -> Page[SupplierPayoutOut]:
        page = await payout_store.payouts(uow, supplier, UUID(key[0]) if key else None, limit)
        return Page(await looks.payouts(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page(_LIST, await edge.read(read), lambda shown: shown)
