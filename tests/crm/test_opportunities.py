"""Opportunities on their board: nobody overwrites anybody, sums and forecasts are exact, and texts stay sealed."""

import asyncio
from collections import Counter
from datetime import date

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specie.crm import opportunities, pipelines
from specie.crm.errors import (
    ChangedMeanwhile,
    LostReasonRequired,
    NotAColleague,
    PipelineInvalid,
    StageInUse,
    StageMissing,
)
from specie.crm.model import (
    FIRST_STAGES,
    ForecastLine,
    OpportunityFilter,
    Outcome,
    StageDraft,
    forecast,
)
from specie.kernel.ids import UserId
from specie.kernel.money import Currency, Money
from tests.crm.teams import VAULT, Team


async def test_of_two_who_move_the_same_deal_at_once_only_one_does(team: Team) -> None:
    deal = await team.deal()
    outcomes = await asyncio.gather(team.move(deal, "Talking"), team.move(deal, "Offer sent"), return_exceptions=True)
    assert Counter(type(one).__name__ for one in outcomes) == {"Opportunity": 1, "ChangedMeanwhile": 1}
    now = await team.do(lambda uow: opportunities.get(uow, VAULT, deal.id))
    assert now.version == 2
    with pytest.raises(ChangedMeanwhile) as refused:
        await team.do(lambda uow: opportunities.change(uow, team.desk, deal.id, 1, {"title": "Mine"}))
    assert (refused.value.code, refused.value.status, refused.value.facts) == ("changed_meanwhile", 409, {"version": 2})
    assert (await team.do(lambda uow: opportunities.get(uow, VAULT, deal.id))).title == "Beans for a year"


async def test_a_deal_is_won_lost_with_a_reason_and_opened_again(team: Team) -> None:
    deal = await team.move(await team.deal(), "Won")
    assert (deal.outcome, deal.closed_at is not None) == (Outcome.WON, True)
    with pytest.raises(LostReasonRequired):
        await team.move(deal, "Lost")
    lost = await team.move(deal, "Lost", "They grow their own")
    again = await team.do(lambda uow: opportunities.get(uow, VAULT, deal.id))
    assert (again.outcome, again.lost_reason) == (Outcome.LOST, "They grow their own")
    reopened = await team.move(lost, "Talking")
    assert (reopened.outcome, reopened.closed_at, reopened.lost_reason) == (Outcome.OPEN, None, None)
    assert (await team.move(reopened, "Talking")).version == reopened.version
    other = await team.do(lambda uow: pipelines.create(uow, "Repairs", FIRST_STAGES))
    with pytest.raises(StageMissing):
        await team.do(lambda uow: opportunities.move(uow, VAULT, deal.id, reopened.version, other.stages[0].id, None))


async def test_the_board_and_the_forecast_say_the_same_as_the_deals(team: Team) -> None:
    await team.deal(1_000_001, "New")
    await team.deal(2_000_000, "Talking")
    await team.deal(500, "Talking", currency="JPY", closes=date(2027, 1, 10))
    won = await team.deal(7_000_000, "Agreed")
    await team.move(won, "Won")
    board = await team.do(
        lambda uow: opportunities.board(uow, VAULT, team.pipeline.id, OpportunityFilter(pipeline_id=team.pipeline.id))
    )
    shown = {(one.stage_id, one.amount): one.number for one in board.sums}
    assert shown == {
        (team.stage("New"), Money.of(1_000_001, "IDR")): 1,
        (team.stage("Talking"), Money.of(2_000_000, "IDR")): 1,
        (team.stage("Talking"), Money.of(500, "JPY")): 1,
        (team.stage("Won"), Money.of(7_000_000, "IDR")): 1,
    }
    assert len(board.cards) == 4
    december, january = await team.do(
        lambda uow: opportunities.months(uow, OpportunityFilter(pipeline_id=team.pipeline.id))
    )
    assert (december.month, december.number, december.open.minor, december.won.minor) == (
        date(2026, 12, 1),
        2,
        3_000_001,
        7_000_000,
    )
    # A tenth of 1,000,001 and three tenths of 2,000,000, rounded down once.
    assert december.weighted == Money.of(700_000, "IDR")
    assert (january.month, january.weighted) == (date(2027, 1, 1), Money.of(150, "JPY"))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10_000), st.sampled_from(["IDR", "JPY"])), max_size=20)
)
def test_the_weighted_sum_is_rounded_once_however_many_deals_there_are(
    deals: list[tuple[int, int, str]],
) -> None:
    lines = [ForecastLine(date(2026, 12, 1), Outcome.OPEN, bps, 1, Money.of(minor, code)) for minor, bps, code in deals]
    found = {one.currency: one for one in forecast(lines)}
    for code in {code for _, _, code in deals}:
        exact = sum(minor * bps for minor, bps, one in deals if one == code)
        month = found[Currency.of(code)]
        assert month.weighted.minor == exact // 10_000
        assert month.weighted <= month.open


async def test_a_stage_with_deals_cannot_go_or_end_differently_and_a_pipeline_needs_all_three_ends(team: Team) -> None:
    await team.deal(stage="Talking")
    known = [StageDraft(one.id, one.name, one.outcome, one.probability_bps) for one in team.pipeline.stages]
    without = [one for one in known if one.name != "Talking"]
    renamed = [StageDraft(one.id, one.name.upper(), one.outcome, one.probability_bps) for one in known]
    for stages, refusal in (
        (without, StageInUse),
        (without[:-1], PipelineInvalid),
        ([*known, known[0]], PipelineInvalid),
    ):
        with pytest.raises(refusal):
            await team.do(lambda uow, stages=stages: pipelines.change(uow, team.pipeline.id, 1, "Sales", stages))
    changed = await team.do(lambda uow: pipelines.change(uow, team.pipeline.id, 1, "Sales", list(reversed(renamed))))
    assert [stage.name for stage in changed.stages][:2] == ["LOST", "WON"]
    with pytest.raises(ChangedMeanwhile):
        await team.do(lambda uow: pipelines.change(uow, team.pipeline.id, 1, "Sales", known))


async def test_the_deals_of_a_stage_that_goes_are_brought_to_one_that_ends_alike(team: Team) -> None:
    deal, sent = await team.deal(stage="Talking"), await team.deal(stage="Offer sent")
    kept = [
        {"id": str(one.id), "name": one.name, "outcome": one.outcome, "probability_bps": one.probability_bps}
        for one in team.pipeline.stages
        if one.name != "Talking"
    ]
    body = {"name": "Sales", "version": 1, "stages": kept}
    path = f"/crm/pipelines/{team.pipeline.id}"
    talking = str(team.stage("Talking"))
    async with team.client() as client:
        to_won = {"from_stage": talking, "to_stage": str(team.stage("Won"))}
        refused = await client.put(path, json=body | {"moves": [to_won]})
        assert (refused.status_code, refused.json()["code"], refused.json()["param"]) == (
            422,
            "pipeline_invalid",
            "moves",
        )
        assert (await team.do(lambda uow: opportunities.get(uow, VAULT, deal.id))).version == 1
        to_sent = {"from_stage": talking, "to_stage": str(team.stage("Offer sent"))}
        changed = await client.put(path, json=body | {"moves": [to_sent]})
        assert (changed.status_code, talking in changed.text) == (200, False)
    carried = await team.do(lambda uow: opportunities.get(uow, VAULT, deal.id))
    assert (carried.stage_id, carried.outcome, carried.version) == (sent.stage_id, Outcome.OPEN, 2)
    assert (await team.do(lambda uow: opportunities.get(uow, VAULT, sent.id))).version == 1


async def test_a_stage_that_cannot_be_is_named_by_its_place(team: Team) -> None:
    stages = [
        {"name": "New", "outcome": "open", "probability_bps": 1_000},
        {"name": "NEW", "outcome": "won", "probability_bps": 10_000},
        {"name": "Lost", "outcome": "lost", "probability_bps": 0},
    ]
    async with team.client() as client:
        twice = (await client.post("/crm/pipelines", json={"name": "Repairs", "stages": stages})).json()
        stages[1] = {"name": "Won", "outcome": "won", "probability_bps": 9_000}
        unsure = (await client.post("/crm/pipelines", json={"name": "Repairs", "stages": stages})).json()
    assert (twice["code"], twice["param"]) == ("pipeline_invalid", "stages.1.name")
    assert (unsure["code"], unsure["param"]) == ("pipeline_invalid", "stages.1.probability_bps")


async def test_only_a_colleague_owns_a_deal_and_its_title_is_nowhere_in_the_open(
    team: Team, superuser_connection: psycopg.Connection
) -> None:
    deal = await team.deal(title="Canary villa of Budi")
    with pytest.raises(NotAColleague):
        await team.do(lambda uow: opportunities.change(uow, team.desk, deal.id, 1, {"owner_id": UserId.new()}))
    await team.move(deal, "Lost", "Canary went away")
    for table in ("crm_opportunity", "event", "audit", "idempotency"):
        found = superuser_connection.execute(
            f"select count(*) from specie.{table} t where position('Canary' in t::text) > 0"
            f" or position('{b'Canary'.hex()}' in t::text) > 0"
        ).fetchone()
        assert found == (0,), table
