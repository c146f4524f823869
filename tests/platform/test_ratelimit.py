"""Rate limits: never more than the policy allows, whoever asks and from however many processes."""

import asyncio
import math
from datetime import timedelta

import pytest
import time_machine

from specie.kernel import clock
from specie.platform.db import Database
from specie.platform.ratelimit import Policy, RateLimiter, Taken, rate_limit_headers

SLOW = Policy("slow", quota=10, window=3600)


async def take_many(limiter: RateLimiter, key: str, policy: Policy, times: int) -> list[Taken]:
    return list(await asyncio.gather(*(limiter.take(key, policy) for _ in range(times))))


async def test_a_bucket_gives_its_burst_and_then_refuses(database: Database) -> None:
    limiter = RateLimiter(database)
    answers = [await limiter.take("a", SLOW) for _ in range(12)]
    assert [answer.allowed for answer in answers] == [True] * 10 + [False] * 2
    assert [answer.remaining for answer in answers] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]
    assert 350 <= answers[-1].retry_after <= 360


async def test_two_keys_have_a_bucket_each(database: Database) -> None:
    limiter = RateLimiter(database)
    assert sum(answer.allowed for answer in await take_many(limiter, "b", SLOW, 12)) == 10
    assert (await limiter.take("c", SLOW)).allowed


async def test_several_processes_together_never_exceed_the_limit(database: Database) -> None:
    policy = Policy("shared", quota=100, window=3600, block=7)
    limiters = [RateLimiter(database) for _ in range(4)]
    answers = await asyncio.gather(*(take_many(limiter, "d", policy, 60) for limiter in limiters))
    assert sum(answer.allowed for answers_of_one in answers for answer in answers_of_one) == 100


async def test_a_block_is_leased_with_one_visit_to_the_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits: list[str] = []
    run = database.run

    async def counting(scope, work, *, label, **more):  # type: ignore[no-untyped-def]
        visits.append(label)
        return await run(scope, work, label=label, **more)

    monkeypatch.setattr(database, "run", counting)
    limiter = RateLimiter(database)
    policy = Policy("leased", quota=100, window=3600, block=20)
    answers = await take_many(limiter, "e", policy, 40)
    assert all(answer.allowed for answer in answers)
    assert visits == ["ratelimit.lease"] * 2


async def test_while_refused_a_process_does_not_ask_the_database_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = RateLimiter(database)
    await take_many(limiter, "f", SLOW, 11)
    monkeypatch.setattr(database, "run", None)
    assert not (await limiter.take("f", SLOW)).allowed


async def test_tokens_flow_back_with_time_up_to_the_burst(database: Database) -> None:
    policy = Policy("flow", quota=60, window=60, burst=5)
    with time_machine.travel(clock.machine_now(), tick=False) as traveller:
        assert sum(answer.allowed for answer in await take_many(RateLimiter(database), "g", policy, 9)) == 5
        traveller.shift(2)
        assert sum(answer.allowed for answer in await take_many(RateLimiter(database), "g", policy, 9)) == 2
        traveller.shift(600)
        assert sum(answer.allowed for answer in await take_many(RateLimiter(database), "g", policy, 9)) == 5


async def test_a_clock_that_runs_behind_gives_no_tokens(database: Database) -> None:
    policy = Policy("behind", quota=60, window=60, burst=5)
    with time_machine.travel(clock.machine_now(), tick=False) as traveller:
        await take_many(RateLimiter(database), "h", policy, 9)
        traveller.shift(-30)
        assert not (await RateLimiter(database).take("h", policy)).allowed
        traveller.shift(30)
        assert not (await RateLimiter(database).take("h", policy)).allowed


async def test_idle_buckets_are_forgotten(database: Database) -> None:
    limiter = RateLimiter(database)
    await take_many(limiter, "i", SLOW, 11)
    await limiter.forget_idle(timedelta(0))
    assert (await RateLimiter(database).take("i", SLOW)).allowed


async def test_a_key_of_absurd_length_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="200 characters"):
        await RateLimiter(database).take("x" * 201, SLOW)


@pytest.mark.parametrize(("missing", "seconds"), [(0, 0), (1, 1), (1000, 360), (1001, 361), (10_000, 3600)])
def test_waiting_times_are_rounded_up(missing: int, seconds: int) -> None:
    assert SLOW.seconds_until(missing) == seconds == math.ceil(missing * 0.36)


def test_the_headers_follow_the_draft() -> None:
    policy = Policy("default", quota=500, window=60)
    assert rate_limit_headers(policy, Taken(True, 412, 0, 30)) == {
        "RateLimit-Policy": '"default";q=500;w=60',
        "RateLimit": '"default";r=412;t=30',
    }
    assert rate_limit_headers(policy, Taken(False, 0, 7, 60))["Retry-After"] == "7"


@pytest.mark.parametrize(
    "values",
    [{"quota": 0}, {"quota": 5, "window": 0}, {"quota": 5, "block": 6}, {"quota": 5, "burst": -1}],
)
def test_a_policy_that_makes_no_sense_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Policy("x", **values)


def test_a_policy_name_that_would_break_the_header_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        Policy('x";q=9', quota=5)
