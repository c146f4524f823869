"""Wire shapes of payouts, beneficiaries, terms and routes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from specie.kernel.ids import PartyId, WalletId
from specie.kernel.money import Currency
from specie.payouts.model import (
    AccountDetails,
    Attempt,
    Beneficiary,
    BeneficiaryId,
    Payout,
    Route,
    Step,
    Terms,
    reference_of,
)
from specie.payouts.service import RequestPayout
from specie.platform.http import Schema
from specie.platform.wire import Amount, CurrencyCode, PositiveAmount, id_text
from specie.providers import CallbackRow, PayoutRail

Text = Annotated[str, Field(max_length=200)]
Reference = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$", examples=["withdrawal-17"])]
Metadata = Annotated[dict[Annotated[str, Field(max_length=40)], Text], Field(max_length=20)]


class BeneficiaryIn(Schema):
    """An account for a party's book."""

    party_id: str | None = Field(None, description="Needed unless the caller is limited to a party")
    rail: Literal["bank_account", "ewallet"] = "bank_account"
    bank_code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{2,20}$", examples=["014"])]
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{5,34}$", examples=["1234567890"])]
    label: Annotated[str, Field(max_length=60)] = ""

    @property
    def kind(self) -> PayoutRail:
        """The rail."""
        return PayoutRail(self.rail)

    def party(self) -> PartyId | None:
        """Whose book."""
        return id_text(PartyId, self.party_id, "party_id") if self.party_id else None


class BeneficiaryRef(Schema):
    """What is kept of an answer that holds personal data."""

    id: str

    @classmethod
    def of(cls, beneficiary: Beneficiary) -> "BeneficiaryRef":
        """The wire form."""
        return cls(id=str(beneficiary.id))


class BeneficiaryOut(Schema):
    """An account in a party's book."""

    id: str
    party_id: str
    rail: str
    bank_code: str
    number_hint: str
    holder_name: str | None = Field(description="Whose account it is, as the bank says")
    label: str
    status: str
    created_at: datetime
    usable_from: datetime
    checked_at: datetime | None
    version: int

    @classmethod
    def of(cls, beneficiary: Beneficiary, details: AccountDetails | None) -> "BeneficiaryOut":
        """The wire form."""
        return cls(
            id=str(beneficiary.id),
            party_id=str(beneficiary.party_id),
            rail=str(beneficiary.rail),
            bank_code=beneficiary.bank_code,
            number_hint=beneficiary.hint,
            holder_name=(details.holder_name or None) if details else None,
            label=beneficiary.label,
            status=str(beneficiary.state),
            created_at=beneficiary.created_at,
            usable_from=beneficiary.usable_from,
            checked_at=beneficiary.checked_at,
            version=beneficiary.version,
        )


class PayoutIn(Schema):
    """Money that is to leave: an amount, or a part of what is available, fee included."""

    beneficiary_id: str
    reference: Reference
    amount: PositiveAmount | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    currency: CurrencyCode | None = Field(None, description="With `percent`, unless a wallet is named")
    wallet_id: str | None = None
    description: Text = ""
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_of(self) -> "PayoutIn":
        if (self.amount is None) == (self.percent is None):
            raise PydanticCustomError("amount_or_percent", "give an amount or a percent", {"code": "amount_or_percent"})
        return self

    def command(self, source: str) -> RequestPayout:
        """The value."""
        return RequestPayout(
            beneficiary_id=id_text(BeneficiaryId, self.beneficiary_id, "beneficiary_id"),
            reference=self.reference,
            amount=self.amount.money() if self.amount else None,
            percent=self.percent,
            currency=Currency.of(self.currency) if self.currency else None,
            wallet_id=id_text(WalletId, self.wallet_id, "wallet_id") if self.wallet_id else None,
            description=self.description,
            source=source,
            metadata=self.metadata,
        )


class PayoutOut(Schema):
    """A payout."""

    id: str
    party_id: str
    wallet_id: str
    beneficiary_id: str
    batch_id: str | None
    reference: str
    amount: Amount
    fee: Amount
    total: Amount
    description: str
    status: str
    needs_approval: bool
    source: str
    requested_by: str
    failure: str | None
    attention: str | None
    entry_id: str | None
    return_entry_id: str | None
    metadata: dict[str, str]
    version: int
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, payout: Payout) -> "PayoutOut":
        """The wire form."""
        return cls(**payout_fields(payout))


def payout_fields(payout: Payout) -> dict[str, Any]:
    """The fields that every form of a payout shows."""
    return {
        "id": str(payout.id),
        "party_id": str(payout.party_id),
        "wallet_id": str(payout.wallet_id),
        "beneficiary_id": str(payout.beneficiary_id),
        "batch_id": str(payout.batch_id) if payout.batch_id else None,
        "reference": payout.reference,
        "amount": Amount.of(payout.amount),
        "fee": Amount.of(payout.fee),
        "total": Amount.of(payout.total),
        "description": payout.description,
        "status": str(payout.state),
        "needs_approval": payout.needs_approval,
        "source": payout.source,
        "requested_by": payout.requested_by,
        "failure": payout.failure,
        "attention": payout.attention,
        "entry_id": str(payout.entry_id) if payout.entry_id else None,
        "return_entry_id": str(payout.return_entry_id) if payout.return_entry_id else None,
        "metadata": dict(payout.metadata),
        "version": payout.version,
        "created_at": payout.created_at,
        "updated_at": payout.updated_at,
        "ended_at": payout.ended_at,
    }


class PayoutListed(PayoutOut):
    """A payout in a list, with the account it goes to."""

    to: str
    party_name: str | None

    @classmethod
    def named(cls, payout: Payout, to: Beneficiary | None, party_name: str | None) -> "PayoutListed":
        """The wire form."""
        shown = f"{to.bank_code} {to.hint}" if to else ""
        return cls(**payout_fields(payout), to=shown, party_name=party_name)


class PayoutStepOut(Schema):
    """One step on the way."""

    kind: str
    subject_id: str
    status: str
    at: datetime
    cause: str
    callback_id: str | None

    @classmethod
    def of(cls, step: Step) -> "PayoutStepOut":
        """The wire form."""
        return cls(
            kind=step.machine,
            subject_id=step.subject,
            status=step.to_state,
            at=step.at,
            cause=step.cause,
            callback_id=str(step.callback_id) if step.callback_id else None,
        )


class PayoutAttemptOut(Schema):
    """One try at one provider."""

    id: str
    connection_id: str
    number: int
    status: str
    reference: str
    provider_ref: str | None
    reason: str | None
    calls: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, attempt: Attempt) -> "PayoutAttemptOut":
        """The wire form."""
        return cls(
            id=str(attempt.id),
            connection_id=str(attempt.connection_id),
            number=attempt.number,
            status=str(attempt.state),
            reference=reference_of(attempt.id),
            provider_ref=attempt.provider_ref,
            reason=attempt.reason,
            calls=attempt.tries,
            created_at=attempt.created_at,
            updated_at=attempt.updated_at,
        )


class PayoutCallbackOut(Schema):
    """What a provider told of it."""

    id: str
    state: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that is known of a payout."""

    payout: Payout
    beneficiary: Beneficiary
    details: AccountDetails | None
    party_name: str | None
    attempts: Sequence[Attempt]
    timeline: Sequence[Step]
    callbacks: Sequence[CallbackRow]
    entries: Sequence[Mapping[str, Any]]


class PayoutDetail(PayoutOut):
    """A payout with where it goes, its timeline, attempts, callbacks and postings."""

    beneficiary: BeneficiaryOut
    party_name: str | None
    timeline: list[PayoutStepOut]
    attempts: list[PayoutAttemptOut]
    callbacks: list[PayoutCallbackOut]
    entries: list[dict[str, Any]]

    @classmethod
    def opened(cls, detail: Detail) -> "PayoutDetail":
        """The wire form."""
        callbacks = [
            PayoutCallbackOut(id=str(row.id), state=row.state, received_at=row.received_at) for row in detail.callbacks
        ]
        return cls(
            **payout_fields(detail.payout),
            beneficiary=BeneficiaryOut.of(detail.beneficiary, detail.details),
            party_name=detail.party_name,
            timeline=[PayoutStepOut.of(step) for step in detail.timeline],
            attempts=[PayoutAttemptOut.of(attempt) for attempt in detail.attempts],
            callbacks=callbacks,
            entries=[dict(entry) for entry in detail.entries],
        )


class AgainIn(Schema):
    """The reference of the new payout."""

    reference: Reference


ByCurrency = Annotated[dict[CurrencyCode, Annotated[int, Field(ge=0, le=2**53 - 1)]], Field(max_length=40)]


class PayoutTermsIn(Schema):
    """What to change of the terms; what is left out stays."""

    fee_rate: Annotated[str, Field(pattern=r"^0(\.\d{1,8})?$", examples=["0.001"])] | None = None
    fee_fixed: ByCurrency | None = None
    minimum: ByCurrency | None = None
    cool_off_seconds: Annotated[int, Field(ge=0, le=2_592_000)] | None = None

    def over(self, terms: Terms) -> Terms:
        """The terms after the change."""
        return Terms(
            fee_rate=terms.fee_rate if self.fee_rate is None else Decimal(self.fee_rate),
            fee_fixed=terms.fee_fixed if self.fee_fixed is None else self.fee_fixed,
            minimum=terms.minimum if self.minimum is None else self.minimum,
            rounding=terms.rounding,
            cool_off_seconds=terms.cool_off_seconds if self.cool_off_seconds is None else self.cool_off_seconds,
        )


class PayoutTermsOut(Schema):
    """The terms of payouts."""

    fee_rate: str
    fee_fixed: dict[str, int]
    minimum: dict[str, int]
    cool_off_seconds: int

    @classmethod
    def of(cls, terms: Terms) -> "PayoutTermsOut":
        """The wire form."""
        return cls(
            fee_rate=f"{terms.fee_rate.normalize():f}",
            fee_fixed=dict(terms.fee_fixed),
            minimum=dict(terms.minimum),
            cool_off_seconds=terms.cool_off_seconds,
        )


class PayoutRouteIn(Schema):
    """How a connection is used for payouts."""

    is_enabled: bool = True
    per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    position: Annotated[int, Field(ge=0, le=1000)] = Field(0, description="Lower positions are tried first")


class PayoutRouteOut(Schema):
    """How a connection is used for payouts; connections are tried in the order of this list."""

    connection_id: str
    name: str
    is_enabled: bool
    per_minute: int | None
    position: int

    @classmethod
    def of(cls, route: Route, name: str) -> "PayoutRouteOut":
        """The wire form."""
        return cls(
            connection_id=str(route.connection_id),
            name=name,
            is_enabled=route.is_enabled,
            per_minute=route.per_minute,
            position=route.position,
        )


class PayoutRoutesOut(Schema):
    """Every connection that pays out."""

    data: list[PayoutRouteOut]
