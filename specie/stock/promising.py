"""Keeping goods aside for documents: all or nothing for a purchase, as far as they are there for what is taken on.

Whoever waits for more is served in turn as soon as there is something, by whatever makes it available.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from specie import catalogue
from specie.catalogue import ProductId
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.stock import promise_store, store
from specie.stock.errors import OutOfStock
from specie.stock.model import Cause, DeliverLine, Level, Policy, Promise, WarehouseId
from specie.stock.moving import above_zero, lock_levels
from specie.stock.sharing import change_level, share_out
from specie.stock.store import Place

_NONE = Quantity(0)


async def reserve(uow: UnitOfWork, warehouse_id: WarehouseId, lines: Sequence[DeliverLine], cause: Cause) -> None:
    """Promise goods to a document, on top of what it has. Raises OutOfStock where nobody else may be short."""
    policy = await store.policy_of(uow)
    places = [(warehouse_id, line.product_id) for line in lines]
    await catalogue.require_products(uow, [line.product_id for line in lines])
    levels = await lock_levels(uow, places, policy)
    mine = await promise_store.promises_to(uow, cause)
    for place, line in zip(places, lines, strict=True):
        level, more = levels[place], above_zero(line.quantity)
        if more > level.available and not policy.may_go_below:
            raise OutOfStock(f"{level.available} are available", param="quantity", available=str(level.available))
        mine[place] = mine.get(place, Promise()).with_more(more)
        await promise_store.put_promise(uow, cause, place, mine[place])
        levels[place] = await change_level(uow, level, replace(level, reserved=level.reserved + more), policy)


async def promise(uow: UnitOfWork, usual: WarehouseId | None, lines: Sequence[DeliverLine], cause: Cause) -> None:
    """Promise these goods to a document instead of what it had; what is not there is kept aside when it comes.

    They are promised in the `usual` warehouse, else in the only one; with several and none named nothing is. A document
    that is taken on whatever is there refuses nobody: for what is missing it waits, after those who came before it.
    Whoever calls holds the document's row, and has posted what the document itself comes to.
    """
    known = list(await store.warehouses(uow))
    warehouse_id = usual or (known[0] if len(known) == 1 else None)
    if warehouse_id is None:
        await release(uow, cause)
        return
    wanted: dict[Place, Quantity] = {}
    for line in lines:
        place = (warehouse_id, line.product_id)
        wanted[place] = wanted.get(place, _NONE) + line.quantity
    await _want(uow, wanted, cause)


async def release(uow: UnitOfWork, cause: Cause) -> None:
    """Promise nothing more to a document; one that had nothing changes nothing."""
    await _want(uow, {}, cause)


async def promised(uow: UnitOfWork, cause: Cause) -> dict[ProductId, Promise]:
    """How much of each product a document wants, and how much of that is kept aside for it."""
    return {place[1]: promise for place, promise in (await promise_store.promises_to(uow, cause)).items()}


async def _want(uow: UnitOfWork, wanted: Mapping[Place, Quantity], cause: Cause) -> None:
    """Make what a document wants just this, and share out what it wants no longer.

    Its places stay the same without its row; how much is kept aside for it is asked under the locks of its levels.
    """
    places = list({*wanted, *await promise_store.promises_to(uow, cause)})
    if not places:
        return
    policy = await store.policy_of(uow)
    levels = await lock_levels(uow, places, policy)
    mine = await promise_store.promises_to(uow, cause)
    for place, level in levels.items():
        before = mine.get(place, Promise())
        after = before.wanting(wanted.get(place, _NONE))
        if policy.may_go_below:
            after = after.with_kept(after.missing)
        if after != before:
            await promise_store.put_promise(uow, cause, place, after)
            await _change(uow, level, after.kept - before.kept, policy)


async def _change(uow: UnitOfWork, level: Level, more: Quantity, policy: Policy) -> None:
    after = await share_out(uow, replace(level, reserved=level.reserved + more))
    if after.reserved != level.reserved:
        await change_level(uow, level, after, policy)
