"""A wallet's history can be read in one direction, page by page."""

import pytest

from specie.kernel.money import Money
from specie.platform.db import Database
from specie.wallets import history, transfers
from specie.wallets.history import Direction, Wanted
from tests.support.scopes import fresh_scope
from tests.wallets.purses import VAULT, new_wallet


@pytest.mark.parametrize(
    ("direction", "amounts"), [(None, [3, 20, 2, 1, 100]), (Direction.IN, [20, 100]), (Direction.OUT, [3, 2, 1])]
)
async def test_one_direction_is_read_without_the_other(
    database: Database, direction: Direction | None, amounts: list[int]
) -> None:
    scope = fresh_scope()
    mine, theirs = await new_wallet(database, scope, 100), await new_wallet(database, scope, 100)
    for payer, payee, minor in ((mine, theirs, 1), (mine, theirs, 2), (theirs, mine, 20), (mine, theirs, 3)):
        async with database.begin(scope) as uow:
            await transfers.transfer(uow, payer.id, payee.id, Money(minor, mine.currency))
    seen: list[int] = []
    after, more = None, True
    while more:
        async with database.begin(scope) as uow:
            page = await history.history(uow, VAULT, mine, after=after, limit=2, wanted=Wanted(direction=direction))
        seen += [one.amount.minor for one in page.items]
        assert direction is None or {one.is_incoming for one in page.items} == {direction is Direction.IN}
        after, more = page.next_key, page.next_key is not None
    assert seen == amounts
