"""The SQL of pipelines and opportunities; texts go in and come out sealed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, cast, delete, func, insert, select, update
from sqlalchemy import Date as SqlDate
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.crm import tables as t
from specie.crm.model import (
    ForecastLine,
    OpportunityFilter,
    OpportunityId,
    Outcome,
    Pipeline,
    PipelineId,
    Stage,
    StageDraft,
    StageId,
    StageSum,
)
from specie.kernel.errors import Forbidden
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork


def here(uow: UnitOfWork) -> UUID:
    """The tenant whose customers are meant. Raises Forbidden for a caller who is itself one of them."""
    if uow.scope.party_id is not None:
        raise Forbidden("what is written about customers is for the house only")
    return uow.scope.tenant_id.uuid


async def pipelines(uow: UnitOfWork, *, only: PipelineId | None = None, lock: bool = False) -> list[Pipeline]:
    """All pipelines with their stages in order, or one."""
    p, s, tenant = t.pipeline.c, t.stage.c, here(uow)
    query = select(t.pipeline).where(p.tenant_id == tenant).order_by(p.position, p.id)
    if only is not None:
        query = query.where(p.id == only.uuid)
    rows = (await uow.execute(query.with_for_update() if lock else query)).all()
    wanted = [row.id for row in rows]
    found = await uow.execute(
        select(t.stage).where(s.tenant_id == tenant, s.pipeline_id.in_(wanted)).order_by(s.position)
    )
    stages: dict[UUID, list[Stage]] = {one: [] for one in wanted}
    for row in found:
        stage = Stage(StageId(row.id), row.name, Outcome(row.outcome), row.probability_bps)
        stages[row.pipeline_id].append(stage)
    return [Pipeline(PipelineId(row.id), row.name, row.version, tuple(stages[row.id])) for row in rows]


async def insert_pipeline(uow: UnitOfWork, pipeline: Pipeline) -> None:
    """Add a pipeline behind the others; its stages follow by `save_stages`."""
    p, tenant = t.pipeline.c, here(uow)
    last = select(func.coalesce(func.max(p.position), 0) + 1).where(p.tenant_id == tenant).scalar_subquery()
    row = {"tenant_id": tenant, "id": pipeline.id.uuid, "name": pipeline.name, "version": pipeline.version}
    await uow.execute(insert(t.pipeline).values(row | {"position": last, "created_at": uow.now}))


async def rename_pipeline(uow: UnitOfWork, pipeline: Pipeline) -> None:
    """Store a pipeline's name and version; it was locked before."""
    p = t.pipeline.c
    where = (p.tenant_id == here(uow), p.id == pipeline.id.uuid)
    await uow.execute(update(t.pipeline).where(*where).values(name=pipeline.name, version=pipeline.version))


async def save_stages(uow: UnitOfWork, pipeline_id: PipelineId, stages: Sequence[tuple[StageId, StageDraft]]) -> None:
    """Make these the stages of the pipeline, in this order."""
    s, tenant = t.stage.c, here(uow)
    kept = [stage_id.uuid for stage_id, _ in stages]
    await uow.execute(
        delete(t.stage).where(s.tenant_id == tenant, s.pipeline_id == pipeline_id.uuid, s.id.not_in(kept))
    )
    for position, (stage_id, draft) in enumerate(stages):
        row = {
            "name": draft.name,
            "outcome": draft.outcome.value,
            "probability_bps": draft.probability_bps,
            "position": position,
        }
        keys = {"tenant_id": tenant, "id": stage_id.uuid, "pipeline_id": pipeline_id.uuid}
        statement = upsert(t.stage).values(keys | row)
        await uow.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=row))


async def stages_in_use(uow: UnitOfWork, pipeline_id: PipelineId) -> set[StageId]:
    """The stages at which opportunities stand."""
    o = t.opportunity.c
    query = select(o.stage_id).distinct().where(o.tenant_id == here(uow), o.pipeline_id == pipeline_id.uuid)
    return {StageId(row.stage_id) for row in await uow.execute(query)}


async def standing_at(uow: UnitOfWork, stage_id: StageId, most: int) -> list[OpportunityId]:
    """Opportunities at a stage, at most so many, the oldest first."""
    o = t.opportunity.c
    query = select(o.id).where(o.tenant_id == here(uow), o.stage_id == stage_id.uuid).order_by(o.id).limit(most)
    return [OpportunityId(row.id) for row in await uow.execute(query)]


async def insert_opportunity(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """Add an opportunity."""
    await uow.execute(insert(t.opportunity).values({"tenant_id": here(uow)} | values))


async def opportunity(uow: UnitOfWork, opportunity_id: OpportunityId, *, lock: bool = False) -> RowMapping | None:
    """One opportunity's row."""
    o = t.opportunity.c
    query = select(t.opportunity).where(o.tenant_id == here(uow), o.id == opportunity_id.uuid)
    return (await uow.execute(query.with_for_update() if lock else query)).mappings().one_or_none()


async def update_opportunity(uow: UnitOfWork, opportunity_id: OpportunityId, **values: Any) -> None:
    """Store changes of an opportunity that was locked before."""
    o = t.opportunity.c
    where = (o.tenant_id == here(uow), o.id == opportunity_id.uuid)
    await uow.execute(update(t.opportunity).where(*where).values(values))


async def insert_move(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """Remember that an opportunity came to a stage."""
    row = {"tenant_id": here(uow), "at": uow.now, "actor": str(uow.scope.actor)}
    await uow.execute(insert(t.move).values(row | values))


async def list_opportunities(
    uow: UnitOfWork, wanted: OpportunityFilter, after: tuple[Any, ...] | None, limit: int
) -> Page[RowMapping]:
    """Opportunities, those that close first first."""
    o = t.opportunity.c
    query = _narrowed(select(t.opportunity), uow, wanted)
    if after is not None:
        at, last = date.fromisoformat(after[0]), UUID(after[1])
        query = query.where((o.expected_close > at) | and_(o.expected_close == at, o.id > last))
    rows = (await uow.execute(query.order_by(o.expected_close, o.id).limit(limit + 1))).mappings().all()
    return Page.cut(rows, limit, lambda row: (row["expected_close"].isoformat(), str(row["id"])))


async def cards(uow: UnitOfWork, wanted: OpportunityFilter, per_stage: int) -> list[RowMapping]:
    """The first opportunities of each stage, those that close first first."""
    o = t.opportunity.c
    place = func.row_number().over(partition_by=o.stage_id, order_by=(o.expected_close, o.id)).label("place")
    numbered = _narrowed(select(t.opportunity, place), uow, wanted).subquery()
    query = select(numbered).where(numbered.c.place <= per_stage).order_by(numbered.c.expected_close, numbered.c.id)
    return list((await uow.execute(query)).mappings().all())


async def stage_sums(uow: UnitOfWork, wanted: OpportunityFilter) -> list[StageSum]:
    """Numbers and amounts by stage and currency, of all opportunities and not only of those shown."""
    o = t.opportunity.c
    columns = (o.stage_id, o.currency, func.count().label("number"), func.sum(o.amount_minor).label("minor"))
    query = _narrowed(select(*columns), uow, wanted).group_by(o.stage_id, o.currency).order_by(o.currency)
    return [
        StageSum(StageId(row.stage_id), row.number, Money(int(row.minor), Currency.of(row.currency)))
        for row in await uow.execute(query)
    ]


async def forecast_lines(uow: UnitOfWork, wanted: OpportunityFilter) -> list[ForecastLine]:
    """What each stage expects, by month of the expected close and currency."""
    o, s = t.opportunity.c, t.stage.c
    month = cast(func.date_trunc("month", o.expected_close), SqlDate).label("month")
    columns = (
        month,
        o.currency,
        s.outcome,
        s.probability_bps,
        func.count().label("number"),
        func.sum(o.amount_minor).label("minor"),
    )
    query = (
        _narrowed(select(*columns), uow, wanted)
        .join(t.stage, and_(s.tenant_id == o.tenant_id, s.id == o.stage_id))
        .group_by(month, o.currency, s.outcome, s.probability_bps)
    )
    return [
        ForecastLine(
            row.month,
            Outcome(row.outcome),
            row.probability_bps,
            row.number,
            Money(int(row.minor), Currency.of(row.currency)),
        )
        for row in await uow.execute(query)
    ]


async def open_sums(uow: UnitOfWork, parties: Sequence[UUID]) -> dict[UUID, list[Money]]:
    """What is open with each party, by currency."""
    o = t.opportunity.c
    query = (
        select(o.party_id, o.currency, func.sum(o.amount_minor).label("minor"))
        .where(o.tenant_id == here(uow), o.party_id.in_(parties), o.outcome == Outcome.OPEN.value)
        .group_by(o.party_id, o.currency)
        .order_by(o.currency)
    )
    found: dict[UUID, list[Money]] = {}
    for row in await uow.execute(query):
        found.setdefault(row.party_id, []).append(Money(int(row.minor), Currency.of(row.currency)))
    return found


def _narrowed(query: Select[Any], uow: UnitOfWork, wanted: OpportunityFilter) -> Select[Any]:
    o = t.opportunity.c
    conditions: list[ColumnElement[bool]] = [o.tenant_id == here(uow)]
    if wanted.pipeline_id is not None:
        conditions.append(o.pipeline_id == wanted.pipeline_id.uuid)
    if wanted.outcome is not None:
        conditions.append(o.outcome == wanted.outcome.value)
    if wanted.owner_id is not None:
        conditions.append(o.owner_id == wanted.owner_id.uuid)
    if wanted.party_ids:
        conditions.append(o.party_id.in_([one.uuid for one in wanted.party_ids]))
    if wanted.currency is not None:
        conditions.append(o.currency == wanted.currency)
    if wanted.closes_from is not None:
        conditions.append(o.expected_close >= wanted.closes_from)
    if wanted.closes_to is not None:
        conditions.append(o.expected_close <= wanted.closes_to)
    return query.where(*conditions)
