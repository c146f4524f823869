"""Wire shapes of the ledger."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from specie.approvals import Approval
from specie.kernel.ids import AccountId, CallbackId, PartyId, RequestId
from specie.kernel.money import Currency, Money
from specie.ledger.branch_store import Branch
from specie.ledger.controls import keeper_of
from specie.ledger.model import Account, AccountSpec, AccountType, JournalEntry, Posting
from specie.ledger.read_store import StatementLine
from specie.ledger.recipes import undone_elsewhere
from specie.platform.http import Schema
from specie.platform.wire import Amount, AwareMoment, CurrencyCode, PositiveAmount, id_text

AccountCode = Annotated[
    str,
    Field(
        max_length=200,
        pattern=rf"^({'|'.join(AccountType)})(:[a-z0-9_.-]+)+$",
        examples=["asset:bank:main"],
        description="Path of the account; its first part is the account's type",
    ),
]
Reason = Annotated[str, Field(min_length=3, max_length=500)]


class AccountIn(Schema):
    """An account to open. `floor` is the lowest balance allowed; leave it out for none."""

    code: AccountCode
    currency: CurrencyCode
    name: Annotated[str, Field(max_length=200)] = ""
    floor: Annotated[int | None, Field(description="Minor units; a negative floor is a credit line")] = None
    owner: str | None = None

    def spec(self) -> AccountSpec:
        """The account to open; its type is the first part of its code."""
        currency = Currency.of(self.currency)
        return AccountSpec(
            code=self.code,
            type=AccountType(self.code.split(":", 1)[0]),
            currency=currency,
            owner=id_text(PartyId, self.owner, "owner") if self.owner else None,
            floor=None if self.floor is None else Money(self.floor, currency),
            name=self.name,
        )


class AccountChange(Schema):
    """What to change of an account; a field left out stays as it is. `floor: null` removes the floor."""

    floor: int | None = None
    debits_frozen: bool | None = None
    credits_frozen: bool | None = None
    reason: Reason


class ReasonIn(Schema):
    """Why; kept in the audit."""

    reason: Reason


class KeeperOut(Schema):
    """The module that keeps an account: its floor and its end are not decided over the ledger's routes."""

    name: str = Field(examples=["Payments"])
    instead: str = Field(description="What to do there instead", examples=["refund or dispute the payment"])
    takes_journals: bool = Field(description="Whether postings by hand are allowed nevertheless")

    @classmethod
    def of(cls, code: str) -> "KeeperOut | None":
        """Whoever keeps the accounts of a code; None where they are the tenant's."""
        keeper = keeper_of(code)
        if keeper is None:
            return None
        return cls(name=keeper.name, instead=keeper.instead, takes_journals=keeper.takes_journals)


class AccountOut(Schema):
    """An account with its balance, which counts upwards on the account's normal side."""

    id: str
    code: str
    type: str
    currency: str
    name: str
    owner: str | None
    balance: Amount
    floor: Amount | None
    debits_frozen: bool
    credits_frozen: bool
    owner_frozen: bool
    closed_at: datetime | None
    keeper: KeeperOut | None
    version: int
    as_of: datetime | date | None = None

    @classmethod
    def of(cls, account: Account, balance: Money | None = None, as_of: datetime | date | None = None) -> "AccountOut":
        """The wire form, with the present balance or one as of a time."""
        return cls(
            id=str(account.id),
            code=account.code,
            type=account.type.value,
            currency=account.currency.code,
            name=account.name,
            owner=str(account.owner) if account.owner else None,
            balance=Amount.of(account.balance if balance is None else balance),
            floor=None if account.floor is None else Amount.of(account.floor),
            debits_frozen=account.debits_frozen,
            credits_frozen=account.credits_frozen,
            owner_frozen=account.owner_frozen,
            closed_at=account.closed_at,
            keeper=KeeperOut.of(account.code),
            version=account.version,
            as_of=as_of,
        )


class PostingIn(Schema):
    """One posting: the amount is debited to one account and credited to the other."""

    debit_account: str
    credit_account: str
    amount: PositiveAmount

    def sides(self) -> tuple[AccountId, AccountId, Money]:
        """The typed posting."""
        debit = id_text(AccountId, self.debit_account, "debit_account")
        return debit, id_text(AccountId, self.credit_account, "credit_account"), self.amount.money()


class EntryIn(Schema):
    """A manual journal."""

    description: Annotated[str, Field(min_length=1, max_length=500)]
    postings: Annotated[list[PostingIn], Field(min_length=1, max_length=1000)]
    effective_at: AwareMoment | None = None


class BulkIn(Schema):
    """Several journals in one call: all or none, or each on its own."""

    mode: Literal["all_or_nothing", "each_on_its_own"] = "all_or_nothing"
    entries: Annotated[list[EntryIn], Field(min_length=1, max_length=10_000)]


class ReverseIn(Schema):
    """A reversal; the effective date must be said."""

    effective_at: AwareMoment
    reason: Reason


class OpeningBalance(Schema):
    """The first balance of one account."""

    account: str
    amount: PositiveAmount


class OpeningIn(Schema):
    """Opening balances as of a time, each against `equity:opening`."""

    effective_at: AwareMoment
    balances: Annotated[list[OpeningBalance], Field(min_length=1, max_length=1000)]


class PostingOut(Schema):
    """A posting with both sides' balances after it."""

    line: int
    debit_account: str
    debit_code: str | None
    credit_account: str
    credit_code: str | None
    amount: Amount
    debit_balance: Amount
    credit_balance: Amount

    @classmethod
    def of(cls, posting: Posting, codes: Mapping[AccountId, str]) -> "PostingOut":
        """The wire form; codes are given where they were looked up."""
        return cls(
            line=posting.line,
            debit_account=str(posting.debit),
            debit_code=codes.get(posting.debit),
            credit_account=str(posting.credit),
            credit_code=codes.get(posting.credit),
            amount=Amount.of(posting.amount),
            debit_balance=Amount.of(posting.debit_balance),
            credit_balance=Amount.of(posting.credit_balance),
        )


class EntryOut(Schema):
    """A journal entry with its cause."""

    id: str
    recipe: str
    description: str
    effective_at: datetime
    recorded_at: datetime
    business_date: date
    actor: str
    request_id: str
    idempotency_key: str | None
    callback_id: str | None
    approver: str | None
    reverses: str | None
    reversed_by: str | None
    undo: str | None = Field(
        description="How it is undone where it was made; null for an entry that the ledger itself may reverse"
    )
    metadata: dict[str, Any]
    postings: list[PostingOut]


class JournalAsked(Schema):
    """A journal that a second person decides; nothing has been posted."""

    approval_id: str
    amount: Amount | None = Field(description="What it moves in the currency whose line it goes above")
    status: Literal["needs_approval"] = "needs_approval"
    expires_at: datetime

    @classmethod
    def of(cls, approval: Approval) -> "JournalAsked":
        """The wire form."""
        return cls(
            approval_id=str(approval.id),
            amount=None if approval.amount is None else Amount.of(approval.amount),
            expires_at=approval.expires_at,
        )


class BulkItemOut(Schema):
    """The outcome of one entry of a bulk call."""

    index: int
    entry_id: str | None = None
    code: str | None = None
    detail: str | None = None


class BulkOut(Schema):
    """The outcome of a bulk call, in the order asked."""

    posted: int
    refused: int
    entries: list[BulkItemOut]


class StatementLineOut(Schema):
    """One line of an account statement."""

    entry_id: str
    line: int
    version: int
    side: str
    amount: Amount
    balance: Amount
    other_account: str
    other_code: str | None
    recipe: str
    description: str
    effective_at: datetime
    recorded_at: datetime

    @classmethod
    def of(cls, line: StatementLine, codes: Mapping[AccountId, str]) -> "StatementLineOut":
        """The wire form."""
        return cls(
            entry_id=str(line.entry_id),
            line=line.line,
            version=line.version,
            side=line.side.value,
            amount=Amount.of(line.amount),
            balance=Amount.of(line.balance),
            other_account=str(line.other_account),
            other_code=codes.get(line.other_account),
            recipe=line.recipe,
            description=line.description,
            effective_at=line.effective_at,
            recorded_at=line.recorded_at,
        )


class TrialLineOut(Schema):
    """The balance of the accounts at or below a code, on the side it stands on; the other one is zero."""

    account_id: str | None = Field(description="Set when the line is a single account")
    code: str
    type: str
    currency: str
    debit_minor: int
    credit_minor: int
    accounts: int = Field(description="How many accounts with a balance the line sums")

    @classmethod
    def of(cls, line: Branch) -> "TrialLineOut":
        """The wire form."""
        return cls(
            account_id=str(line.account_id) if line.account_id else None,
            code=line.code,
            type=line.type.value,
            currency=line.currency.code,
            debit_minor=max(line.debit_minor, 0),
            credit_minor=max(-line.debit_minor, 0),
            accounts=line.accounts,
        )


class TrialTotalOut(Schema):
    """The totals of one currency; the difference of a sound book is zero."""

    currency: str
    debit_minor: int
    credit_minor: int
    difference_minor: int


class TrialBalanceOut(Schema):
    """Every balance at the end of a business date; `balanced` when every currency's difference is zero."""

    as_of: date
    balanced: bool
    totals: list[TrialTotalOut]
    lines: list[TrialLineOut]


class TreeNodeOut(Schema):
    """A branch of the account tree: the sum of the leaves below a code prefix, in one currency."""

    code: str
    currency: str
    type: str
    balance: Amount
    accounts: int
    account_id: str | None


def entry_out(entry: JournalEntry, codes: Mapping[AccountId, str], reversed_by: str | None = None) -> EntryOut:
    """The wire form of an entry."""
    return EntryOut(
        id=str(entry.id),
        recipe=entry.recipe,
        description=entry.description,
        effective_at=entry.effective_at,
        recorded_at=entry.recorded_at,
        business_date=entry.business_date,
        actor=entry.actor,
        request_id=str(RequestId(entry.request_id)),
        idempotency_key=entry.idempotency_key,
        callback_id=str(CallbackId(entry.callback_id)) if entry.callback_id else None,
        approver=entry.approver,
        reverses=str(entry.reverses) if entry.reverses else None,
        reversed_by=reversed_by,
        undo=undone_elsewhere(entry.recipe),
        metadata=dict(entry.metadata),
        postings=[PostingOut.of(posting, codes) for posting in entry.postings],
    )


def trial_balance_out(day: date, found: list[Branch]) -> TrialBalanceOut:
    """Lines and the totals of each currency."""
    lines = [TrialLineOut.of(branch) for branch in found]
    totals = [_total(code, lines) for code in sorted({line.currency for line in lines})]
    balanced = all(total.difference_minor == 0 for total in totals)
    return TrialBalanceOut(as_of=day, balanced=balanced, totals=totals, lines=lines)


def _total(currency: str, lines: list[TrialLineOut]) -> TrialTotalOut:
    debit = sum(line.debit_minor for line in lines if line.currency == currency)
    credit = sum(line.credit_minor for line in lines if line.currency == currency)
    return TrialTotalOut(currency=currency, debit_minor=debit, credit_minor=credit, difference_minor=debit - credit)
