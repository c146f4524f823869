"""What providers that pay out have in common: the order, its answer, the inquiry. No I/O, no clock."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from specie.kernel.ids import ConnectionId
from specie.kernel.money import Money
from specie.providers.model import PayoutFact, PayoutRail, PayoutState, ProviderCall, Trust


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where money goes: an account at a bank, or a number at an e-wallet."""

    rail: PayoutRail
    bank_code: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccountHolder:
    """Whose account it is, as the bank says."""

    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PayoutRequest:
    """A payout to order. `reference` and `key` come from our row and are the same on every retry."""

    reference: str
    key: str
    amount: Money
    account: BankAccount
    holder_name: str = field(repr=False)
    description: str
    callback_url: str
    scenario: str = ""
    ordered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderPayout:
    """A payout as the provider tells of it. `raw_state` is its own word."""

    reference: str
    provider_ref: str
    state: PayoutState
    raw_state: str
    amount: Money
    fee: Money | None
    occurred_at: datetime | None


@runtime_checkable
class PayoutAdapter(Protocol):
    """What an adapter that pays out can do as well."""

    def inquire_account(self, account: BankAccount) -> ProviderCall[AccountHolder | None]:
        """Ask whose account it is. None: there is no such account."""

    def create_payout(self, request: PayoutRequest) -> ProviderCall[ProviderPayout]:
        """Order a payout; the request's key goes along."""

    def get_payout(self, reference: str) -> ProviderCall[ProviderPayout | None]:
        """Ask what happened to our reference. None: the provider has never heard of it."""


def fact_of_payout(payout: ProviderPayout, connection_id: ConnectionId) -> PayoutFact:
    """The fact in an answer to our own question or order."""
    return _fact(payout, connection_id, Trust.QUERIED, must_requery=False)


def hint_of_payout(payout: ProviderPayout, connection_id: ConnectionId, trust: Trust) -> PayoutFact:
    """What a callback says of a payout where its word alone does not count: the provider is to be asked."""
    key = f"{payout.provider_ref}:{payout.raw_state}"
    return _fact(payout, connection_id, trust, event_key=key, must_requery=True)


def told_of_payout(payout: ProviderPayout, connection_id: ConnectionId, event_key: str) -> PayoutFact:
    """What a callback signed over all its content says of a payout.

    A failure is asked about all the same: the money is given back then, and of two callbacks the later may come first.
    """
    is_failure = payout.state is PayoutState.FAILED
    return _fact(payout, connection_id, Trust.SIGNED, event_key=event_key, must_requery=is_failure)


def _fact(
    payout: ProviderPayout, connection_id: ConnectionId, trust: Trust, *, must_requery: bool, event_key: str = ""
) -> PayoutFact:
    return PayoutFact(
        connection_id=connection_id,
        reference=payout.reference,
        provider_ref=payout.provider_ref,
        event_key=event_key,
        state=payout.state,
        raw_state=payout.raw_state,
        amount=payout.amount,
        fee=payout.fee,
        occurred_at=payout.occurred_at,
        trust=trust,
        must_requery=must_requery,
    )
