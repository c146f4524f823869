"""Referrals over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from specie import parties
from specie.cashback import errors, merchants, referral_store, referrals
from specie.cashback.referral_model import Referral, ReferralCode
from specie.kernel.ids import PartyId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(prefix="/cashback", tags=["Cashback"])

_SHOWN = 100


class ReferralCodeIn(Schema):
    """Whose code, to buy at which merchant."""

    merchant_id: str
    party_id: str | None = Field(None, description="Needed unless the caller is limited to a party")


class ReferralCodeOut(Schema):
    """A code to give to friends."""

    code: str
    merchant_id: str
    party_id: str

    @classmethod
    def of(cls, found: ReferralCode) -> "ReferralCodeOut":
        """The wire form."""
        return cls(code=found.code, merchant_id=str(found.merchant_id), party_id=str(found.party_id))


class ReferralIn(Schema):
    """The code by which somebody comes."""

    code: Annotated[str, Field(min_length=1, max_length=40, pattern="^[A-Za-z0-9 ]+$", examples=["K7QW2MRD"])]
    party_id: str | None = Field(None, description="Needed unless the caller is limited to a party")


class ReferralOut(Schema):
    """Somebody who came by a code; earned with the first purchase."""

    merchant_id: str
    at: datetime
    status: str = Field(description="waiting, or earned once the first purchase has been told")

    @classmethod
    def of(cls, found: Referral) -> "ReferralOut":
        """The wire form; who came stays between the merchant and them."""
        return cls(merchant_id=str(found.merchant_id), at=found.at, status="earned" if found.purchase_id else "waiting")


class ReferralsOut(Schema):
    """Who came by one's codes, the newest first."""

    data: list[ReferralOut]


@router.post("/referral-codes", response_model=ReferralCodeOut)
@refuses(errors.CashbackPartyRequired, errors.MerchantInactive, errors.ReferralInvalid, parties.PartyMissing)
async def show_referral_code(body: ReferralCodeIn, edge: Edge = requires(Permission.TRANSFERS_CREATE)) -> Response:
    """A customer's code for a merchant: made at the first asking, and the same ever after."""
    merchant = id_text(PartyId, body.merchant_id, "merchant_id")
    owner = id_text(PartyId, body.party_id, "party_id") if body.party_id else None
    return await edge.write(lambda uow: referrals.code_for(uow, merchant, owner), ReferralCodeOut.of)


@router.post("/referrals", status_code=201, response_model=ReferralOut)
@refuses(errors.CashbackPartyRequired, errors.ReferralInvalid, parties.PartyMissing)
async def redeem_referral(body: ReferralIn, edge: Edge = requires(Permission.TRANSFERS_CREATE)) -> Response:
    """Come to a merchant by a friend's code, before the first purchase there; both earn with that."""
    friend = id_text(PartyId, body.party_id, "party_id") if body.party_id else None
    return await edge.write(lambda uow: referrals.redeem(uow, body.code, friend), ReferralOut.of, status=201)


@router.get("/referrals", response_model=ReferralsOut)
@refuses(errors.CashbackPartyRequired)
async def list_referrals(edge: Edge = requires(Permission.CASHBACK_READ), party_id: str | None = None) -> ReferralsOut:
    """Who came by a customer's codes, and whether that has earned."""
    wanted = id_text(PartyId, party_id, "party_id") if party_id else None

    async def look(uow: UnitOfWork) -> ReferralsOut:
        found = await referral_store.of_referrer(uow, merchants.own_party(uow, wanted), _SHOWN)
        return ReferralsOut(data=[ReferralOut.of(each) for each in found])

    return await edge.read(look)
