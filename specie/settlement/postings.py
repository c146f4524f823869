"""The recipe of settlement: what a merchant is owed leaves its pending account, each cause by a posting of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from specie import ledger
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, moving
from specie.settlement.model import Cause, Composition
from specie.wallets import Wallet

SETTLE = Recipe("settlement.settle", 1, undo="it is final: the next settlement takes in what is put right")

ledger.keep("Settlements", "liability:settlement:*:reserve", instead="change the merchant's terms of settlement")
ledger.keep(
    "Settlements", "income:fees:settlement", instead="it stays open; post what is to be moved", takes_journals=True
)


@dataclass(frozen=True, slots=True)
class Places:
    """The accounts of a settlement."""

    wallet: Wallet
    reserve: AccountId
    debt: AccountId
    fee: AccountId


def reserve_account(party_id: PartyId, currency: Currency) -> AccountSpec:
    """What is kept of a merchant's settlements for a while, against disputes to come."""
    return AccountSpec(
        f"liability:settlement:{party_id}:reserve",
        AccountType.LIABILITY,
        currency,
        owner=party_id,
        floor=Money.zero(currency),
        name="Settlement reserve",
    )


def fee_account(currency: Currency) -> AccountSpec:
    """What the tenant earns on settlements."""
    return AccountSpec("income:fees:settlement", AccountType.INCOME, currency, name="Settlement fees earned")


def settle(made: Composition, places: Places, limits: Sequence[Leg], title: str, about: dict[str, Any]) -> EntryDraft:
    """Reserve that is free again joins what is owed; debt, new reserve and fee leave it; the rest is available."""
    pending = places.wallet.pending_account
    legs = [
        Leg(places.reserve, pending, made.of(Cause.RESERVE_RELEASED)),
        Leg(pending, places.debt, -made.of(Cause.RECOVERY)),
        Leg(pending, places.reserve, -made.of(Cause.RESERVE_KEPT)),
        Leg(pending, places.fee, -made.of(Cause.FEE)),
        Leg(pending, places.wallet.available_account, made.payout),
    ]
    return EntryDraft(SETTLE, [*moving(legs), *limits], title, is_fact=True, metadata=about)
