"""Wire shapes of customer relations."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from specie.crm.model import Forecast, Outcome, Pipeline, Stage, StageDraft, StageId
from specie.platform.http import Schema
from specie.platform.wire import Amount, AwareMoment, BusinessDay, id_text

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*\S[^\x00]*$")]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*\S[^\x00]*$")]
OutcomeText = Literal["open", "won", "lost"]
Screen = Literal["pipeline", "customers", "activities"]


class RefOut(Schema):
    """What is kept under a request's key: nothing personal outside the seal."""

    id: str


class ColleagueOut(Schema):
    """Somebody of the tenant's staff."""

    user_id: str
    name: str


class ColleaguesOut(Schema):
    """The tenant's staff, by name."""

    data: list[ColleagueOut]


class StageIn(Schema):
    """A stage; with an id it is one that exists."""

    id: str | None = None
    name: Name
    outcome: OutcomeText = "open"
    probability_bps: int = Field(ge=0, le=10_000, description="Hundredths of a percent; 10000 when won, 0 when lost")

    def draft(self) -> StageDraft:
        """The value."""
        stage_id = id_text(StageId, self.id, "stages") if self.id else None
        return StageDraft(stage_id, self.name.strip(), Outcome(self.outcome), self.probability_bps)


class PipelineIn(Schema):
    """A new pipeline; without stages it gets the usual six."""

    name: Name
    stages: list[StageIn] | None = Field(default=None, min_length=3, max_length=20)


class StageMoveIn(Schema):
    """Where the opportunities of a stage that goes are brought."""

    from_stage: str
    to_stage: str


class PipelineChangeIn(Schema):
    """A pipeline as it shall be; `version` is the one the caller saw."""

    name: Name
    stages: list[StageIn] = Field(min_length=3, max_length=20)
    version: int = Field(ge=1, le=2**31 - 1)
    moves: list[StageMoveIn] = Field(
        default=[],
        max_length=20,
        description="To which stage that stays the opportunities of one that goes are brought",
    )

    def into(self) -> dict[StageId, StageId]:
        """The stage each emptied one's opportunities go to."""
        return {
            id_text(StageId, one.from_stage, "moves"): id_text(StageId, one.to_stage, "moves") for one in self.moves
        }


class StageOut(Schema):
    """A step of a pipeline."""

    id: str
    name: str
    outcome: OutcomeText
    probability_bps: int

    @classmethod
    def of(cls, stage: Stage) -> "StageOut":
        """The wire form."""
        return cls(
            id=str(stage.id), name=stage.name, outcome=stage.outcome.value, probability_bps=stage.probability_bps
        )


class PipelineOut(Schema):
    """A pipeline with its stages in order."""

    id: str
    name: str
    version: int
    stages: list[StageOut]

    @classmethod
    def of(cls, pipeline: Pipeline) -> "PipelineOut":
        """The wire form."""
        stages = [StageOut.of(stage) for stage in pipeline.stages]
        return cls(id=str(pipeline.id), name=pipeline.name, version=pipeline.version, stages=stages)


class PipelinesOut(Schema):
    """Pipelines in order."""

    data: list[PipelineOut]


class OpportunityIn(Schema):
    """A deal that may come about."""

    pipeline_id: str
    party_id: str
    title: Text
    amount: Amount
    expected_close: BusinessDay
    owner_id: str | None = Field(default=None, description="A colleague; the caller when left out")
    stage_id: str | None = None


class OpportunityChangeIn(Schema):
    """What shall be different; `version` is the one the caller saw."""

    version: int = Field(ge=1, le=2**31 - 1)
    title: Text | None = None
    amount: Amount | None = None
    expected_close: BusinessDay | None = None
    owner_id: str | None = None


class MoveIn(Schema):
    """To which stage, seen at which version; a lost one says why."""

    stage_id: str
    version: int = Field(ge=1, le=2**31 - 1)
    reason: Text | None = None


class OpportunityOut(Schema):
    """A deal that may come about."""

    id: str
    pipeline_id: str
    stage_id: str
    party_id: str
    customer_name: str
    title: str
    amount: Amount
    expected_close: date
    owner_id: str | None
    owner_name: str | None
    outcome: OutcomeText
    lost_reason: str | None
    next_due_at: datetime | None = Field(description="When its next open activity is due")
    version: int
    created_at: datetime
    moved_at: datetime
    closed_at: datetime | None


class ColumnOut(Schema):
    """A stage as column: numbers and sums are of all opportunities there, cards are the first fifty."""

    stage: StageOut
    number: int
    sums: list[Amount]
    opportunities: list[OpportunityOut]


class PipelineBoardOut(Schema):
    """A pipeline as columns."""

    pipeline: PipelineOut
    columns: list[ColumnOut]


class ForecastOut(Schema):
    """One month in one currency; `weighted` is the open amounts times the probability of their stages."""

    month: date
    number: int
    open: Amount
    weighted: Amount
    won: Amount

    @classmethod
    def of(cls, found: Forecast) -> "ForecastOut":
        """The wire form."""
        return cls(
            month=found.month,
            number=found.number,
            open=Amount.of(found.open),
            weighted=Amount.of(found.weighted),
            won=Amount.of(found.won),
        )


class ForecastsOut(Schema):
    """Months in order."""

    data: list[ForecastOut]


class ActivityIn(Schema):
    """Something to do with a customer."""

    party_id: str
    opportunity_id: str | None = None
    kind: Literal["call", "meeting", "task"]
    subject: Text
    due_at: AwareMoment
    owner_id: str | None = Field(default=None, description="A colleague; the caller when left out")


class ActivityChangeIn(Schema):
    """Another time and owner; `version` is the one the caller saw."""

    version: int = Field(ge=1, le=2**31 - 1)
    due_at: AwareMoment
    owner_id: str | None = None


class DoneIn(Schema):
    """Whether it is done."""

    is_done: bool = True


class ActivityOut(Schema):
    """A call, meeting or task."""

    id: str
    party_id: str
    customer_name: str
    opportunity_id: str | None
    kind: str
    subject: str
    owner_id: str | None
    owner_name: str | None
    due_at: datetime
    done_at: datetime | None
    version: int


class NoteIn(Schema):
    """A note; `mentions` are the colleagues who are told, written as `@name` in the text."""

    body: str = Field(min_length=1, max_length=5_000, pattern=r"^[^\x00]*\S[^\x00]*$")
    mentions: list[str] = Field(default_factory=list, max_length=20)
    opportunity_id: str | None = None


class FactOut(Schema):
    """Something that happened with a customer; `kind` says what, `id` is the thing's own."""

    kind: str
    id: str
    at: datetime
    title: str
    amount: Amount | None
    status: str | None
    actor_name: str | None
    opens: str = Field(description="The id of what shows it: a credit note's invoice, the entry of money received")


class ContactKnown(Schema):
    """A contact and what is known of the person; an empty address or number means that none is."""

    name: Text
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    position: Text

    def known(self) -> dict[str, str]:
        """What is known of the person."""
        return {"name": self.name.strip(), "email": self.email.strip(), "phone": self.phone.strip()}


class ContactIn(Schema):
    """A person to talk to at the company: one who is a party already, or a new one of whom the name is told."""

    person_id: str | None = None
    name: Text | None = None
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    position: Text

    def known(self) -> dict[str, str]:
        """What is known of a new person."""
        return {"name": (self.name or "").strip(), "email": self.email.strip(), "phone": self.phone.strip()}


class ContactOut(Schema):
    """A person at a company: seen from either."""

    company_id: str
    company_name: str
    person_id: str
    person_name: str
    email: str | None
    phone: str | None
    position: str


class PurseOut(Schema):
    """What the customer has in one wallet."""

    wallet_id: str
    purpose: str
    available: Amount
    pending: Amount
    held: Amount


class MergeIn(Schema):
    """Which customer goes on as this one."""

    merged_id: str


class MergeOut(Schema):
    """Two customers found to be one."""

    id: str
    survivor_id: str
    merged_id: str
    merged_name: str
    at: datetime
    undone_at: datetime | None


class CustomerListed(Schema):
    """A customer in the list."""

    party_id: str
    name: str
    kind: str
    roles: list[str]
    kyc_state: str
    open: list[Amount] = Field(description="Open opportunities, by currency")
    next_due_at: datetime | None
    merged_into: str | None


class CustomerOut(Schema):
    """A customer from all sides; the timeline is a list of its own."""

    party_id: str
    name: str
    kind: str
    roles: list[str]
    email: str | None
    phone: str | None
    kyc_state: str
    merged_into: str | None
    purses: list[PurseOut]
    contacts: list[ContactOut]
    opportunities: list[OpportunityOut]
    activities: list[ActivityOut]
    merges: list[MergeOut]


class CrmFileOut(Schema):
    """A file about a customer."""

    id: str
    name: str
    media_type: str
    size: int
    created_at: datetime


class ViewIn(Schema):
    """Filters of a screen under a name."""

    screen: Screen
    name: Name
    query: dict[str, JsonValue] = Field(max_length=20)
    is_shared: bool = False


class ViewOut(Schema):
    """Filters of a screen; `is_mine` says whether the caller may take it away."""

    id: str
    screen: str
    name: str
    query: dict[str, Any]
    is_shared: bool
    is_mine: bool


class ViewsOut(Schema):
    """Views, the oldest first."""

    data: list[ViewOut]
