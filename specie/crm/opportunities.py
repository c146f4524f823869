"""Opportunities: added, changed and moved through their pipeline, never over somebody else's change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from specie import audit, events, parties
from specie.crm import customer_store, opening, pipelines, store
from specie.crm.errors import OpportunityMissing, PipelineInvalid, StageInUse, StageMissing
from specie.crm.events import opportunity_event
from specie.crm.model import (
    Forecast,
    Opportunity,
    OpportunityFilter,
    OpportunityId,
    Outcome,
    Pipeline,
    PipelineId,
    Stage,
    StageId,
    StageSum,
    forecast,
)
from specie.identity import Identity
from specie.kernel.ids import PartyId, UserId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

_TABLE = "crm_opportunity"
CARDS_PER_STAGE = 50
MOST_MOVED = 500


@dataclass(frozen=True, slots=True)
class Desk:
    """What opens seals and knows the staff."""

    vault: KeyRing
    people: Identity


@dataclass(frozen=True, slots=True)
class NewOpportunity:
    """A deal that may come about; without a stage it begins at the first that is open."""

    pipeline_id: PipelineId
    party_id: PartyId
    title: str
    amount: Money
    expected_close: date
    owner_id: UserId | None = None
    stage_id: StageId | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A pipeline with the first cards and the whole sums of each stage."""

    pipeline: Pipeline
    sums: list[StageSum]
    cards: list[Opportunity]


async def get(uow: UnitOfWork, vault: KeyRing, opportunity_id: OpportunityId, *, lock: bool = False) -> Opportunity:
    """One opportunity. Raises OpportunityMissing."""
    row = await store.opportunity(uow, opportunity_id, lock=lock)
    if row is None:
        raise OpportunityMissing(f"there is no opportunity {opportunity_id}")
    return (await opening.opportunities(uow, vault, [row]))[0]


async def create(uow: UnitOfWork, desk: Desk, new: NewOpportunity) -> Opportunity:
    """Add an opportunity.

    Raises PipelineMissing, StageMissing, PartyMissing, MergedAway or NotAColleague.
    """
    stage = _beginning(await pipelines.get(uow, new.pipeline_id), new.stage_id)
    pen = await opening.pen_for(uow, desk.vault, new.party_id)
    await _require_owner(uow, desk, new.owner_id)
    opportunity_id = OpportunityId.new()
    values = {
        "id": opportunity_id.uuid,
        "pipeline_id": new.pipeline_id.uuid,
        "stage_id": stage.id.uuid,
        "party_id": new.party_id.uuid,
        "sealed_for": new.party_id.uuid,
        "title": pen.close(_TABLE, str(opportunity_id), "title", new.title.encode()),
        "amount_minor": new.amount.minor,
        "currency": new.amount.currency.code,
        "expected_close": new.expected_close,
        "owner_id": new.owner_id.uuid if new.owner_id else None,
        "outcome": stage.outcome.value,
        "version": 1,
        "created_at": uow.now,
        "created_by": str(uow.scope.actor),
        "moved_at": uow.now,
    }
    await store.insert_opportunity(uow, values)
    move = {"opportunity_id": opportunity_id.uuid, "version": 1, "from_stage": None, "to_stage": stage.id.uuid}
    await store.insert_move(uow, move)
    made = await get(uow, desk.vault, opportunity_id)
    await _note(uow, "create", made)
    await events.record(uow, opportunity_event("created", made))
    return made


def _beginning(pipeline: Pipeline, wanted: StageId | None) -> Stage:
    open_stages = [stage for stage in pipeline.stages if stage.outcome is Outcome.OPEN]
    stage = next((stage for stage in open_stages if wanted in {None, stage.id}), None)
    if stage is None:
        raise StageMissing(f"{pipeline.name} has no open stage {wanted}", param="stage_id")
    return stage


async def change(
    uow: UnitOfWork, desk: Desk, opportunity_id: OpportunityId, seen: int, changes: dict[str, Any]
) -> Opportunity:
    """Change what is known: `title`, `amount`, `expected_close` and `owner_id`, those that are named.

    Raises OpportunityMissing, ChangedMeanwhile, PartyMissing or NotAColleague.
    """
    before = await get(uow, desk.vault, opportunity_id, lock=True)
    before.require_version(seen)
    values: dict[str, Any] = {"version": before.version + 1}
    if "title" in changes:
        pen = await opening.pen_for(uow, desk.vault, before.party_id)
        values["title"] = pen.close(_TABLE, str(opportunity_id), "title", changes["title"].encode())
        values["sealed_for"] = before.party_id.uuid
        # The reason stands under the same seal, so it changes hands with the title.
        if before.lost_reason is not None:
            values["lost_reason"] = pen.close(_TABLE, str(opportunity_id), "lost_reason", before.lost_reason.encode())
    if "amount" in changes:
        values |= {"amount_minor": changes["amount"].minor, "currency": changes["amount"].currency.code}
    if "expected_close" in changes:
        values["expected_close"] = changes["expected_close"]
    if "owner_id" in changes:
        await _require_owner(uow, desk, changes["owner_id"])
        values["owner_id"] = changes["owner_id"].uuid if changes["owner_id"] else None
    await store.update_opportunity(uow, opportunity_id, **values)
    after = await get(uow, desk.vault, opportunity_id)
    await _note(uow, "change", after, before)
    await events.record(uow, opportunity_event("changed", after))
    return after


async def move(
    uow: UnitOfWork, vault: KeyRing, opportunity_id: OpportunityId, seen: int, stage_id: StageId, reason: str | None
) -> Opportunity:
    """Bring an opportunity to another stage of its pipeline; at its own stage nothing happens.

    Raises OpportunityMissing, ChangedMeanwhile, StageMissing, LostReasonRequired or PartyMissing.
    """
    before = await get(uow, vault, opportunity_id, lock=True)
    before.require_version(seen)
    pipeline = await pipelines.get(uow, before.pipeline_id)
    stage = pipeline.stage(stage_id)
    if stage is None:
        raise StageMissing(f"{pipeline.name} has no stage {stage_id}", param="stage_id")
    if stage.id == before.stage_id:
        return before
    after = before.moved(stage, reason, uow.now)
    await _save_move(uow, vault, before, after)
    await _note(uow, "move", after, before)
    name = {Outcome.OPEN: "moved"}.get(after.outcome, str(after.outcome))
    await events.record(uow, opportunity_event(name, after))
    return after


async def win(uow: UnitOfWork, vault: KeyRing, opportunity_id: OpportunityId) -> Opportunity:
    """Bring an open opportunity to the first stage that is won; one that has ended stays as it is.

    Raises OpportunityMissing.
    """
    before = await get(uow, vault, opportunity_id, lock=True)
    if before.outcome is not Outcome.OPEN:
        return before
    pipeline = await pipelines.get(uow, before.pipeline_id)
    won = next(stage for stage in pipeline.stages if stage.outcome is Outcome.WON)
    return await move(uow, vault, opportunity_id, before.version, won.id, None)


async def empty_stages(
    uow: UnitOfWork, vault: KeyRing, pipeline_id: PipelineId, into: Mapping[StageId, StageId]
) -> None:
    """Bring every opportunity of some stages to others that end alike, before these stages go.

    Raises PipelineMissing, PipelineInvalid or StageInUse, the latter where more than `MOST_MOVED` stand at a stage.
    """
    pipeline = await pipelines.get(uow, pipeline_id, lock=True)
    for left, kept in into.items():
        before, after = pipeline.stage(left), pipeline.stage(kept)
        if before is None or after is None or before.outcome is not after.outcome or kept in into:
            raise PipelineInvalid("deals go to a stage that stays and is open, won or lost as theirs is", param="moves")
        standing = await store.standing_at(uow, left, MOST_MOVED + 1)
        if len(standing) > MOST_MOVED:
            raise StageInUse(f"more than {MOST_MOVED} opportunities stand at {before.name}", stage_id=str(left))
        for one in standing:
            await _carry(uow, vault, one, after)


async def _carry(uow: UnitOfWork, vault: KeyRing, opportunity_id: OpportunityId, stage: Stage) -> None:
    """Bring an opportunity to a stage that ends alike; what stands under its seal is not touched."""
    before = await get(uow, vault, opportunity_id, lock=True)
    after = replace(before, stage_id=stage.id, version=before.version + 1, moved_at=uow.now)
    values = {"stage_id": stage.id.uuid, "version": after.version, "moved_at": after.moved_at}
    await store.update_opportunity(uow, opportunity_id, **values)
    await _remember_move(uow, before, after)
    await _note(uow, "move", after, before)
    await events.record(uow, opportunity_event("moved" if after.outcome is Outcome.OPEN else "changed", after))


async def _save_move(uow: UnitOfWork, vault: KeyRing, before: Opportunity, after: Opportunity) -> None:
    sealed: bytes | None = None
    if after.lost_reason is not None:
        pen = (await parties.pens(uow, vault, [after.sealed_for]))[after.sealed_for]
        sealed = pen.close(_TABLE, str(after.id), "lost_reason", after.lost_reason.encode())
    await store.update_opportunity(
        uow,
        after.id,
        stage_id=after.stage_id.uuid,
        outcome=after.outcome.value,
        lost_reason=sealed,
        version=after.version,
        moved_at=after.moved_at,
        closed_at=after.closed_at,
    )
    await _remember_move(uow, before, after)


async def _remember_move(uow: UnitOfWork, before: Opportunity, after: Opportunity) -> None:
    row = {
        "opportunity_id": after.id.uuid,
        "version": after.version,
        "from_stage": before.stage_id.uuid,
        "to_stage": after.stage_id.uuid,
    }
    await store.insert_move(uow, row)


async def board(uow: UnitOfWork, vault: KeyRing, pipeline_id: PipelineId, wanted: OpportunityFilter) -> Board:
    """A pipeline as columns. Raises PipelineMissing."""
    pipeline = await pipelines.get(uow, pipeline_id)
    rows = await store.cards(uow, wanted, CARDS_PER_STAGE)
    cards = await opening.opportunities(uow, vault, rows)
    return Board(pipeline, await store.stage_sums(uow, wanted), cards)


async def months(uow: UnitOfWork, wanted: OpportunityFilter) -> list[Forecast]:
    """What is expected, by month and currency."""
    return forecast(await store.forecast_lines(uow, wanted))


async def next_due(uow: UnitOfWork, shown: list[Opportunity]) -> dict[OpportunityId, Any]:
    """When the next activity of each opportunity is due."""
    found = await customer_store.next_due(uow, [one.id.uuid for one in shown])
    return {OpportunityId(one): due for one, due in found.items()}


async def _require_owner(uow: UnitOfWork, desk: Desk, owner: UserId | None) -> None:
    if owner is not None:
        await opening.require_colleagues(uow, desk.people, [owner])


async def _note(uow: UnitOfWork, step: str, after: Opportunity, before: Opportunity | None = None) -> None:
    await audit.record(
        uow,
        action=f"opportunity.{step}",
        subject=("opportunity", str(after.id)),
        before=_told(before) if before else None,
        after=_told(after),
    )


def _told(opportunity: Opportunity) -> dict[str, Any]:
    return {
        "stage_id": str(opportunity.stage_id),
        "amount": f"{opportunity.amount.minor} {opportunity.amount.currency}",
        "expected_close": opportunity.expected_close.isoformat(),
        "owner_id": str(opportunity.owner_id) if opportunity.owner_id else None,
    }
