"""The tenders: how each sets its part of a purchase aside, pays it, lets it go, and gives it back.

Another kind of tender is another class here and another `TenderKind`; nothing else knows how one pays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from specie import cashback, installments, ledger, payments, wallets
from specie.installments import OfferOrder
from specie.kernel.ids import EntryId
from specie.kernel.money import Money
from specie.payments import CreatePayment, PaymentKind, PaymentState
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.purchases import postings
from specie.purchases.errors import TenderInvalid, TenderShort
from specie.purchases.model import Leg, Purchase, RefundLeg, Share, TenderKind
from specie.purchases.postings import Taker
from specie.wallets import Wallet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a purchase, in the scope of the whole tenant; `ring` seals what a payment keeps of a customer."""

    uow: UnitOfWork
    purchase: Purchase
    ring: KeyRing | None = None
    reason: str = ""


class Means(Protocol):
    """One kind of tender."""

    async def most(self, step: Step, /) -> Money | None:
        """The most it could give now, for the plan; None has no end. What it gives is decided when it is held."""

    async def hold(self, step: Step, share: Share, first: int) -> list[Leg]:
        """Set a share aside, under the floors of the ledger, as legs numbered from `first`."""

    async def confirm(self, step: Step, leg: Leg) -> EntryId:
        """Pay what was set aside to the merchant. It is a fact and cannot be refused."""

    async def release(self, step: Step, leg: Leg) -> None:
        """Give back to the customer what was set aside."""

    async def give_back(self, step: Step, leg: Leg, amount: Money) -> RefundLeg:
        """Return some of what was paid, by the way it came."""


class Purses:
    """Money in the customer's wallets, or in the purse of its cashback; each purse in its set order."""

    def __init__(self, kind: TenderKind) -> None:
        self._kind = kind

    async def most(self, step: Step, /) -> Money | None:
        """What the purses have available."""
        return _together(step, await _purses(step, self._kind))

    async def hold(self, step: Step, share: Share, first: int) -> list[Leg]:
        """One hold for each purse that pays. Raises TenderShort, LimitExceeded or WalletFrozen."""
        # Locked, or what one purse had could be gone before it is drawn on, though another had enough.
        have = await _purses(step, self._kind, lock=True)
        most = _together(step, have)
        if share.amount > most:
            # Somebody has drawn on them since the plan.
            raise TenderShort(f"{self._kind} can give {most}", tender=self._kind.value)
        draws = wallets.plan_draw(have, share.amount)
        legs = []
        for n, draw in enumerate(draws, first):
            hold = await wallets.place_hold(
                step.uow,
                draw.wallet.id,
                draw.amount,
                reason=str(step.purchase.id),
                held_for=str(step.purchase.id),
                title=f"Set aside: {step.purchase.title}",
            )
            legs.append(Leg(n, self._kind, draw.amount, wallet_id=draw.wallet.id, hold_ids=[hold.id]))
        return legs

    async def confirm(self, step: Step, leg: Leg) -> EntryId:
        """The merchant's wallet gets what the hold held."""
        merchant = await wallets.ensure_wallet(step.uow, step.purchase.merchant_id, step.purchase.amount.currency)
        taken = await wallets.take_holds(step.uow, leg.hold_ids)
        settled = await payments.settled_parties(step.uow, [merchant.party_id], leg.amount.currency)
        taker = await _taker(step.uow, merchant, leg.amount, is_settled=merchant.party_id in settled)
        entry = await ledger.post(step.uow, postings.hand_over(step.purchase, taken, taker))
        await wallets.close_taken(step.uow, taken)
        return entry.id

    async def release(self, step: Step, leg: Leg) -> None:
        """The purse has its money again."""
        for hold in leg.hold_ids:
            await wallets.release_hold(step.uow, hold, title=f"Given back: {step.purchase.title}")

    async def give_back(self, step: Step, leg: Leg, amount: Money) -> RefundLeg:
        """The merchant's wallet pays the purse. Raises BudgetExceeded, InsufficientFunds or WalletFrozen."""
        # The posting itself is a fact and draws on no budget: whoever says that money goes back draws here.
        await ledger.promise(step.uow, amount, about={"purchase_refund_of": str(step.purchase.id)})
        merchant = await wallets.ensure_wallet(step.uow, step.purchase.merchant_id, amount.currency)
        [bearer] = await payments.bearings(step.uow, [(merchant, amount)], on_hold=False)
        if (await ledger.get_account(step.uow, merchant.available_account)).debits_frozen:
            raise wallets.WalletFrozen("the merchant's wallet is frozen")
        purse = await wallets.get_wallet(step.uow, _given(leg.wallet_id))
        draft = postings.give_back(step.purchase, amount, bearer, await _taker(step.uow, purse, amount))
        return RefundLeg(leg.n, amount, (await ledger.post(step.uow, draft)).id)


class InParts:
    """A plan of the merchant: the customer owes, the merchant is paid, the credit line and a down payment are held."""

    async def most(self, step: Step, /) -> Money | None:
        """What is left of the customer's credit line."""
        line = await installments.line_of(step.uow, step.purchase.buyer, step.purchase.amount.currency)
        return Money.zero(step.purchase.amount.currency) if line is None or line.is_blocked else line.left

    async def hold(self, step: Step, share: Share, first: int) -> list[Leg]:
        """Consent to the cost, and set aside credit and down payment. Raises what `offer` and `reserve` raise."""
        plan_id, fingerprint = share.wish.plan_id, share.wish.fingerprint
        if plan_id is None or fingerprint is None:
            raise TenderInvalid("name the plan, and the cost that the customer agrees to", param="tenders")
        offered = await installments.offer(
            step.uow,
            OfferOrder(
                plan_id,
                share.amount,
                f"{step.purchase.id}/{step.purchase.attempt}",
                step.purchase.title,
                step.purchase.buyer,
            ),
        )
        if offered.merchant_id != step.purchase.merchant_id:
            raise TenderInvalid("the plan is another merchant's", param="tenders")
        reserved = await installments.reserve(step.uow, offered.id, fingerprint)
        holds = [
            await wallets.place_hold(
                step.uow,
                draw.wallet.id,
                draw.amount,
                reason=str(step.purchase.id),
                held_for=str(step.purchase.id),
                title=f"Down payment: {step.purchase.title}",
            )
            for draw in wallets.plan_draw(await _purses(step, TenderKind.WALLET), reserved.down_payment)
        ]
        hold_ids = [hold.id for hold in holds]
        return [Leg(first, TenderKind.INSTALLMENTS, share.amount, hold_ids=hold_ids, order_id=offered.id)]

    async def confirm(self, step: Step, leg: Leg) -> EntryId:
        """The order begins."""
        return await installments.begin(step.uow, _given(leg.order_id), leg.hold_ids)

    async def release(self, step: Step, leg: Leg) -> None:
        """The line has room again, and the down payment goes back."""
        await installments.let_go(step.uow, _given(leg.order_id))
        for hold in leg.hold_ids:
            await wallets.release_hold(step.uow, hold, title=f"Given back: {step.purchase.title}")

    async def give_back(self, step: Step, leg: Leg, amount: Money) -> RefundLeg:
        """The plan is lowered by its policy. Raises OrderCannotMove, InsufficientFunds or WalletFrozen."""
        order_id = _given(leg.order_id)
        await installments.take_back(step.uow, order_id, amount, step.reason)
        return RefundLeg(leg.n, amount, (await installments.entries_of(step.uow, order_id))[-1])


class AtProvider:
    """What a provider collects: it decides, and everything else waits for it."""

    async def most(self, _step: Step, /) -> Money | None:
        """A provider collects anything."""
        return None

    async def hold(self, step: Step, share: Share, first: int) -> list[Leg]:
        """A payment with a page of its own."""
        command = CreatePayment(
            party_id=step.purchase.merchant_id,
            reference=f"{step.purchase.id}/{step.purchase.attempt}",
            amount=share.amount,
            description=step.purchase.title,
            metadata={cashback.PART_OF_PURCHASE: str(step.purchase.id)},
            # What the business sells itself pays it no fee, waits for no settlement, and pays its invoice at once.
            kind=PaymentKind.INVOICE if step.purchase.sells_goods else PaymentKind.MERCHANT,
        )
        payment = await payments.create(step.uow, _given(step.ring), command)
        return [Leg(first, TenderKind.PROVIDER, share.amount, payment_id=payment.id)]

    async def confirm(self, step: Step, leg: Leg) -> EntryId:
        """The payment has been booked by itself, just before, in this unit of work."""
        return _given((await payments.get_payment(step.uow, _given(leg.payment_id))).entry_id)

    async def release(self, step: Step, leg: Leg) -> None:
        """Nobody pays this any more. Raises ChargeUnknown while a charge may still be on its way."""
        payment = await payments.get_payment(step.uow, _given(leg.payment_id), lock=True)
        if payment.state is not PaymentState.EXPIRED:
            await payments.cancel(step.uow, payment.id)

    async def give_back(self, step: Step, leg: Leg, amount: Money) -> RefundLeg:
        """A refund is reserved and sent. Raises RefundImpossible, PaymentDisputed or InsufficientFunds."""
        made = await payments.reserve_refund(
            step.uow, _given(leg.payment_id), amount, step.reason, str(step.uow.scope.actor)
        )
        return RefundLeg(leg.n, amount, made.entry.id, made.refund.id)


MEANS: Mapping[TenderKind, Means] = {
    TenderKind.CASHBACK: Purses(TenderKind.CASHBACK),
    TenderKind.WALLET: Purses(TenderKind.WALLET),
    TenderKind.INSTALLMENTS: InParts(),
    TenderKind.PROVIDER: AtProvider(),
}


async def _purses(step: Step, kind: TenderKind, *, lock: bool = False) -> list[tuple[Wallet, Money]]:
    """The customer's purses of a kind, with what each has; one for money of one's own there always is."""
    currency = step.purchase.amount.currency
    if kind is TenderKind.WALLET:
        await wallets.ensure_wallet(step.uow, step.purchase.buyer, currency)
    owned = await wallets.wallets_of(step.uow, step.purchase.buyer)
    fitting = [
        one
        for one in owned
        if one.currency.code == currency.code and (one.purpose == cashback.PURSE) is (kind is TenderKind.CASHBACK)
    ]
    if lock:
        await ledger.locked_accounts(step.uow, [one.available_account for one in fitting])
    have = await wallets.balances(step.uow, fitting)
    return [(one, have[one.id].available) for one in fitting]


def _together(step: Step, have: Sequence[tuple[Wallet, Money]]) -> Money:
    nothing = Money.zero(step.purchase.amount.currency)
    return sum((max(available, nothing) for _, available in have), nothing)


async def _taker(uow: UnitOfWork, wallet: Wallet, amount: Money, *, is_settled: bool = False) -> Taker:
    """Who gets money, with its debt locked when there is some, so that it is repaid once."""
    debt = await ledger.ensure_account(uow, wallets.debt_account(wallet.party_id, amount.currency))
    if debt.balance.minor:
        debt = await ledger.get_account(uow, debt.id, lock=True)
    over = await ledger.ensure_account(uow, postings.over_limit_account(amount.currency))
    return Taker(wallet, debt.id, debt.balance, over.id, is_settled)


def _given(value: T | None) -> T:
    if value is None:
        raise RuntimeError("a step without what it works with")
    return value
