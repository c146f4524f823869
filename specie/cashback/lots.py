"""What is left of each piece of a customer's cashback, read from what went in and out of the purse."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from specie import ledger
from specie.cashback import store
from specie.cashback.model import Accrual, AccrualId, PurseMove, ends, unspent
from specie.cashback.postings import MATURE
from specie.kernel.ids import AccountId
from specie.kernel.money import Money
from specie.ledger import Side, StatementLine
from specie.platform.db import UnitOfWork

_PAGE = 500


async def left_of(
    uow: UnitOfWork, purse: AccountId, lots: Collection[Accrual], until: datetime | None = None
) -> list[tuple[Accrual, Money]]:
    """How much of each piece of available cashback is left, now or before a moment; what runs out first in front."""
    moves = await _moves(uow, purse, until)
    known = {lot.id: lot for lot in lots}
    # What is over by now took its part of what was spent while it was not.
    over = {move.accrual_id for move in moves if move.accrual_id is not None} - known.keys()
    others = await store.accruals_by_ids(uow, over) if over else []
    left = unspent([*known.values(), *others], moves)
    return [(lot, min(left[lot.id], lot.kept)) for lot in sorted(known.values(), key=ends)]


async def _moves(uow: UnitOfWork, purse: AccountId, until: datetime | None) -> list[PurseMove]:
    """What moved a purse since it was last empty, oldest first: what was in it before that has gone."""
    account = await ledger.get_account(uow, purse)
    found: list[PurseMove] = []
    after: tuple[Any, ...] | None = None
    while True:
        page = await ledger.statement(uow, account, after=after, limit=_PAGE, until=until)
        for line in page.items:
            if line.balance.minor == 0:
                return found[::-1]
            found.append(_move(line))
        if page.next_key is None:
            return found[::-1]
        after = page.next_key


def _move(line: StatementLine) -> PurseMove:
    amount = line.amount if line.side is Side.CREDIT else -line.amount
    about = line.metadata.get("accrual_id")
    accrual_id = AccrualId.parse(about) if about is not None else None
    return PurseMove(line.recorded_at, amount, accrual_id, brings=line.recipe == str(MATURE))
