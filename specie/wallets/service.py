"""Wallets: opened with a party, read with their balances, frozen and limited by their tenant."""

from typing import cast

from specie import audit, events, ledger, parties
from specie.kernel.ids import AccountId, PartyId, WalletId
from specie.kernel.money import Currency, Money
from specie.ledger import Account
from specie.platform.db import UnitOfWork
from specie.wallets import postings, store
from specie.wallets.errors import NotTheOwner, WalletFrozen, WalletMissing
from specie.wallets.events import wallet_event
from specie.wallets.limits import apply_tier
from specie.wallets.model import MAIN, PASSING, Balances, Draw, Wallet, plan_draw


async def ensure_wallet(uow: UnitOfWork, party_id: PartyId, currency: Currency, purpose: str = MAIN) -> Wallet:
    """The party's wallet in this currency and purpose, opened now if there is none yet."""
    found = await store.wallet_of(uow, party_id, currency, purpose)
    return found or await open_wallet(uow, party_id, currency, purpose)


async def passing_wallet(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> Wallet:
    """The party's wallet that money we owe it passes on its way out.

    The money in it is ours until it has left, so no limit of the party's tier counts it. Therefore nothing else may
    arrive there: it is stopped for all but facts, and whoever pays through it posts the way in as one.
    """
    wallet = await ensure_wallet(uow, party_id, currency, PASSING)
    account = await ledger.get_account(uow, wallet.available_account)
    if not account.credits_frozen:
        reason = "only payments to the party pass here"
        await ledger.freeze(uow, account.id, debits=account.debits_frozen, credits=True, reason=reason)
    return wallet


async def open_wallet(
    uow: UnitOfWork,
    party_id: PartyId,
    currency: Currency,
    purpose: str = MAIN,
    *,
    draw_order: int = 100,
    tier: str | None = None,
) -> Wallet:
    """Open a wallet with its two accounts, under the limits of a tier where it has any: the party's own if not given.

    An existing one is returned as it is, also when another transaction has just opened it.
    """
    available = await ledger.ensure_account(uow, postings.available_account(party_id, currency, purpose))
    pending = await ledger.ensure_account(uow, postings.pending_account(party_id, currency, purpose))
    wallet = Wallet(
        id=WalletId.new(),
        party_id=party_id,
        currency=currency,
        purpose=purpose,
        draw_order=draw_order,
        available_account=available.id,
        pending_account=pending.id,
        limits=None,
        per_item=None,
        version=1,
        opened_at=uow.now,
    )
    if not await store.insert_wallet(uow, wallet):
        return cast(Wallet, await store.wallet_of(uow, party_id, currency, purpose))
    await audit.record(
        uow,
        action="wallet.open",
        subject=("wallet", str(wallet.id)),
        after={"party_id": str(party_id), "currency": currency.code, "purpose": purpose},
    )
    await events.record(uow, wallet_event("opened", wallet))
    known = tier or (await parties.tiers(uow, [party_id])).get(party_id)
    return wallet if known is None else await apply_tier(uow, wallet, known)


async def get_wallet(uow: UnitOfWork, wallet_id: WalletId) -> Wallet:
    """One wallet the caller may see. Raises WalletMissing."""
    wallet = await store.wallet_by_id(uow, wallet_id)
    if wallet is None:
        raise WalletMissing(f"there is no wallet {wallet_id}")
    return wallet


async def balances(uow: UnitOfWork, wallets: list[Wallet]) -> dict[WalletId, Balances]:
    """What each wallet has: its accounts' balances, and the sum of its open holds' accounts."""
    holds = {wallet.id: [hold.account_id for hold in await store.open_holds(uow, wallet)] for wallet in wallets}
    wanted = [account for wallet in wallets for account in (wallet.available_account, wallet.pending_account)]
    wanted += [account for accounts in holds.values() for account in accounts]
    accounts = await ledger.accounts_by_ids(uow, wanted)
    return {wallet.id: _balances(wallet, accounts, [accounts[one] for one in holds[wallet.id]]) for wallet in wallets}


def _balances(wallet: Wallet, accounts: dict[AccountId, Account], held: list[Account]) -> Balances:
    available = accounts[wallet.available_account]
    return Balances(
        available=available.balance,
        pending=accounts[wallet.pending_account].balance,
        held=sum((account.balance for account in held), Money.zero(wallet.currency)),
        debits_frozen=available.debits_frozen,
        credits_frozen=available.credits_frozen,
        owner_frozen=available.owner_frozen,
    )


async def require_taking(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> None:
    """Before somebody is asked for money: raises WalletFrozen while the party's wallet takes nothing in.

    Money that comes all the same is a fact and is posted.
    """
    code = postings.available_account(party_id, currency, MAIN).code
    account = (await ledger.accounts_by_codes(uow, [code])).get((code, currency.code))
    if account is not None and account.credits_frozen:
        raise WalletFrozen("the wallet takes nothing in at present")


async def freeze(uow: UnitOfWork, wallet_id: WalletId, *, debits: bool, credits: bool, reason: str) -> Wallet:
    """Stop or allow what leaves and what arrives; both are set as given. Every product obeys, facts still post.

    What is held does not leave either while debits are stopped. Who lifts both lifts the owner's own stop as well.
    """
    wallet = await get_wallet(uow, wallet_id)
    owner = None if debits or credits else False
    await ledger.freeze(uow, wallet.available_account, debits=debits, credits=credits, reason=reason, owner=owner)
    for hold in await store.open_holds(uow, wallet):
        await ledger.freeze(uow, hold.account_id, debits=debits, credits=False, reason=reason)
    await store.next_version(uow, wallet_id)
    await audit.record(
        uow,
        action="wallet.freeze" if debits or credits else "wallet.unfreeze",
        subject=("wallet", str(wallet_id)),
        after={"debits": debits, "credits": credits},
        reason=reason,
    )
    changed = await get_wallet(uow, wallet_id)
    await events.record(uow, wallet_event("frozen" if debits or credits else "unfrozen", changed))
    return changed


async def freeze_own(uow: UnitOfWork, wallet_id: WalletId, *, frozen: bool) -> Wallet:
    """The owner stops what leaves the wallet, or allows it again; a stop of the tenant stays as it is.

    What was set aside before has been promised and can still be taken. Raises WalletMissing or NotTheOwner.
    """
    wallet = await get_wallet(uow, wallet_id)
    if uow.scope.party_id != wallet.party_id:
        raise NotTheOwner("only the wallet's owner may do this")
    account = await ledger.get_account(uow, wallet.available_account, lock=True)
    if account.owner_frozen == frozen:
        return wallet
    await ledger.freeze(
        uow,
        account.id,
        debits=account.debits_frozen,
        credits=account.credits_frozen,
        reason="by the wallet's owner",
        owner=frozen,
    )
    await store.next_version(uow, wallet_id)
    await audit.record(
        uow,
        action="wallet.own_freeze" if frozen else "wallet.own_unfreeze",
        subject=("wallet", str(wallet_id)),
        before={"owner": not frozen},
        after={"owner": frozen},
    )
    changed = await get_wallet(uow, wallet_id)
    is_stopped = frozen or account.debits_frozen or account.credits_frozen
    await events.record(uow, wallet_event("frozen" if is_stopped else "unfrozen", changed))
    return changed


async def draw(uow: UnitOfWork, party_id: PartyId, amount: Money) -> list[Draw]:
    """Which of a party's purses in this currency pay how much of an amount, in their set order."""
    purses = [one for one in await store.wallets_of(uow, party_id) if one.currency.code == amount.currency.code]
    have = await balances(uow, purses)
    return plan_draw([(purse, have[purse.id].available) for purse in purses], amount)
