"""A running shop, for what happens at providers."""

from tests.purchases.conftest import market
from tests.support.shop_fixtures import running, shop

assert market
assert running
assert shop
