"""The movements of one account between two business days: read from the books as they are now, numbered by nobody."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from specie import ledger, parties, wallets
from specie.kernel.errors import InvalidField
from specie.kernel.ids import AccountId, WalletId
from specie.kernel.money import Money
from specie.ledger import Account, Side, StatementLine
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.statements.gathering import Period
from specie.statements.heading import present_name

MOST_LINES = 5_000
_PAGE = 500
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Movements:
    """What an account had, what moved, the earliest first, and what it had then; `owner` is who reads it."""

    tenant: str
    owner: str
    about: str
    is_of_wallet: bool
    zone: ZoneInfo
    period: Period
    opening: Money
    closing: Money
    lines: list[StatementLine]


async def of_account(uow: UnitOfWork, account_id: AccountId, period: Period) -> Movements:
    """An account's movements. Raises AccountMissing, or InvalidField for more than can be printed."""
    account = await ledger.get_account(uow, account_id)
    return await _movements(uow, account, period, account.name or account.code)


async def of_wallet(uow: UnitOfWork, ring: KeyRing, wallet_id: WalletId, period: Period) -> Movements:
    """A wallet's available money, for its owner. Raises WalletMissing, or InvalidField for more than can be printed."""
    wallet = await wallets.get_wallet(uow, wallet_id)
    account = await ledger.get_account(uow, wallet.available_account)
    names = await parties.names(uow, ring, [wallet.party_id])
    found = await _movements(uow, account, period, names.get(wallet.party_id, ""))
    return replace(found, about=str(wallet.id), is_of_wallet=True)


async def _movements(uow: UnitOfWork, account: Account, period: Period, owner: str) -> Movements:
    return Movements(
        tenant=await present_name(uow),
        owner=owner,
        about=account.code,
        is_of_wallet=False,
        zone=uow.scope.clock.zone,
        period=period,
        opening=await ledger.balance_recorded_by(uow, account, period.since - _INSTANT),
        closing=await ledger.balance_recorded_by(uow, account, period.until - _INSTANT),
        lines=await _lines(uow, account, period),
    )


async def _lines(uow: UnitOfWork, account: Account, period: Period) -> list[StatementLine]:
    found: list[StatementLine] = []
    after: tuple[Any, ...] | None = None
    while True:
        page = await ledger.statement(uow, account, after=after, limit=_PAGE, since=period.since, until=period.until)
        found += page.items
        if len(found) > MOST_LINES:
            raise InvalidField(f"at most {MOST_LINES} movements are printed; choose fewer days", param="through")
        if page.next_key is None:
            return found[::-1]
        after = page.next_key


def signed(line: StatementLine, *, of_wallet: bool) -> int:
    """Minor units as the reader sees them: what raises a wallet is positive; of an account, a debit is."""
    is_more = line.side is (Side.CREDIT if of_wallet else Side.DEBIT)
    return line.amount.minor if is_more else -line.amount.minor
