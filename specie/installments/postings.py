"""The recipes of installments, and the accounts they use: the only place where a decision becomes postings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from specie import ledger
from specie.installments.model import Component, Open, Order, OrderId
from specie.installments.position import Payoff
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, moving
from specie.payments import Bearing
from specie.wallets import Draw, TakenHold, Wallet, incoming_legs, outgoing_legs

BOOK = Recipe("installments.book", 2, undo="note on the order that the goods came back")
RESERVE = Recipe("installments.reserve", 1, undo="cancel the order")
BEGIN = Recipe("installments.begin", 2, undo="note on the order that the goods came back")
LET_GO = Recipe("installments.let_go", 1, undo="make a new order")
EARN = Recipe("installments.earn", 1, undo="it follows the schedule: reschedule the order, or note a return on it")
COLLECT = Recipe(
    "installments.collect", 1, undo="it stays paid: a return on the order gives back what was paid beyond it"
)
PAYOFF = Recipe(
    "installments.payoff", 1, undo="it stays paid: a return on the order gives back what was paid beyond it"
)
LATE_FEE = Recipe("installments.late_fee", 1, undo="waive the late fee on the order")
WAIVE = Recipe("installments.waive", 1, undo="it is final: the fee was given up")
RETURN = Recipe("installments.return", 2, undo="make a new order")
RESCHEDULE = Recipe("installments.reschedule", 1, undo="reschedule the order again")
CHARGE_OFF = Recipe("installments.charge_off", 1, undo="note on the order what is recovered")
RECOVER = Recipe("installments.recover", 1, undo="it is final: what was recovered was paid")

ledger.keep(
    "Installments",
    "asset:installments:*:*",
    "liability:installments:*:unearned",
    "memo:installments:",
    instead="collect, waive, reschedule, return or charge off the order, or set the customer's credit line",
)
ledger.keep(
    "Installments",
    "income:installments:*",
    "expense:installments:*",
    instead="it stays open; post what is to be moved",
    takes_journals=True,
)

_NAMES = {
    Component.PRINCIPAL: "Owed for the purchase",
    Component.INTEREST: "Owed interest",
    Component.FEE: "Owed plan fee",
    Component.PENALTY: "Owed late fees",
}


@dataclass(frozen=True, slots=True)
class Seller:
    """The merchant of an order that begins: what it owes is repaid first, the rest is its wallet's at once.

    One with terms of settlement is paid over later: its pay waits as pending, and the settlement repays.
    """

    wallet: Wallet
    debt: AccountId
    is_settled: bool

    def paid_by(self, payer: AccountId, net: Money) -> Leg:
        """How its pay arrives."""
        if self.is_settled:
            return Leg(payer, self.wallet.pending_account, net)
        return Leg(payer, self.debt, net, remainder=self.wallet.available_account)

    def limits(self, net: Money) -> list[Leg]:
        """What its pay does to the cap of its wallet; what is pending draws on it when it is paid over."""
        return [] if self.is_settled else incoming_legs(self.wallet, net)


def order_accounts(order_id: OrderId, customer_id: PartyId, currency: Currency) -> dict[str, AccountSpec]:
    """The accounts of one order by their names in `OrderAccounts`; none can fall below zero."""
    zero, root = Money.zero(currency), f"installments:{order_id}"
    owed = {
        kind.value: AccountSpec(
            f"asset:{root}:{kind.value}", AccountType.ASSET, currency, owner=customer_id, floor=zero, name=name
        )
        for kind, name in _NAMES.items()
    }
    unearned = AccountSpec(
        f"liability:{root}:unearned", AccountType.LIABILITY, currency, floor=zero, name="Interest not yet earned"
    )
    memo = {
        name: AccountSpec(f"memo:{root}:{name}", AccountType.MEMO, currency, floor=zero, name=title)
        for name, title in (("returnable", "May still come back"), ("written_off", "May still be recovered"))
    }
    return owed | {"unearned": unearned} | memo | line_accounts(customer_id, currency)


def line_accounts(party_id: PartyId, currency: Currency) -> dict[str, AccountSpec]:
    """A customer's credit line: what is taken up lies below zero, the limit is the floor, at first nothing."""
    root = f"memo:installments:{party_id}"
    return {
        "line": AccountSpec(
            f"{root}:line", AccountType.MEMO, currency, party_id, Money.zero(currency), "Credit line for installments"
        ),
        "source": AccountSpec(f"{root}:source", AccountType.MEMO, currency, party_id, name="Counterpart of the line"),
    }


def reserved_account(order: Order) -> AccountSpec:
    """Credit that is set aside for an order whose purchase is not decided."""
    return AccountSpec(
        f"memo:installments:{order.id}:reserved",
        AccountType.MEMO,
        order.currency,
        order.customer_id,
        Money.zero(order.currency),
        "Credit set aside",
    )


def over_limit_account(currency: Currency) -> AccountSpec:
    """Takes the part of a merchant's pay that its wallet's cap has no room for: a begun order is never refused."""
    return AccountSpec("memo:limits:over", AccountType.MEMO, currency, name="Arrivals above a wallet's cap")


def income(name: str, currency: Currency) -> AccountSpec:
    """What the tenant earns on installments: `interest`, `fees`, `merchant_fees`, `late_fees` or `recovered`."""
    return AccountSpec(f"income:installments:{name}", AccountType.INCOME, currency, name=_spoken(name))


def expense(name: str, currency: Currency) -> AccountSpec:
    """What the tenant gives up on installments: `waived` or `charged_off`."""
    return AccountSpec(f"expense:installments:{name}", AccountType.EXPENSE, currency, name=_spoken(name))


def _spoken(name: str) -> str:
    return f"Installments: {name.replace('_', ' ')}"


def book(
    order: Order,
    owed: Open,
    draws: Sequence[Draw],
    merchant: Seller,
    merchant_fee: int,
    to: dict[str, AccountId],
) -> EntryDraft:
    """A purchase in parts begins: the customer owes, the merchant is paid less its fee, the line is taken up.

    `owed` is the whole schedule; the draws are the down payment. `to` names our income.
    """
    accounts = order.running()
    money = _money(order)
    down = sum(draw.amount.minor for draw in draws)
    net = money(order.amount.minor - merchant_fee)
    return _draft(
        BOOK,
        order,
        "Bought in installments",
        [
            merchant.paid_by(accounts.principal, net),
            Leg(accounts.principal, to["merchant_fees"], money(merchant_fee)),
            Leg(accounts.interest, accounts.unearned, money(owed.interest)),
            Leg(accounts.fee, to["fees"], money(owed.fee)),
            *(Leg(draw.wallet.available_account, accounts.principal, draw.amount) for draw in draws),
            *_left_wallets(draws),
            *merchant.limits(net),
            Leg(accounts.source, accounts.line, money(order.amount.minor - down)),
            Leg(accounts.returnable, accounts.source, order.amount),
        ],
    )


def reserve(order: Order, credit: Money, reserved: AccountId, line: AccountId) -> EntryDraft:
    """The customer's credit line is taken up for an order that has not begun."""
    return _draft(RESERVE, order, "Credit set aside", [Leg(reserved, line, credit)])


def let_go(order: Order, credit: Money, reserved: AccountId, line: AccountId) -> EntryDraft:
    """An order will not begin: the line has room again."""
    return _draft(LET_GO, order, "Credit given back", [Leg(line, reserved, credit)], is_fact=True)


def begin(
    order: Order,
    owed: Open,
    down: Sequence[TakenHold],
    merchant: Seller,
    merchant_fee: int,
    to: dict[str, AccountId],
) -> EntryDraft:
    """A purchase in parts begins whose credit and down payment had been set aside.

    `to` names our income, the account of the credit set aside and that of arrivals above a cap.
    """
    accounts = order.running()
    money = _money(order)
    net = money(order.amount.minor - merchant_fee)
    credit = money(order.amount.minor - sum(each.amount.minor for each in down))
    return _draft(
        BEGIN,
        order,
        "Bought in installments",
        [
            merchant.paid_by(accounts.principal, net),
            Leg(accounts.principal, to["merchant_fees"], money(merchant_fee)),
            Leg(accounts.interest, accounts.unearned, money(owed.interest)),
            Leg(accounts.fee, to["fees"], money(owed.fee)),
            *(Leg(each.hold.account_id, accounts.principal, each.amount) for each in down),
            *(leg for each in down for leg in each.limits),
            *(replace(leg, remainder=to["over"]) for leg in merchant.limits(net)),
            Leg(accounts.source, to["reserved"], credit),
            Leg(accounts.returnable, accounts.source, order.amount),
        ],
        is_fact=True,
    )


def collect(order: Order, paid: Open, draws: Sequence[Draw], rebate: int = 0) -> EntryDraft:
    """The customer pays from a wallet: each kind's account goes down, and the line has room again.

    A rebate is interest no longer owed because principal was paid ahead.
    """
    accounts = order.running()
    money = _money(order)
    return _draft(
        COLLECT,
        order,
        "Installment paid",
        [
            *_paying(order, paid, draws),
            Leg(accounts.unearned, accounts.interest, money(rebate)),
            *_left_wallets(draws),
            Leg(accounts.line, accounts.source, money(paid.principal)),
        ],
    )


def pay_off(order: Order, ending: Payoff, earned: int, draws: Sequence[Draw], interest: AccountId) -> EntryDraft:
    """The customer pays everything: interest that has run is earned, the rest is no longer owed."""
    accounts = order.running()
    money = _money(order)
    return _draft(
        PAYOFF,
        order,
        "Paid off early",
        [
            *_paying(order, ending.pays, draws),
            Leg(accounts.unearned, accounts.principal, money(ending.given_back)),
            Leg(accounts.unearned, accounts.interest, money(ending.rebate)),
            Leg(accounts.unearned, interest, money(earned)),
            *_left_wallets(draws),
            Leg(accounts.line, accounts.source, money(ending.pays.principal + ending.given_back)),
        ],
    )


def earn(order: Order, amount: int, interest: AccountId) -> EntryDraft:
    """Interest has run for a period: it is income now."""
    legs = [Leg(order.running().unearned, interest, _money(order)(amount))]
    return _draft(EARN, order, "Interest earned", legs, is_fact=True)


def late_fee(order: Order, amount: int, late_fees: AccountId) -> EntryDraft:
    """A part stayed unpaid beyond its grace."""
    legs = [Leg(order.running().penalty, late_fees, _money(order)(amount))]
    return _draft(LATE_FEE, order, "Late fee", legs, is_fact=True)


def waive(order: Order, amount: int, waived: AccountId) -> EntryDraft:
    """Late fees are given up; more than is open is refused."""
    return _draft(WAIVE, order, "Late fee waived", [Leg(waived, order.running().penalty, _money(order)(amount))])


def give_back(order: Order, lowered: int, excess: int, rebate: int, merchant: Bearing, customer: Wallet) -> EntryDraft:
    """Goods came back: the merchant gives up its pay; the customer owes less, and gets what was paid beyond."""
    accounts = order.running()
    money = _money(order)
    total = money(lowered + excess)
    return _draft(
        RETURN,
        order,
        "Returned",
        [
            Leg(accounts.source, accounts.returnable, total),
            Leg(merchant.account, accounts.principal, money(lowered)),
            Leg(merchant.account, customer.available_account, money(excess)),
            Leg(accounts.unearned, accounts.interest, money(rebate)),
            Leg(accounts.line, accounts.source, money(lowered)),
            *([] if merchant.is_pending else outgoing_legs(merchant.wallet, total)),
            *(incoming_legs(customer, money(excess)) if excess else []),
        ],
    )


def reschedule(order: Order, more_interest: int) -> EntryDraft | None:
    """A new schedule costs more interest, or less; None when it costs the same."""
    accounts = order.running()
    money = _money(order)
    if not more_interest:
        return None
    legs = [
        Leg(accounts.interest, accounts.unearned, money(max(more_interest, 0))),
        Leg(accounts.unearned, accounts.interest, money(max(-more_interest, 0))),
    ]
    return _draft(RESCHEDULE, order, "Rescheduled", legs)


def charge_off(order: Order, left: Open, unearned: int, lost: AccountId) -> EntryDraft:
    """Nothing more is expected: what is owed is lost, interest that has not run is no longer owed.

    What was lost is remembered, so that no more than that can be recovered. Interest paid before it ran lowers the
    loss.
    """
    accounts = order.running()
    money = _money(order)
    rebate = min(unearned, left.interest)
    given_back = min(unearned - rebate, left.principal)
    losses = {
        accounts.principal: left.principal - given_back,
        accounts.interest: left.interest - rebate,
        accounts.fee: left.fee,
        accounts.penalty: left.penalty,
    }
    return _draft(
        CHARGE_OFF,
        order,
        "Charged off",
        [
            Leg(accounts.unearned, accounts.interest, money(rebate)),
            Leg(accounts.unearned, accounts.principal, money(given_back)),
            *(Leg(lost, account, money(amount)) for account, amount in losses.items()),
            Leg(accounts.line, accounts.source, money(left.principal)),
            Leg(accounts.written_off, accounts.source, money(sum(losses.values()))),
        ],
        is_fact=True,
    )


def recover(order: Order, draws: Sequence[Draw], recovered: AccountId) -> EntryDraft:
    """Some of what was charged off is paid after all; more than that is refused."""
    accounts = order.running()
    total = _money(order)(sum(draw.amount.minor for draw in draws))
    return _draft(
        RECOVER,
        order,
        "Recovered after charge-off",
        [
            Leg(accounts.source, accounts.written_off, total),
            *(Leg(draw.wallet.available_account, recovered, draw.amount) for draw in draws),
            *_left_wallets(draws),
        ],
    )


def _paying(order: Order, paid: Open, draws: Sequence[Draw]) -> list[Leg]:
    """One leg for each purse and kind it pays, the kinds in the plan's order."""
    owed = [(kind, int(getattr(paid, kind.value))) for kind in order.terms.allocation]
    legs: list[Leg] = []
    purses = [(draw.wallet.available_account, draw.amount.minor) for draw in draws]
    for kind, amount in owed:
        rest = amount
        while rest:
            purse, has = purses[0]
            part = min(rest, has)
            legs.append(Leg(purse, order.running().receivable(kind), Money(part, order.currency)))
            rest -= part
            purses = [(purse, has - part), *purses[1:]] if has > part else purses[1:]
    return legs


def _left_wallets(draws: Sequence[Draw]) -> list[Leg]:
    return [leg for draw in draws for leg in outgoing_legs(draw.wallet, draw.amount)]


def _money(order: Order) -> Callable[[int], Money]:
    return lambda minor: Money(minor, order.currency)


def _draft(recipe: Recipe, order: Order, title: str, legs: Sequence[Leg], *, is_fact: bool = False) -> EntryDraft:
    return EntryDraft(
        recipe,
        moving(legs),
        f"{title}: {order.reference}",
        is_fact=is_fact,
        metadata={"order_id": str(order.id), "merchant_id": str(order.merchant_id)},
    )
