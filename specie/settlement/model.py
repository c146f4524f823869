"""Terms, settlements and their lines, and how what is owed becomes lines. No I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from specie.kernel.business_days import BusinessCalendar, calendar_of
from specie.kernel.ids import AccountId, EntryId, PartyId, PrefixedId
from specie.kernel.money import Currency, Money
from specie.payouts import BeneficiaryId, PayoutId, PayoutStatus


class SettlementId(PrefixedId, prefix="stl"):
    """What a merchant was paid over for one business day."""


class Cause(StrEnum):
    """Why a line stands in a settlement."""

    SALES = "sales"
    PURCHASES = "purchases"
    """Parts of purchases that wallets and cashback paid; a provider's part is among the sales."""
    INSTALLMENTS = "installments"
    """Orders that began: the merchant is paid then, and the customer pays the tenant in parts."""
    REFUNDS = "refunds"
    REFUNDS_GIVEN_BACK = "refunds_given_back"
    DISPUTES = "disputes"
    DISPUTES_WON = "disputes_won"
    RELEASED = "released"
    OTHER_CREDITS = "other_credits"
    OTHER_DEBITS = "other_debits"
    RESERVE_RELEASED = "reserve_released"
    RECOVERY = "recovery"
    RESERVE_KEPT = "reserve_kept"
    FEE = "fee"


OWED = frozenset(
    {
        *(Cause.SALES, Cause.PURCHASES, Cause.INSTALLMENTS, Cause.REFUNDS, Cause.REFUNDS_GIVEN_BACK),
        *(Cause.DISPUTES, Cause.DISPUTES_WON),
        *(Cause.RELEASED, Cause.OTHER_CREDITS, Cause.OTHER_DEBITS),
    }
)
"""The causes whose lines are postings of the merchant's pending account."""

TAKEN = frozenset({Cause.RECOVERY, Cause.RESERVE_KEPT, Cause.FEE})
"""The causes whose lines lower a settlement as a whole: they belong to no payment of it."""

# By recipe without its version: a new version of a recipe is about the same thing.
_CREDITS = {
    "payments.capture": Cause.SALES,
    "purchases.hand_over": Cause.PURCHASES,
    "installments.book": Cause.INSTALLMENTS,
    "installments.begin": Cause.INSTALLMENTS,
    "payments.refund_give_back": Cause.REFUNDS_GIVEN_BACK,
    "payments.refund_take_back": Cause.REFUNDS_GIVEN_BACK,
    "payments.dispute_won": Cause.DISPUTES_WON,
}
_DEBITS = {
    "payments.refund_reserve": Cause.REFUNDS,
    "payments.refund_outside": Cause.REFUNDS,
    "purchases.give_back": Cause.REFUNDS,
    "installments.return": Cause.REFUNDS,
    "payments.dispute_open": Cause.DISPUTES,
    "payments.release": Cause.RELEASED,
}


def cause_of(recipe: str, *, is_credit: bool) -> Cause:
    """Why an entry of this recipe raised or lowered what a merchant is owed."""
    name = recipe.split("@", maxsplit=1)[0]
    if is_credit:
        return _CREDITS.get(name, Cause.OTHER_CREDITS)
    return _DEBITS.get(name, Cause.OTHER_DEBITS)


@dataclass(frozen=True, slots=True)
class Terms:
    """When and how a merchant is paid over in one currency.

    What was recorded up to the `cut_off` of a business day is due `delay_days` business days later. `reserve_rate` of
    what is due is kept for `reserve_days` days; at most `recovery_rate` of a settlement repays what the merchant owes.
    Without a beneficiary the money stays in the wallet. `next_run_at` is business time.
    """

    party_id: PartyId
    currency: Currency
    delay_days: int
    country: str
    subdivision: str
    cut_off: time
    minimum: Money
    fee: Money
    reserve_rate: Decimal
    reserve_days: int
    recovery_rate: Decimal
    beneficiary_id: BeneficiaryId | None
    next_run_at: datetime
    version: int
    ended_at: datetime | None = None

    @property
    def now_in_force(self) -> "Terms":
        """The terms as they count: once they have ended, all that waits is due and nothing is kept of it."""
        if self.ended_at is None:
            return self
        zero = Money.zero(self.currency)
        return replace(self, delay_days=0, minimum=zero, fee=zero, reserve_rate=Decimal(0), reserve_days=0)

    @property
    def calendar(self) -> BusinessCalendar:
        """The merchant's business days. Raises CountryUnknown."""
        return calendar_of(self.country, self.subdivision)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The postings of the merchant's pending account that a settlement takes in, by account version.

    Credits count when they were recorded by the cut-off, debits up to the moment of the run: what has been given back
    is not paid over, however young. The times bound the recording times that have to be looked at.
    """

    account_id: AccountId
    credit_after: int
    credit_through: int
    credit_since: datetime
    debit_after: int
    debit_through: int
    debit_since: datetime
    cut_off_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """What postings of one cause come to: above zero it raises what the merchant is owed."""

    cause: Cause
    amount: Money
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a settlement; `count` is how many postings it stands for."""

    cause: Cause
    amount: Money
    count: int = 1


class Blocker(StrEnum):
    """Why nothing is settled."""

    NOTHING_OWED = "nothing_owed"
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True, slots=True)
class Composition:
    """What a settlement would be made of; the lines sum to the payout."""

    lines: Sequence[Line]
    payout: Money
    blocker: Blocker | None = None

    def of(self, cause: Cause) -> Money:
        """The amount of a line, signed; zero where there is none."""
        zero = Money.zero(self.payout.currency)
        return sum((line.amount for line in self.lines if line.cause is cause), zero)


def compose(terms: Terms, owed: Sequence[Owed], released: Money, released_count: int, debt: Money) -> Composition:
    """Turn what is owed, reserve that is free again and the merchant's debt into lines.

    First the debt is repaid up to its cap, then the reserve is kept, then the fee is taken; each from what is left.
    """
    zero = Money.zero(terms.currency)
    lines = [Line(each.cause, each.amount, each.count) for each in owed if each.amount.minor != 0]
    gross = sum((line.amount for line in lines), zero)
    if released.minor > 0:
        lines.append(Line(Cause.RESERVE_RELEASED, released, released_count))
    left = base = max(gross + released, zero)
    recovery = min(debt, base.rate(terms.recovery_rate, "ROUND_DOWN"))
    left -= recovery
    kept = min(left, max(gross, zero).rate(terms.reserve_rate, "ROUND_HALF_UP"))
    left -= kept
    fee = min(left, terms.fee)
    left -= fee
    for cause, amount in ((Cause.RECOVERY, recovery), (Cause.RESERVE_KEPT, kept), (Cause.FEE, fee)):
        if amount.minor > 0:
            lines.append(Line(cause, -amount))
    return Composition(lines, left, _blocker(terms, base, left, recovery))


def _blocker(terms: Terms, base: Money, payout: Money, recovery: Money) -> Blocker | None:
    if base.minor <= 0:
        return Blocker.NOTHING_OWED
    # A merchant whose whole settlement repays its debt is paid nothing, and owes less.
    if payout.minor == 0 and recovery.minor > 0:
        return None
    return Blocker.BELOW_MINIMUM if payout.minor < max(terms.minimum.minor, 1) else None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a merchant was paid over for one business day. `kept_because` is why no payout was made of it."""

    id: SettlementId
    party_id: PartyId
    currency: Currency
    day: date
    coverage: Coverage
    payout: Money
    reserve: Money
    reserve_until: date | None
    beneficiary_id: BeneficiaryId | None
    kept_because: str | None
    entry_id: EntryId
    terms_version: int
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Paid:
    """A payout that was made of a settlement, and how far it has come."""

    number: int
    payout_id: PayoutId
    status: PayoutStatus


class Status(StrEnum):
    """Where the money of a settlement is, as its last payout says."""

    IN_WALLET = "in_wallet"
    """It stays in the wallet, as the terms want it."""
    NOT_PAID_OUT = "not_paid_out"
    """It should have left and did not; it is in the wallet."""
    PAYING_OUT = "paying_out"
    PAID_OUT = "paid_out"


_BACK = frozenset({PayoutStatus.FAILED, PayoutStatus.RETURNED, PayoutStatus.CANCELLED})


def status_of(settlement: Settlement, last: Paid | None) -> Status:
    """Where the money is."""
    if last is None:
        wanted = settlement.beneficiary_id is not None and settlement.payout.minor > 0
        return Status.NOT_PAID_OUT if wanted else Status.IN_WALLET
    if last.status in _BACK:
        return Status.NOT_PAID_OUT
    return Status.PAID_OUT if last.status is PayoutStatus.SUCCEEDED else Status.PAYING_OUT


@dataclass(frozen=True, slots=True)
class CoveredPosting:
    """One posting that a settlement took in. The amount is signed, the version is the pending account's."""

    entry_id: EntryId
    line: int
    version: int
    cause: Cause
    amount: Money
    description: str
    recorded_at: datetime
    payment_id: str | None
    purchase_id: str | None
    order_id: str | None
