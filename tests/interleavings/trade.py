"""What flows of money meet in: one customer, one merchant, the same hold, payment, payout and shelf for all of them.

Each flow is prepared before anything is stopped, and is then one unit of work. Two flows that spend from the same
place find enough for one of them.
"""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from specie import catalogue, ledger, stock, wallets
from specie.cashback import booking, maturing, offer_store, offers
from specie.cashback import purchases as told_purchases
from specie.cashback.purchases import NewPurchase
from specie.catalogue import Particulars, ProductId, ProductKind
from specie.kernel.ids import RequestId
from specie.kernel.money import Money
from specie.kernel.quantity import Quantity
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.payouts import Terms, change_terms
from specie.platform.db import UnitOfWork
from specie.stock import Occasion, ReceiveLine, Warehouse
from specie.wallets import Wallet
from tests.payouts.till import Till
from tests.purchases.market import CASHBACK, Market
from tests.support.shop import IDR, rupiah

HAS, SPENDS, ON_SHELF = 10_000, 6_000, 10
Act = Callable[[UnitOfWork], Awaitable[Any]]


@dataclass
class Trade:
    """One market and, beside it, a shelf; `made` is what the flows of the running trial share."""

    market: Market
    till: Till
    own: Wallet
    sold: Wallet
    friend: Wallet
    purse: Wallet
    warehouse: Warehouse
    product: ProductId
    made: dict[Hashable, Any] = field(default_factory=dict)

    async def do(self, work: Act) -> Any:
        """One unit of work that nobody stops."""
        return await self.market.do(work)

    async def share(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any:
        """The one thing of this name in this trial, made when it is first asked for."""
        if name not in self.made:
            self.made[name] = await make()
        return self.made[name]

    async def level(self) -> None:
        """Everybody has as much as at the start of every trial."""

        async def work(uow: UnitOfWork) -> None:
            for wallet in (self.own, self.sold, self.friend):
                await _set_to(uow, wallet, HAS)
            await self._fill_purse(uow)
            await self._fill_shelf(uow)

        await self.do(work)

    async def seen(self) -> dict[str, int]:
        """Everything that a flow can move here, by name."""

        async def work(uow: UnitOfWork) -> dict[str, int]:
            named = {"own": self.own, "sold": self.sold, "friend": self.friend, "purse": self.purse}
            have = await wallets.balances(uow, list(named.values()))
            found = {f"{name} available": have[wallet.id].available.minor for name, wallet in named.items()}
            found |= {f"{name} held": have[wallet.id].held.minor for name, wallet in named.items()}
            levels = await stock.find_levels(uow, stock.LevelFilter(self.warehouse.id, [self.product]), None, 2)
            return found | {"on the shelf": levels[0].on_hand.millionths}

        found: dict[str, int] = await self.do(work)
        return found

    async def _fill_purse(self, uow: UnitOfWork) -> None:
        """What is in it must have been earned."""
        missing = CASHBACK - (await booking.in_purse(uow, self.purse)).minor
        if missing:
            reference = str(RequestId.new())
            bought = NewPurchase(
                self.market.merchant, self.market.customer, reference, rupiah(missing * 20), is_confirmed=True
            )
            for accrual in (await told_purchases.record(uow, bought)).accruals:
                await maturing.release(uow, accrual.id, "before its time")

    async def _fill_shelf(self, uow: UnitOfWork) -> None:
        levels = await stock.find_levels(uow, stock.LevelFilter(self.warehouse.id, [self.product]), None, 2)
        missing = Quantity.of(ON_SHELF).millionths - (levels[0].on_hand.millionths if levels else 0)
        if missing:
            line = ReceiveLine(self.product, Quantity(missing), rupiah(missing // 1_000))
            await stock.receive(uow, self.warehouse.id, [line], Occasion())


async def open_trade(market: Market) -> Trade:
    """A market whose merchant has accounts at a bank, and a shelf."""

    async def work(uow: UnitOfWork) -> Trade:
        own = await wallets.ensure_wallet(uow, market.customer, IDR)
        sold = await wallets.ensure_wallet(uow, market.merchant, IDR)
        friend = await wallets.open_wallet(uow, market.customer, IDR, "friend")
        purse = await booking.purse_of(uow, market.customer, IDR)
        await _set_to(uow, sold, 1_000_000_000)
        [offer] = (await offer_store.list_offers(uow, state=None, merchant_id=None, after=None, limit=5)).items
        await offers.fund(uow, offer.id, rupiah(900_000_000))
        await change_terms(uow, Terms(fee_fixed={"IDR": 0}, cool_off_seconds=0))
        warehouse = await stock.add_warehouse(uow, "MAIN", "Main", IDR)
        said = Particulars.checked(kind=ProductKind.PRODUCT, name="Coffee", sku="C1", unit="bag")
        product = await catalogue.add_product(uow, said)
        till = Till(market.shop, market.merchant, None)  # type: ignore[arg-type]
        return Trade(market, till, own, sold, friend, purse, warehouse, product.id)

    trade: Trade = await market.do(work)
    trade.till.beneficiary = await trade.till.account("7890")
    return trade


async def _set_to(uow: UnitOfWork, wallet: Wallet, minor: int) -> None:
    have = (await wallets.balances(uow, [wallet]))[wallet.id].available.minor
    if have == minor:
        return
    bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, IDR))
    missing = Money(abs(minor - have), IDR)
    leg = Leg(bank.id, wallet.available_account, missing)
    back = Leg(wallet.available_account, bank.id, missing)
    await ledger.post(uow, EntryDraft(Recipe("test.fund", 1), [leg if minor > have else back], is_fact=True))
