"""The simulator at work after a payment: gives money back, finishes what takes a while, tells of it."""

from typing import Any

from specie.kernel.clock import machine_timestamp
from specie.providers.simulator.bank import Bank, OrderInvalid, ReferenceTaken
from specie.providers.simulator.book_store import new_event_id
from specie.providers.simulator.operation_rules import (
    FINISHED_AFTER_SECONDS,
    Operation,
    OperationKind,
    begun,
    fee_for,
)
from specie.providers.simulator.operation_store import new_operation_id
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import NOWHERE


class Operations:
    """What one simulator does to the charges of its book."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._book = bank.book.operations
        bank.also_as_time_passes(self._finish_ripe)

    def order(self, charge: Charge, kind: OperationKind, document: Any, scenario: str) -> Operation:
        """Give money back or take what was authorised; the same reference gives the same operation.

        Raises OrderInvalid, ReferenceTaken or AmountTooLarge.
        """
        reference, amount = _ordered(document)
        earlier = self._book.by_reference(charge.account, kind, reference)
        if earlier is not None:
            if (earlier.charge_id, earlier.amount) != (charge.id, amount):
                raise ReferenceTaken("duplicate_reference")
            return earlier
        return self._begin(charge, kind, amount, reference, scenario)

    def refund_in_dashboard(self, charge: Charge, amount: int | None) -> Operation:
        """Give money back without the shop having asked; all that is left by default. Raises AmountTooLarge."""
        return self._begin(charge, OperationKind.REFUND, amount or self.refundable(charge), "", "")

    def open_dispute(self, charge: Charge) -> Operation:
        """The customer asks the bank for what has not been given back. Raises AmountTooLarge."""
        return self._begin(charge, OperationKind.DISPUTE, self.refundable(charge), "", "")

    def decide(self, charge: Charge, outcome: str) -> None:
        """The bank decides every open dispute of a charge: `won` or `lost` by the merchant."""
        for each in self._open_disputes(charge):
            self._tell(self._book.set_state(each, outcome, self._bank.now()), charge)

    def accept(self, dispute: Operation, charge: Charge, scenario: str) -> Operation:
        """The merchant gives in: the dispute is lost, also when told so again. Raises Decided for one that was won."""
        if dispute.state == "won":
            raise Decided("the bank has decided for the merchant")
        if dispute.state == "lost":
            return dispute
        lost = self._book.set_state(dispute, "lost", self._bank.now())
        if not begun(scenario)[2]:
            self._tell(lost, charge)
        return lost

    def is_disputed(self, charge: Charge) -> bool:
        """Whether the bank has a dispute to decide."""
        return bool(self._open_disputes(charge))

    def _open_disputes(self, charge: Charge) -> list[Operation]:
        done = self._book.of_charge(charge.id)
        return [each for each in done if each.kind == OperationKind.DISPUTE and each.state == "open"]

    def refundable(self, charge: Charge) -> int:
        """What was taken of the customer and has not been given back or promised back."""
        captured = self._sum(charge, OperationKind.CAPTURE)
        taken = captured if charge.is_manual else charge.amount if charge.state == "paid" else 0
        disputes = [each for each in self._book.of_charge(charge.id) if each.kind == OperationKind.DISPUTE]
        disputed = sum(each.amount for each in disputes if each.state != "won")
        return taken - self._sum(charge, OperationKind.REFUND) - disputed

    def capturable(self, charge: Charge) -> int:
        """What the customer has agreed to and nobody has taken."""
        return charge.amount - self._sum(charge, OperationKind.CAPTURE) if charge.state == "authorized" else 0

    def _sum(self, charge: Charge, kind: OperationKind) -> int:
        done = [each for each in self._book.of_charge(charge.id) if each.kind == kind and each.state != "failed"]
        return sum(each.amount for each in done)

    def find(self, account: str, kind: OperationKind, reference: str) -> Operation | None:
        """What became of an operation, as of now."""
        self._finish_ripe()
        return self._book.by_reference(account, kind, reference)

    def of_charge(self, charge: Charge) -> list[Operation]:
        """Everything done to a charge, in order, as of now."""
        self._finish_ripe()
        return self._book.of_charge(charge.id)

    def by_id(self, operation_id: str) -> Operation | None:
        """An operation by the simulator's own id, as of now."""
        self._finish_ripe()
        return self._book.by_id(operation_id)

    def _begin(self, charge: Charge, kind: OperationKind, amount: int, reference: str, scenario: str) -> Operation:
        possible = self.capturable(charge) if kind is OperationKind.CAPTURE else self.refundable(charge)
        if not 0 < amount <= possible:
            raise AmountTooLarge(f"{possible} is possible")
        state, outcome, is_silent = begun(scenario)
        state = "open" if kind is OperationKind.DISPUTE else state
        now = self._bank.now()
        operation = Operation(
            id=new_operation_id(kind),
            kind=kind,
            account=charge.account,
            charge_id=charge.id,
            charge_reference=charge.reference,
            reference=reference,
            amount=amount,
            currency=charge.currency,
            state=state,
            outcome=outcome,
            is_silent=is_silent,
            callback_url=charge.callback_url,
            created_at=now,
            finishes_at=now + FINISHED_AFTER_SECONDS if state == "pending" else None,
            occurred_at=None if state == "pending" else now,
            fee=fee_for(kind, charge.kind, amount),
        )
        self._book.add(operation)
        if state != "pending" and not is_silent:
            self._tell(operation, charge)
        return operation

    def _finish_ripe(self) -> None:
        for operation in self._book.ripe(self._bank.now()):
            finished = self._book.set_state(operation, operation.outcome, self._bank.now())
            charge = self._bank.book.by_id(operation.charge_id)
            if charge is not None and not operation.is_silent:
                self._tell(finished, charge)

    def _tell(self, operation: Operation, charge: Charge) -> None:
        if charge.callback_url == NOWHERE:
            return
        event_id = new_event_id()
        voice, _ = self._bank.voice_of(charge.account)
        for body in voice.tell_operation(operation, charge, event_id, self._bank.now()):
            self._bank.book.queue(charge, body, event_id, Signing.RIGHT, machine_timestamp())
        self._bank.news.set()


class Decided(Exception):
    """The bank has decided the dispute otherwise."""


class AmountTooLarge(Exception):
    """More than there is to give back or to take."""


def _ordered(document: Any) -> tuple[str, int]:
    if not isinstance(document, dict):
        raise OrderInvalid("an order is an object")
    reference, amount = document.get("reference"), document.get("amount")
    if not isinstance(reference, str) or not 0 < len(reference) <= 64:
        raise OrderInvalid("reference is missing")
    if type(amount) is not int or not 0 < amount <= 2**53 - 1:
        raise OrderInvalid("amount is a whole number above zero")
    return reference, amount
