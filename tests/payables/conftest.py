"""A running shop for the tests that pay suppliers by payouts."""

from tests.support.shop_fixtures import running, shop

__all__ = ["running", "shop"]
