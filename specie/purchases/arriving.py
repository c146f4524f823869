"""Where the money of the business's own sales has arrived, so that it can pay their invoices."""

from collections.abc import Sequence

from specie import ledger, wallets
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.wallets import Wallet


async def arrived(
    uow: UnitOfWork, wallet: Wallet, entry_ids: Sequence[EntryId | None]
) -> list[tuple[AccountId, Money]]:
    """What these entries brought the wallet's owner: what was kept as fees is no part of it, what repaid a debt is."""
    debt = await ledger.ensure_account(uow, wallets.debt_account(wallet.party_id, wallet.currency))
    entries = [await ledger.get_entry(uow, each) for each in entry_ids if each is not None]
    postings = [posting for entry in entries for posting in entry.postings]
    nothing, found = Money.zero(wallet.currency), list[tuple[AccountId, Money]]()
    for place in (wallet.available_account, wallet.pending_account, debt.id):
        found.append((place, sum((each.amount for each in postings if each.credit == place), nothing)))
    return [(place, amount) for place, amount in found if amount.minor]
