"""Paying a merchant from the purses: cashback first, then money of one's own, to the smallest unit."""

from collections.abc import Sequence
from dataclasses import dataclass

from specie import wallets
from specie.cashback import booking, merchants, postings
from specie.cashback.errors import CashbackPartyRequired
from specie.cashback.events import CashbackEvent
from specie.events import NewEvent
from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.wallets import Draw


@dataclass(frozen=True, slots=True)
class Spent:
    """A payment from the purses and what each of them paid."""

    entry_id: EntryId
    party_id: PartyId
    merchant_id: PartyId
    amount: Money
    draws: Sequence[Draw]


async def pay(uow: UnitOfWork, party_id: PartyId | None, merchant_id: PartyId, amount: Money, note: str) -> Spent:
    """Pay a merchant any amount: each purse in its order as far as it goes, cashback before money of one's own.

    Raises CashbackPartyRequired, PartyMissing, InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    payer = merchants.own_party(uow, party_id)
    if payer == merchant_id:
        raise CashbackPartyRequired("choose another recipient", param="merchant_id")
    await merchants.require_party(uow, merchant_id)
    await wallets.ensure_wallet(uow, payer, amount.currency)
    draws = await wallets.draw(uow, payer, amount)
    for each in draws:
        wallets.require_item(each.wallet, each.amount)
    taker = await wallets.ensure_wallet(uow, merchant_id, amount.currency)
    limits = [leg for draw in draws for leg in wallets.outgoing_legs(draw.wallet, draw.amount)]
    limits += wallets.incoming_legs(taker, amount)
    parts = [(draw.wallet.available_account, draw.amount) for draw in draws]
    draft = postings.spend(parts, taker.available_account, limits, note, {"party_id": str(payer)})
    spent = Spent(draft.id, payer, merchant_id, amount, draws)
    await booking.post_request(uow, draft, _told(spent), amount.currency)
    return spent


def _told(spent: Spent) -> NewEvent:
    return NewEvent(
        type=str(CashbackEvent.SPENT),
        subject=("entry", str(spent.entry_id)),
        version=1,
        data={
            "spent": {
                "entry_id": str(spent.entry_id),
                "party_id": str(spent.party_id),
                "merchant_id": str(spent.merchant_id),
                "amount": spent.amount.as_json(),
                "purses": [{"purpose": each.wallet.purpose, "amount": each.amount.as_json()} for each in spent.draws],
            }
        },
        party_id=spent.party_id,
    )
