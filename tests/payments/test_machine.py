"""Random histories of one payment: whatever a provider tells, in any order and how often, every charge counts once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from specie.kernel.ids import AttemptId, ConnectionId, PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.payments.errors import PaymentCannotMove
from specie.payments.model import (
    ATTEMPT_EDGES,
    PAYMENT_EDGES,
    Attempt,
    AttemptState,
    Payment,
    PaymentKind,
    PaymentMove,
    PaymentState,
    Ruling,
    ended_as,
    judge,
    moved,
    reference_of,
)
from specie.providers import ChargeKind, ChargeState, ProviderFact, Trust

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONNECTION = ConnectionId.new()
DUE = Money(15_000, Currency.of("IDR"))
AMOUNTS = [
    DUE,
    DUE,
    DUE,
    Money(14_999, DUE.currency),
    Money(1_500_000, DUE.currency),
    Money(15_000, Currency.of("JPY")),
]
LOST_MOVES = {
    ChargeState.FAILED: PaymentMove.FAIL,
    ChargeState.EXPIRED: PaymentMove.EXPIRE,
    ChargeState.CANCELLED: PaymentMove.WITHDRAW,
}


class OnePayment(RuleBasedStateMachine):
    """The service's decisions on one payment, beside a model of one line: the charges that have brought money."""

    def __init__(self) -> None:
        super().__init__()
        self.attempts: list[Attempt] = []
        self.brought: dict[str, Money] = {}
        self.booked: dict[str, Money] = {}
        self.aside: dict[str, Money] = {}

    @initialize(accept_late=st.booleans())
    def order(self, accept_late: bool) -> None:
        self.accept_late = accept_late
        self.payment = Payment(
            *(PaymentId.new(), PaymentKind.MERCHANT, PartyId.new(), "order-1", DUE, "", PaymentState.CREATED, 1),
            *(NOON, NOON),
        )

    @rule()
    def try_to_pay(self) -> None:
        if (self.payment.state, PaymentMove.TRY) not in PAYMENT_EDGES:
            return
        self.turn(PaymentMove.TRY)
        number = len(self.attempts) + 1
        self.attempts.append(
            Attempt(
                *(AttemptId.new(), self.payment.id, CONNECTION, number, ChargeKind.QR, AttemptState.CREATED, 0),
                *(NOON, NOON),
            )
        )

    @rule(move=st.sampled_from([PaymentMove.EXPIRE, PaymentMove.CANCEL]))
    def time_passes_or_somebody_calls_it_off(self, move: PaymentMove) -> None:
        if (self.payment.state, move) in PAYMENT_EDGES:
            self.turn(move)
            return
        with pytest.raises(PaymentCannotMove):
            moved(self.payment.id, self.payment.state, move)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def nobody_answers(self, data: st.DataObject) -> None:
        attempt = data.draw(st.sampled_from(self.attempts))
        if attempt.state is AttemptState.CREATED:
            self.turn_attempt(attempt, AttemptState.UNKNOWN)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), state=st.sampled_from([ChargeState.PAID, *ChargeState]), times=st.integers(1, 3))
    def the_provider_tells(self, data: st.DataObject, state: ChargeState, times: int) -> None:
        attempt = data.draw(st.sampled_from(self.attempts))
        # Now and then a provider collects twice for one order.
        charge = f"{attempt.number}.{data.draw(st.sampled_from([1, 1, 1, 2]))}"
        amount = self.brought.get(charge, data.draw(st.sampled_from(AMOUNTS)))
        if state is ChargeState.PAID:
            self.brought[charge] = amount
        for _ in range(times):
            self.hear(attempt.number, charge, state, amount)

    def hear(self, number: int, charge: str, state: ChargeState, amount: Money) -> None:
        attempt = self.attempts[number - 1]
        fact = ProviderFact(
            *(
                CONNECTION,
                reference_of(attempt.id),
                charge,
                "",
                state,
                str(state),
                amount,
                None,
                None,
                Trust.SIGNED,
                False,
            )
        )
        is_settled = charge in self.booked or charge in self.aside
        ruling = judge(self.payment, attempt, fact, is_settled=is_settled, accept_late=self.accept_late).ruling
        if ruling is Ruling.PAY:
            self.turn(PaymentMove.SUCCEED)
            self.turn_attempt(attempt, AttemptState.SUCCEEDED)
            self.booked[charge] = amount
        elif ruling is Ruling.SET_ASIDE:
            if attempt.state not in (AttemptState.SUCCEEDED, AttemptState.SET_ASIDE):
                self.turn_attempt(attempt, AttemptState.SET_ASIDE)
            self.aside[charge] = amount
        elif ruling is Ruling.PROGRESS:
            self.turn_attempt(attempt, AttemptState.PENDING)
        elif ruling is Ruling.END:
            self.turn_attempt(attempt, ended_as(state))
            if self.payment.state is PaymentState.PENDING:
                self.turn(LOST_MOVES[state])

    def turn(self, move: PaymentMove) -> None:
        assert self.payment.state is not PaymentState.PAID
        self.payment = replace(self.payment, state=moved(self.payment.id, self.payment.state, move))

    def turn_attempt(self, attempt: Attempt, state: AttemptState) -> None:
        assert (attempt.state, state) in ATTEMPT_EDGES
        self.attempts[attempt.number - 1] = replace(attempt, state=state)

    @invariant()
    def every_charge_that_brought_money_counts_once(self) -> None:
        assert self.booked.keys().isdisjoint(self.aside)
        assert self.booked | self.aside == self.brought

    @invariant()
    def a_payment_is_paid_by_one_charge_of_exactly_its_amount_or_by_none(self) -> None:
        is_paid = hasattr(self, "payment") and self.payment.state is PaymentState.PAID
        assert list(self.booked.values()) == ([DUE] if is_paid else [])


TestOnePayment = OnePayment.TestCase
TestOnePayment.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
