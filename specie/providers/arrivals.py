"""Callbacks that arrive at the same moment are written down together, and each is acknowledged once it is kept.

While those of one address are being stored, the ones that come meanwhile wait and become the next transaction. What
is wrong with one of them does not touch its neighbours.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from specie.kernel.ids import ConnectionId, RequestId, TenantId
from specie.kernel.scope import Scope
from specie.platform.db import Database, UnitOfWork
from specie.platform.gathering import Gathering
from specie.platform.jobs import ScopeForJob
from specie.providers import connections, errors, inbox, store
from specie.providers.connections import ProviderLink, Toolbox
from specie.providers.inbox import ReadCallback, RejectionLog
from specie.providers.model import RawCallback, RawResponse

_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """A callback is kept: what its provider wants to hear, and whether it had not come before."""

    reply: RawResponse
    is_new: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Arrival:
    """One callback on its way in; two with the same bytes are two."""

    raw: RawCallback


class Arrivals:
    """Where callbacks come in."""

    def __init__(self, db: Database, toolbox: Toolbox, scope_for_job: ScopeForJob) -> None:
        self._db = db
        self._toolbox = toolbox
        self._scope_for_job = scope_for_job
        self._rejections = RejectionLog()
        self._owners: dict[bytes, tuple[TenantId, ConnectionId]] = {}
        self._coming = Gathering[bytes, _Arrival, Receipt | Exception](self._keep)

    async def receive(self, token: str, raw: RawCallback) -> Receipt:
        """Keep a callback that came to an address, and the job that acts on it.

        Raises CallbackMissing for an address that nobody has, and CallbackUnverified.
        """
        outcome = await self._coming.ask(connections.digest(token), _Arrival(raw))
        if isinstance(outcome, Receipt):
            return outcome
        raise outcome or RuntimeError("a callback without an outcome")

    async def _keep(self, address: bytes, arrived: Sequence[_Arrival]) -> Mapping[_Arrival, Receipt | Exception]:
        tenant_id, connection_id = await self._owner(address)
        scope, link = await asyncio.gather(
            self._scope_for_job(tenant_id, "providers.callback", RequestId.new()),
            connections.ask_link(self._db, self._toolbox, tenant_id, connection_id),
        )
        outcomes = await self._db.run(scope, lambda uow: _kept(uow, link, arrived), label="providers.callback.receive")
        for arrival, outcome in outcomes.items():
            if isinstance(outcome, errors.CallbackUnverified):
                await self._reject(scope, connection_id, arrival.raw, outcome.detail)
        return outcomes

    async def _owner(self, address: bytes) -> tuple[TenantId, ConnectionId]:
        """Whose address it is: one that was given stays its connection's for ever, so it can be remembered."""
        owner = self._owners.get(address) or await store.ask_owner_of_path(self._db, address)
        if owner is None:
            raise errors.CallbackMissing("no connection has this address")
        if len(self._owners) >= _MOST_REMEMBERED:
            self._owners.clear()
        self._owners[address] = owner
        return owner

    async def _reject(self, scope: Scope, connection_id: ConnectionId, raw: RawCallback, reason: str) -> None:
        if self._rejections.admits(connection_id):
            await self._db.run(
                scope,
                lambda uow: inbox.record_rejection(uow, connection_id, raw, reason),
                label="providers.callback.reject",
            )


async def _kept(
    uow: UnitOfWork, link: ProviderLink, arrived: Sequence[_Arrival]
) -> Mapping[_Arrival, Receipt | Exception]:
    genuine, refused = dict[_Arrival, ReadCallback](), dict[_Arrival, Receipt | Exception]()
    for arrival in arrived:
        try:
            genuine[arrival] = inbox.read(link, arrival.raw)
        except Exception as error:
            # Also what an adapter did not expect: it is the fault of this one, and its neighbours are kept.
            refused[arrival] = error
    are_new = await inbox.receive(uow, link, list(genuine.values()))
    reply = link.adapter.callback_reply()
    return refused | {arrival: Receipt(reply, is_new) for arrival, is_new in zip(genuine, are_new, strict=True)}
