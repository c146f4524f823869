"""Questions asked at the same moment are answered together, by one query.

While one query is on its way, the questions that arrive meanwhile gather, and equal ones become one; nothing is
remembered afterwards, so every answer is younger than its question.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Group = TypeVar("Group", bound=Hashable)
Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")

_MOST_AT_ONCE = 500


class Gathering(Generic[Group, Question, Answer]):
    """Answers questions of one group (a tenant, say) in batches. `look_up` returns what it found, by question."""

    def __init__(self, look_up: Callable[[Group, Sequence[Question]], Awaitable[Mapping[Question, Answer]]]) -> None:
        self._look_up = look_up
        self._waiting: dict[Group, dict[Question, asyncio.Future[Answer | None]]] = {}
        self._loops: set[asyncio.Task[None]] = set()

    async def ask(self, group: Group, question: Question) -> Answer | None:
        """The answer, or None when nothing was found. Raises what `look_up` raises."""
        if group not in self._waiting:
            self._waiting[group] = {}
            task = asyncio.create_task(self._answer_all(group))
            self._loops.add(task)
            task.add_done_callback(self._loops.discard)
        waiting = self._waiting[group]
        if question not in waiting:
            waiting[question] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(waiting[question])

    async def _answer_all(self, group: Group) -> None:
        while self._waiting[group]:
            # One turn of the loop lets everybody who is ready now join.
            await asyncio.sleep(0)
            waiting = self._waiting[group]
            asked = {question: waiting.pop(question) for question in list(waiting)[:_MOST_AT_ONCE]}
            await self._answer(group, asked)
        del self._waiting[group]

    async def _answer(self, group: Group, asked: Mapping[Question, "asyncio.Future[Answer | None]"]) -> None:
        try:
            found = await self._look_up(group, list(asked))
        except Exception as error:
            for future in asked.values():
                future.set_exception(error)
            return
        for question, future in asked.items():
            future.set_result(found.get(question))
