"""The recipes of payables, and the accounts they use: the only place where a decision becomes postings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from specie import ledger
from specie.billing import TaxPart
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.payables.model import Bill, BillId, BillLine, DebitNote, DebitNoteId, SupplierPaymentId

BILL = Recipe("payables.bill", 1, undo="give the bill a debit note")
PAY = Recipe("payables.pay", 1, undo="it stays paid in advance: use it for another bill of the supplier")
ALLOCATE = Recipe("payables.allocate", 1, undo="give the bill a debit note: what has paid it is paid in advance again")
PAY_OUT = Recipe("payables.pay_out", 1, undo="cancel the payout to the supplier")
TAKE_BACK = Recipe("payables.take_back", 1, undo="pay the bill again")
DEBIT = Recipe("payables.debit_note", 1, undo="enter a new bill")
PAYABLE = "liability:payables:owed"
"""The control account of what suppliers are owed: each bill has a leaf under it."""

ledger.keep(
    "Bills",
    PAYABLE,
    f"{PAYABLE}:*",
    "asset:payables:advances:*",
    "memo:payables:",
    instead="pay the bill or record a debit note",
)
ledger.keep(
    "Bills",
    "expense:payables:bought",
    "expense:payables:price-differences",
    "asset:payables:tax:*",
    instead="it stays open; post what is to be moved",
    takes_journals=True,
)


@dataclass(frozen=True, slots=True)
class Charged:
    """Where what a bill charges goes, in minor units: out of what was received and not billed, expenses, each tax.

    `difference_minor` is by how much goods were billed above what was received of them; below it when negative.
    """

    received_minor: int
    difference_minor: int
    expense_minor: int
    taxes: Sequence[TaxPart]

    @classmethod
    def of(cls, lines: Sequence[BillLine], taxes: Sequence[TaxPart]) -> "Charged":
        """What lines charge: goods by what was received of them, everything else as an expense."""
        goods = [each for each in lines if each.line.product_id is not None]
        cleared = sum(each.cleared_minor for each in goods)
        net = sum(each.line.net_minor for each in goods)
        other = sum(each.line.net_minor for each in lines if each.line.product_id is None)
        return cls(cleared, net - cleared, other, taxes)


def owed_code(bill_id: BillId) -> str:
    """The code of the account that says what is owed of a bill."""
    return f"{PAYABLE}:{bill_id}"


def bill_accounts(bill: Bill) -> dict[str, AccountSpec]:
    """What is owed of a bill, and what may be taken back of it yet; neither falls below zero."""
    zero, owner = Money.zero(bill.currency), bill.supplier_id
    return {
        "account": AccountSpec(
            owed_code(bill.id),
            AccountType.LIABILITY,
            bill.currency,
            owner,
            zero,
            "Owed to a supplier",
            control=PAYABLE,
        ),
        "debitable": AccountSpec(
            f"memo:payables:debitable:{bill.id}", AccountType.MEMO, bill.currency, owner, zero, "May be taken back"
        ),
    }


def counter_accounts(currency: Currency, taxes: Sequence[TaxPart]) -> dict[str, AccountSpec]:
    """The other sides: what was received, differences, expenses, each tax we get back, and of what may be debited."""

    def of(code: str, kind: AccountType, name: str) -> AccountSpec:
        return AccountSpec(code, kind, currency, name=name)

    return {
        "received": of("liability:received-not-billed", AccountType.LIABILITY, "Goods received, not billed"),
        "difference": of("expense:payables:price-differences", AccountType.EXPENSE, "Price differences of purchases"),
        "expense": of("expense:payables:bought", AccountType.EXPENSE, "Bought services and expenses"),
        "source": of("memo:payables:billed", AccountType.MEMO, "Counterpart of what may be taken back"),
        **{part.code: of(f"asset:payables:tax:{part.code}", AccountType.ASSET, part.name) for part in taxes},
    }


def advance_account(of: SupplierPaymentId | DebitNoteId, supplier_id: PartyId, currency: Currency) -> AccountSpec:
    """What of a payment or debit note pays nothing yet: the supplier owes it to us."""
    code = f"asset:payables:advances:{of}"
    return AccountSpec(code, AccountType.ASSET, currency, supplier_id, Money.zero(currency), "Paid in advance")


def bill(of: Bill, charged: Charged, to: Mapping[str, AccountId]) -> EntryDraft:
    """We owe: goods leave what was received and not billed, the rest is an expense, tax is ours to get back."""
    owed, debitable = of.owed_accounts()
    money = _money(of.currency)
    legs = [
        Leg(to["received"], owed, money(charged.received_minor)),
        Leg(to["expense"], owed, money(charged.expense_minor)),
        *(Leg(to[part.code], owed, money(part.tax_minor)) for part in charged.taxes),
        _signed(to["difference"], owed, charged.difference_minor, of.currency),
        Leg(debitable, to["source"], money(of.total_minor)),
    ]
    return _draft(BILL, legs, f"Bill {of.number}, theirs {of.their_number}", {"bill_id": str(of.id)})


def bring_in(of: Bill, opening: EntryDraft, source: AccountId, about: Mapping[str, Any]) -> EntryDraft:
    """What was owed in the system used before goes into opening equity: it was bought and taxed there.

    As much may be taken back.
    """
    _, debitable = of.owed_accounts()
    return replace(
        opening,
        legs=[*opening.legs, Leg(debitable, source, Money(of.total_minor, of.currency))],
        description=f"Open bill {of.their_number}",
        metadata=_about(of, about),
    )


def debit_note(of: Bill, note: DebitNote, charged: Charged, to: Mapping[str, AccountId]) -> EntryDraft:
    """Some of a bill is taken back: what it charged goes where it came from, and the supplier owes us as much."""
    _, debitable = of.owed_accounts()
    money, advance = _money(of.currency), note.account_id
    legs = [
        Leg(advance, to["received"], money(charged.received_minor)),
        Leg(advance, to["expense"], money(charged.expense_minor)),
        *(Leg(advance, to[part.code], money(part.tax_minor)) for part in charged.taxes),
        _signed(advance, to["difference"], charged.difference_minor, of.currency),
        Leg(to["source"], debitable, money(note.net_minor + note.tax_minor)),
    ]
    about = {"bill_id": str(of.id), "debit_note_id": str(note.id)}
    return _draft(DEBIT, legs, f"{note.number} for {of.number}", about)


def pay(advance: AccountId, from_: AccountId, amount: Money, title: str, about: Mapping[str, Any]) -> EntryDraft:
    """A supplier was paid: until it is allocated it is paid in advance."""
    return _draft(PAY, [Leg(advance, from_, amount)], title, about)


def allocate(of: Bill, advance: AccountId, amount: Money, title: str, about: Mapping[str, Any]) -> EntryDraft:
    """What a supplier was paid pays a bill. Both floors are zero: neither can be used twice."""
    owed, _ = of.owed_accounts()
    return _draft(ALLOCATE, [Leg(owed, advance, amount)], title, _about(of, about))


def pay_out(of: Bill, wallet: AccountId, amount: Money, about: Mapping[str, Any]) -> EntryDraft:
    """What is owed of a bill goes to where the supplier's payout takes it from; that hold is what counts as spent.

    Nothing but facts may arrive there, so it is posted as one. The bill's floor holds all the same.
    """
    owed, _ = of.owed_accounts()
    draft = _draft(PAY_OUT, [Leg(owed, wallet, amount)], f"{of.number} on its way", _about(of, about))
    return replace(draft, is_fact=True, was_counted=True)


def take_back(of: Bill, wallet: AccountId, amount: Money, about: Mapping[str, Any]) -> EntryDraft:
    """The money did not leave or came back: it is owed again. A fact, whatever has been frozen meanwhile."""
    owed, _ = of.owed_accounts()
    draft = _draft(TAKE_BACK, [Leg(wallet, owed, amount)], f"{of.number} owed again", _about(of, about))
    return replace(draft, is_fact=True)


def _about(of: Bill, more: Mapping[str, Any]) -> dict[str, Any]:
    return {"bill_id": str(of.id), **more}


def _signed(debit: AccountId, credit: AccountId, minor: int, currency: Currency) -> Leg:
    if minor < 0:
        return Leg(credit, debit, Money(-minor, currency))
    return Leg(debit, credit, Money(minor, currency))


def _money(currency: Currency) -> Any:
    return lambda minor: Money(minor, currency)


def _draft(recipe: Recipe, legs: Sequence[Leg], title: str, about: Mapping[str, Any]) -> EntryDraft:
    moving = [leg for leg in legs if leg.amount is None or leg.amount.minor > 0]
    return EntryDraft(recipe, moving, title, metadata=dict(about))
