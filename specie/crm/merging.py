"""Two customers found to be one: what is written about them comes together, and can be taken apart again.

Money stays where it is. Accounts, payments and wallets keep their party, and the survivor's page reads both.
"""

from dataclasses import replace

from specie import audit, events, parties
from specie.crm import customer_store, opening, tables
from specie.crm.errors import CannotMerge, CannotUnmerge, MergeMissing
from specie.crm.events import merge_event
from specie.crm.model import Merge, MergeId
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing


async def merge(uow: UnitOfWork, vault: KeyRing, survivor: PartyId, merged: PartyId) -> Merge:
    """Let one customer go on as another: opportunities, activities, notes and files come along.

    Raises PartyMissing, MergedAway or CannotMerge.
    """
    if survivor == merged:
        raise CannotMerge("a customer cannot be merged into itself")
    # Both are locked in one order, so that two people who merge the other way round do not both succeed.
    for one in sorted((survivor, merged), key=str):
        await parties.get_party(uow, vault, one, lock=True)
        await opening.pen_for(uow, vault, one)
    known = [await parties.get_party(uow, vault, one) for one in (survivor, merged)]
    if known[0].kind is not known[1].kind:
        raise CannotMerge("a person and a company are not the same customer")
    if any(one.survivor_id == merged for one in await customer_store.merges(uow, [merged.uuid])):
        raise CannotMerge("others were merged into it: merge the other way round")
    made = Merge(MergeId.new(), survivor, merged, uow.now, str(uow.scope.actor), None)
    values = {
        "id": made.id.uuid,
        "survivor_id": survivor.uuid,
        "merged_id": merged.uuid,
        "at": made.at,
        "actor": made.actor,
    }
    await customer_store.add(uow, tables.merge, values)
    moved = await customer_store.move_all(uow, made.id, merged, survivor)
    await _note(uow, "merge", made, moved)
    await events.record(uow, merge_event("merged", made))
    return made


async def undo(uow: UnitOfWork, merge_id: MergeId) -> Merge:
    """Take a merge apart: what came along goes back, what was added since stays. Raises MergeMissing, CannotUnmerge."""
    known = await get(uow, merge_id, lock=True)
    if known.undone_at is not None:
        raise CannotUnmerge("it was undone before")
    await customer_store.change(uow, tables.merge, merge_id.uuid, undone_at=uow.now)
    moved = await customer_store.move_back(uow, known)
    undone = replace(known, undone_at=uow.now)
    await _note(uow, "unmerge", undone, moved)
    await events.record(uow, merge_event("unmerged", undone))
    return undone


async def get(uow: UnitOfWork, merge_id: MergeId, *, lock: bool = False) -> Merge:
    """One merge. Raises MergeMissing."""
    row = await customer_store.one(uow, tables.merge, merge_id.uuid, lock=lock)
    if row is None:
        raise MergeMissing(f"there is no merge {merge_id}")
    return customer_store.merge_of(row)


async def aliases(uow: UnitOfWork, party_id: PartyId) -> tuple[list[PartyId], list[Merge]]:
    """A customer with all who go on as it, and the merges that made it so."""
    found = await customer_store.merges(uow, [party_id.uuid])
    mine = [one for one in found if one.survivor_id == party_id]
    return [party_id, *(one.merged_id for one in mine)], mine


async def still_holds_others(uow: UnitOfWork, vault: KeyRing, party_id: PartyId) -> str | None:
    """Why a party cannot be erased yet: what is written of it may lie under the keys of those merged into it."""
    everybody, _ = await aliases(uow, party_id)
    pens = await parties.pens(uow, vault, everybody[1:])
    if any(pen.key is not None for pen in pens.values()):
        return "customers that were merged into it are erased first"
    return None


async def _note(uow: UnitOfWork, step: str, known: Merge, moved: dict[str, int]) -> None:
    after = {"merge_id": str(known.id), "merged_id": str(known.merged_id), **moved}
    await audit.record(uow, action=f"customer.{step}", subject=("party", str(known.survivor_id)), after=after)
