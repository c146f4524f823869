"""Limits by tier, kept as floors of memo accounts so that no race can pass them."""

from collections.abc import Sequence
from dataclasses import replace

from specie import audit, ledger, parties
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, WalletId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.ledger import AccountFrozen, InsufficientFunds, Leg, moving
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.wallets import postings, store
from specie.wallets.errors import LimitExceeded, WalletFrozen
from specie.wallets.model import PASSING, LimitAccounts, LimitLeft, LimitPolicy, Wallet

FOLLOW_JOB = "wallets.limits_follow"
_PAGE = 100
_KINDS = {"day": "per_day", "month": "per_month", "room": "balance"}
# Of the two wallets of a transfer, the payer knows the state of one.
_FROZEN = {
    "debits": "the paying wallet pays nothing out at present",
    "credits": "the receiving wallet takes nothing in at present",
}


async def apply_tier(uow: UnitOfWork, wallet: Wallet, tier: str) -> Wallet:
    """Put a wallet under the limits of a tier: the floors change, what has been used stays used.

    What passes on its way to the party is not the party's to spend, and no limit counts it.
    """
    if wallet.purpose == PASSING:
        return wallet
    policy = await store.policy(uow, tier, wallet.currency) or LimitPolicy(tier, wallet.currency)
    limits = wallet.limits
    if limits is None and _is_empty(policy):
        return wallet
    if limits is None:
        limits = await _open_accounts(uow, wallet)
    await store.set_limits(uow, wallet.id, limits, policy.per_item)
    reason = f"limits of tier {tier}"
    await _mirror_balance(uow, wallet, limits, reason)
    for name, limit in (("day", policy.per_day), ("month", policy.per_month), ("room", policy.balance)):
        await _set_floor(uow, getattr(limits, name), None if limit is None else -limit, reason)
    found = await store.any_wallet_by_id(uow, wallet.id)
    return found or wallet


async def _open_accounts(uow: UnitOfWork, wallet: Wallet) -> LimitAccounts:
    specs = postings.limit_accounts(wallet.party_id, wallet.currency)
    return LimitAccounts(**{name: (await ledger.ensure_account(uow, spec)).id for name, spec in specs.items()})


async def _mirror_balance(uow: UnitOfWork, wallet: Wallet, limits: LimitAccounts, reason: str) -> None:
    """Bring the room to what the limited purses hold; money that arrived before the limits counts as well."""
    purses = [one for one in await store.wallets_of(uow, wallet.party_id) if one.limits == limits]
    # Nothing arrives, leaves or is set aside while these are locked.
    await ledger.locked_accounts(uow, [limits.source, limits.room, *(purse.available_account for purse in purses)])
    holds = [hold.account_id for purse in purses for hold in await store.open_holds(uow, purse)]
    counted = await ledger.accounts_by_ids(uow, [*holds, *(purse.available_account for purse in purses), limits.room])
    # The room counts below zero, so it is the sum's missing part that is left over.
    missing = sum((account.balance for account in counted.values()), Money.zero(wallet.currency))
    if missing.minor == 0:
        return
    await _set_floor(uow, limits.room, None, reason)
    await ledger.post(uow, postings.mirror_room(limits, missing))


async def _set_floor(uow: UnitOfWork, account_id: AccountId, floor: Money | None, reason: str) -> None:
    if (await ledger.get_account(uow, account_id)).floor != floor:
        await ledger.set_floor(uow, account_id, floor, reason=reason)


def _is_empty(policy: LimitPolicy) -> bool:
    return policy.per_item is policy.per_day is policy.per_month is policy.balance is None


async def set_policy(uow: UnitOfWork, policy: LimitPolicy) -> LimitPolicy:
    """Set a tier's limits in a currency; a job then brings every wallet of the tier under them."""
    before = await store.policy(uow, policy.tier, policy.currency)
    await store.put_policy(uow, policy)
    await audit.record(
        uow,
        action="limits.set",
        subject=("limit_tier", f"{policy.tier}/{policy.currency}"),
        before=_told(before) if before else None,
        after=_told(policy),
    )
    await jobs.defer(uow, FOLLOW_JOB, tier=policy.tier, currency=policy.currency.code)
    return policy


async def followers(uow: UnitOfWork, tier: str, currency: Currency, after: WalletId | None) -> Page[Wallet]:
    """Some of the wallets in a currency, by id, whose parties are in a tier; the page may be empty and not the last."""
    key = (str(after.uuid),) if after else None
    page = await store.list_wallets(uow, party_id=None, currency=currency, after=key, limit=_PAGE)
    tiers = await parties.tiers(uow, {wallet.party_id for wallet in page.items})
    return Page([wallet for wallet in page.items if tiers.get(wallet.party_id) == tier], page.next_key)


async def refresh(uow: UnitOfWork, wallet_id: WalletId) -> None:
    """Put a wallet under the limits its party's tier has now; a review going on at the same time is waited for."""
    wallet = await store.any_wallet_by_id(uow, wallet_id)
    tiers = await parties.tiers(uow, [wallet.party_id], lock=True) if wallet else {}
    wallet = await store.any_wallet_by_id(uow, wallet_id)
    if wallet is not None and wallet.party_id in tiers:
        await apply_tier(uow, wallet, tiers[wallet.party_id])


def _told(policy: LimitPolicy) -> dict[str, int | None]:
    fields = ("per_item", "per_day", "per_month", "balance")
    return {name: None if getattr(policy, name) is None else getattr(policy, name).minor for name in fields}


async def left(uow: UnitOfWork, wallet: Wallet) -> list[LimitLeft]:
    """Each limit of a wallet: used and left by now, with what the windows have released meanwhile."""
    if wallet.limits is None:
        return []
    ids = {"day": wallet.limits.day, "month": wallet.limits.month, "room": wallet.limits.room}
    accounts = await ledger.accounts_by_ids(uow, list(ids.values()))
    released = await ledger.released(uow, list(accounts.values()))
    found = []
    for name, account_id in ids.items():
        account = accounts[account_id]
        if account.floor is not None:
            used, limit = -account.balance - released[account_id], -account.floor
            found.append(LimitLeft(_KINDS[name], limit, used, limit - used))
    return found


async def arriving_legs(uow: UnitOfWork, arrivals: Sequence[tuple[Wallet, Money]]) -> list[Leg]:
    """What money that is a fact does to its receivers' limits: what a cap has no room for is counted, never refused."""
    legs = moving(leg for wallet, amount in arrivals for leg in postings.incoming_legs(wallet, amount))
    if not legs:
        return []
    over = await ledger.ensure_account(uow, postings.over_limit_account(arrivals[0][1].currency))
    return [replace(leg, remainder=over.id) for leg in legs]


def require_item(wallet: Wallet, amount: Money) -> None:
    """Raise LimitExceeded when one item may not be that large."""
    if wallet.per_item is not None and amount > wallet.per_item:
        raise LimitExceeded(f"one transfer may be at most {wallet.per_item}", limit="per_item", param="amount")


def explained(refusal: SpecieError, currency: Currency) -> SpecieError:
    """A refusal of the ledger in the words of wallets: a limit's floor is a limit, a frozen account a wallet."""
    if isinstance(refusal, AccountFrozen):
        return WalletFrozen(_FROZEN.get(str(refusal.facts.get("side")), ""))
    if not isinstance(refusal, InsufficientFunds):
        return refusal
    code = str(refusal.facts["account"])
    if not code.startswith("memo:limits:"):
        available = Money(int(refusal.facts["available"]), currency)
        return InsufficientFunds(f"{available} is available", param="amount", available=available.minor)
    kind = _KINDS[code.rsplit(":", 1)[1]]
    rest = Money(int(refusal.facts["available"]), currency)
    return LimitExceeded(f"{rest} is left of this limit", limit=kind, left=rest.minor, param="amount")
