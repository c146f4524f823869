"""The market of purchases: a merchant, a customer, and a shop they meet in."""

from tests.purchases.conftest import market
from tests.support.shop_fixtures import running, shop

__all__ = ["market", "running", "shop"]
