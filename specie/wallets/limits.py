"""Limits by tier, kept as floors of memo accounts so that no race can pass them."""

from specie import audit, ledger
from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.ledger import AccountFrozen, InsufficientFunds
from specie.platform.db import UnitOfWork
from specie.wallets import postings, store
from specie.wallets.errors import LimitExceeded, WalletFrozen
from specie.wallets.model import LimitAccounts, LimitLeft, LimitPolicy, Wallet

_KINDS = {"day": "per_day", "month": "per_month", "room": "balance"}


async def apply_tier(uow: UnitOfWork, wallet: Wallet, tier: str) -> Wallet:
    """Put a wallet under the limits of a tier: the floors change, what has been used stays used."""
    policy = await store.policy(uow, tier, wallet.currency) or LimitPolicy(tier, wallet.currency)
    limits = wallet.limits
    if limits is None and _is_empty(policy):
        return wallet
    if limits is None:
        limits = await _open_accounts(uow, wallet)
    for name, limit in (("day", policy.per_day), ("month", policy.per_month), ("room", policy.balance)):
        floor = None if limit is None else -limit
        await ledger.set_floor(uow, getattr(limits, name), floor, reason=f"limits of tier {tier}")
    await store.set_limits(uow, wallet.id, limits, policy.per_item)
    found = await store.any_wallet_by_id(uow, wallet.id)
    return found or wallet


async def _open_accounts(uow: UnitOfWork, wallet: Wallet) -> LimitAccounts:
    specs = postings.limit_accounts(wallet.id, wallet.currency)
    opened = {name: (await ledger.ensure_account(uow, spec)).id for name, spec in specs.items()}
    limits = LimitAccounts(**opened)
    balance = (await ledger.get_account(uow, wallet.available_account, lock=True)).balance
    if balance.minor > 0:
        await ledger.post(uow, postings.start_room(limits, balance))
    return limits


def _is_empty(policy: LimitPolicy) -> bool:
    return policy.per_item is policy.per_day is policy.per_month is policy.balance is None


async def set_policy(uow: UnitOfWork, policy: LimitPolicy) -> LimitPolicy:
    """Set a tier's limits in a currency; wallets follow when their tier is applied next."""
    before = await store.policy(uow, policy.tier, policy.currency)
    await store.put_policy(uow, policy)
    await audit.record(
        uow,
        action="limits.set",
        subject=("limit_tier", f"{policy.tier}/{policy.currency}"),
        before=_told(before) if before else None,
        after=_told(policy),
    )
    return policy


def _told(policy: LimitPolicy) -> dict[str, int | None]:
    fields = ("per_item", "per_day", "per_month", "balance")
    return {name: None if getattr(policy, name) is None else getattr(policy, name).minor for name in fields}


async def left(uow: UnitOfWork, wallet: Wallet) -> list[LimitLeft]:
    """Each limit of a wallet: used and left, as of its last use (a rolling window may have released more since)."""
    if wallet.limits is None:
        return []
    ids = {"day": wallet.limits.day, "month": wallet.limits.month, "room": wallet.limits.room}
    accounts = await ledger.accounts_by_ids(uow, list(ids.values()))
    found = []
    for name, account_id in ids.items():
        account = accounts[account_id]
        if account.floor is not None:
            used, limit = -account.balance, -account.floor
            found.append(LimitLeft(_KINDS[name], limit, used, limit - used))
    return found


def require_item(wallet: Wallet, amount: Money) -> None:
    """Raise LimitExceeded when one item may not be that large."""
    if wallet.per_item is not None and amount > wallet.per_item:
        raise LimitExceeded(f"one transfer may be at most {wallet.per_item}", limit="per_item", param="amount")


def explained(refusal: SpecieError, currency: Currency) -> SpecieError:
    """A refusal of the ledger in the words of wallets: a limit's floor is a limit, a frozen account a wallet."""
    if isinstance(refusal, AccountFrozen):
        return WalletFrozen("the wallet is frozen for this")
    if not isinstance(refusal, InsufficientFunds):
        return refusal
    code = str(refusal.facts["account"])
    if not code.startswith("memo:limits:"):
        available = Money(int(refusal.facts["available"]), currency)
        return InsufficientFunds(f"{available} is available", param="amount", available=available.minor)
    kind = _KINDS[code.rsplit(":", 1)[1]]
    rest = Money(int(refusal.facts["available"]), currency)
    return LimitExceeded(f"{rest} is left of this limit", limit=kind, left=rest.minor, param="amount")
