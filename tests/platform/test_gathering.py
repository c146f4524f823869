"""Questions that gather are answered together, and nobody notices but the database."""

import asyncio
from collections.abc import Sequence

import pytest

from specie.platform.gathering import Gathering


class Oracle:
    """Doubles numbers, one look-up at a time as long as its gate is open; `refused` are questions it fails over."""

    def __init__(self, *refused: int) -> None:
        self.asked: list[tuple[str, list[int]]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._refused = set(refused)

    async def look_up(self, group: str, questions: Sequence[int]) -> dict[int, int]:
        self.asked.append((group, list(questions)))
        await self.gate.wait()
        if self._refused.intersection(questions):
            raise LookupError
        return {question: 2 * question for question in questions if question >= 0}


async def waiting() -> None:
    """Let everybody who can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_questions_of_one_moment_are_one_look_up() -> None:
    oracle = Oracle()
    gathering = Gathering(oracle.look_up)
    assert await asyncio.gather(*(gathering.ask("a", number) for number in (1, 2, 3))) == [2, 4, 6]
    assert oracle.asked == [("a", [1, 2, 3])]


async def test_the_same_question_is_looked_up_once() -> None:
    oracle = Oracle()
    gathering = Gathering(oracle.look_up)
    assert await asyncio.gather(*(gathering.ask("a", 7) for _ in range(20))) == [14] * 20
    assert oracle.asked == [("a", [7])]


async def test_what_is_not_found_is_none() -> None:
    assert await Gathering(Oracle().look_up).ask("a", -1) is None


async def test_an_answer_is_always_younger_than_its_question() -> None:
    oracle = Oracle()
    gathering = Gathering(oracle.look_up)
    oracle.gate.clear()
    first = asyncio.create_task(gathering.ask("a", 1))
    await waiting()
    second = asyncio.create_task(gathering.ask("a", 1))
    await waiting()
    assert oracle.asked == [("a", [1])]
    oracle.gate.set()
    assert [await first, await second] == [2, 2]
    assert oracle.asked == [("a", [1]), ("a", [1])]


async def test_groups_do_not_wait_for_each_other() -> None:
    oracle = Oracle()
    gathering = Gathering(oracle.look_up)
    oracle.gate.clear()
    slow = asyncio.create_task(gathering.ask("slow", 1))
    await waiting()
    other = asyncio.create_task(gathering.ask("other", 2))
    await waiting()
    assert oracle.asked == [("slow", [1]), ("other", [2])]
    oracle.gate.set()
    assert await asyncio.gather(slow, other) == [2, 4]


async def test_a_look_up_that_fails_fails_those_who_asked_and_nobody_after() -> None:
    gathering = Gathering(Oracle(5).look_up)
    answers = await asyncio.gather(gathering.ask("a", 5), gathering.ask("a", 6), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LookupError, LookupError]
    assert await gathering.ask("a", 6) == 12


async def test_a_caller_who_goes_away_takes_nothing_from_the_others() -> None:
    oracle = Oracle()
    gathering = Gathering(oracle.look_up)
    oracle.gate.clear()
    leaving, staying = asyncio.create_task(gathering.ask("a", 1)), asyncio.create_task(gathering.ask("a", 1))
    await waiting()
    leaving.cancel()
    oracle.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await staying == 2


async def test_nothing_is_remembered() -> None:
    oracle = Oracle()
    gathering = Gathering(oracle.look_up)
    for _ in range(3):
        await gathering.ask("a", 1)
    assert len(oracle.asked) == 3
