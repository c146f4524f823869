"""The recipes of billing, and the accounts they use: the only place where a decision becomes postings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from specie import ledger
from specie.billing.model import CreditNoteId, Invoice, InvoiceId, Method, ReceiptId, TaxPart
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe

ISSUE = Recipe("billing.issue", 1, undo="give the invoice a credit note")
RECEIVE = Recipe("billing.receive", 1, undo="pay the receipt back")
COLLECT = Recipe("billing.collect", 1, undo="pay the receipt back")
COLLECT_SALE = Recipe("billing.collect_sale", 1, undo="refund the purchase")
ALLOCATE = Recipe(
    "billing.allocate", 1, undo="give the invoice a credit note: what has paid it is the customer's credit again"
)
PAY_DEPOSIT = Recipe("billing.pay_deposit", 1, undo="pay the deposit back")
CREDIT = Recipe("billing.credit_note", 1, undo="issue a new invoice")
REFUND = Recipe("billing.refund", 1, undo="note what comes back as a new receipt")
RECEIVABLE = "asset:billing:receivable"
"""The control account of what customers owe: each invoice has a leaf under it."""

ledger.keep(
    "Invoices",
    RECEIVABLE,
    f"{RECEIVABLE}:*",
    "memo:billing:",
    instead="record a receipt, write a credit note or cancel the invoice",
)
ledger.keep(
    "Invoices",
    "liability:billing:credits:*",
    "liability:billing:deposits:*",
    "liability:billing:deposits-asked:*",
    instead="apply it to an invoice or pay it back",
)
ledger.keep(
    "Invoices",
    "income:billing:sales",
    "liability:billing:tax:*",
    "asset:bank:billing",
    "asset:cash:billing",
    "expense:billing:fees",
    instead="it stays open; post what is to be moved",
    takes_journals=True,
)


def receivable_code(invoice_id: InvoiceId) -> str:
    """The code of the account that says what is open of an invoice."""
    return f"{RECEIVABLE}:{invoice_id}"


def invoice_accounts(invoice: Invoice) -> dict[str, AccountSpec]:
    """What is open of an invoice, and what may be credited of it yet; neither falls below zero."""
    zero, owner = Money.zero(invoice.currency), invoice.customer_id
    return {
        "account": AccountSpec(
            receivable_code(invoice.id),
            AccountType.ASSET,
            invoice.currency,
            owner,
            zero,
            "Owed to us",
            control=RECEIVABLE,
        ),
        "creditable": AccountSpec(
            f"memo:billing:creditable:{invoice.id}", AccountType.MEMO, invoice.currency, owner, zero, "May be credited"
        ),
    }


def creditable_source(currency: Currency) -> AccountSpec:
    """The other side of what may be credited."""
    return AccountSpec("memo:billing:invoiced", AccountType.MEMO, currency, name="Counterpart of what may be credited")


def credit_account(of: ReceiptId | CreditNoteId, customer_id: PartyId, currency: Currency) -> AccountSpec:
    """What of a payment or credit note pays nothing yet: we owe it to the customer."""
    code = f"liability:billing:credits:{of}"
    return AccountSpec(code, AccountType.LIABILITY, currency, customer_id, Money.zero(currency), "Customer's credit")


def asked_account(invoice: Invoice) -> AccountSpec:
    """What a deposit asks for and nobody has paid: it falls with what is open of it."""
    code, zero = f"liability:billing:deposits-asked:{invoice.id}", Money.zero(invoice.currency)
    return AccountSpec(code, AccountType.LIABILITY, invoice.currency, invoice.customer_id, zero, "Deposit asked for")


def deposit_account(invoice: Invoice) -> AccountSpec:
    """What was paid of a deposit and no invoice has drawn: we owe it to the customer."""
    code, zero = f"liability:billing:deposits:{invoice.id}", Money.zero(invoice.currency)
    return AccountSpec(code, AccountType.LIABILITY, invoice.currency, invoice.customer_id, zero, "Customer's deposit")


def sales_account(currency: Currency) -> AccountSpec:
    """What was sold, before tax."""
    return AccountSpec("income:billing:sales", AccountType.INCOME, currency, name="Sales")


def tax_account(part: TaxPart, currency: Currency) -> AccountSpec:
    """What is owed to the tax office of one tax."""
    return AccountSpec(f"liability:billing:tax:{part.code}", AccountType.LIABILITY, currency, name=part.name)


def sale_fees_account(currency: Currency) -> AccountSpec:
    """What was kept of the business's own sales on the way to it."""
    return AccountSpec("expense:billing:fees", AccountType.EXPENSE, currency, name="Fees borne on own sales")


def money_account(method: Method, currency: Currency) -> AccountSpec:
    """Where money noted by hand is: at the bank, or in the till."""
    named = {Method.BANK: ("asset:bank:billing", "Bank account"), Method.CASH: ("asset:cash:billing", "Till")}
    code, name = named[method]
    return AccountSpec(code, AccountType.ASSET, currency, name=name)


def issue(invoice: Invoice, taxes: Sequence[TaxPart], to: Mapping[str, AccountId]) -> EntryDraft:
    """The customer owes: income for what was sold, each tax to its account, and as much may be credited."""
    receivable, creditable = invoice.receivable()
    money = _money(invoice.currency)
    legs = [
        Leg(receivable, to["sales"], money(invoice.net_minor)),
        *(Leg(receivable, to[part.code], money(part.tax_minor)) for part in taxes),
        Leg(creditable, to["source"], invoice.total),
    ]
    return _draft(ISSUE, legs, f"Invoice {invoice.number}", {"invoice_id": str(invoice.id)})


def bring_in(invoice: Invoice, opening: EntryDraft, source: AccountId, about: Mapping[str, Any]) -> EntryDraft:
    """What was open in the system used before comes out of opening equity: it was sold and taxed there.

    As much may be credited.
    """
    _, creditable = invoice.receivable()
    return replace(
        opening,
        legs=[*opening.legs, Leg(creditable, source, invoice.total)],
        description=f"Open invoice {invoice.number}",
        metadata={**about, "invoice_id": str(invoice.id)},
    )


def receive(into: AccountId, credit: AccountId, amount: Money, *, title: str, about: Mapping[str, Any]) -> EntryDraft:
    """Money arrived: until it is allocated it is the customer's credit."""
    return _draft(RECEIVE, [Leg(into, credit, amount)], title, about)


def collect(
    wallet: AccountId,
    debt: AccountId,
    credit: AccountId,
    amount: Money,
    *,
    title: str,
    about: Mapping[str, Any],
    limits: Sequence[Leg],
) -> EntryDraft:
    """What a payment brought into the tenant's own wallet becomes the customer's credit. It has happened: a fact.

    What the wallet does not have, because a debt took it on its way, the debt account bears.
    """
    legs = [Leg(wallet, credit, amount, remainder=debt), *limits]
    return _draft(COLLECT, legs, title, about, is_fact=True)


def collect_sale(
    parts: Sequence[tuple[AccountId, Money]],
    credit: AccountId,
    invoice: Invoice,
    receipt_id: str,
    limits: Sequence[Leg],
) -> EntryDraft:
    """What paid a sale becomes the customer's credit, from wherever it has arrived. It has happened: a fact."""
    legs = [*(Leg(place, credit, amount) for place, amount in parts), *limits]
    about = {"invoice_id": str(invoice.id), "receipt_id": receipt_id}
    return _draft(COLLECT_SALE, legs, f"Paid for {invoice.number}", about, is_fact=True)


def allocate(credit: AccountId, invoice: Invoice, amount: Money, *, title: str, about: Mapping[str, Any]) -> EntryDraft:
    """A customer's credit pays an invoice. Both floors are zero: neither can be used twice."""
    receivable, _ = invoice.receivable()
    return _draft(ALLOCATE, [Leg(credit, receivable, amount)], title, {"invoice_id": str(invoice.id), **about})


def pay_deposit(
    credit: AccountId,
    invoice: Invoice,
    amount: Money,
    to: Mapping[str, AccountId],
    *,
    title: str,
    about: Mapping[str, Any],
) -> EntryDraft:
    """A customer's credit pays a deposit: what was asked for is there to be drawn, and no longer to be credited."""
    receivable, creditable = invoice.receivable()
    legs = [
        Leg(credit, receivable, amount),
        Leg(to["sales"], to["deposit"], amount),
        Leg(to["source"], creditable, amount),
    ]
    return _draft(PAY_DEPOSIT, legs, title, {"invoice_id": str(invoice.id), **about})


def credit_note(
    invoice: Invoice,
    credit: AccountId,
    net_minor: int,
    taxes: Sequence[TaxPart],
    to: Mapping[str, AccountId],
    *,
    title: str,
    about: Mapping[str, Any],
) -> EntryDraft:
    """Some of an invoice is taken back: less was sold, less tax is owed, and the customer has a credit."""
    _, creditable = invoice.receivable()
    money = _money(invoice.currency)
    total = net_minor + sum(part.tax_minor for part in taxes)
    legs = [
        Leg(to["sales"], credit, money(net_minor)),
        *(Leg(to[part.code], credit, money(part.tax_minor)) for part in taxes),
        Leg(to["source"], creditable, money(total)),
    ]
    return _draft(CREDIT, legs, title, {"invoice_id": str(invoice.id), **about})


def refund(credit: AccountId, from_: AccountId, amount: Money, *, title: str, about: Mapping[str, Any]) -> EntryDraft:
    """A customer's credit is paid back."""
    return _draft(REFUND, [Leg(credit, from_, amount)], title, about)


def _money(currency: Currency) -> Any:
    return lambda minor: Money(minor, currency)


def _draft(
    recipe: Recipe, legs: Sequence[Leg], title: str, about: Mapping[str, Any], *, is_fact: bool = False
) -> EntryDraft:
    moving = [leg for leg in legs if leg.amount is None or leg.amount.minor > 0]
    return EntryDraft(recipe, moving, title, is_fact=is_fact, metadata=dict(about))
