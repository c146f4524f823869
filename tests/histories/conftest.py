"""A running shop for histories that are told to the whole platform; how many is the profile's to say."""

from tests.support.shop_fixtures import running, shop

__all__ = ["running", "shop"]
