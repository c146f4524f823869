"""A running shop for this folder's tests."""

from tests.support.shop_fixtures import running, shop

__all__ = ["running", "shop"]
