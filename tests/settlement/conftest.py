"""A running shop for this folder's tests, and a merchant who is settled."""

import pytest_asyncio

from specie import payments, settlement
from tests.settlement.desk import Desk, open_desk
from tests.support.shop import Shop
from tests.support.shop_fixtures import running, shop

__all__ = ["running", "shop"]


@pytest_asyncio.fixture(loop_scope="session")
async def desk(shop: Shop) -> Desk:
    """A merchant of a tenant in Jakarta on a Monday morning."""
    payments.set_settled_parties(settlement.settled_parties)
    payments.add_detail("settlements", settlement.settlements_of)
    return await open_desk(shop)
