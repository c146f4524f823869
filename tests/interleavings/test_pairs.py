"""Every pair of money flows, interleaved statement by statement: the outcome is that of one after the other."""

import itertools
import os
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import Select

from specie.kernel.errors import SpecieError
from specie.platform import db
from specie.platform.db import Database
from tests.interleavings.flows import FLOWS
from tests.interleavings.stepper import Flow, Stepper, Work, statements_stop
from tests.interleavings.trade import Act, Trade, open_trade
from tests.purchases.market import open_market
from tests.support.server import DatabaseUrls
from tests.support.shop import Shop, new_tenant
from tests.support.soundness import Auditor

PROFILE = os.environ.get("SPECIE_ASSAY_PROFILE", "smoke")
SEED = int(os.environ.get("SPECIE_ASSAY_SEED", "4711"))
# How many orders of each pair are tried: with one interruption, and with many. Other profiles try them all.
SAMPLES = {"smoke": (3, 1), "gate": (4, 3)}
MOST_STEPS = 10_000
PAIRS = list(itertools.combinations_with_replacement(FLOWS, 2))
# All of them in pieces: "2/4" is the second of four.
PIECE, PIECES = map(int, os.environ.get("SPECIE_ASSAY_PIECE", "1/1").split("/"))
TRIED = sorted(random.Random(SEED).sample(PAIRS, 4)) if PROFILE == "smoke" else PAIRS[PIECE - 1 :: PIECES]
# What stands between these two is a row's lock and nothing else.
UNLOCKED = [("capture", "release"), ("purchase", "purchase")]
Outcome = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trade(running: Shop) -> Trade:
    return await open_trade(await open_market(await new_tenant(running)))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def processes(database_urls: DatabaseUrls) -> AsyncIterator[list[Database]]:
    """A pool of its own for each flow, as if each ran in a process of its own."""
    with pytest.MonkeyPatch.context() as patch:
        # A flow waits as long as the other is made to stand still, which on a busy machine can be long.
        patch.setattr(db, "_SHORT", db._SHORT.replace("lock_timeout=8000", "lock_timeout=60000"))
        made = [Database(database_urls.app, pool_size=1) for _ in range(2)]
    yield made
    for one in made:
        await one.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stepper(database_urls: DatabaseUrls) -> AsyncIterator[Stepper]:
    async with await psycopg.AsyncConnection.connect(database_urls.superuser, autocommit=True) as observer:
        yield Stepper(observer)


async def trial(
    trade: Trade,
    stepper: Stepper,
    processes: Sequence[Database],
    pair: Sequence[str],
    segments: Sequence[tuple[int, int]],
) -> tuple[Outcome, list[Flow]]:
    """Set everything up, let the pair run in the given order of steps, and say what came of it."""
    trade.made = {}
    await trade.level()
    acts = [await FLOWS[name](trade) for name in pair]
    await trade.level()
    before = await trade.seen()
    works = {
        f"{name} {n}": _work(processes[n], trade, act) for n, (name, act) in enumerate(zip(pair, acts, strict=True))
    }
    with statements_stop():
        flows = await stepper.run(works, segments)
    after = await trade.seen()
    moved = tuple((name, after[name] - before[name]) for name in before if after[name] != before[name])
    outcomes = tuple(flow.outcome for flow in flows)
    return (outcomes if pair[0] != pair[1] else tuple(sorted(outcomes)), moved), flows


def _work(database: Database, trade: Trade, act: Act) -> Work:
    async def work() -> str:
        try:
            await database.run(trade.market.shop.scope, act, label="test.interleaved")
        except SpecieError as refusal:
            return refusal.code
        except Exception as error:
            return f"crashed: {error!r}"
        return "done"

    return work


def schedules(pair: Sequence[str], first: int, second: int) -> list[list[tuple[int, int]]]:
    """Each flow interrupted once, before each of its statements, by the whole of the other; and some at random."""
    # Not for secrets: the same seed draws the same orders.
    draw = random.Random(f"{SEED} {pair}")
    once = [[(0, at), (1, MOST_STEPS)] for at in range(1, first)]
    once += [[(1, at), (0, MOST_STEPS)] for at in range(1, second)]
    often = [
        [(turn % 2, draw.randint(1, max(2, max(first, second) // 2))) for turn in range(start, start + 6)]
        for start in (0, 1)
        for _ in range(10)
    ]
    if PROFILE in SAMPLES:
        alone, many = SAMPLES[PROFILE]
        return draw.sample(once, alone) + draw.sample(often, many)
    return once + often


async def differences(
    trade: Trade, stepper: Stepper, processes: list[Database], pair: tuple[str, str], most: int = MOST_STEPS
) -> list[Any]:
    """The first interleavings whose outcome is not that of one flow after the other, with what was sent."""
    alone, flows = await trial(trade, stepper, processes, pair, [(0, MOST_STEPS), (1, MOST_STEPS)])
    turned, _ = await trial(trade, stepper, processes, pair, [(1, MOST_STEPS), (0, MOST_STEPS)])
    assert not any(told.startswith("crashed") for outcome in (alone, turned) for told in outcome[0]), (alone, turned)
    wrong: list[Any] = []
    for segments in schedules(pair, len(flows[0].steps), len(flows[1].steps)):
        outcome, sent = await trial(trade, stepper, processes, pair, segments)
        if outcome not in (alone, turned):
            wrong.append((segments, outcome, alone, turned, [flow.steps for flow in sent]))
        if len(wrong) == most:
            break
    return wrong


@pytest.mark.parametrize("pair", TRIED, ids=" and ".join)
async def test_two_flows_at_once_end_as_one_after_the_other(
    trade: Trade, stepper: Stepper, processes: list[Database], auditor: Auditor, pair: tuple[str, str]
) -> None:
    assert await differences(trade, stepper, processes, pair) == []
    assert auditor.broken() == []


@pytest.mark.parametrize("pair", UNLOCKED[:1] if PROFILE == "smoke" else UNLOCKED, ids=" and ".join)
@pytest.mark.breaks_the_books
async def test_a_lock_that_is_missing_is_found_out(
    trade: Trade, stepper: Stepper, processes: list[Database], monkeypatch: pytest.MonkeyPatch, pair: tuple[str, str]
) -> None:
    planted: list[str] = []

    def without_lock(self: Select[Any], **_: Any) -> Select[Any]:
        planted.append(str(self)[:80])
        return self

    monkeypatch.setattr(Select, "with_for_update", without_lock)
    # Only the whole enumeration is sure to hit the gap, and the first hit is enough.
    monkeypatch.setattr("tests.interleavings.test_pairs.SAMPLES", {})
    found = await differences(trade, stepper, processes, pair, most=1)
    assert planted
    assert found != []
