"""Finding the two wallets of a transfer on its request's way, many transfers' at once."""

from collections.abc import Iterable, Sequence

from specie.kernel.ids import TenantId, WalletId
from specie.kernel.scope import Scope
from specie.platform.basis import Basis
from specie.platform.db import Database
from specie.platform.gathering import Gathering
from specie.wallets import store
from specie.wallets.errors import WalletMissing
from specie.wallets.model import Wallet
from specie.wallets.store import Read

_MOST_REMEMBERED = 10_000
Pair = tuple[WalletId, WalletId]
Found = tuple[Read | None, Read | None]


class WalletLookup:
    """Reads payer and recipient of a transfer, and remembers them for the next one.

    What is remembered may be outdated: it serves only together with its basis, which the posting's own transaction
    holds against the rows as they are. Nobody is refused by it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked = Gathering[TenantId, Pair, Found](self._look_up)
        self._remembered: dict[tuple[TenantId, WalletId], Read] = {}

    async def pair(self, scope: Scope, from_wallet: WalletId, to_wallet: WalletId) -> tuple[Wallet, Wallet | None]:
        """The payer's wallet, which the caller may use, and the recipient's. Raises WalletMissing for the payer's."""
        sender, recipient = await self._asked.ask(scope.tenant_id, (from_wallet, to_wallet)) or (None, None)
        if sender is None or not _may_pay_from(scope, sender.wallet):
            raise WalletMissing(f"there is no wallet {from_wallet}")
        return sender.wallet, recipient.wallet if recipient else None

    def remembered(
        self, scope: Scope, from_wallet: WalletId, to_wallet: WalletId
    ) -> tuple[Wallet, Wallet, Basis] | None:
        """The same two as they were some time ago, with what an order made from them stands on; None when unknown."""
        sender = self._remembered.get((scope.tenant_id, from_wallet))
        recipient = self._remembered.get((scope.tenant_id, to_wallet))
        if sender is None or recipient is None or not _may_pay_from(scope, sender.wallet):
            return None
        versions = {from_wallet.uuid: sender.row_version, to_wallet.uuid: recipient.row_version}
        return sender.wallet, recipient.wallet, Basis(store.ROW_VERSIONS, versions)

    async def _look_up(self, tenant: TenantId, asked: Sequence[Pair]) -> dict[Pair, Found]:
        wanted = {wallet_id for pair in asked for wallet_id in pair}
        found = await store.ask_wallets(self._database, tenant, wanted)
        self._remember(tenant, found.values())
        return {pair: (found.get(pair[0]), found.get(pair[1])) for pair in asked}

    def _remember(self, tenant: TenantId, found: Iterable[Read]) -> None:
        for read in found:
            self._remembered[tenant, read.wallet.id] = read
        while len(self._remembered) > _MOST_REMEMBERED:
            # The one known longest goes; who comes back is looked up once more.
            del self._remembered[next(iter(self._remembered))]


def _may_pay_from(scope: Scope, wallet: Wallet) -> bool:
    return scope.party_id in {None, wallet.party_id}
