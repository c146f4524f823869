"""Use cases of the ledger, each inside the caller's unit of work."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from specie import audit
from specie.events import NewEvent
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.money import Money, minor_of
from specie.ledger import budgets, journal, read_store, store
from specie.ledger.errors import (
    AccountExists,
    AccountMissing,
    AccountNotEmpty,
    AlreadyReversed,
    EntryMissing,
    NotReversible,
    PostingCurrency,
)
from specie.ledger.events import entry_data
from specie.ledger.journal import Command, Outcome
from specie.ledger.model import Account, AccountSpec, EntryDraft, JournalEntry, is_budget
from specie.ledger.postings import opening_account, opening_balance, reversal_of
from specie.ledger.recipes import undone_elsewhere
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReversalFollower:
    """How a module follows the reversal of an entry that made something of its own.

    It first locks what that is, before the accounts are, as whatever else moves it does; then it is told the reversal.
    """

    lock: Callable[[UnitOfWork, JournalEntry], Awaitable[object]]
    follow: Callable[[UnitOfWork, JournalEntry, EntryId], Awaitable[None]]


_followers: list[ReversalFollower] = []


def on_reversal(follower: ReversalFollower) -> None:
    """Let a module follow reversals inside the unit of work that makes them."""
    if follower not in _followers:
        _followers.append(follower)


async def open_account(uow: UnitOfWork, spec: AccountSpec) -> Account:
    """Open an account. Raises AccountExists when code and currency are taken."""
    account_id = AccountId.new()
    if not await store.insert_account(uow, account_id, spec):
        raise AccountExists(f"{spec.code} exists in {spec.currency}", param="code")
    return await get_account(uow, account_id)


async def ensure_account(uow: UnitOfWork, spec: AccountSpec) -> Account:
    """The account of this code and currency, opened now if it is not there yet; an existing one stays as it is."""
    found = await store.account_by_code(uow, spec.code, spec.currency)
    if found is not None:
        return found
    await store.insert_account(uow, AccountId.new(), spec)
    return cast(Account, await store.account_by_code(uow, spec.code, spec.currency))


async def ensure_accounts(uow: UnitOfWork, specs: Sequence[AccountSpec]) -> list[Account]:
    """The accounts of these codes and currencies, with few statements for many; as `ensure_account` for each."""
    codes = sorted({spec.code for spec in specs})
    found = await read_store.accounts_by_codes(uow, codes) if codes else {}
    # In the order of their codes, so that two who open the same do not wait for each other.
    missing = sorted({_named(spec): spec for spec in specs if _named(spec) not in found}.items())
    if missing:
        await store.insert_accounts(uow, [(AccountId.new(), spec) for _, spec in missing], unless_taken=True)
        found |= await read_store.accounts_by_codes(uow, [code for (code, _), _ in missing])
    return [found[_named(spec)] for spec in specs]


def _named(spec: AccountSpec) -> tuple[str, str]:
    return spec.code, spec.currency.code


async def locked_accounts(uow: UnitOfWork, ids: Collection[AccountId]) -> dict[AccountId, Account]:
    """Accounts as they stay until this unit of work ends but for what it posts itself, locked in their order."""
    return await store.lock_accounts(await uow.raw(), uow.scope.tenant_id.uuid, ids)


async def open_new(uow: UnitOfWork, specs: Sequence[AccountSpec]) -> list[AccountId]:
    """Open accounts of things that are new themselves, whose id is in each code, however many they are; their ids."""
    new = [(AccountId.new(), spec) for spec in specs]
    if new:
        await store.insert_accounts(uow, new)
    return [account_id for account_id, _ in new]


async def get_account(uow: UnitOfWork, account_id: AccountId, *, lock: bool = False) -> Account:
    """One account. Raises AccountMissing."""
    account = await store.account_by_id(uow, account_id, lock=lock)
    if account is None:
        raise AccountMissing(f"there is no account {account_id}")
    return account


async def post(uow: UnitOfWork, draft: EntryDraft, event: NewEvent | None = None) -> JournalEntry:
    """Post one entry in this unit of work, all of it or nothing.

    Its event shares the entry's id; without one given, `ledger.entry.posted` is recorded. Raises InsufficientFunds,
    AccountFrozen, AccountClosed, AccountMissing, PostingCurrency, MemoMixed or BalanceOutOfRange.
    """
    [entry] = await post_many(uow, [draft], [event])
    return cast(JournalEntry, entry)


async def post_many(
    uow: UnitOfWork,
    drafts: Sequence[EntryDraft],
    told: Sequence[NewEvent | None] | None = None,
    *,
    keep_going: bool = False,
) -> list[Outcome]:
    """Post several entries in order: all or none, or with `keep_going` each on its own."""
    stories = told or [None] * len(drafts)
    commands = [
        Command(draft, event, idempotency_key=uow.idempotency_key) for draft, event in zip(drafts, stories, strict=True)
    ]
    connection = await uow.raw()
    limited = await budgets.limited(connection, uow.scope, commands)
    return await journal.post_all(connection, uow.scope, limited, keep_going=keep_going)


async def get_entry(uow: UnitOfWork, entry_id: EntryId) -> JournalEntry:
    """One entry with its postings. Raises EntryMissing."""
    entry = await read_store.entry(uow, entry_id)
    if entry is None:
        raise EntryMissing(f"there is no entry {entry_id}")
    return entry


async def reversal_draft(uow: UnitOfWork, entry_id: EntryId, *, effective_at: datetime, reason: str) -> EntryDraft:
    """The exact opposite of an entry that has none yet, but for what it has drawn from budgets.

    Raises EntryMissing, AlreadyReversed, or NotReversible for one that a module keeps rows of.
    """
    original = await get_entry(uow, entry_id)
    _require_reversible(original)
    for follower in _followers:
        await follower.lock(uow, original)
    draft = reversal_of(
        original, effective_at=effective_at, reason=reason, without=await _budget_accounts(uow, original)
    )
    # The accounts' locks put two reversals in a row; the second then sees the first.
    await store.lock_accounts(await uow.raw(), uow.scope.tenant_id.uuid, draft.account_ids())
    if await read_store.reversal_of(uow, entry_id) is not None:
        raise AlreadyReversed(f"{entry_id} has been reversed")
    return draft


def _require_reversible(entry: JournalEntry) -> None:
    if entry.reverses is not None:
        raise NotReversible(f"{entry.id} is itself a reversal")
    undo = undone_elsewhere(entry.recipe)
    if undo is not None:
        module = entry.recipe.partition(".")[0]
        raise NotReversible(f"{entry.recipe} is undone in {module}: {undo}", recipe=entry.recipe, undo=undo)


async def _budget_accounts(uow: UnitOfWork, entry: JournalEntry) -> set[AccountId]:
    """The accounts of budgets that an entry has drawn on: what their windows release, a reversal must not as well."""
    sides = {side for posting in entry.postings if posting.is_memo for side in (posting.debit, posting.credit)}
    found = await read_store.accounts_by_ids(uow, list(sides)) if sides else {}
    return {account_id for account_id, account in found.items() if is_budget(account.code)}


async def reverse(
    uow: UnitOfWork,
    entry_id: EntryId,
    *,
    effective_at: datetime,
    reason: str,
    approver: str | None = None,
    about: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """Post the exact opposite of an entry, once. The effective date is the caller's decision, never a default.

    What it drew from budgets stays drawn. Raises what `reversal_draft` raises, or the refusals of `post`.
    """
    draft = await reversal_draft(uow, entry_id, effective_at=effective_at, reason=reason)
    entry = await post(uow, replace(draft, approver=approver, metadata={**draft.metadata, **(about or {})}))
    original = await get_entry(uow, entry_id)
    for follower in _followers:
        await follower.follow(uow, original, entry.id)
    await audit.record(
        uow,
        action="ledger.entry.reverse",
        subject=("entry", str(entry_id)),
        after={"reversal": str(entry.id)},
        reason=reason,
    )
    return entry


async def released(uow: UnitOfWork, allowances: Sequence[Account]) -> dict[AccountId, Money]:
    """What the windows of rolling allowances have released since each was last used, and its next use takes back."""
    used = [(one, one.last_recorded_at) for one in allowances]
    found = await store.released(await uow.raw(), uow.scope.tenant_id.uuid, used, uow.now, uow.now)
    return {one.id: sum((each.amount for each in found[one.id]), Money.zero(one.currency)) for one in allowances}


async def opening_draft(uow: UnitOfWork, account_id: AccountId, amount: Money, effective_at: datetime) -> EntryDraft:
    """The entry that brings an account to its first balance against `equity:opening`. Raises AccountMissing.

    The amount counts on the account's normal side; below zero, as of an overdrawn bank account, it is on the other.
    """
    [draft] = await opening_drafts(uow, [(account_id, amount)], effective_at)
    return draft


async def opening_drafts(
    uow: UnitOfWork, amounts: Sequence[tuple[AccountId, Money]], effective_at: datetime
) -> list[EntryDraft]:
    """The entries that bring accounts to their first balances, in this order. Raises AccountMissing."""
    found = await read_store.accounts_by_ids(uow, [account_id for account_id, _ in amounts])
    missing = next((account_id for account_id, _ in amounts if account_id not in found), None)
    if missing is not None:
        raise AccountMissing(f"there is no account {missing}")
    currencies = {account.currency.code: account.currency for account in found.values()}
    equity = {code: (await ensure_account(uow, opening_account(each))).id for code, each in currencies.items()}
    return [_opening(found[account_id], equity, amount, effective_at) for account_id, amount in amounts]


def _opening(account: Account, equity: Mapping[str, AccountId], amount: Money, effective_at: datetime) -> EntryDraft:
    is_raised = amount.minor >= 0
    return opening_balance(
        account.id,
        equity[account.currency.code],
        amount if is_raised else -amount,
        raised_by_debit=account.type.debit_normal is is_raised,
        effective_at=effective_at,
    )


async def set_floor(uow: UnitOfWork, account_id: AccountId, floor: Money | None, *, reason: str) -> Account:
    """Change the lowest allowed balance (a negative one is a credit line). Postings from now on obey it."""
    account = await get_account(uow, account_id, lock=True)
    if floor is not None and floor.currency.code != account.currency.code:
        raise PostingCurrency(f"{account.code} is kept in {account.currency}", param="floor")
    await store.change_account(uow, account_id, floor_minor=None if floor is None else floor.minor)
    await audit.record(
        uow,
        action="ledger.account.floor",
        subject=("account", str(account_id)),
        before={"floor_minor": minor_of(account.floor)},
        after={"floor_minor": minor_of(floor)},
        reason=reason,
    )
    return await get_account(uow, account_id)


async def freeze(
    uow: UnitOfWork, account_id: AccountId, *, debits: bool, credits: bool, reason: str, owner: bool | None = None
) -> Account:
    """Stop or allow debits and credits of requests; facts still post. Both flags are set as given.

    `owner` is the owner's own stop of debits, beside the tenant's; None leaves it as it is.
    """
    account = await get_account(uow, account_id, lock=True)
    after = _stops(debits, credits, account.owner_frozen if owner is None else owner)
    await store.change_account(uow, account_id, **after)
    before = _stops(account.debits_frozen, account.credits_frozen, account.owner_frozen)
    await audit.record(
        uow,
        action="ledger.account.freeze",
        subject=("account", str(account_id)),
        before=before,
        after=after,
        reason=reason,
    )
    return await get_account(uow, account_id)


async def close_account(uow: UnitOfWork, account_id: AccountId, *, reason: str) -> Account:
    """Close an account at zero for ever. Raises AccountNotEmpty."""
    account = await get_account(uow, account_id, lock=True)
    if account.balance.minor != 0:
        raise AccountNotEmpty(f"{account.code} holds {account.balance}", account=account.code)
    await store.change_account(uow, account_id, closed_at=uow.now)
    await audit.record(uow, action="ledger.account.close", subject=("account", str(account_id)), reason=reason)
    return await get_account(uow, account_id)


def _stops(debits: bool, credits: bool, owner: bool) -> dict[str, bool]:
    return {"debits_frozen": debits, "credits_frozen": credits, "owner_frozen": owner}


async def entries_told(uow: UnitOfWork, entries: Sequence[JournalEntry]) -> list[dict[str, Any]]:
    """Entries as the feed tells them, each posting with the codes of its accounts, which people read."""
    sides = {side for entry in entries for posting in entry.postings for side in (posting.debit, posting.credit)}
    found = await read_store.accounts_by_ids(uow, sorted(sides, key=str)) if sides else {}
    codes = {str(account_id): account.code for account_id, account in found.items()}
    told = [entry_data(entry) for entry in entries]
    for posting in (posting for entry in told for posting in entry["postings"]):
        posting["debit_code"] = codes.get(posting["debit_account"])
        posting["credit_code"] = codes.get(posting["credit_account"])
    return told
