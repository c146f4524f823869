"""The recipes of stock: what a movement is worth moves between the goods' account and where they came from or went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from specie import ledger
from specie.catalogue import ProductId
from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, opening_account
from specie.stock.model import Against, Warehouse

RECEIVE = Recipe("stock.receive", 1, undo="return the goods to the supplier, or count the stock")
DELIVER = Recipe("stock.deliver", 1, undo="take the goods back with a return of their movement")
RETURN_IN = Recipe("stock.return_in", 1, undo="deliver the goods again")
RETURN_OUT = Recipe("stock.return_out", 1, undo="receive the goods again")
ADJUST = Recipe("stock.adjust", 1, undo="adjust the stock the other way")
COUNT = Recipe("stock.count", 1, undo="count the stock again")
TRANSFER = Recipe("stock.transfer", 1, undo="transfer the goods back")

ledger.keep("Stock", "asset:stock:", instead="receive, deliver, adjust or revalue the goods")
ledger.keep(
    "Stock",
    "expense:cost-of-goods:*",
    "expense:stock-adjustments:*",
    "liability:received-not-billed",
    instead="it stays open; post what is to be moved",
    takes_journals=True,
)


@dataclass(frozen=True, slots=True)
class Worth:
    """What one movement is worth, signed, and between which accounts.

    `correction` is what goods that left before these came cost more than was estimated, borne by `cost_of_goods`.
    """

    goods: AccountId
    counter: AccountId
    cost_of_goods: AccountId
    amount: Money
    correction: Money


def goods_account(warehouse: Warehouse, product_id: ProductId) -> AccountSpec:
    """What a product's stock in a warehouse is worth; its balance is the stock value, and there is no other."""
    return AccountSpec(
        f"asset:stock:{warehouse.id}:{product_id}",
        AccountType.ASSET,
        warehouse.currency,
        floor=Money.zero(warehouse.currency),
        name="Stock",
    )


def cost_of_goods_account(warehouse: Warehouse) -> AccountSpec:
    """What the goods that were delivered from a warehouse cost."""
    return AccountSpec(
        f"expense:cost-of-goods:{warehouse.id}", AccountType.EXPENSE, warehouse.currency, name="Cost of goods"
    )


def adjustments_account(warehouse: Warehouse) -> AccountSpec:
    """What was lost, broken or found in a warehouse."""
    return AccountSpec(
        f"expense:stock-adjustments:{warehouse.id}", AccountType.EXPENSE, warehouse.currency, name="Stock adjustments"
    )


def source_account(against: Against, currency: Currency) -> AccountSpec:
    """Where the value of received goods comes from."""
    if against is Against.OPENING:
        return opening_account(currency)
    code = "liability:received-not-billed"
    return AccountSpec(code, AccountType.LIABILITY, currency, name="Goods received, not billed")


def moved(
    recipe: Recipe, worths: Sequence[Worth], title: str, effective_at: datetime, about: dict[str, Any]
) -> EntryDraft | None:
    """The entry of a document's movements; None where nothing of value moved."""
    legs = [leg for worth in worths for leg in _legs(worth)]
    if not legs:
        return None
    return EntryDraft(recipe, legs, title, effective_at=effective_at, metadata=about)


def _legs(worth: Worth) -> list[Leg]:
    legs = _signed(worth.goods, worth.counter, worth.amount)
    return legs + _signed(worth.cost_of_goods, worth.goods, worth.correction)


def _signed(debit: AccountId, credit: AccountId, amount: Money) -> list[Leg]:
    if amount.minor == 0:
        return []
    return [Leg(debit, credit, amount)] if amount.minor > 0 else [Leg(credit, debit, -amount)]
