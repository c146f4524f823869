"""The SQL of wallets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row

from specie.kernel.ids import AccountId, EntryId, HoldId, PartyId, TenantId, TransferId, WalletId
from specie.kernel.money import Currency, Money, minor_of
from specie.kernel.pagination import Page
from specie.platform.db import Database, UnitOfWork
from specie.wallets import tables
from specie.wallets.model import (
    Hold,
    HoldState,
    LimitAccounts,
    LimitPolicy,
    ScheduledTransfer,
    TransferState,
    Wallet,
)

# The columns by name: a prepared `select *` fails from the moment a migration adds one.
_WALLETS_BY_ID = f"""
select {", ".join(tables.wallet.c.keys())}, xmin::text as row_version
  from specie.wallet where tenant_id = %(tenant)s and id = any(%(ids)s)
"""  # noqa: S608
# The transaction that wrote a row is its version: whatever changes a wallet, by whichever way, changes it.
ROW_VERSIONS = "select id, xmin::text as version from specie.wallet where tenant_id = %s and id = any(%s)"


async def insert_wallet(uow: UnitOfWork, wallet: Wallet) -> bool:
    """Insert unless the party has one in this currency and purpose; whether it was inserted."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": wallet.id.uuid,
        "party_id": wallet.party_id.uuid,
        "currency": wallet.currency.code,
        "exponent": wallet.currency.exponent,
        "purpose": wallet.purpose,
        "draw_order": wallet.draw_order,
        "available_account_id": wallet.available_account.uuid,
        "pending_account_id": wallet.pending_account.uuid,
        "version": wallet.version,
        "opened_at": wallet.opened_at,
    }
    statement = upsert(tables.wallet).values(row).on_conflict_do_nothing().returning(tables.wallet.c.id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def wallet_by_id(uow: UnitOfWork, wallet_id: WalletId) -> Wallet | None:
    """One wallet; a caller limited to a party sees only that party's."""
    w = tables.wallet.c
    query = _visible(uow).where(w.id == wallet_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _wallet(row) if row else None


async def any_wallet_by_id(uow: UnitOfWork, wallet_id: WalletId) -> Wallet | None:
    """One wallet of the tenant, whoever owns it: for finding a recipient."""
    w = tables.wallet.c
    query = select(tables.wallet).where(w.tenant_id == uow.scope.tenant_id.uuid, w.id == wallet_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _wallet(row) if row else None


@dataclass(frozen=True, slots=True)
class Read:
    """A wallet and the version its row had when it was read, as `ROW_VERSIONS` tells it."""

    wallet: Wallet
    row_version: str


async def ask_wallets(db: Database, tenant: TenantId, ids: Iterable[WalletId]) -> dict[WalletId, Read]:
    """Wallets of a tenant by id, whoever owns them, in one round trip; unknown ones are missing."""
    parameters = {"tenant": tenant.uuid, "ids": [wallet_id.uuid for wallet_id in ids]}
    rows = await db.ask(_WALLETS_BY_ID, parameters, tenant=tenant)
    return {WalletId(row.id): Read(_wallet(row), row.row_version) for row in rows}


async def wallet_of(uow: UnitOfWork, party_id: PartyId, currency: Currency, purpose: str) -> Wallet | None:
    """A party's wallet in a currency and for a purpose."""
    w = tables.wallet.c
    query = select(tables.wallet).where(
        w.tenant_id == uow.scope.tenant_id.uuid,
        w.party_id == party_id.uuid,
        w.currency == currency.code,
        w.purpose == purpose,
    )
    row = (await uow.execute(query)).one_or_none()
    return _wallet(row) if row else None


async def wallets_of(uow: UnitOfWork, party_id: PartyId) -> list[Wallet]:
    """All wallets of a party, in their draw order."""
    w = tables.wallet.c
    query = select(tables.wallet).where(w.tenant_id == uow.scope.tenant_id.uuid, w.party_id == party_id.uuid)
    return [_wallet(row) for row in await uow.execute(query.order_by(w.currency, w.draw_order, w.id))]


async def wallets_of_parties(uow: UnitOfWork, parties: Sequence[PartyId]) -> dict[PartyId, list[Wallet]]:
    """The wallets of each of these parties, in their draw order, with one statement however many they are."""
    w = tables.wallet.c
    ids = [party.uuid for party in parties]
    query = select(tables.wallet).where(w.tenant_id == uow.scope.tenant_id.uuid, w.party_id.in_(ids))
    found: dict[PartyId, list[Wallet]] = {party: [] for party in parties}
    for row in await uow.execute(query.order_by(w.draw_order, w.id)):
        found[PartyId(row.party_id)].append(_wallet(row))
    return found


async def wallets_by_accounts(uow: UnitOfWork, accounts: Sequence[AccountId]) -> dict[AccountId, Wallet]:
    """The wallets whose available accounts these are."""
    w = tables.wallet.c
    ids = [account.uuid for account in accounts]
    query = select(tables.wallet).where(w.tenant_id == uow.scope.tenant_id.uuid, w.available_account_id.in_(ids))
    found = [_wallet(row) for row in await uow.execute(query)]
    return {wallet.available_account: wallet for wallet in found}


async def list_wallets(
    uow: UnitOfWork,
    *,
    party_id: PartyId | None,
    after: tuple[Any, ...] | None,
    limit: int,
    currency: Currency | None = None,
) -> Page[Wallet]:
    """Wallets the caller may see, by id."""
    w = tables.wallet.c
    query = _visible(uow)
    if currency is not None:
        query = query.where(w.currency == currency.code)
    if party_id is not None:
        query = query.where(w.party_id == party_id.uuid)
    if after is not None:
        query = query.where(w.id > UUID(after[0]))
    rows = (await uow.execute(query.order_by(w.id).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_wallet)


async def set_limits(
    uow: UnitOfWork, wallet_id: WalletId, limits: LimitAccounts | None, per_item: Money | None
) -> None:
    """Remember a wallet's limit accounts and its limit per item."""
    values = {
        "source_account_id": limits.source.uuid if limits else None,
        "day_account_id": limits.day.uuid if limits else None,
        "month_account_id": limits.month.uuid if limits else None,
        "room_account_id": limits.room.uuid if limits else None,
        "per_item_minor": None if per_item is None else per_item.minor,
    }
    w = tables.wallet.c
    where = (w.tenant_id == uow.scope.tenant_id.uuid, w.id == wallet_id.uuid)
    await uow.execute(update(tables.wallet).where(*where).values(values))


async def next_version(uow: UnitOfWork, wallet_id: WalletId) -> int:
    """Count one change of a wallet."""
    w = tables.wallet.c
    where = (w.tenant_id == uow.scope.tenant_id.uuid, w.id == wallet_id.uuid)
    statement = update(tables.wallet).where(*where).values(version=w.version + 1).returning(w.version)
    return int((await uow.execute(statement)).scalar_one())


async def insert_hold(uow: UnitOfWork, hold: Hold) -> None:
    """Add a hold."""
    await uow.execute(insert(tables.hold).values(_hold_row(uow, hold)))


async def update_hold(uow: UnitOfWork, hold: Hold) -> None:
    """Store a hold's new state; the row was locked when it was read."""
    h = tables.hold.c
    where = (h.tenant_id == uow.scope.tenant_id.uuid, h.id == hold.id.uuid)
    await uow.execute(update(tables.hold).where(*where).values(state=hold.state.value, version=hold.version))


async def hold_by_id(uow: UnitOfWork, hold_id: HoldId, *, lock: bool = True) -> tuple[Hold, Wallet] | None:
    """A hold with its wallet, locked unless it is only looked at; who is limited to a party sees only that party's."""
    h, w = tables.hold.c, tables.wallet.c
    query = select(tables.hold).where(h.tenant_id == uow.scope.tenant_id.uuid, h.id == hold_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        return None
    owner = (await uow.execute(_visible(uow).where(w.id == row.wallet_id))).one_or_none()
    return (_hold(row, _wallet(owner)), _wallet(owner)) if owner else None


async def open_holds(uow: UnitOfWork, wallet: Wallet) -> list[Hold]:
    """The holds of a wallet that still hold something."""
    h = tables.hold.c
    query = select(tables.hold).where(
        h.tenant_id == uow.scope.tenant_id.uuid, h.wallet_id == wallet.id.uuid, h.state == HoldState.HELD.value
    )
    return [_hold(row, wallet) for row in await uow.execute(query.order_by(h.id))]


async def insert_transfer(uow: UnitOfWork, transfer: ScheduledTransfer) -> None:
    """Add a scheduled transfer."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": transfer.id.uuid,
        "from_wallet_id": transfer.from_wallet.uuid,
        "to_wallet_id": transfer.to_wallet.uuid,
        "amount_minor": transfer.amount.minor,
        "due_at": transfer.due_at,
        "state": transfer.state.value,
        "version": transfer.version,
        "note": transfer.note,
    }
    await uow.execute(insert(tables.scheduled_transfer).values(row))


async def update_transfer(uow: UnitOfWork, transfer: ScheduledTransfer) -> None:
    """Store a scheduled transfer's new state; the row was locked when it was read."""
    t = tables.scheduled_transfer.c
    where = (t.tenant_id == uow.scope.tenant_id.uuid, t.id == transfer.id.uuid)
    values = {
        "state": transfer.state.value,
        "version": transfer.version,
        "entry_id": transfer.entry_id.uuid if transfer.entry_id else None,
        "failure": transfer.failure,
    }
    await uow.execute(update(tables.scheduled_transfer).where(*where).values(values))


async def transfer_by_id(uow: UnitOfWork, transfer_id: TransferId) -> tuple[ScheduledTransfer, Wallet] | None:
    """A scheduled transfer, locked, with the wallet that pays; only a party's own for a limited caller."""
    t, w = tables.scheduled_transfer.c, tables.wallet.c
    query = select(tables.scheduled_transfer).where(t.tenant_id == uow.scope.tenant_id.uuid, t.id == transfer_id.uuid)
    row = (await uow.execute(query.with_for_update())).one_or_none()
    if row is None:
        return None
    owner = (await uow.execute(_visible(uow).where(w.id == row.from_wallet_id))).one_or_none()
    return (_transfer(row, _wallet(owner)), _wallet(owner)) if owner else None


async def transfers_of(
    uow: UnitOfWork, wallet: Wallet, *, after: tuple[Any, ...] | None, limit: int
) -> Page[ScheduledTransfer]:
    """Scheduled transfers a wallet pays, the newest first."""
    t = tables.scheduled_transfer.c
    query = select(tables.scheduled_transfer).where(
        t.tenant_id == uow.scope.tenant_id.uuid, t.from_wallet_id == wallet.id.uuid
    )
    if after is not None:
        query = query.where(t.id < UUID(after[0]))
    rows = (await uow.execute(query.order_by(t.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(lambda row: _transfer(row, wallet))


async def policy(uow: UnitOfWork, tier: str, currency: Currency) -> LimitPolicy | None:
    """The limits of a tier in a currency, if any are set."""
    p = tables.limit_policy.c
    query = select(tables.limit_policy).where(
        p.tenant_id == uow.scope.tenant_id.uuid, p.tier == tier, p.currency == currency.code
    )
    row = (await uow.execute(query)).one_or_none()
    return _policy(row) if row else None


async def policies(uow: UnitOfWork) -> list[LimitPolicy]:
    """All limits of the tenant."""
    p = tables.limit_policy.c
    query = select(tables.limit_policy).where(p.tenant_id == uow.scope.tenant_id.uuid)
    return [_policy(row) for row in await uow.execute(query.order_by(p.tier, p.currency))]


async def put_policy(uow: UnitOfWork, new: LimitPolicy) -> None:
    """Set the limits of a tier in a currency."""
    p = tables.limit_policy.c
    values = {
        "per_item_minor": minor_of(new.per_item),
        "per_day_minor": minor_of(new.per_day),
        "per_month_minor": minor_of(new.per_month),
        "balance_minor": minor_of(new.balance),
    }
    key = {"tenant_id": uow.scope.tenant_id.uuid, "tier": new.tier, "currency": new.currency.code}
    statement = upsert(tables.limit_policy).values(key | values)
    await uow.execute(statement.on_conflict_do_update(index_elements=[p.tenant_id, p.tier, p.currency], set_=values))


def _visible(uow: UnitOfWork) -> Any:
    w = tables.wallet.c
    query = select(tables.wallet).where(w.tenant_id == uow.scope.tenant_id.uuid)
    if uow.scope.party_id is None:
        return query
    return query.where(w.party_id == uow.scope.party_id.uuid)


def _wallet(row: Any) -> Wallet:
    currency = Currency(row.currency, row.exponent)
    limits = None
    if row.source_account_id is not None:
        limits = LimitAccounts(
            source=AccountId(row.source_account_id),
            day=AccountId(row.day_account_id),
            month=AccountId(row.month_account_id),
            room=AccountId(row.room_account_id),
        )
    return Wallet(
        id=WalletId(row.id),
        party_id=PartyId(row.party_id),
        currency=currency,
        purpose=row.purpose,
        draw_order=row.draw_order,
        available_account=AccountId(row.available_account_id),
        pending_account=AccountId(row.pending_account_id),
        limits=limits,
        per_item=None if row.per_item_minor is None else Money(row.per_item_minor, currency),
        version=row.version,
        opened_at=row.opened_at,
    )


def _hold(row: Row[Any], wallet: Wallet) -> Hold:
    return Hold(
        id=HoldId(row.id),
        wallet_id=WalletId(row.wallet_id),
        account_id=AccountId(row.account_id),
        amount=Money(row.amount_minor, wallet.currency),
        state=HoldState(row.state),
        reason=row.reason,
        placed_at=row.placed_at,
        expires_at=row.expires_at,
        version=row.version,
        held_for=row.held_for,
    )


def _hold_row(uow: UnitOfWork, hold: Hold) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": hold.id.uuid,
        "wallet_id": hold.wallet_id.uuid,
        "account_id": hold.account_id.uuid,
        "amount_minor": hold.amount.minor,
        "state": hold.state.value,
        "reason": hold.reason,
        "placed_at": hold.placed_at,
        "expires_at": hold.expires_at,
        "version": hold.version,
        "held_for": hold.held_for,
    }


def _transfer(row: Row[Any], sender: Wallet) -> ScheduledTransfer:
    return ScheduledTransfer(
        id=TransferId(row.id),
        from_wallet=WalletId(row.from_wallet_id),
        to_wallet=WalletId(row.to_wallet_id),
        amount=Money(row.amount_minor, sender.currency),
        due_at=row.due_at,
        state=TransferState(row.state),
        version=row.version,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        failure=row.failure,
        note=row.note,
    )


def _policy(row: Row[Any]) -> LimitPolicy:
    currency = Currency.of(row.currency)

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return LimitPolicy(
        tier=row.tier,
        currency=currency,
        per_item=money(row.per_item_minor),
        per_day=money(row.per_day_minor),
        per_month=money(row.per_month_minor),
        balance=money(row.balance_minor),
    )
