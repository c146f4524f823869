"""Pipelines, opportunities, the forecast and saved views over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from specie import identity
from specie.crm import customer_store, errors, opening, opportunities, pipelines, showing, store, working
from specie.crm.model import (
    FIRST_STAGES,
    OpportunityFilter,
    OpportunityId,
    Outcome,
    Pipeline,
    PipelineId,
    StageId,
    View,
    ViewId,
)
from specie.crm.opportunities import Desk, NewOpportunity
from specie.crm.schemas import (
    ColleagueOut,
    ColleaguesOut,
    ForecastOut,
    ForecastsOut,
    MoveIn,
    OpportunityChangeIn,
    OpportunityIn,
    OpportunityOut,
    OutcomeText,
    PipelineBoardOut,
    PipelineChangeIn,
    PipelineIn,
    PipelineOut,
    PipelinesOut,
    RefOut,
    Screen,
    ViewIn,
    ViewOut,
    ViewsOut,
)
from specie.kernel.ids import PartyId, UserId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.kernel.scope import ActorKind
from specie.parties import PartyMissing
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.idempotency import Answer
from specie.platform.wire import CurrencyCode, ListOf, id_text

router = ApiRouter(prefix="/crm", tags=["CRM"])

Limit = Annotated[int, Query(ge=1, le=100)]
Day = Annotated[date | None, Query(description="YYYY-MM-DD")]
Out = TypeVar("Out", bound=BaseModel)
_LIST = "opportunities"
_WRITING = (PartyMissing, errors.MergedAway, errors.NotAColleague)


def desk_of(edge: Edge) -> Desk:
    """What opens seals and knows the staff."""
    return Desk(edge.service("vault"), edge.service(identity.SERVICE))


async def answer(
    edge: Edge,
    work: Callable[[UnitOfWork], Awaitable[Out]],
    show: Callable[[UnitOfWork, str], Awaitable[Out]],
    *,
    status: int = 200,
) -> Response:
    """Do `work` and answer what it made; under the request's key only its id is kept, so nothing leaves the seal."""
    if edge.dry_run or edge.key() is None:
        return await edge.write(work, lambda made: made, status=status)
    kept = await edge.write(work, lambda made: RefOut(id=made.id), status=status)  # type: ignore[attr-defined]
    return await opened(edge, kept, show, status=status)


async def opened(
    edge: Edge, kept: Response, show: Callable[[UnitOfWork, str], Awaitable[BaseModel]], *, status: int
) -> Response:
    """What a kept answer, which holds an id alone, stands for; a refusal is answered as it was."""
    if kept.status_code != status:
        return kept
    ref = RefOut.model_validate_json(bytes(kept.body)).id
    made = await edge.read(lambda uow: show(uow, ref))
    return edge.answer(Answer(status, made.model_dump_json()), replayed="Idempotent-Replayed" in kept.headers)


def user_id(edge: Edge, text: str | None) -> UserId | None:
    """The colleague who is named, or the caller."""
    if text is not None:
        return id_text(UserId, text, "owner_id")
    actor = edge.scope.actor
    return UserId.parse(actor.id) if actor.kind is ActorKind.USER else None


def _filter(
    pipeline_id: str | None = None,
    status: OutcomeText | None = None,
    owner_id: str | None = None,
    party_id: str | None = None,
    currency: CurrencyCode | None = None,
    closes_from: Day = None,
    closes_to: Day = None,
) -> OpportunityFilter:
    return OpportunityFilter(
        pipeline_id=id_text(PipelineId, pipeline_id, "pipeline_id") if pipeline_id else None,
        outcome=Outcome(status) if status else None,
        owner_id=id_text(UserId, owner_id, "owner_id") if owner_id else None,
        party_ids=(id_text(PartyId, party_id, "party_id"),) if party_id else (),
        currency=currency,
        closes_from=closes_from,
        closes_to=closes_to,
    )


Filter = Annotated[OpportunityFilter, Depends(_filter)]


@router.get("/colleagues", response_model=ColleaguesOut)
async def list_colleagues(edge: Edge = requires(Permission.CRM_READ)) -> ColleaguesOut:
    """The staff: who may own an opportunity or be mentioned."""
    found = await edge.read(lambda uow: opening.colleagues(uow, desk_of(edge).people))
    return ColleaguesOut(data=[ColleagueOut(user_id=str(one.user.id), name=one.user.name) for one in found])


@router.get("/pipelines", response_model=PipelinesOut)
async def list_pipelines(edge: Edge = requires(Permission.CRM_READ)) -> PipelinesOut:
    """Pipelines with their stages."""
    found = await edge.read(store.pipelines)
    return PipelinesOut(data=[PipelineOut.of(one) for one in found])


@router.post("/pipelines", status_code=201, response_model=PipelineOut)
@refuses(errors.PipelineInvalid)
async def create_pipeline(body: PipelineIn, edge: Edge = requires(Permission.CRM_MANAGE)) -> Response:
    """Add a pipeline; each stage says how likely what stands there is won."""
    stages = [stage.draft() for stage in body.stages] if body.stages else list(FIRST_STAGES)
    return await edge.write(lambda uow: pipelines.create(uow, body.name.strip(), stages), PipelineOut.of, status=201)


@router.put("/pipelines/{pipeline_id}", response_model=PipelineOut)
@refuses(
    errors.PipelineMissing, errors.PipelineInvalid, errors.StageMissing, errors.StageInUse, errors.ChangedMeanwhile
)
async def change_pipeline(
    pipeline_id: str, body: PipelineChangeIn, edge: Edge = requires(Permission.CRM_MANAGE)
) -> Response:
    """Name the stages a pipeline shall have, in order; one left out goes.

    Opportunities that stand at one that goes are brought where `moves` says; without a word they hold the stage.
    """
    wanted, vault = id_text(PipelineId, pipeline_id, "pipeline_id"), desk_of(edge).vault
    stages, into = [stage.draft() for stage in body.stages], body.into()

    async def work(uow: UnitOfWork) -> Pipeline:
        await opportunities.empty_stages(uow, vault, wanted, into)
        return await pipelines.change(uow, wanted, body.version, body.name.strip(), stages)

    return await edge.write(work, PipelineOut.of)


@router.get("/pipelines/{pipeline_id}/board", response_model=PipelineBoardOut)
@refuses(errors.PipelineMissing)
async def show_board(
    pipeline_id: str,
    edge: Edge = requires(Permission.CRM_READ),
    owner_id: str | None = None,
    currency: CurrencyCode | None = None,
    closes_from: Day = None,
    closes_to: Day = None,
) -> PipelineBoardOut:
    """A pipeline as columns, with the sums of each stage."""
    wanted = id_text(PipelineId, pipeline_id, "pipeline_id")
    narrowed = _filter(pipeline_id, None, owner_id, None, currency, closes_from, closes_to)

    async def read(uow: UnitOfWork) -> PipelineBoardOut:
        desk = desk_of(edge)
        return await showing.board_out(uow, desk, await opportunities.board(uow, desk.vault, wanted, narrowed))

    return await edge.read(read)


@router.get("/forecast", response_model=ForecastsOut)
async def show_forecast(wanted: Filter, edge: Edge = requires(Permission.CRM_READ)) -> ForecastsOut:
    """What is expected by month and currency: open, weighted by the probability of the stages, and won."""
    found = await edge.read(lambda uow: opportunities.months(uow, wanted))
    return ForecastsOut(data=[ForecastOut.of(one) for one in found])


@router.get("/opportunities", response_model=ListOf[OpportunityOut])
async def list_opportunities(
    wanted: Filter, edge: Edge = requires(Permission.CRM_READ), limit: Limit = 20, cursor: str | None = None
) -> Any:
    """Opportunities, those that close first first."""
    after = edge.cursor(_LIST, cursor)

    async def read(uow: UnitOfWork) -> Page[OpportunityOut]:
        desk = desk_of(edge)
        page = await store.list_opportunities(uow, wanted, after, limit)
        shown = await opening.opportunities(uow, desk.vault, list(page.items))
        return Page(await showing.opportunity_outs(uow, desk, shown), page.next_key)

    return edge.page(_LIST, await edge.read(read), lambda shown: shown)


@router.post("/opportunities", status_code=201, response_model=OpportunityOut)
@refuses(errors.PipelineMissing, errors.StageMissing, *_WRITING)
async def create_opportunity(body: OpportunityIn, edge: Edge = requires(Permission.CRM_WRITE)) -> Response:
    """Add an opportunity; its title is sealed under the customer's key."""
    new = NewOpportunity(
        pipeline_id=id_text(PipelineId, body.pipeline_id, "pipeline_id"),
        party_id=id_text(PartyId, body.party_id, "party_id"),
        title=body.title.strip(),
        amount=body.amount.money(),
        expected_close=body.expected_close,
        owner_id=user_id(edge, body.owner_id),
        stage_id=id_text(StageId, body.stage_id, "stage_id") if body.stage_id else None,
    )
    desk = desk_of(edge)

    async def work(uow: UnitOfWork) -> OpportunityOut:
        return (await showing.opportunity_outs(uow, desk, [await opportunities.create(uow, desk, new)]))[0]

    return await answer(edge, work, _shown(desk), status=201)


@router.get("/opportunities/{opportunity_id}", response_model=OpportunityOut)
@refuses(errors.OpportunityMissing)
async def show_opportunity(opportunity_id: str, edge: Edge = requires(Permission.CRM_READ)) -> OpportunityOut:
    """One opportunity."""
    wanted = id_text(OpportunityId, opportunity_id, "opportunity_id")
    return await edge.read(lambda uow: _shown(desk_of(edge))(uow, str(wanted)))


@router.patch("/opportunities/{opportunity_id}", response_model=OpportunityOut)
@refuses(errors.OpportunityMissing, errors.ChangedMeanwhile, *_WRITING)
async def change_opportunity(
    opportunity_id: str, body: OpportunityChangeIn, edge: Edge = requires(Permission.CRM_WRITE)
) -> Response:
    """Change what is known of an opportunity, as it was at `version`; a newer one is left alone."""
    wanted, desk = id_text(OpportunityId, opportunity_id, "opportunity_id"), desk_of(edge)
    changes = _changes(body)

    async def work(uow: UnitOfWork) -> OpportunityOut:
        after = await opportunities.change(uow, desk, wanted, body.version, changes)
        return (await showing.opportunity_outs(uow, desk, [after]))[0]

    return await answer(edge, work, _shown(desk))


def _changes(body: OpportunityChangeIn) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if body.title is not None:
        changes["title"] = body.title.strip()
    if body.amount is not None:
        changes["amount"] = body.amount.money()
    if body.expected_close is not None:
        changes["expected_close"] = body.expected_close
    if "owner_id" in body.model_fields_set:
        changes["owner_id"] = id_text(UserId, body.owner_id, "owner_id") if body.owner_id else None
    return changes


@router.post("/opportunities/{opportunity_id}/move", response_model=OpportunityOut)
@refuses(
    errors.OpportunityMissing,
    errors.ChangedMeanwhile,
    errors.StageMissing,
    errors.PipelineMissing,
    errors.LostReasonRequired,
    PartyMissing,
)
async def move_opportunity(opportunity_id: str, body: MoveIn, edge: Edge = requires(Permission.CRM_WRITE)) -> Response:
    """Bring an opportunity to another stage, as it was at `version`; a newer one is left where it is."""
    wanted, desk = id_text(OpportunityId, opportunity_id, "opportunity_id"), desk_of(edge)
    stage = id_text(StageId, body.stage_id, "stage_id")

    async def work(uow: UnitOfWork) -> OpportunityOut:
        after = await opportunities.move(uow, desk.vault, wanted, body.version, stage, body.reason)
        return (await showing.opportunity_outs(uow, desk, [after]))[0]

    return await answer(edge, work, _shown(desk))


def _shown(desk: Desk) -> Callable[[UnitOfWork, str], Awaitable[OpportunityOut]]:
    async def show(uow: UnitOfWork, text: str) -> OpportunityOut:
        found = await opportunities.get(uow, desk.vault, OpportunityId.parse(text))
        return (await showing.opportunity_outs(uow, desk, [found]))[0]

    return show


@router.get("/views", response_model=ViewsOut)
async def list_views(screen: Screen, edge: Edge = requires(Permission.CRM_READ)) -> ViewsOut:
    """One's own views of a screen and those that colleagues share."""

    async def read(uow: UnitOfWork) -> list[View]:
        return await customer_store.views(uow, working.person_of(uow), screen)

    return ViewsOut(data=[_view(edge, view) for view in await edge.read(read)])


@router.post("/views", status_code=201, response_model=ViewOut)
async def save_view(body: ViewIn, edge: Edge = requires(Permission.CRM_WRITE)) -> Response:
    """Keep the filters of a screen under a name, for oneself or for everybody."""
    return await edge.write(
        lambda uow: working.save_view(uow, body.screen, body.name.strip(), body.query, is_shared=body.is_shared),
        lambda view: _view(edge, view),
        status=201,
    )


@router.delete("/views/{view_id}", status_code=204, response_class=Response)
@refuses(errors.ViewMissing)
async def remove_view(view_id: str, edge: Edge = requires(Permission.CRM_WRITE, rehearsable=False)) -> Response:
    """Take one of one's own views away."""
    wanted = id_text(ViewId, view_id, "view_id")
    await edge.read(lambda uow: working.remove_view(uow, wanted))
    return Response(status_code=204)


def _view(edge: Edge, view: View) -> ViewOut:
    return ViewOut(
        id=str(view.id),
        screen=view.screen,
        name=view.name,
        query=dict(view.query),
        is_shared=view.is_shared,
        is_mine=str(view.owner_id) == edge.scope.actor.id,
    )
