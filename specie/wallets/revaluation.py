"""What the open position in other currencies has gained or lost, posted in the currency the books are read in.

The liquidity accounts together are worth nothing right after a revaluation: what the rates have changed since then is
the gain or the loss. So running it again for the same day posts nothing.
"""

from datetime import date
from decimal import ROUND_HALF_EVEN

from specie import audit, ledger
from specie.kernel.money import Currency, Money
from specie.ledger import REVERSE, Account, AccountSpec, AccountType, EntryDraft, JournalEntry, Leg, Recipe
from specie.platform.db import UnitOfWork
from specie.wallets.errors import DayNotOver
from specie.wallets.exchange import LIQUIDITY, get_rate, liquidity

REVALUATION = Recipe("wallets.revaluation", 1, undo=REVERSE)
_GAIN = ("income:exchange", AccountType.INCOME, "Exchange gains")
_LOSS = ("expense:exchange", AccountType.EXPENSE, "Exchange losses")

ledger.keep(
    "Exchange",
    *(code for code, _, _ in (_GAIN, _LOSS)),
    instead="it stays open; post what is to be moved",
    takes_journals=True,
)


async def revalue(uow: UnitOfWork, home: Currency, day: date) -> JournalEntry | None:
    """Post the gain or loss of the positions as of the end of a business date that is over; None when there is none.

    Raises DayNotOver, RateMissing for a position without a rate by then, or PeriodClosed.
    """
    end = uow.scope.clock.end_of(day)
    if end >= uow.now:
        raise DayNotOver(f"{day} is not over", param="day")
    own = await liquidity(uow, home)
    accounts = await ledger.accounts_with_code(uow, LIQUIDITY)
    total = Money.zero(home)
    for account in accounts:
        position = await ledger.balance_effective_by(uow, account, day)
        if position.minor != 0 and account.id != own.id:
            rate = await get_rate(uow, home, account.currency, by=end)
            position = rate.worth(position, ROUND_HALF_EVEN)
        if position.minor != 0:
            total += position
    if total.minor == 0:
        return None
    return await _post(uow, own, total, day)


async def _post(uow: UnitOfWork, own: Account, total: Money, day: date) -> JournalEntry:
    code, kind, name = _GAIN if total.minor > 0 else _LOSS
    result = await ledger.ensure_account(uow, AccountSpec(code, kind, total.currency, name=name))
    leg = Leg(own.id, result.id, total) if total.minor > 0 else Leg(result.id, own.id, -total)
    end = uow.scope.clock.end_of(day)
    draft = EntryDraft(REVALUATION, [leg], f"Revaluation as of {day}", effective_at=end)
    entry = await ledger.post(uow, draft)
    await audit.record(
        uow,
        action="exchange.revaluation",
        subject=("entry", str(entry.id)),
        after={"day": day.isoformat(), "result_minor": total.minor, "currency": total.currency.code},
    )
    return entry
