"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from specie_client.errors import Problem

_GATEWAYS = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retries:
    """At most `most` repetitions, `first_seconds` apart, then twice that, and so on, up to `longest_seconds`.

    A Retry-After is obeyed to the second. One longer than `longest_seconds` is not waited for: the error comes at once.
    """

    most: int = 4
    first_seconds: float = 0.25
    longest_seconds: float = 30.0

    def backoff(self, done: int) -> float:
        """Seconds before the next try when `done` have failed: random, so that clients do not come back together."""
        ceiling = min(self.first_seconds * 2 ** (done - 1), self.longest_seconds)
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311

    def after_answer(self, done: int, problem: Problem, headers: Mapping[str, str]) -> float | None:
        """Seconds to wait after a refusal; None means that trying again is useless or too far away."""
        if done > self.most or not (problem.retryable or problem.status == 429 or problem.status in _GATEWAYS):
            return None
        asked = headers.get("retry-after", "")
        if not (asked.isascii() and asked.isdecimal()):
            return self.backoff(done)
        seconds = float(asked)
        return seconds if seconds <= self.longest_seconds else None

    def after_silence(self, done: int) -> float | None:
        """Seconds to wait when no answer came."""
        return None if done > self.most else self.backoff(done)
