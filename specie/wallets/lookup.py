"""Finding the two wallets of a transfer on its request's way, many transfers' at once."""

from collections.abc import Sequence

from specie.kernel.ids import TenantId, WalletId
from specie.kernel.scope import Scope
from specie.platform.db import Database
from specie.platform.gathering import Gathering
from specie.wallets import store
from specie.wallets.errors import WalletMissing
from specie.wallets.model import Wallet

Pair = tuple[WalletId, WalletId]
Found = tuple[Wallet | None, Wallet | None]


class WalletLookup:
    """Reads payer and recipient of a transfer. Nothing is remembered: limits and owners are as of now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked = Gathering[TenantId, Pair, Found](self._look_up)

    async def pair(self, scope: Scope, from_wallet: WalletId, to_wallet: WalletId) -> tuple[Wallet, Wallet | None]:
        """The payer's wallet, which the caller may use, and the recipient's. Raises WalletMissing for the payer's."""
        sender, recipient = await self._asked.ask(scope.tenant_id, (from_wallet, to_wallet)) or (None, None)
        if sender is None or scope.party_id not in {None, sender.party_id}:
            raise WalletMissing(f"there is no wallet {from_wallet}")
        return sender, recipient

    async def _look_up(self, tenant: TenantId, asked: Sequence[Pair]) -> dict[Pair, Found]:
        wanted = {wallet_id for pair in asked for wallet_id in pair}
        found = await store.ask_wallets(self._database, tenant, wanted)
        return {pair: (found.get(pair[0]), found.get(pair[1])) for pair in asked}
