"""Calling providers about saved ways to pay: record, commit, call, record."""

from dataclasses import replace

from specie.payments import method_store, saving
from specie.payments.method_model import MethodId, MethodState, SavedMethod, reference_of_method
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import (
    Accepted,
    MethodRequest,
    Outcome,
    ProviderLink,
    ProviderMethod,
    Rejected,
    Toolbox,
    open_link,
    perform,
)
from specie.providers import saving as saving_adapter


async def order(context: JobContext, method_id: MethodId) -> bool:
    """Ask the provider to keep a method that waits for it. Returns whether it is known what became of it."""
    toolbox: Toolbox = context.services["providers"]

    async def load(uow: UnitOfWork) -> tuple[SavedMethod, ProviderLink]:
        found = await saving.get(uow, method_id)
        return found, await open_link(uow, toolbox, found.connection_id)

    found, link = await context.db.run(context.scope, load, label="payments.method.load")
    adapter = saving_adapter(link.adapter)
    if found.state is not MethodState.WAITING or adapter is None:
        return True
    request = MethodRequest(reference_of_method(found.id), found.kind, found.scenario)
    outcome = await perform(link, adapter.save_method(request), toolbox.outbound)
    crash_point("payments.method.answered")
    if not isinstance(outcome, Accepted | Rejected):
        return False
    await context.db.run(context.scope, lambda uow: _record(uow, method_id, outcome), label="payments.method.record")
    return True


async def _record(uow: UnitOfWork, method_id: MethodId, outcome: Outcome[ProviderMethod]) -> None:
    current = await saving.get(uow, method_id, lock=True)
    if current.state is not MethodState.WAITING:
        return
    if isinstance(outcome, Accepted):
        kept = outcome.value
        current = replace(current, state=MethodState.ACTIVE, token=kept.token, label=kept.label)
    elif isinstance(outcome, Rejected):
        current = replace(current, state=MethodState.REFUSED, failure=outcome.code)
    await method_store.save_method(uow, current)
