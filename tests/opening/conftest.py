"""A business on its first day for each test of this folder."""

from collections.abc import AsyncIterator

import pytest_asyncio

from specie import approvals, billing, ledger, opening, payables
from specie.opening import routes
from specie.platform.db import Database
from tests.opening.desk import RING, Desk, desk_scope, open_desk
from tests.support.asgi import calling


@pytest_asyncio.fixture(loop_scope="session")
async def desk(database: Database) -> AsyncIterator[Desk]:
    """Finance of a fresh tenant."""
    approvals.on_decided(opening.KIND, opening.decided)
    ledger.on_reversal(billing.WITHDRAWAL)
    ledger.on_reversal(payables.WITHDRAWAL)
    scope = desk_scope()
    async with calling(database, scope, [routes.router], {"vault": RING}) as client:
        yield await open_desk(database, client, scope)
