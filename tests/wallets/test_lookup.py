"""What is remembered of a transfer's wallets: only together with what it stands on, and for nobody else's use."""

from dataclasses import replace

from specie.kernel.ids import WalletId
from specie.platform.db import Database
from specie.wallets.lookup import WalletLookup
from tests.support.scopes import fresh_scope
from tests.wallets.purses import new_wallet


async def test_two_wallets_are_remembered_once_they_were_looked_up(database: Database) -> None:
    scope, lookup = fresh_scope(), WalletLookup(database)
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    assert lookup.remembered(scope, payer.id, payee.id) is None
    found = await lookup.pair(scope, payer.id, payee.id)
    known = lookup.remembered(scope, payer.id, payee.id)
    assert known is not None
    assert known[:2] == found == (payer, payee)
    assert known[2].versions.keys() == {payer.id.uuid, payee.id.uuid}


async def test_another_party_or_tenant_is_told_nothing_of_what_is_remembered(database: Database) -> None:
    scope, lookup = fresh_scope(), WalletLookup(database)
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    await lookup.pair(scope, payer.id, payee.id)
    assert lookup.remembered(replace(scope, party_id=payee.party_id), payer.id, payee.id) is None
    assert lookup.remembered(fresh_scope(), payer.id, payee.id) is None
    assert lookup.remembered(replace(scope, party_id=payer.party_id), payer.id, payee.id) is not None


async def test_a_wallet_nobody_has_is_not_remembered(database: Database) -> None:
    scope, lookup = fresh_scope(), WalletLookup(database)
    payer, nobody = await new_wallet(database, scope, 100), WalletId.new()
    assert await lookup.pair(scope, payer.id, nobody) == (payer, None)
    assert lookup.remembered(scope, payer.id, nobody) is None
