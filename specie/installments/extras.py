"""What modules above add to installments: who follows as an order begins. `app` wires them."""

from collections.abc import Awaitable, Callable

from specie.installments.model import Order
from specie.kernel.ids import EntryId
from specie.platform.db import UnitOfWork

Listener = Callable[[UnitOfWork, Order, EntryId], Awaitable[None]]
_listeners: list[Listener] = []


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
