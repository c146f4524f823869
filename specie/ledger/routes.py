"""The books over HTTP: accounts, journals, statements, balances as of a time, trial balance."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from starlette.responses import Response

from specie.approvals import Approval
from specie.kernel.ids import AccountId, EntryId, PartyId
from specie.kernel.money import Money
from specie.kernel.permissions import Permission
from specie.ledger import errors, journal_approval, postings, read_store, service, tree_store
from specie.ledger.branch_store import MONEY_TYPES, branches
from specie.ledger.model import Account, EntryDraft, JournalEntry, require_journals, require_own, require_unkept
from specie.ledger.schemas import (
    AccountChange,
    AccountIn,
    AccountOut,
    BulkIn,
    BulkItemOut,
    BulkOut,
    EntryIn,
    EntryOut,
    JournalAsked,
    OpeningIn,
    ReasonIn,
    ReverseIn,
    StatementLineOut,
    TreeNodeOut,
    TrialBalanceOut,
    entry_out,
    trial_balance_out,
)
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import Amount, ListOf, SearchText, id_text

router = ApiRouter(prefix="/ledger", tags=["Ledger"])

_MOST_POSTINGS = 10_000
_POSTING_REFUSALS = (
    errors.InsufficientFunds,
    errors.AccountControlled,
    errors.AccountFrozen,
    errors.AccountClosed,
    errors.AccountMissing,
    errors.PostingCurrency,
    errors.MemoMixed,
    errors.SameAccount,
    errors.BalanceOutOfRange,
    errors.PeriodClosed,
)

Limit = Annotated[int, Query(ge=1, le=100)]
AsOf = Annotated[datetime | None, Query(description="RFC 3339 with a zone")]
Depth = Annotated[int, Query(ge=1, le=8, description="How many parts of the codes make a line")]
EffectiveDay = Annotated[date | None, Query(description="Business date: everything effective up to its end")]


@router.post("/accounts", status_code=201, response_model=AccountOut)
@refuses(errors.AccountExists, errors.AccountControlled)
async def open_account(body: AccountIn, edge: Edge = requires(Permission.LEDGER_ADMIN)) -> Response:
    """Open an account. Those of modules open by themselves, with the floor and the owner that belong to them."""
    require_own(body.code)
    return await edge.write(lambda uow: service.open_account(uow, body.spec()), AccountOut.of, status=201)


@router.get("/accounts", response_model=ListOf[AccountOut])
async def list_accounts(
    edge: Edge = requires(Permission.LEDGER_READ),
    prefix: Annotated[SearchText | None, Query(description="A code or the beginning of codes")] = None,
    owner: SearchText | None = None,
    journals: Annotated[bool, Query(description="Only open accounts that take postings by hand")] = False,
    limit: Limit = 50,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Accounts by code, with their balances now."""
    party = id_text(PartyId, owner, "owner") if owner else None
    after = edge.cursor("accounts", cursor)
    page = await edge.read(
        lambda uow: read_store.accounts(uow, prefix=prefix, owner=party, journals=journals, after=after, limit=limit)
    )
    return edge.page("accounts", page, AccountOut.of)


@router.get("/accounts/tree", response_model=list[TreeNodeOut])
@refuses(errors.ChartTooWide)
async def account_tree(
    edge: Edge = requires(Permission.LEDGER_READ),
    prefix: SearchText | None = None,
    depth: Depth = 3,
    recorded_at: AsOf = None,
    effective_on: EffectiveDay = None,
) -> list[TreeNodeOut]:
    """The tree of codes down to a depth: each branch is the sum of its leaves, one row per currency.

    The balances are those of now, as recorded by a time, or as effective by a business date; as of a time gone by, the
    tree holds the accounts that something had been posted to. Accounts of documents that are settled are left out.
    """
    as_of = recorded_at or effective_on
    nodes = await edge.read(lambda uow: tree_store.tree(uow, prefix=prefix, depth=depth, as_of=as_of))
    return [
        TreeNodeOut(
            code=node.code,
            currency=node.balance.currency.code,
            type=node.type.value,
            balance=Amount.of(node.balance),
            accounts=node.accounts,
            account_id=str(node.account_id) if node.account_id else None,
        )
        for node in nodes
    ]


@router.get("/accounts/{account_id}", response_model=AccountOut)
async def get_account(
    account_id: str,
    edge: Edge = requires(Permission.LEDGER_READ),
    recorded_at: AsOf = None,
    effective_on: EffectiveDay = None,
) -> AccountOut:
    """An account with its balance now, as recorded by a time, or as effective by a business date."""
    wanted = id_text(AccountId, account_id, "account_id")

    async def look(uow: UnitOfWork) -> AccountOut:
        account = await service.get_account(uow, wanted)
        if recorded_at is not None:
            balance = await read_store.balance_recorded_by(uow, account, recorded_at)
            return AccountOut.of(account, balance, recorded_at)
        if effective_on is not None:
            balance = await read_store.balance_effective_by(uow, account, effective_on)
            return AccountOut.of(account, balance, effective_on)
        return AccountOut.of(account)

    return await edge.read(look)


@router.patch("/accounts/{account_id}", response_model=AccountOut)
@refuses(errors.PostingCurrency, errors.AccountControlled)
async def change_account(
    account_id: str, body: AccountChange, edge: Edge = requires(Permission.LEDGER_ADMIN)
) -> Response:
    """Change an account's floor or freezes; postings from now on obey.

    A module that keeps the account sets its floor, and of a control account its freezes as well.
    """
    wanted = id_text(AccountId, account_id, "account_id")

    async def change(uow: UnitOfWork) -> Account:
        account = await service.get_account(uow, wanted, lock=True)
        require_journals(account.code)
        if "floor" in body.model_fields_set:
            require_unkept(account.code)
            floor = None if body.floor is None else Money(body.floor, account.currency)
            account = await service.set_floor(uow, wanted, floor, reason=body.reason)
        debits = account.debits_frozen if body.debits_frozen is None else body.debits_frozen
        credits = account.credits_frozen if body.credits_frozen is None else body.credits_frozen
        # Who allows debits again lifts the owner's own stop as well; it stays when debits are not spoken of.
        owner = account.owner_frozen and body.debits_frozen is not False
        stops = (account.debits_frozen, account.credits_frozen, account.owner_frozen)
        if (debits, credits, owner) != stops:
            account = await service.freeze(uow, wanted, debits=debits, credits=credits, reason=body.reason, owner=owner)
        return account

    return await edge.write(change, AccountOut.of)


@router.post("/accounts/{account_id}/close", response_model=AccountOut)
@refuses(errors.AccountNotEmpty, errors.AccountControlled)
async def close_account(account_id: str, body: ReasonIn, edge: Edge = requires(Permission.LEDGER_ADMIN)) -> Response:
    """Close an account at zero; those that modules keep are closed by them alone."""
    wanted = id_text(AccountId, account_id, "account_id")

    async def close(uow: UnitOfWork) -> Account:
        require_unkept((await service.get_account(uow, wanted)).code)
        return await service.close_account(uow, wanted, reason=body.reason)

    return await edge.write(close, AccountOut.of)


@router.get("/accounts/{account_id}/statement", response_model=ListOf[StatementLineOut])
async def account_statement(
    account_id: str,
    edge: Edge = requires(Permission.LEDGER_READ),
    since: AsOf = None,
    until: AsOf = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> dict[str, Any]:
    """The account's postings with the balance after each, the newest first; times are recording times."""
    wanted = id_text(AccountId, account_id, "account_id")
    name = f"statement:{account_id}"
    after = edge.cursor(name, cursor)

    async def look(uow: UnitOfWork) -> dict[str, Any]:
        account = await service.get_account(uow, wanted)
        page = await read_store.statement(uow, account, after=after, limit=limit, since=since, until=until)
        codes = await _codes(uow, {line.other_account for line in page.items})
        return edge.page(name, page, lambda line: StatementLineOut.of(line, codes))

    return await edge.read(look)


@router.post("/entries", status_code=201, response_model=EntryOut | JournalAsked)
@refuses(*_POSTING_REFUSALS)
async def post_entry(body: EntryIn, edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Post a manual journal: all postings or none.

    One that moves more than the tenant's line is not posted: the answer has the status `needs_approval`, and a second
    person decides.
    """

    async def work(uow: UnitOfWork) -> EntryOut | JournalAsked:
        return await _made(uow, await journal_approval.post(uow, _draft(body)))

    return await edge.money(work, _as_is)


@router.post("/entries/bulk", status_code=201, response_model=BulkOut)
@refuses(errors.TooManyPostings, errors.JournalNeedsApproval, *_POSTING_REFUSALS)
async def post_bulk(body: BulkIn, edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Post up to 10,000 postings in one transaction: all or nothing, or each entry on its own."""
    if sum(len(entry.postings) for entry in body.entries) > _MOST_POSTINGS:
        raise errors.TooManyPostings(f"one call takes {_MOST_POSTINGS} postings", param="entries")
    drafts = [_draft(entry) for entry in body.entries]
    keep_going = body.mode == "each_on_its_own"

    async def work(uow: UnitOfWork) -> BulkOut:
        await journal_approval.require_below_line(uow, drafts)
        outcomes = await service.post_many(uow, drafts, keep_going=keep_going)
        items = [_bulk_item(index, outcome) for index, outcome in enumerate(outcomes)]
        posted = sum(item.entry_id is not None for item in items)
        return BulkOut(posted=posted, refused=len(items) - posted, entries=items)

    return await edge.money(work, _as_is)


@router.post("/opening-balances", status_code=201, response_model=BulkOut)
@refuses(errors.JournalNeedsApproval, *_POSTING_REFUSALS)
async def post_opening_balances(body: OpeningIn, edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Bring accounts to their first balances, each against `equity:opening` of its currency."""

    async def work(uow: UnitOfWork) -> BulkOut:
        drafts = [
            await service.opening_draft(
                uow, id_text(AccountId, line.account, "account"), line.amount.money(), body.effective_at
            )
            for line in body.balances
        ]
        drafts = [replace(draft, by_hand=True) for draft in drafts]
        await journal_approval.require_below_line(uow, drafts)
        entries = await service.post_many(uow, drafts)
        items = [_bulk_item(index, entry) for index, entry in enumerate(entries)]
        return BulkOut(posted=len(items), refused=0, entries=items)

    return await edge.money(work, _as_is)


@router.get("/entries", response_model=ListOf[EntryOut])
async def list_entries(
    edge: Edge = requires(Permission.LEDGER_READ),
    recipe: Annotated[SearchText | None, Query(description="A recipe or its beginning")] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Journal entries, the newest first."""
    after = edge.cursor("entries", cursor)

    async def look(uow: UnitOfWork) -> dict[str, Any]:
        page = await read_store.entries(uow, after=after, limit=limit, recipe=recipe)
        codes = await _codes(uow, {side for entry in page.items for side in _accounts(entry)})
        return edge.page("entries", page, lambda entry: entry_out(entry, codes))

    return await edge.read(look)


@router.get("/entries/{entry_id}", response_model=EntryOut)
async def get_entry(entry_id: Annotated[str, Path()], edge: Edge = requires(Permission.LEDGER_READ)) -> EntryOut:
    """One entry with its postings, its cause and its reversal."""
    wanted = id_text(EntryId, entry_id, "entry_id")

    async def look(uow: UnitOfWork) -> EntryOut:
        return await _shown(uow, await service.get_entry(uow, wanted))

    return await edge.read(look)


@router.post("/entries/{entry_id}/reverse", status_code=201, response_model=EntryOut | JournalAsked)
@refuses(errors.AlreadyReversed, errors.NotReversible, errors.JournalWaits, *_POSTING_REFUSALS)
async def reverse_entry(entry_id: str, body: ReverseIn, edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Post the exact opposite of an entry, once, with an effective time that must be given.

    As with a manual journal, a second person decides about one that moves more than the tenant's line.
    """
    wanted = id_text(EntryId, entry_id, "entry_id")

    async def work(uow: UnitOfWork) -> EntryOut | JournalAsked:
        made = await journal_approval.reverse(uow, wanted, effective_at=body.effective_at, reason=body.reason)
        return await _made(uow, made)

    return await edge.money(work, _as_is)


@router.get("/trial-balance", response_model=TrialBalanceOut)
@refuses(errors.ChartTooWide)
async def trial_balance(
    edge: Edge = requires(Permission.LEDGER_READ), as_of: EffectiveDay = None, depth: Depth = 2
) -> TrialBalanceOut:
    """Every balance at the end of a business date (today when left out), on the side it stands on.

    A line sums the accounts whose codes begin alike; 8 parts of the codes make a line of each account.
    """

    async def look(uow: UnitOfWork) -> TrialBalanceOut:
        day = as_of or uow.business_date
        return trial_balance_out(day, await branches(uow, MONEY_TYPES, until=day, depth=depth))

    return await edge.read(look)


def _draft(body: EntryIn) -> EntryDraft:
    sides = [posting.sides() for posting in body.postings]
    return postings.manual_entry(sides, description=body.description, effective_at=body.effective_at)


def _bulk_item(index: int, outcome: Any) -> BulkItemOut:
    if isinstance(outcome, JournalEntry):
        return BulkItemOut(index=index, entry_id=str(outcome.id))
    return BulkItemOut(index=index, code=outcome.code, detail=outcome.detail)


def _accounts(entry: JournalEntry) -> set[AccountId]:
    return {posting.debit for posting in entry.postings} | {posting.credit for posting in entry.postings}


async def _codes(uow: UnitOfWork, ids: set[AccountId]) -> dict[AccountId, str]:
    found = await read_store.accounts_by_ids(uow, list(ids))
    return {account_id: account.code for account_id, account in found.items()}


async def _made(uow: UnitOfWork, made: JournalEntry | Approval) -> EntryOut | JournalAsked:
    return JournalAsked.of(made) if isinstance(made, Approval) else await _shown(uow, made)


async def _shown(uow: UnitOfWork, entry: JournalEntry) -> EntryOut:
    codes = await _codes(uow, _accounts(entry))
    reversal = await read_store.reversal_of(uow, entry.id)
    return entry_out(entry, codes, str(reversal) if reversal else None)


def _as_is(shown: Any) -> Any:
    return shown
