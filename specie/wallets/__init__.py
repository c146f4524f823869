"""Wallets: what a party sees of its money, in several currencies and for several purposes.

Owns wallets, holds, scheduled transfers and the limits of tiers. Balances are the ledger's: a wallet is a view
of its available, pending and held accounts.
"""

from specie.wallets.errors import LimitExceeded, WalletCurrency, WalletFrozen, WalletMissing
from specie.wallets.holds import (
    TakenHold,
    capture_hold,
    close_taken,
    entry_ids_of_hold,
    get_hold,
    place_hold,
    release_hold,
    settle_hold,
    take_holds,
)
from specie.wallets.invariants import INVARIANTS

# Imported so that every process that schedules this work also knows it.
from specie.wallets.jobs import hold_expire, limits_follow, transfer_due
from specie.wallets.limits import apply_tier, arriving_legs, explained, require_item, set_policy
from specie.wallets.model import MAIN, PASSING, Balances, Draw, Hold, LimitPolicy, Wallet, plan_draw
from specie.wallets.postings import available_account, debt_account, incoming_legs, leaving_legs, outgoing_legs
from specie.wallets.provenance import name_sources
from specie.wallets.service import (
    balances,
    draw,
    ensure_wallet,
    freeze,
    get_wallet,
    open_wallet,
    passing_wallet,
    require_taking,
)
from specie.wallets.store import wallets_by_accounts, wallets_of, wallets_of_parties
from specie.wallets.transfers import transfer

__all__ = [
    "INVARIANTS",
    "MAIN",
    "PASSING",
    "Balances",
    "Draw",
    "Hold",
    "LimitExceeded",
    "LimitPolicy",
    "TakenHold",
    "Wallet",
    "WalletCurrency",
    "WalletFrozen",
    "WalletMissing",
    "apply_tier",
    "arriving_legs",
    "available_account",
    "balances",
    "capture_hold",
    "close_taken",
    "debt_account",
    "draw",
    "ensure_wallet",
    "entry_ids_of_hold",
    "explained",
    "freeze",
    "get_hold",
    "get_wallet",
    "hold_expire",
    "incoming_legs",
    "leaving_legs",
    "limits_follow",
    "name_sources",
    "open_wallet",
    "outgoing_legs",
    "passing_wallet",
    "place_hold",
    "plan_draw",
    "release_hold",
    "require_item",
    "require_taking",
    "set_policy",
    "settle_hold",
    "take_holds",
    "transfer",
    "transfer_due",
    "wallets_by_accounts",
    "wallets_of",
    "wallets_of_parties",
]
