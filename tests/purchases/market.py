"""A merchant who sells in parts with cashback, and a customer with money, cashback and credit."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from specie import installments, ledger, parties, payments, wallets
from specie.cashback import booking, maturing, merchants, offers, purchases
from specie.cashback import store as cashback_store
from specie.cashback.model import WAITING, FundedBy, Reward, RewardKind
from specie.cashback.model import Terms as OfferTerms
from specie.cashback.offers import NewOffer
from specie.cashback.purchases import NewPurchase
from specie.cashback.store import AccrualFilter
from specie.installments import Plan, Terms
from specie.kernel.ids import PartyId, PaymentId, RequestId
from specie.kernel.money import Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.parties import store as party_store
from specie.payments import attempts
from specie.payments.model import reference_of
from specie.platform.db import UnitOfWork
from specie.providers import ChargeState, ProviderFact, Trust
from specie.purchases import refunding, service, store
from specie.purchases.model import Leg as PurchaseLeg
from specie.purchases.model import Purchase, PurchaseRefund, TenderKind, Wish
from specie.purchases.refunding import WantedRefund
from specie.purchases.service import OpenPurchase
from specie.wallets import Wallet
from tests.support.shop import IDR, Shop, rupiah

T = TypeVar("T")
CASHBACK, WALLET, CREDIT = 30_000, 200_000, 1_000_000
EARNS = 5
"""Per cent of what is kept of a purchase that its customer has as cashback."""
assert attempts


@dataclass
class Market:
    """One merchant and one customer, `days` from now; amounts are minor units of IDR."""

    shop: Shop
    customer: PartyId
    plan: Plan
    days: int = 0

    @property
    def merchant(self) -> PartyId:
        return self.shop.merchant

    async def do(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        scope = self.shop.scope
        clock = replace(scope.clock, offset=scope.clock.offset + timedelta(days=self.days))
        return await self.shop.db.run(replace(scope, clock=clock), work, label="test.market")

    async def ask(self, minor: int, **more: Any) -> Purchase:
        """A purchase that waits for its customer."""
        command = OpenPurchase(
            self.merchant, self.customer, str(RequestId.new()), rupiah(minor), title="Coffee", **more
        )
        return await self.do(lambda uow: service.open_purchase(uow, command))

    async def wish(self, **amounts: int | None) -> list[Wish]:
        """Tenders by name with their amounts; installments agree to today's cost."""
        return [await self._wish(TenderKind(kind), minor) for kind, minor in amounts.items()]

    async def _wish(self, kind: TenderKind, minor: int | None) -> Wish:
        amount = None if minor is None else rupiah(minor)
        if kind is not TenderKind.INSTALLMENTS or amount is None:
            return Wish(kind, amount)
        cost = await self.do(lambda uow: installments.preview(uow, self.plan.id, amount))
        return Wish(kind, amount, self.plan.id, cost.fingerprint)

    async def pay(self, purchase: Purchase, **amounts: int | None) -> Purchase:
        wishes = await self.wish(**amounts)
        ring = self.shop.services["vault"]
        return await self.do(lambda uow: service.pay(uow, ring, purchase.id, wishes))

    async def buy(self, **amounts: int) -> Purchase:
        """A purchase of the sum of its tenders, paid by them, the provider's part confirmed."""
        paid = await self.pay(await self.ask(sum(amounts.values())), **amounts)
        if "provider" in amounts:
            await self.confirm(paid)
        return await self.look(paid)

    async def look(self, purchase: Purchase) -> Purchase:
        return await self.do(lambda uow: service.get(uow, purchase.id))

    async def legs(self, purchase: Purchase) -> list[PurchaseLeg]:
        return await self.do(lambda uow: service.legs_of(uow, purchase))

    async def payment(self, purchase: Purchase) -> PaymentId:
        found = [leg.payment_id for leg in await self.legs(purchase) if leg.payment_id]
        return found[0]

    async def order_at_provider(self, purchase: Purchase) -> PaymentId:
        """The customer has chosen a way to pay the provider's part."""
        payment_id = await self.payment(purchase)
        await self.shop.pay(payment_id)
        return payment_id

    async def fact(self, payment_id: PaymentId, state: ChargeState = ChargeState.PAID) -> ProviderFact:
        async with self.shop.db.begin(self.shop.scope) as uow:
            attempt = (await payments.attempts_of(uow, payment_id))[-1]
            amount = (await payments.get_payment(uow, payment_id)).amount
        assert self.shop.connection_id
        return ProviderFact(
            connection_id=self.shop.connection_id,
            reference=reference_of(attempt.id),
            provider_ref=attempt.provider_ref or "chg_x",
            event_key="e",
            state=state,
            raw_state=state.value,
            amount=amount,
            fee=None,
            occurred_at=None,
            trust=Trust.SIGNED,
            must_requery=False,
        )

    async def tell(self, fact: ProviderFact) -> None:
        await self.do(lambda uow: payments.apply(uow, fact))

    async def confirm(self, purchase: Purchase) -> None:
        """The provider has been paid its part."""
        await self.tell(await self.fact(await self.order_at_provider(purchase)))

    async def refund(self, purchase: Purchase, minor: int | None = None, reason: str = "") -> PurchaseRefund:
        wanted = WantedRefund(purchase.id, None if minor is None else rupiah(minor), reason)
        made = await self.do(lambda uow: refunding.request(uow, self.shop.services["providers"], wanted))
        assert isinstance(made, PurchaseRefund)
        return made

    async def refunded(self, purchase: Purchase) -> dict[int, int]:
        """What has gone back by each leg."""
        refunds = (await self.do(lambda uow: store.refunds_of(uow, [purchase])))[purchase.id]
        sums: dict[int, int] = {}
        for refund in refunds:
            for leg in refund.legs:
                sums[leg.n] = sums.get(leg.n, 0) + leg.amount.minor
        return sums

    async def has(self) -> dict[str, int]:
        """Everything that a purchase can move, by name."""

        async def work(uow: UnitOfWork) -> dict[str, int]:
            own = await wallets.ensure_wallet(uow, self.customer, IDR)
            purse = await booking.purse_of(uow, self.customer, IDR)
            sold = await wallets.ensure_wallet(uow, self.merchant, IDR)
            have = await wallets.balances(uow, [own, purse, sold])
            line = await installments.line_of(uow, self.customer, IDR)
            page = await cashback_store.list_accruals(uow, AccrualFilter(self.customer), after=None, limit=100)
            pending = sum(one.kept.minor for one in page.items if one.state in WAITING)
            return {
                "wallet": have[own.id].available.minor,
                "cashback": have[purse.id].available.minor,
                "held": have[own.id].held.minor + have[purse.id].held.minor,
                "merchant": have[sold.id].available.minor,
                "credit": line.left.minor if line else 0,
                "earned": pending,
            }

        return await self.do(work)


async def open_market(shop: Shop) -> Market:
    """The merchant offers a plan of three parts with a down payment of a tenth, and cashback of a twentieth."""

    async def work(uow: UnitOfWork) -> tuple[PartyId, PartyId, Plan]:
        merchant = await _party(uow, shop, "Kedai Senja", "merchant")
        customer = await _party(uow, shop, "Budi", "customer")
        await party_store.update_party(uow, merchant, kyc_state="approved")
        await _give(uow, await wallets.ensure_wallet(uow, merchant, IDR), 500_000)
        await _give(uow, await wallets.ensure_wallet(uow, customer, IDR), WALLET)
        await installments.set_line(uow, customer, rupiah(CREDIT), is_blocked=False)
        await _offer(uow, merchant)
        bought = NewPurchase(merchant, customer, "till-1", rupiah(CASHBACK * 20), is_confirmed=True)
        for accrual in (await purchases.record(uow, bought)).accruals:
            await maturing.release(uow, accrual.id, "before its time")
        terms = Terms(parts=3, down_payment=Decimal("0.1"))
        return merchant, customer, await installments.create_plan(uow, merchant, "In three", IDR, terms)

    async with shop.db.begin(shop.scope) as uow:
        shop.merchant, customer, plan = await work(uow)
    return Market(shop, customer, plan)


async def _offer(uow: UnitOfWork, merchant: PartyId) -> None:
    await merchants.apply_for(uow, merchant)
    await merchants.activate(uow, merchant, "known")
    reward = Reward(RewardKind.PERCENT, rate=Decimal(EARNS) / 100)
    terms = OfferTerms(IDR, reward, Money.zero(IDR), uow.now - timedelta(days=1), return_days=7)
    offer = await offers.draft(uow, NewOffer(merchant, "Every cup", FundedBy.MERCHANT, terms))
    await offers.fund(uow, offer.id, rupiah(100_000))
    await offers.activate(uow, offer.id)


async def _party(uow: UnitOfWork, shop: Shop, name: str, role: str) -> PartyId:
    known = {"name": name, "email": f"{RequestId.new()}@example.com"}
    party = await parties.create_party(uow, shop.services["vault"], kind=PartyKind.PERSON, roles=[role], known=known)
    await wallets.open_wallet(uow, party.id, IDR)
    return party.id


async def _give(uow: UnitOfWork, wallet: Wallet, minor: int) -> None:
    bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, IDR))
    legs: Sequence[Leg] = [Leg(bank.id, wallet.available_account, rupiah(minor))]
    await ledger.post(uow, EntryDraft(Recipe("test.fund", 1), legs, is_fact=True))
