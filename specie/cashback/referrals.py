"""Customers who bring customers: a code for each, and a first purchase with which both earn."""

import secrets

from specie import audit
from specie.cashback import merchants, referral_store
from specie.cashback.errors import ReferralInvalid
from specie.cashback.referral_model import Referral, ReferralCode
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork

# Without letters and digits that are read for one another.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 8


async def code_for(uow: UnitOfWork, merchant_id: PartyId, party_id: PartyId | None) -> ReferralCode:
    """A customer's code for a merchant, made at the first asking.

    Raises CashbackPartyRequired, PartyMissing, MerchantInactive, or ReferralInvalid for the merchant itself.
    """
    owner = merchants.own_party(uow, party_id)
    await merchants.require_active(uow, merchant_id)
    await merchants.require_party(uow, owner)
    if owner == merchant_id:
        raise ReferralInvalid("a merchant's own customers come without a code", param="party_id")
    while (found := await referral_store.code_of(uow, merchant_id, owner)) is None:
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        await referral_store.insert_code(uow, ReferralCode(code, merchant_id, owner, uow.now))
    return found


async def redeem(uow: UnitOfWork, code: str, party_id: PartyId | None) -> Referral:
    """Somebody who has not bought from the merchant yet comes by a code; the first purchase is the one that counts.

    Told again, it changes nothing. Raises CashbackPartyRequired, PartyMissing, or ReferralInvalid for a code nobody
    has, one's own, a merchant one has bought from, or one to which one came by another code.
    """
    friend = merchants.own_party(uow, party_id)
    await merchants.require_party(uow, friend)
    found = await referral_store.by_code(uow, code.strip().upper())
    if found is None or friend in (found.party_id, found.merchant_id):
        raise ReferralInvalid("nobody else has this code", param="code")
    referral = Referral(found.merchant_id, friend, found.party_id, found.code, uow.now)
    both = (found.merchant_id, friend)
    earlier = (await referral_store.unused(uow, [both])).get(both)
    if earlier is not None and earlier.code == found.code:
        return earlier
    if await referral_store.has_bought(uow, found.merchant_id, friend):
        raise ReferralInvalid("a code is for somebody who has not bought here yet", param="code")
    if not await referral_store.insert_referral(uow, referral):
        raise ReferralInvalid("this customer came by another code", param="code")
    after = {"merchant_id": str(found.merchant_id), "referrer_id": str(found.party_id)}
    await audit.record(uow, action="cashback_referral.redeem", subject=("party", str(friend)), after=after)
    return referral
