"""Wire shapes of wallets."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from specie.kernel.ids import EntryId
from specie.kernel.money import Currency, Money
from specie.ledger import JournalEntry
from specie.platform.http import Schema
from specie.platform.wire import Amount, AwareMoment, CurrencyCode, PositiveAmount, one_line
from specie.wallets.history import Movement
from specie.wallets.model import Balances, Hold, LimitLeft, LimitPolicy, ScheduledTransfer, Wallet
from specie.wallets.postings import note_of

Purpose = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$", examples=["main"])]
Reason = Annotated[str, Field(min_length=3, max_length=500)]


class FrozenOut(Schema):
    """What a wallet does not do at present, and who has stopped what leaves it: its owner, the tenant, or both."""

    debits: bool
    credits: bool
    by_owner: bool
    by_tenant: bool


class WalletOut(Schema):
    """A wallet with its balances."""

    id: str
    party_id: str
    currency: str
    purpose: str
    draw_order: int
    available: Amount
    pending: Amount
    held: Amount
    frozen: FrozenOut
    account_ids: dict[str, str]
    version: int
    opened_at: datetime

    @classmethod
    def of(cls, wallet: Wallet, balances: Balances) -> "WalletOut":
        """The wire form."""
        return cls(
            id=str(wallet.id),
            party_id=str(wallet.party_id),
            currency=wallet.currency.code,
            purpose=wallet.purpose,
            draw_order=wallet.draw_order,
            available=Amount.of(balances.available),
            pending=Amount.of(balances.pending),
            held=Amount.of(balances.held),
            frozen=FrozenOut(
                debits=balances.debits_frozen or balances.owner_frozen,
                credits=balances.credits_frozen,
                by_owner=balances.owner_frozen,
                by_tenant=balances.debits_frozen,
            ),
            account_ids={"available": str(wallet.available_account), "pending": str(wallet.pending_account)},
            version=wallet.version,
            opened_at=wallet.opened_at,
        )


class WalletIn(Schema):
    """A wallet to open. Purses with a lower draw order pay first."""

    party_id: str | None = None
    currency: CurrencyCode
    purpose: Purpose = "main"
    draw_order: Annotated[int, Field(ge=0, le=1000)] = 100


class FreezeIn(Schema):
    """What to stop, and why."""

    debits: bool = True
    credits: bool = False
    reason: Reason


class ReasonIn(Schema):
    """Why."""

    reason: Reason


class CounterpartyOut(Schema):
    """Who is on the other side; strangers' names are masked."""

    wallet_id: str | None
    display_name: str | None


class MovementOut(Schema):
    """One line of a wallet's history."""

    entry_id: str
    recipe: str
    description: str
    note: str | None
    direction: str
    amount: Amount
    balance_after: Amount
    counterparty: CounterpartyOut
    state: str
    effective_at: datetime
    recorded_at: datetime

    @classmethod
    def of(cls, movement: Movement) -> "MovementOut":
        """The wire form."""
        wallet = movement.counterparty_wallet
        return cls(
            entry_id=str(movement.entry_id),
            recipe=movement.recipe,
            description=movement.description,
            note=movement.note,
            direction="in" if movement.is_incoming else "out",
            amount=Amount.of(movement.amount),
            balance_after=Amount.of(movement.balance_after),
            counterparty=CounterpartyOut(
                wallet_id=str(wallet) if wallet else None, display_name=movement.counterparty_name
            ),
            state="completed",
            effective_at=movement.effective_at,
            recorded_at=movement.recorded_at,
        )


class RecipientIn(Schema):
    """Who is to be paid: exactly one of these."""

    wallet_id: str | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "RecipientIn":
        if sum(value is not None for value in (self.wallet_id, self.email, self.phone)) != 1:
            raise ValueError("name the recipient by exactly one of wallet_id, email, phone")
        return self

    def text(self) -> str:
        """The one that was given."""
        return self.wallet_id or self.email or self.phone or ""


TransferNote = Annotated[
    str,
    Field(min_length=1, max_length=140, description="One line of plain text that payer and receiver see"),
    AfterValidator(one_line),
]


class TransferIn(Schema):
    """Money to send, now or at a later business time."""

    from_wallet_id: str
    to: RecipientIn
    amount: PositiveAmount
    scheduled_for: AwareMoment | None = None
    note: TransferNote | None = None


class LimitOut(Schema):
    """One limit of a wallet."""

    kind: str
    limit: Amount
    used: Amount
    left: Amount

    @classmethod
    def of(cls, left: LimitLeft) -> "LimitOut":
        """The wire form."""
        return cls(kind=left.kind, limit=Amount.of(left.limit), used=Amount.of(left.used), left=Amount.of(left.left))


class TransferOut(Schema):
    """A transfer: made (with its entry), or scheduled."""

    id: str
    state: str
    from_wallet_id: str
    to_wallet_id: str
    amount: Amount
    entry_id: str | None = None
    balance_after: Amount | None = None
    effective_at: datetime | None = None
    scheduled_for: datetime | None = None
    failure: str | None = None
    note: str | None = None
    preview: bool = False
    limits_left: list[LimitOut] = []  # noqa: RUF012

    @classmethod
    def made(
        cls,
        entry: JournalEntry,
        sender: Wallet,
        recipient: Wallet,
        *,
        shows_balance: bool = True,
        preview: bool = False,
        limits_left: list[LimitOut] | None = None,
    ) -> "TransferOut":
        """The wire form of an entry; the receiver is not shown the payer's balance."""
        first = entry.postings[0]
        entry_id = EntryId(entry.id.uuid)
        return cls(
            id=str(entry_id),
            state="preview" if preview else "completed",
            from_wallet_id=str(sender.id),
            to_wallet_id=str(recipient.id),
            amount=Amount.of(first.amount),
            entry_id=None if preview else str(entry_id),
            balance_after=Amount.of(first.debit_balance) if shows_balance else None,
            effective_at=entry.effective_at,
            note=note_of(entry.recipe, entry.metadata),
            preview=preview,
            limits_left=limits_left or [],
        )

    @classmethod
    def planned(cls, transfer: ScheduledTransfer) -> "TransferOut":
        """The wire form of a scheduled transfer."""
        return cls(
            id=str(transfer.id),
            state=transfer.state.value,
            from_wallet_id=str(transfer.from_wallet),
            to_wallet_id=str(transfer.to_wallet),
            amount=Amount.of(transfer.amount),
            entry_id=str(transfer.entry_id) if transfer.entry_id else None,
            scheduled_for=transfer.due_at,
            failure=transfer.failure,
            note=transfer.note,
        )


class RecipientOut(Schema):
    """A recipient that was found, with a masked name to compare."""

    wallet_id: str
    display_name: str


class HoldIn(Schema):
    """Money to set aside."""

    amount: PositiveAmount
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    expires_at: AwareMoment | None = None


class CaptureIn(Schema):
    """What to take of a hold (all that is left when no amount is given) and to which wallet."""

    to_wallet_id: str
    amount: PositiveAmount | None = None


class HoldOut(Schema):
    """A hold; `amount` is what is left of an open one. What is held for something ends with it alone."""

    id: str
    wallet_id: str
    account_id: str
    amount: Amount
    state: str
    reason: str
    held_for: str | None
    placed_at: datetime
    expires_at: datetime | None
    version: int

    @classmethod
    def of(cls, hold: Hold) -> "HoldOut":
        """The wire form."""
        return cls(
            id=str(hold.id),
            wallet_id=str(hold.wallet_id),
            account_id=str(hold.account_id),
            amount=Amount.of(hold.amount),
            state=hold.state.value,
            reason=hold.reason,
            held_for=hold.held_for,
            placed_at=hold.placed_at,
            expires_at=hold.expires_at,
            version=hold.version,
        )


class WalletLimitsOut(Schema):
    """The limits of one wallet."""

    wallet_id: str
    currency: str
    per_item: Amount | None
    limits: list[LimitOut]


class PolicyIn(Schema):
    """The limits of a tier in a currency, in minor units; null is no limit."""

    per_item: Annotated[int, Field(gt=0)] | None = None
    per_day: Annotated[int, Field(gt=0)] | None = None
    per_month: Annotated[int, Field(gt=0)] | None = None
    balance: Annotated[int, Field(gt=0)] | None = None

    def policy(self, tier: str, currency: Currency) -> LimitPolicy:
        """The typed limits."""
        parts: dict[str, Any] = {
            name: None if getattr(self, name) is None else Money(getattr(self, name), currency)
            for name in ("per_item", "per_day", "per_month", "balance")
        }
        return LimitPolicy(tier, currency, **parts)


class PolicyOut(Schema):
    """The limits of a tier in a currency."""

    tier: str
    currency: str
    per_item: Amount | None
    per_day: Amount | None
    per_month: Amount | None
    balance: Amount | None

    @classmethod
    def of(cls, policy: LimitPolicy) -> "PolicyOut":
        """The wire form."""
        parts: dict[str, Any] = {
            name: None if getattr(policy, name) is None else Amount.of(getattr(policy, name))
            for name in ("per_item", "per_day", "per_month", "balance")
        }
        return cls(tier=policy.tier, currency=policy.currency.code, **parts)
