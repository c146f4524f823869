"""Calling providers about saved ways to pay: record, commit, call, record."""

from dataclasses import dataclass, replace

from specie.kernel.errors import Unavailable
from specie.payments import method_store, saving
from specie.payments.method_model import FORGET, MethodId, MethodState, SavedMethod, reference_of_method
from specie.platform import jobs
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext, Later
from specie.providers import (
    Accepted,
    KeepState,
    MethodRequest,
    ProviderLink,
    ProviderMethod,
    Rejected,
    SavingAdapter,
    Toolbox,
    open_link,
    perform,
)
from specie.providers import saving as saving_adapter

_PAGE_IS_OPEN_SECONDS = 900


@dataclass(frozen=True, slots=True)
class _Case:
    """A method, and the provider that is to keep it."""

    method: SavedMethod
    link: ProviderLink
    adapter: SavingAdapter

    @property
    def reference(self) -> str:
        return reference_of_method(self.method.id)


async def order(context: JobContext, method_id: MethodId) -> bool:
    """Ask the provider to keep a method that waits for it. Returns whether it is known what became of it."""
    case = await _case(context, method_id)
    if case is None or case.method.state is not MethodState.WAITING or case.method.is_known_there:
        return True
    request = MethodRequest(case.reference, case.method.kind, case.method.scenario, case.link.callback_url)
    outcome = await perform(case.link, case.adapter.save_method(request), _toolbox(context).outbound)
    crash_point("payments.method.answered")
    if isinstance(outcome, Accepted):
        told = outcome.value
    elif isinstance(outcome, Rejected):
        told = ProviderMethod(KeepState.ENDED, reason=outcome.code)
    else:
        return False
    await context.db.run(context.scope, lambda uow: _record(uow, method_id, told, 0), label="payments.method.record")
    return True


async def ask(context: JobContext, method_id: MethodId, then: int | None) -> None:
    """Ask what became of a method whose customer was sent to the provider. No answer is no news.

    While it waits on, `then` is how many questions have been planned by now; None plans no other.
    """
    case = await _case(context, method_id)
    if case is None or case.method.state is not MethodState.WAITING or not case.method.provider_ref:
        return
    question = case.adapter.get_method(case.reference, case.method.provider_ref)
    outcome = await perform(case.link, question, _toolbox(context).outbound)
    told = outcome.value if isinstance(outcome, Accepted) else None
    await context.db.run(context.scope, lambda uow: _record(uow, method_id, told, then), label="payments.method.ask")


async def forget(context: JobContext, method_id: MethodId) -> None:
    """Have the provider forget a removed method.

    Raises Later while a customer may still give it on the provider's page, Unavailable without an answer.
    """
    case = await _case(context, method_id)
    if case is None or case.method.state is not MethodState.REMOVED or not case.method.is_known_there:
        return
    token = case.method.token or await _given_meanwhile(context, case)
    if token:
        gone = await perform(case.link, case.adapter.forget_method(token), _toolbox(context).outbound)
        if not isinstance(gone, Accepted):
            raise Unavailable("the provider has not said that it has forgotten it")
    await context.db.run(context.scope, lambda uow: _forgotten(uow, method_id), label="payments.method.forget")


async def _given_meanwhile(context: JobContext, case: _Case) -> str:
    """The token of what a customer gave on a page that was open when it was removed; empty when nothing was given."""
    question = case.adapter.get_method(case.reference, case.method.provider_ref or "")
    outcome = await perform(case.link, question, _toolbox(context).outbound)
    if not isinstance(outcome, Accepted):
        raise Unavailable("the provider has not said what became of it")
    if outcome.value.state is KeepState.WAITING:
        raise Later("the customer may still give it", _PAGE_IS_OPEN_SECONDS)
    return outcome.value.token


async def _case(context: JobContext, method_id: MethodId) -> _Case | None:
    async def load(uow: UnitOfWork) -> _Case | None:
        found = await saving.get(uow, method_id)
        link = await open_link(uow, _toolbox(context), found.connection_id)
        adapter = saving_adapter(link.adapter)
        return None if adapter is None else _Case(found, link, adapter)

    return await context.db.run(context.scope, load, label="payments.method.load")


async def _record(uow: UnitOfWork, method_id: MethodId, told: ProviderMethod | None, then: int | None) -> None:
    current = await saving.get(uow, method_id, lock=True)
    if current.state is not MethodState.WAITING:
        await _too_late(uow, current, told)
        return
    if told is not None:
        current = _after(current, told)
        await method_store.save_method(uow, current)
    if current.state is MethodState.WAITING and then is not None:
        await saving.ask_later(uow, method_id, then)


async def _too_late(uow: UnitOfWork, removed: SavedMethod, told: ProviderMethod | None) -> None:
    """It was removed while the provider was asked to keep it: the provider is asked to forget it."""
    if removed.state is MethodState.REMOVED and not removed.is_known_there and told is not None:
        known = replace(removed, token=told.token or None, provider_ref=told.provider_ref or None)
        await method_store.save_method(uow, known)
        await jobs.defer(uow, FORGET, method_id=str(removed.id))


def _after(current: SavedMethod, told: ProviderMethod) -> SavedMethod:
    ref = told.provider_ref or None
    if told.state is KeepState.KEPT:
        active = replace(current, state=MethodState.ACTIVE, token=told.token, label=told.label)
        return replace(active, provider_ref=ref, page_url=None)
    if told.state is KeepState.ENDED:
        return replace(current, state=MethodState.REFUSED, failure=told.reason, provider_ref=None, page_url=None)
    return replace(current, provider_ref=ref, page_url=told.page)


async def _forgotten(uow: UnitOfWork, method_id: MethodId) -> None:
    current = await saving.get(uow, method_id, lock=True)
    await method_store.save_method(uow, replace(current, token=None, provider_ref=None, page_url=None))


def _toolbox(context: JobContext) -> Toolbox:
    toolbox: Toolbox = context.services["providers"]
    return toolbox
