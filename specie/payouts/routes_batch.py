"""Batches of payouts over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from specie import wallets
from specie.kernel.ids import WalletId
from specie.kernel.money import Money
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission, Verification
from specie.payouts import batch_store, batches, errors
from specie.payouts.batch_model import Batch, Line
from specie.payouts.model import BatchId
from specie.payouts.routes import require_person
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import Amount, ListOf, id_text

router = ApiRouter(prefix="/payout-batches", tags=["Payouts"])

_LIST = "payout-batches"
Limit = Annotated[int, Query(ge=1, le=100)]


class PayoutBatchIn(Schema):
    """A file of payouts: `account,amount,reference,description`; amounts in major units with a point."""

    wallet_id: str
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
    csv: Annotated[str, Field(min_length=1, max_length=300_000)]


class PayoutBatchLineOut(Schema):
    """A line of the file: what it will pay, the payout it became, or the code of what is wrong."""

    number: int
    beneficiary_id: str | None
    reference: str
    amount: Amount | None
    fee: Amount | None
    description: str
    problem: str | None
    payout_id: str | None

    @classmethod
    def of(cls, line: Line) -> "PayoutBatchLineOut":
        """The wire form."""
        return cls(
            number=line.number,
            beneficiary_id=str(line.beneficiary_id) if line.beneficiary_id else None,
            reference=line.reference,
            amount=Amount.of(line.amount) if line.amount is not None else None,
            fee=Amount.of(line.fee) if line.fee is not None else None,
            description=line.description,
            problem=line.problem,
            payout_id=str(line.payout_id) if line.payout_id else None,
        )


class PayoutBatchOut(Schema):
    """A batch."""

    id: str
    party_id: str
    wallet_id: str
    name: str
    status: str
    total: Amount
    created_at: datetime
    created_by: str
    started_at: datetime | None
    version: int

    @classmethod
    def of(cls, batch: Batch) -> "PayoutBatchOut":
        """The wire form."""
        return cls(**_fields(batch))


class PayoutBatchDetail(PayoutBatchOut):
    """A batch with its lines."""

    fees: Amount
    problems: int
    lines: list[PayoutBatchLineOut]

    @classmethod
    def with_lines(cls, batch: Batch, lines: list[Line]) -> "PayoutBatchDetail":
        """The wire form."""
        fees = sum(line.fee.minor for line in lines if line.fee is not None)
        return cls(
            **_fields(batch),
            fees=Amount.of(Money(fees, batch.total.currency)),
            problems=sum(line.problem is not None for line in lines),
            lines=[PayoutBatchLineOut.of(line) for line in lines],
        )


def _fields(batch: Batch) -> dict[str, Any]:
    return {
        "id": str(batch.id),
        "party_id": str(batch.party_id),
        "wallet_id": str(batch.wallet_id),
        "name": batch.name,
        "status": str(batch.state),
        "total": Amount.of(batch.total),
        "created_at": batch.created_at,
        "created_by": batch.created_by,
        "started_at": batch.started_at,
        "version": batch.version,
    }


@router.post("", status_code=201, response_model=PayoutBatchDetail)
@refuses(wallets.WalletMissing, errors.BatchUnreadable, errors.SignedRouteRequired)
async def read_batch(body: PayoutBatchIn, edge: Edge = requires(Permission.PAYOUTS_CREATE)) -> Response:
    """Read a file and show what each line would do; nothing moves before the batch is started."""
    require_person(edge)
    wallet_id = id_text(WalletId, body.wallet_id, "wallet_id")

    async def work(uow: UnitOfWork) -> PayoutBatchDetail:
        return await _detail(uow, await batches.read(uow, wallet_id, body.name, body.csv))

    return await edge.write(work, lambda shown: shown, status=201)


@router.get("", response_model=ListOf[PayoutBatchOut])
async def list_batches(
    edge: Edge = requires(Permission.PAYOUTS_READ), limit: Limit = 20, cursor: str | None = None
) -> Any:
    """Batches, newest first."""
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None

    async def read(uow: UnitOfWork) -> Page[Batch]:
        rows = await batch_store.find_batches(uow, before, limit)
        return Page.cut(rows, limit, key=lambda found: (str(found.id.uuid),))

    return edge.page(_LIST, await edge.read(read), PayoutBatchOut.of)


@router.get("/{batch_id}", response_model=PayoutBatchDetail)
@refuses(errors.BatchMissing)
async def show_batch(batch_id: str, edge: Edge = requires(Permission.PAYOUTS_READ)) -> PayoutBatchDetail:
    """One batch with what became of each line."""
    wanted = id_text(BatchId, batch_id, "batch_id")

    async def read(uow: UnitOfWork) -> PayoutBatchDetail:
        return await _detail(uow, await batches.get(uow, wanted))

    return await edge.read(read)


@router.post("/{batch_id}/start", response_model=PayoutBatchOut)
@refuses(errors.BatchMissing, errors.BatchCannotStart, errors.SignedRouteRequired)
async def start_batch(
    batch_id: str, edge: Edge = requires(Permission.PAYOUTS_CREATE, step_up=True, verification=Verification.APPROVED)
) -> Response:
    """Let the payouts be made; above the tenant's line a second person says yes first."""
    require_person(edge)
    wanted = id_text(BatchId, batch_id, "batch_id")
    return await edge.money(lambda uow: batches.start(uow, wanted), PayoutBatchOut.of, status=200)


async def _detail(uow: UnitOfWork, batch: Batch) -> PayoutBatchDetail:
    return PayoutBatchDetail.with_lines(batch, await batch_store.lines_of(uow, batch))
