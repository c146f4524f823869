"""Wire shapes of settlements and their terms."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from specie.kernel.ids import EntryId, PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.payouts import BeneficiaryId
from specie.platform.http import Schema
from specie.platform.wire import Amount, CurrencyCode, TimeOfDay, id_text
from specie.settlement.model import CoveredPosting, Line, Paid, Settlement, Terms
from specie.settlement.service import Plan, Shown
from specie.settlement.terms_service import NewTerms

_RATE = r"^(0(\.[0-9]{1,8})?|1(\.0{1,8})?)$"
Minor = Annotated[int, Field(ge=0, le=Money.MAX_MINOR, strict=True, description="Minor units")]
RateText = Annotated[str, Field(pattern=_RATE, max_length=12, examples=["0.05"], description="A part of one")]


class MerchantIn(Schema):
    """Whose settlement."""

    merchant_id: str
    currency: CurrencyCode

    def merchant(self) -> PartyId:
        """The merchant."""
        return id_text(PartyId, self.merchant_id, "merchant_id")

    def money(self) -> Currency:
        """The currency."""
        return Currency.of(self.currency)


class SettlementTermsIn(MerchantIn):
    """How a merchant is settled in a currency."""

    delay_days: Annotated[int, Field(ge=0, le=90)] = Field(
        2, description="Business days from the cut-off to settlement"
    )
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$", examples=["ID"])] = Field(
        "", description="Whose holidays count; empty for Monday to Friday"
    )
    subdivision: Annotated[str, Field(pattern="^[0-9A-Z-]{0,10}$")] = ""
    cut_off: TimeOfDay = Field("17:00", description="Local time of the tenant; the day is settled at this time")
    minimum: Minor = 0
    fee: Minor = 0
    reserve_rate: RateText = "0"
    reserve_days: Annotated[int, Field(ge=0, le=730)] = 0
    recovery_rate: RateText = Field("1", description="How much of a settlement may repay what the merchant owes")
    beneficiary_id: str | None = Field(None, description="Where the money goes; without one it stays in the wallet")

    def command(self) -> NewTerms:
        """The value."""
        beneficiary = self.beneficiary_id
        return NewTerms(
            party_id=self.merchant(),
            currency=self.money(),
            delay_days=self.delay_days,
            country=self.country,
            subdivision=self.subdivision,
            cut_off=time.fromisoformat(self.cut_off),
            minimum_minor=self.minimum,
            fee_minor=self.fee,
            reserve_rate=Decimal(self.reserve_rate),
            reserve_days=self.reserve_days,
            recovery_rate=Decimal(self.recovery_rate),
            beneficiary_id=id_text(BeneficiaryId, beneficiary, "beneficiary_id") if beneficiary else None,
        )


class SettlementTermsOut(Schema):
    """The terms in force, and what waits."""

    merchant_id: str
    merchant_name: str | None
    currency: str
    delay_days: int
    country: str
    subdivision: str
    cut_off: str
    minimum: Amount
    fee: Amount
    reserve_rate: str
    reserve_days: int
    recovery_rate: str
    beneficiary_id: str | None
    next_run_at: datetime
    ended_at: datetime | None = Field(description="Since when sales are not settled any more")
    version: int

    @classmethod
    def of(cls, terms: Terms, name: str | None = None) -> "SettlementTermsOut":
        """The wire form."""
        return cls(
            merchant_id=str(terms.party_id),
            merchant_name=name,
            currency=terms.currency.code,
            delay_days=terms.delay_days,
            country=terms.country,
            subdivision=terms.subdivision,
            cut_off=terms.cut_off.isoformat("minutes"),
            minimum=Amount.of(terms.minimum),
            fee=Amount.of(terms.fee),
            reserve_rate=_rate(terms.reserve_rate),
            reserve_days=terms.reserve_days,
            recovery_rate=_rate(terms.recovery_rate),
            beneficiary_id=str(terms.beneficiary_id) if terms.beneficiary_id else None,
            next_run_at=terms.next_run_at,
            ended_at=terms.ended_at,
            version=terms.version,
        )


class SettlementLineOut(Schema):
    """One line: its cause, its signed amount, and how many postings it stands for."""

    cause: str
    amount: Amount
    postings: int

    @classmethod
    def of(cls, line: Line) -> "SettlementLineOut":
        """The wire form."""
        return cls(cause=str(line.cause), amount=Amount.of(line.amount), postings=line.count)


class SettlementPlanOut(Schema):
    """What would be settled now. `blocker` says why nothing would be; `settlement_id` that it has been done."""

    merchant_id: str
    currency: str
    day: date
    is_business_day: bool
    cut_off_at: datetime
    lines: list[SettlementLineOut]
    payout: Amount
    blocker: str | None
    settlement_id: str | None
    reserve: Amount = Field(description="What waits in reserve before this settlement")
    reserve_free_on: date | None
    debt: Amount = Field(description="What the merchant owes before this settlement")

    @classmethod
    def of(cls, plan: Plan) -> "SettlementPlanOut":
        """The wire form."""
        return cls(
            merchant_id=str(plan.terms.party_id),
            currency=plan.terms.currency.code,
            day=plan.day,
            is_business_day=plan.terms.calendar.is_business_day(plan.day),
            cut_off_at=plan.coverage.cut_off_at,
            lines=[SettlementLineOut.of(line) for line in plan.composition.lines],
            payout=Amount.of(plan.composition.payout),
            blocker=str(plan.composition.blocker) if plan.composition.blocker else None,
            settlement_id=str(plan.settled_by.id) if plan.settled_by else None,
            reserve=Amount.of(plan.reserve),
            reserve_free_on=plan.reserve_free_on,
            debt=Amount.of(plan.debt),
        )


class SettlementOut(Schema):
    """What a merchant was paid over for one business day."""

    id: str
    merchant_id: str
    merchant_name: str | None
    currency: str
    day: date
    payout: Amount
    status: str = Field(description="in_wallet, not_paid_out, paying_out or paid_out")
    kept_because: str | None = Field(description="Why no payout was made of it, as the code of the refusal")
    payout_id: str | None = Field(description="The last payout made of it")
    made_at: datetime

    @classmethod
    def of(cls, shown: Shown, name: str | None = None) -> "SettlementOut":
        """The wire form."""
        made = shown.settlement
        return cls(
            id=str(made.id),
            merchant_id=str(made.party_id),
            merchant_name=name,
            currency=made.currency.code,
            day=made.day,
            payout=Amount.of(made.payout),
            status=str(shown.status),
            kept_because=made.kept_because,
            payout_id=str(shown.payouts[-1].payout_id) if shown.payouts else None,
            made_at=made.made_at,
        )


class SettlementPayoutOut(Schema):
    """A payout made of a settlement."""

    number: int
    payout_id: str
    status: str

    @classmethod
    def of(cls, paid: Paid) -> "SettlementPayoutOut":
        """The wire form."""
        return cls(number=paid.number, payout_id=str(paid.payout_id), status=str(paid.status))


class SettlementDetail(SettlementOut):
    """A settlement with its lines, its entry and its payouts."""

    lines: list[SettlementLineOut]
    payouts: list[SettlementPayoutOut]
    entry_id: str
    cut_off_at: datetime
    reserve: Amount
    reserve_until: date | None
    beneficiary_id: str | None
    made_by: str

    @classmethod
    def opened(cls, shown: Shown, lines: list[Line], name: str | None) -> "SettlementDetail":
        """The wire form."""
        made: Settlement = shown.settlement
        return cls(
            **SettlementOut.of(shown, name).model_dump(),
            lines=[SettlementLineOut.of(line) for line in lines],
            payouts=[SettlementPayoutOut.of(paid) for paid in shown.payouts],
            entry_id=str(made.entry_id),
            cut_off_at=made.coverage.cut_off_at,
            reserve=Amount.of(made.reserve),
            reserve_until=made.reserve_until,
            beneficiary_id=str(made.beneficiary_id) if made.beneficiary_id else None,
            made_by=made.made_by,
        )


class SettledPostingOut(Schema):
    """One posting that a settlement took in."""

    entry_id: str
    line: int
    cause: str
    amount: Amount
    description: str
    recorded_at: datetime
    payment_id: str | None
    purchase_id: str | None
    installment_order_id: str | None

    @classmethod
    def of(cls, posting: CoveredPosting) -> "SettledPostingOut":
        """The wire form."""
        payment = posting.payment_id
        return cls(
            entry_id=str(EntryId(posting.entry_id.uuid)),
            line=posting.line,
            cause=str(posting.cause),
            amount=Amount.of(posting.amount),
            description=posting.description,
            recorded_at=posting.recorded_at,
            payment_id=str(PaymentId.parse(payment)) if payment else None,
            purchase_id=posting.purchase_id,
            installment_order_id=posting.order_id,
        )


class CountryOut(Schema):
    """A country whose holidays are known, with its parts."""

    code: str
    subdivisions: list[str]


class CountriesOut(Schema):
    """Every country whose holidays are known."""

    data: list[CountryOut]


def _rate(rate: Decimal) -> str:
    return f"{rate.normalize():f}"
