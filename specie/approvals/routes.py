"""Approvals over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import identity
from specie.approvals import errors, service, store
from specie.approvals.model import Approval
from specie.approvals.schemas import (
    ApprovalDecisionIn,
    ApprovalLineIn,
    ApprovalLineOut,
    ApprovalLinesOut,
    ApprovalOut,
    ApprovalRuleIn,
    ApprovalRulesOut,
)
from specie.kernel.ids import ApprovalId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import CurrencyCode, ListOf, SearchText, id_text

router = ApiRouter(tags=["Approvals"])

_LIST = "approvals"
_ENDS = (errors.ApprovalMissing, errors.ApprovalEnded, errors.MakerCannotDecide)
Limit = Annotated[int, Query(ge=1, le=100)]
Kind = Literal[
    "payout",
    "payout_batch",
    "refund",
    "purchase_refund",
    "dispute_acceptance",
    "journal",
    "opening_import",
    "kyc",
    "erasure",
]
LineKind = Literal["payout", "refund", "journal"]
RuleKind = Literal["kyc", "erasure"]
Status = Literal["open", "approved", "refused", "expired", "withdrawn"]


@router.get("/approvals", response_model=ListOf[ApprovalOut])
async def list_approvals(
    edge: Edge = requires(Permission.APPROVALS_READ),
    status: Status | None = None,
    kind: Kind | None = None,
    subject_id: Annotated[SearchText | None, Query(description="What it is about: a payout, a dispute")] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Requests that a second person decides, newest first."""
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None

    async def read(uow: UnitOfWork) -> Page[ApprovalOut]:
        states: list[str] = [status] if status else []
        rows = await store.find_approvals(
            uow, states=states, kind=kind, before=before, limit=limit, subject_id=subject_id
        )
        page = Page.cut(rows, limit, key=lambda found: (str(found.id.uuid),))
        shown = {out.id: out for out in await _shown(uow, edge, page.items)}
        return page.map(lambda each: shown[str(each.id)])

    return edge.page(_LIST, await edge.read(read), lambda shown: shown)


@router.get("/approvals/{approval_id}", response_model=ApprovalOut)
@refuses(errors.ApprovalMissing)
async def show_approval(approval_id: str, edge: Edge = requires(Permission.APPROVALS_READ)) -> ApprovalOut:
    """One request with what a yes would change."""
    wanted = id_text(ApprovalId, approval_id, "approval_id")

    async def read(uow: UnitOfWork) -> ApprovalOut:
        return await _one(uow, edge, await service.get(uow, wanted))

    return await edge.read(read)


@router.post("/approvals/{approval_id}/approve", response_model=ApprovalOut)
@refuses(*_ENDS, errors.ApprovalImpossible)
async def approve(
    approval_id: str, body: ApprovalDecisionIn, edge: Edge = requires(Permission.APPROVALS_DECIDE, step_up=True)
) -> Response:
    """Say yes; what was asked for happens with it."""
    wanted = id_text(ApprovalId, approval_id, "approval_id")

    async def work(uow: UnitOfWork) -> ApprovalOut:
        return await _one(uow, edge, await service.approve(uow, wanted, body.reason))

    return await edge.write(work, _as_is)


@router.post("/approvals/{approval_id}/refuse", response_model=ApprovalOut)
@refuses(*_ENDS)
async def refuse(
    approval_id: str, body: ApprovalDecisionIn, edge: Edge = requires(Permission.APPROVALS_DECIDE, step_up=True)
) -> Response:
    """Say no, with a reason."""
    wanted = id_text(ApprovalId, approval_id, "approval_id")

    async def work(uow: UnitOfWork) -> ApprovalOut:
        return await _one(uow, edge, await service.refuse(uow, wanted, body.reason))

    return await edge.write(work, _as_is)


@router.get("/approval-lines", response_model=ApprovalLinesOut)
async def list_lines(edge: Edge = requires(Permission.APPROVALS_READ)) -> ApprovalLinesOut:
    """Above which amounts a second person is needed."""
    return ApprovalLinesOut(data=[ApprovalLineOut.of(line) for line in await edge.read(store.lines)])


@router.put("/approval-lines/{kind}/{currency}", response_model=ApprovalLinesOut)
async def set_line(
    kind: LineKind,
    currency: CurrencyCode,
    body: ApprovalLineIn,
    edge: Edge = requires(Permission.TENANT_WRITE, step_up=True),
) -> Response:
    """Set the amount above which a kind of act needs a second person."""
    money = Currency.of(currency)

    async def work(uow: UnitOfWork) -> ApprovalLinesOut:
        await service.set_line(uow, kind, money, None if body.above is None else Money(body.above, money))
        return ApprovalLinesOut(data=[ApprovalLineOut.of(line) for line in await store.lines(uow)])

    return await edge.write(work, _as_is)


@router.get("/approval-rules", response_model=ApprovalRulesOut)
async def list_rules(edge: Edge = requires(Permission.APPROVALS_READ)) -> ApprovalRulesOut:
    """Which decisions without an amount need a second person."""
    return ApprovalRulesOut.of(get_args(RuleKind), await edge.read(store.rules))


@router.put("/approval-rules/{rule}", response_model=ApprovalRulesOut)
async def set_rule(
    rule: RuleKind, body: ApprovalRuleIn, edge: Edge = requires(Permission.TENANT_WRITE, step_up=True)
) -> Response:
    """Say whether every decision of a kind needs a second person."""

    async def work(uow: UnitOfWork) -> ApprovalRulesOut:
        await service.set_rule(uow, rule, is_needed=body.second_person)
        return ApprovalRulesOut.of(get_args(RuleKind), await store.rules(uow))

    return await edge.write(work, _as_is)


async def _one(uow: UnitOfWork, edge: Edge, approval: Approval) -> ApprovalOut:
    return (await _shown(uow, edge, [approval]))[0]


async def _shown(uow: UnitOfWork, edge: Edge, approvals: Sequence[Approval]) -> list[ApprovalOut]:
    people = {who for each in approvals for who in (each.maker, each.checker) if who}
    names = await identity.names_of(uow, edge.service(identity.SERVICE), people)
    me = await identity.person_behind(uow, edge.scope.actor)
    return [ApprovalOut.of(each, names, me) for each in approvals]


def _as_is(shown: Any) -> Any:
    return shown
