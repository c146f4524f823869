"""Pipelines and their stages, as each tenant works."""

from collections.abc import Sequence

from specie import audit
from specie.crm import store
from specie.crm.errors import ChangedMeanwhile, PipelineMissing, StageInUse, StageMissing
from specie.crm.model import FIRST_STAGES, Pipeline, PipelineId, Stage, StageDraft, StageId, require_sound
from specie.platform.db import UnitOfWork


async def get(uow: UnitOfWork, pipeline_id: PipelineId, *, lock: bool = False) -> Pipeline:
    """One pipeline. Raises PipelineMissing."""
    found = await store.pipelines(uow, only=pipeline_id, lock=lock)
    if not found:
        raise PipelineMissing(f"there is no pipeline {pipeline_id}", param="pipeline_id")
    return found[0]


async def create(uow: UnitOfWork, name: str, stages: Sequence[StageDraft]) -> Pipeline:
    """Add a pipeline behind the others. Raises PipelineInvalid."""
    require_sound(stages)
    made = _with_stages(PipelineId.new(), name, 1, [(StageId.new(), draft) for draft in stages])
    await store.insert_pipeline(uow, made)
    await store.save_stages(uow, made.id, [(stage.id, draft) for stage, draft in zip(made.stages, stages, strict=True)])
    await audit.record(uow, action="pipeline.create", subject=("pipeline", str(made.id)), after=_told(made))
    return made


async def open_first_pipeline(uow: UnitOfWork) -> Pipeline:
    """The pipeline a tenant begins with."""
    return await create(uow, "Sales", FIRST_STAGES)


async def change(
    uow: UnitOfWork, pipeline_id: PipelineId, seen: int, name: str, drafts: Sequence[StageDraft]
) -> Pipeline:
    """Give a pipeline another name and other stages; a stage without an id is new, one left out goes.

    A stage at which opportunities stand neither goes nor changes whether it is open, won or lost. Raises
    PipelineMissing, ChangedMeanwhile, PipelineInvalid, StageMissing or StageInUse.
    """
    require_sound(drafts)
    before = await get(uow, pipeline_id, lock=True)
    if before.version != seen:
        raise ChangedMeanwhile(f"you saw version {seen}, it is version {before.version} by now", param="version")
    stages = [(_known(before, draft), draft) for draft in drafts]
    kept = {stage_id: draft.outcome for stage_id, draft in stages}
    used = await store.stages_in_use(uow, pipeline_id)
    stuck = [stage for stage in before.stages if stage.id in used and kept.get(stage.id) is not stage.outcome]
    if stuck:
        raise StageInUse(f"move the opportunities at {stuck[0].name} first", stage_id=str(stuck[0].id))
    after = _with_stages(pipeline_id, name, before.version + 1, stages)
    await store.rename_pipeline(uow, after)
    await store.save_stages(uow, pipeline_id, stages)
    await audit.record(
        uow,
        action="pipeline.change",
        subject=("pipeline", str(pipeline_id)),
        before=_told(before),
        after=_told(after),
    )
    return after


def _known(pipeline: Pipeline, draft: StageDraft) -> StageId:
    if draft.id is None:
        return StageId.new()
    if pipeline.stage(draft.id) is None:
        raise StageMissing(f"{pipeline.name} has no stage {draft.id}", param="stages")
    return draft.id


def _with_stages(
    pipeline_id: PipelineId, name: str, version: int, stages: Sequence[tuple[StageId, StageDraft]]
) -> Pipeline:
    made = tuple(Stage(one, draft.name, draft.outcome, draft.probability_bps) for one, draft in stages)
    return Pipeline(pipeline_id, name, version, made)


def _told(pipeline: Pipeline) -> dict[str, object]:
    stages = [f"{stage.name}: {stage.outcome}, {stage.probability_bps} bps" for stage in pipeline.stages]
    return {"name": pipeline.name, "stages": stages}
