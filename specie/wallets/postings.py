"""The recipes of wallets, and the accounts they use."""

from collections.abc import Mapping, Sequence
from typing import Any

from specie import ledger
from specie.kernel.ids import AccountId, HoldId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.wallets.model import DAY_SECONDS, MONTH_SECONDS, Hold, LimitAccounts, Wallet

TRANSFER = Recipe("wallets.transfer", 1, undo="send the money back with a transfer")
HOLD = Recipe("wallets.hold", 1, undo="release the hold")
CAPTURE = Recipe("wallets.hold_capture", 1, undo="send the money back with a transfer")
RELEASE = Recipe("wallets.hold_release", 1, undo="place a new hold")
ROOM = Recipe("wallets.limit_mirror", 1, undo="it follows the balance of the wallet by itself")

ledger.keep(
    "Wallets",
    "liability:wallets:*:*:available",
    instead="post a journal, or freeze the wallet; it stays open and above zero",
    takes_journals=True,
)
ledger.keep("Wallets", "liability:wallets:*:*:pending", instead="it empties when what is on its way arrives")
ledger.keep("Wallets", "liability:wallets:*:*:held:*", instead="release or take what is set aside")
ledger.keep("Wallets", "memo:limits:", instead="set the limits of the customer's verification")
ledger.keep(
    "Wallets", "asset:debts:*", instead="post a journal to write the debt off; it stays open", takes_journals=True
)


def available_account(party_id: PartyId, currency: Currency, purpose: str) -> AccountSpec:
    """What the party may spend; it can never fall below zero."""
    return AccountSpec(
        f"liability:wallets:{party_id}:{purpose}:available",
        AccountType.LIABILITY,
        currency,
        owner=party_id,
        floor=Money.zero(currency),
        name="Available",
    )


def pending_account(party_id: PartyId, currency: Currency, purpose: str) -> AccountSpec:
    """What is on its way to the party."""
    return AccountSpec(
        f"liability:wallets:{party_id}:{purpose}:pending",
        AccountType.LIABILITY,
        currency,
        owner=party_id,
        floor=Money.zero(currency),
        name="Pending",
    )


def held_account(wallet: Wallet, hold_id: HoldId) -> AccountSpec:
    """What one hold has set aside."""
    return AccountSpec(
        f"liability:wallets:{wallet.party_id}:{wallet.purpose}:held:{hold_id}",
        AccountType.LIABILITY,
        wallet.currency,
        owner=wallet.party_id,
        floor=Money.zero(wallet.currency),
        name="Held",
    )


def limit_accounts(party_id: PartyId, currency: Currency) -> dict[str, AccountSpec]:
    """The memo accounts of a party's limits, shared by its purses; uses count below zero and the limit is the floor."""
    return {
        name: AccountSpec(f"memo:limits:{party_id}:{name}", AccountType.MEMO, currency, window_seconds=window)
        for name, window in (("source", None), ("day", DAY_SECONDS), ("month", MONTH_SECONDS), ("room", None))
    }


def mirror_room(limits: LimitAccounts, missing: Money) -> EntryDraft:
    """Bring the room account to what the purses hold: `missing` is drawn from it, a negative one goes back."""
    leg = Leg(limits.source, limits.room, missing) if missing.minor > 0 else Leg(limits.room, limits.source, -missing)
    return EntryDraft(ROOM, [leg], "Limits follow the balance", is_fact=True)


def outgoing_legs(wallet: Wallet, amount: Money) -> list[Leg]:
    """What leaving money does to the payer's limits: windows first take back what has aged out, then the use."""
    return [*window_legs(wallet, amount), *leaving_legs(wallet, amount)]


def window_legs(wallet: Wallet, amount: Money) -> list[Leg]:
    """What a promise of money that will leave does to the rolling limits: it counts from the moment of the promise."""
    limits = wallet.limits
    if limits is None:
        return []
    return [
        Leg(limits.day, limits.source, None, refill=True),
        Leg(limits.source, limits.day, amount),
        Leg(limits.month, limits.source, None, refill=True),
        Leg(limits.source, limits.month, amount),
    ]


def leaving_legs(wallet: Wallet, amount: Money) -> list[Leg]:
    """What money that has left does to the balance's cap: there is room again."""
    limits = wallet.limits
    return [] if limits is None else [Leg(limits.room, limits.source, amount)]


def incoming_legs(wallet: Wallet, amount: Money) -> list[Leg]:
    """What arriving money does to the receiver's limits: it draws on the room below the balance's cap."""
    limits = wallet.limits
    return [] if limits is None else [Leg(limits.source, limits.room, amount)]


def over_limit_account(currency: Currency) -> AccountSpec:
    """Takes the part of an arrival that a wallet's cap has no room for."""
    return AccountSpec("memo:limits:over", AccountType.MEMO, currency, name="Arrivals above a wallet's cap")


def debt_account(party_id: PartyId, currency: Currency) -> AccountSpec:
    """What a party owes because something was taken back that it no longer had; what it gets next repays it first."""
    return AccountSpec(
        f"asset:debts:{party_id}",
        AccountType.ASSET,
        currency,
        owner=party_id,
        floor=Money.zero(currency),
        name="Owed to us",
    )


def transfer(sender: Wallet, recipient: Wallet, amount: Money, note: str | None = None) -> EntryDraft:
    """Money from wallet to wallet, with both sides' limits in the same entry; the note is part of what is sealed."""
    legs = [
        Leg(sender.available_account, recipient.available_account, amount),
        *outgoing_legs(sender, amount),
        *incoming_legs(recipient, amount),
    ]
    about = {"from_wallet": str(sender.id), "to_wallet": str(recipient.id)}
    if note is not None:
        about["note"] = note
    return EntryDraft(TRANSFER, legs, "Transfer", metadata=about)


def note_of(recipe: str, metadata: Mapping[str, Any]) -> str | None:
    """What the payer wrote to a transfer; entries of other recipes have no note, whatever their metadata holds."""
    return metadata.get("note") if recipe == str(TRANSFER) else None


def place_hold(
    wallet: Wallet, held: AccountId, amount: Money, extra: Sequence[Leg] = (), title: str = "Set aside"
) -> EntryDraft:
    """Set money aside: it is no longer available, and not anybody else's yet."""
    about = {"wallet": str(wallet.id)}
    return EntryDraft(HOLD, [Leg(wallet.available_account, held, amount), *extra], title, metadata=about)


def capture_hold(wallet: Wallet, hold: Hold, to: AccountId, amount: Money, extra: Sequence[Leg] = ()) -> EntryDraft:
    """Take some or all of what was set aside."""
    about = {"wallet": str(wallet.id), "hold": str(hold.id)}
    return EntryDraft(
        CAPTURE,
        [Leg(hold.account_id, to, amount), *extra],
        "Taken from what was set aside",
        metadata=about,
        was_counted=True,
    )


def release_hold(wallet: Wallet, hold: Hold, left: Money, title: str = "Given back") -> EntryDraft:
    """Give back what is left of a hold."""
    about = {"wallet": str(wallet.id), "hold": str(hold.id)}
    legs = [Leg(hold.account_id, wallet.available_account, left)]
    return EntryDraft(RELEASE, legs, title, is_fact=True, metadata=about)
