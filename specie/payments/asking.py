"""Asking the provider about what was ordered, and ordering anew what it has never heard of."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from specie.providers import Heard


class Ordered(Protocol):
    """A refund or a capture as it stands."""

    @property
    def is_live(self) -> bool: ...

    @property
    def state(self) -> StrEnum: ...


async def ask_or_order(
    look: Callable[[], Awaitable[Ordered]], ask: Callable[[], Awaitable[Heard]], order: Callable[[], Awaitable[bool]]
) -> bool:
    """Ask about what is live; what the provider has never heard of is ordered again, under the same reference.

    Returns whether that order got it further: only then is it as young as one that has just been asked for. An order
    that leaves it where it was does not count, or a provider that keeps failing would never be asked less often.
    """
    before = await look()
    if not before.is_live or await ask() is not Heard.NEVER:
        return False
    await order()
    return (await look()).state is not before.state
