"""A running shop for the tests that collect through payments."""

from tests.support.shop_fixtures import running, shop

__all__ = ["running", "shop"]
