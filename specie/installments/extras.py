"""What modules above add to installments: who follows as an order begins, and what one comes back with."""

from collections.abc import Awaitable, Callable

from specie.installments.model import Order
from specie.kernel.ids import EntryId
from specie.platform.db import UnitOfWork

Listener = Callable[[UnitOfWork, Order, EntryId], Awaitable[None]]
Keeper = Callable[[UnitOfWork, Order], Awaitable[str | None]]
_listeners: list[Listener] = []
_keepers: list[Keeper] = []


def follow_begin(listener: Listener) -> None:
    """Call a function in the unit of work in which a customer has accepted an order, with the entry that booked it.

    What it refuses refuses the acceptance.
    """
    if listener not in _listeners:
        _listeners.append(listener)


async def tell_begun(uow: UnitOfWork, order: Order, entry_id: EntryId) -> None:
    """Let those who follow know that an order has begun."""
    for listener in _listeners:
        await listener(uow, order, entry_id)


def keep_returns(keeper: Keeper) -> None:
    """Register what names the thing that an order is a part of, and with which alone it comes back; None if none.

    Whoever keeps an order's returns gives it back with `take_back`.
    """
    if keeper not in _keepers:
        _keepers.append(keeper)


async def keeper_of(uow: UnitOfWork, order: Order) -> str | None:
    """What an order comes back with, such as its purchase; None for one that comes back by itself."""
    for keeper in _keepers:
        kept = await keeper(uow, order)
        if kept is not None:
            return kept
    return None
