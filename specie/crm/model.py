"""Pipelines, opportunities and what is done for customers; pure values and decisions, no I/O and no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from specie.crm.errors import ChangedMeanwhile, LostReasonRequired, PipelineInvalid
from specie.kernel.ids import PartyId, PrefixedId, UserId
from specie.kernel.money import Currency, Money

CERTAIN_BPS = 10_000


class PipelineId(PrefixedId, prefix="pipe"):
    """A way from the first talk to won or lost."""


class StageId(PrefixedId, prefix="stg"):
    """One step of a pipeline."""


class OpportunityId(PrefixedId, prefix="opp"):
    """A deal that may come about."""


class ActivityId(PrefixedId, prefix="act"):
    """A call, meeting or task."""


class CrmNoteId(PrefixedId, prefix="cnt"):
    """A note about a customer."""


class CrmFileId(PrefixedId, prefix="cfl"):
    """A file about a customer."""


class ViewId(PrefixedId, prefix="view"):
    """Filters of a screen under a name."""


class MergeId(PrefixedId, prefix="mrg"):
    """Two customers found to be one."""


class Outcome(StrEnum):
    """Whether an opportunity is still open, and how it ended."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class ActivityKind(StrEnum):
    """What is to be done."""

    CALL = "call"
    MEETING = "meeting"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a pipeline. `probability_bps`: how likely an opportunity here is won, in hundredths of a percent."""

    id: StageId
    name: str
    outcome: Outcome
    probability_bps: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages in order."""

    id: PipelineId
    name: str
    version: int
    stages: tuple[Stage, ...]

    def stage(self, stage_id: StageId) -> Stage | None:
        """The stage with this id."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)


@dataclass(frozen=True, slots=True)
class StageDraft:
    """A stage as asked for; with an id it is one that exists."""

    id: StageId | None
    name: str
    outcome: Outcome
    probability_bps: int


FIRST_STAGES = (
    StageDraft(None, "New", Outcome.OPEN, 1_000),
    StageDraft(None, "Talking", Outcome.OPEN, 3_000),
    StageDraft(None, "Offer sent", Outcome.OPEN, 6_000),
    StageDraft(None, "Agreed", Outcome.OPEN, 9_000),
    StageDraft(None, "Won", Outcome.WON, CERTAIN_BPS),
    StageDraft(None, "Lost", Outcome.LOST, 0),
)
"""The stages of a pipeline about which nothing else was said."""


def require_sound(stages: Sequence[StageDraft]) -> None:
    """Raise PipelineInvalid unless work can begin, be won and be lost, and won and lost are certain."""
    found = {stage.outcome for stage in stages}
    if found != set(Outcome):
        raise PipelineInvalid("a pipeline has at least one stage each that is open, won and lost", param="stages")
    certain = {Outcome.WON: CERTAIN_BPS, Outcome.LOST: 0}
    names: set[str] = set()
    for n, stage in enumerate(stages):
        if stage.probability_bps != certain.get(stage.outcome, stage.probability_bps):
            raise PipelineInvalid(f"what is {stage.outcome} is certain", param=f"stages.{n}.probability_bps")
        if stage.name.casefold() in names:
            raise PipelineInvalid("two stages have the same name", param=f"stages.{n}.name")
        names.add(stage.name.casefold())


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A deal that may come about; `title` is opened from its seal."""

    id: OpportunityId
    pipeline_id: PipelineId
    stage_id: StageId
    party_id: PartyId
    sealed_for: PartyId
    title: str
    amount: Money
    expected_close: date
    owner_id: UserId | None
    outcome: Outcome
    lost_reason: str | None
    version: int
    created_at: datetime
    created_by: str
    moved_at: datetime
    closed_at: datetime | None

    def require_version(self, seen: int) -> None:
        """Raise ChangedMeanwhile unless this is the version the caller saw."""
        if self.version != seen:
            raise ChangedMeanwhile(
                f"you saw version {seen}, it is version {self.version} by now", param="version", version=self.version
            )

    def moved(self, stage: Stage, reason: str | None, now: datetime) -> "Opportunity":
        """The opportunity at another stage. Raises LostReasonRequired."""
        is_lost = stage.outcome is Outcome.LOST
        if is_lost and not reason:
            raise LostReasonRequired("say in a few words why it was lost", param="reason")
        return replace(
            self,
            stage_id=stage.id,
            outcome=stage.outcome,
            lost_reason=reason if is_lost else None,
            version=self.version + 1,
            moved_at=now,
            closed_at=None if stage.outcome is Outcome.OPEN else now,
        )


@dataclass(frozen=True, slots=True)
class OpportunityFilter:
    """What opportunities are narrowed to; months are those of the expected close."""

    pipeline_id: PipelineId | None = None
    outcome: Outcome | None = None
    owner_id: UserId | None = None
    party_ids: tuple[PartyId, ...] = ()
    currency: str | None = None
    closes_from: date | None = None
    closes_to: date | None = None


@dataclass(frozen=True, slots=True)
class StageSum:
    """How many opportunities stand at a stage in one currency, and for how much."""

    stage_id: StageId
    number: int
    amount: Money


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """What one stage expects to close in one month and currency."""

    month: date
    outcome: Outcome
    probability_bps: int
    number: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Forecast:
    """One month in one currency: what is open, what of it is likely, and what has been won."""

    month: date
    currency: Currency
    number: int
    open: Money
    weighted: Money
    won: Money


def forecast(lines: Iterable[ForecastLine]) -> list[Forecast]:
    """Months in order. The weighted sum is divided once, by month and currency, and rounded down."""
    sums: dict[tuple[date, Currency], list[int]] = {}
    for line in lines:
        found = sums.setdefault((line.month, line.amount.currency), [0, 0, 0, 0])
        if line.outcome is Outcome.WON:
            found[3] += line.amount.minor
        elif line.outcome is Outcome.OPEN:
            found[0] += line.number
            found[1] += line.amount.minor
            found[2] += line.amount.minor * line.probability_bps
    return [
        Forecast(
            month,
            currency,
            number,
            Money(opened, currency),
            Money(weighted // CERTAIN_BPS, currency),
            Money(won, currency),
        )
        for (month, currency), (number, opened, weighted, won) in sorted(
            sums.items(), key=lambda item: (item[0][0], item[0][1].code)
        )
    ]


@dataclass(frozen=True, slots=True)
class Activity:
    """A call, meeting or task; open until it is done."""

    id: ActivityId
    party_id: PartyId
    sealed_for: PartyId
    opportunity_id: OpportunityId | None
    kind: ActivityKind
    subject: str
    owner_id: UserId | None
    due_at: datetime
    done_at: datetime | None
    version: int
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a customer."""

    id: CrmNoteId
    party_id: PartyId
    sealed_for: PartyId
    opportunity_id: OpportunityId | None
    body: str
    mentions: tuple[UserId, ...]
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class CrmFile:
    """A file about a customer, sealed in storage."""

    id: CrmFileId
    party_id: PartyId
    sealed_for: PartyId
    name: str
    media_type: str
    size: int
    storage_key: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to talk to at a company."""

    company_id: PartyId
    person_id: PartyId
    position: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """Filters of a screen under a name, for their owner or for everybody."""

    id: ViewId
    owner_id: UserId
    screen: str
    name: str
    query: Mapping[str, Any]
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """Two customers found to be one: `merged_id` goes on as `survivor_id`."""

    id: MergeId
    survivor_id: PartyId
    merged_id: PartyId
    at: datetime
    actor: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened with a customer. `id` is the thing's own, `key` orders what happened at one moment.

    `opens` is the id of what shows it, where that is not the thing itself.
    """

    kind: str
    id: str
    key: UUID
    at: datetime
    title: str
    amount: Money | None = None
    status: str | None = None
    actor: str | None = None
    opens: str | None = None
