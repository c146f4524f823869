"""Who may offer cashback: a merchant applies, and is activated once its identity has been verified."""

from collections.abc import Collection

from specie import audit, events, parties
from specie.cashback import events as told
from specie.cashback import offer_store
from specie.cashback.errors import CashbackPartyRequired, MerchantInactive, MerchantUnknown
from specie.cashback.events import CashbackEvent
from specie.cashback.model import CashbackMerchant, MerchantMove, MerchantState
from specie.kernel.ids import PartyId
from specie.parties import Party
from specie.platform.db import UnitOfWork

_TOLD = {
    MerchantMove.ACTIVATE: CashbackEvent.MERCHANT_ACTIVATED,
    MerchantMove.SUSPEND: CashbackEvent.MERCHANT_SUSPENDED,
}


def own_party(uow: UnitOfWork, party_id: PartyId | None) -> PartyId:
    """Whom a caller acts for: its own party, or the one it names. Raises CashbackPartyRequired."""
    wanted = uow.scope.party_id or party_id
    if wanted is None:
        raise CashbackPartyRequired("say which party is meant", param="merchant_id")
    return wanted


async def apply_for(uow: UnitOfWork, party_id: PartyId | None) -> CashbackMerchant:
    """A merchant wants to offer cashback; asking again changes nothing.

    Raises CashbackPartyRequired or PartyMissing.
    """
    wanted = own_party(uow, party_id)
    await require_party(uow, wanted)
    merchant = CashbackMerchant(wanted, MerchantState.APPLIED, "", 1, uow.now, uow.now)
    if not await offer_store.insert_merchant(uow, merchant):
        return await get(uow, wanted)
    await audit.record(uow, action="cashback_merchant.apply", subject=("cashback_merchant", str(wanted)))
    await events.record(uow, told.merchant_event(CashbackEvent.MERCHANT_APPLIED, merchant))
    return merchant


async def require_party(uow: UnitOfWork, party_id: PartyId) -> None:
    """Raise PartyMissing unless the tenant knows the party."""
    require_known(await parties.tiers(uow, [party_id]), party_id)


def require_known(known: Collection[PartyId], party_id: PartyId) -> None:
    """Raise PartyMissing unless the party is one of those that are known."""
    if party_id not in known:
        raise parties.PartyMissing(f"there is no party {party_id}")


async def get(uow: UnitOfWork, party_id: PartyId, *, lock: bool = False) -> CashbackMerchant:
    """A merchant's activation. Raises MerchantUnknown, also for somebody else's."""
    found = await offer_store.merchant_of(uow, party_id, lock=lock)
    if found is None or uow.scope.party_id not in {None, party_id}:
        raise MerchantUnknown(f"{party_id} has not applied for cashback")
    return found


async def activate(uow: UnitOfWork, party_id: PartyId, reason: str) -> CashbackMerchant:
    """Let a verified merchant offer cashback. Raises MerchantUnknown, MerchantCannotMove or KycRequired."""
    merchant = await get(uow, party_id, lock=True)
    await parties.require_verified(uow, party_id)
    return await _move(uow, merchant, MerchantMove.ACTIVATE, reason)


async def suspend(uow: UnitOfWork, party_id: PartyId, reason: str) -> CashbackMerchant:
    """Stop a merchant's offers; what they gave stays. Raises MerchantUnknown or MerchantCannotMove."""
    return await _move(uow, await get(uow, party_id, lock=True), MerchantMove.SUSPEND, reason)


async def follow_verification(uow: UnitOfWork, party: Party) -> None:
    """A merchant whose verification is withdrawn offers nothing more, from the same moment on."""
    merchant = await offer_store.merchant_of(uow, party.id, lock=True)
    if merchant is None or merchant.state is not MerchantState.ACTIVE or party.tier == "verified":
        return
    await _move(uow, merchant, MerchantMove.SUSPEND, "the identity is no longer verified")


async def require_active(uow: UnitOfWork, party_id: PartyId) -> None:
    """Raise MerchantInactive unless the merchant may offer cashback now."""
    require_one_of(await active_among(uow, [party_id]), party_id)


async def active_among(uow: UnitOfWork, ids: Collection[PartyId]) -> set[PartyId]:
    """Those of some merchants that may offer cashback now."""
    found = await offer_store.merchants_of(uow, ids)
    return {party_id for party_id, merchant in found.items() if merchant.state is MerchantState.ACTIVE}


def require_one_of(active: Collection[PartyId], party_id: PartyId) -> None:
    """Raise MerchantInactive unless the merchant is one of those that may offer cashback now."""
    if party_id not in active:
        raise MerchantInactive("the merchant has to be activated first", merchant_id=str(party_id))


async def _move(uow: UnitOfWork, before: CashbackMerchant, move: MerchantMove, reason: str) -> CashbackMerchant:
    after = before.after(move, reason, uow.now)
    await offer_store.save_merchant(uow, after)
    await audit.record(
        uow,
        action=f"cashback_merchant.{move}",
        subject=("cashback_merchant", str(after.party_id)),
        before={"state": str(before.state)},
        after={"state": str(after.state)},
        reason=reason,
    )
    await events.record(uow, told.merchant_event(_TOLD[move], after))
    return after
