"""A provider's live balance compared with what the books say it owes. Each function opens its own units of work."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from specie import ledger, providers
from specie.kernel.errors import Unavailable
from specie.kernel.money import Money
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import Accepted, BalanceAdapter, ProviderLink, ProviderSilent, Toolbox
from specie.reconciliation import overdue, service, standing
from specie.reconciliation.errors import NoBalanceOffered
from specie.reconciliation.model import ExceptionKind, ReconException, Source, SourceId, SourceKind

_TRIES = 3
_ABOUT = "The provider's live balance"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the provider holds, and what the books say it does; they differ where there is an exception."""

    at_provider: Money
    in_books: Money
    exception: ReconException | None


@dataclass(frozen=True, slots=True)
class _Books:
    """What a provider owes by its two accounts, and their versions, which tell whether anything has moved."""

    owed: Money
    versions: tuple[int, int]


async def compare(context: JobContext, source_id: SourceId) -> Comparison:
    """Ask the provider, and open, renew or resolve the source's exception about its balance.

    Raises SourceMissing, NoBalanceOffered, ProviderSilent, or Unavailable while payments keep moving the accounts.
    """
    toolbox: Toolbox = context.services["providers"]
    for _ in range(_TRIES):
        link, before = await context.db.run(
            context.scope, lambda uow: _load(uow, toolbox, source_id), label="reconciliation.balance.load"
        )
        if not isinstance(link.adapter, BalanceAdapter):
            raise NoBalanceOffered(f"{link.adapter.name} does not tell its balance")
        call = link.adapter.get_balance(before.owed.currency)
        answer = await providers.perform(link, call, toolbox.outbound)
        if not isinstance(answer, Accepted):
            raise ProviderSilent(f"{link.adapter.name} did not tell its balance")
        crash_point("reconciliation.balance.answered")
        judged = partial(_judge, source_id=source_id, told=answer.value, before=before)
        found = await context.db.run(context.scope, judged, label="reconciliation.balance.judge")
        if found is not None:
            return found
    raise Unavailable("payments keep moving the account; compare when it is quiet")


async def run_due(context: JobContext, source_id: SourceId, at: datetime) -> None:
    """The daily look: plans the next, then at what is overdue, then compares. Not where it has been planned anew.

    Whatever fails, the next look is planned by then.
    """

    async def plan_next(uow: UnitOfWork) -> bool:
        source = await service.get_source(uow, source_id, lock=True)
        if source.balance_due_at != at:
            return False
        await service.plan_balance(uow, source)
        return True

    async def look(uow: UnitOfWork) -> None:
        await overdue.look(uow, await service.locked_source(uow, source_id))

    if not await context.db.run(context.scope, plan_next, label="reconciliation.balance.plan"):
        return
    try:
        await context.db.run(context.scope, look, label="reconciliation.overdue.look")
    finally:
        with suppress(NoBalanceOffered):
            await compare(context, source_id)


async def _load(uow: UnitOfWork, toolbox: Toolbox, source_id: SourceId) -> tuple[ProviderLink, _Books]:
    source = await service.get_source(uow, source_id)
    if source.kind is not SourceKind.PROVIDER or source.connection_id is None:
        raise NoBalanceOffered("only a provider's source has a live balance")
    return await providers.open_link(uow, toolbox, source.connection_id), await _books(uow, source)


async def _books(uow: UnitOfWork, source: Source) -> _Books:
    clearing = await ledger.get_account(uow, source.account_id)
    settled = await ledger.get_account(uow, source.target_id)
    return _Books(clearing.balance + settled.balance, (clearing.version, settled.version))


async def _judge(uow: UnitOfWork, source_id: SourceId, told: Money, before: _Books) -> Comparison | None:
    source = await service.get_source(uow, source_id, lock=True)
    books = await _books(uow, source)
    if books.versions != before.versions:
        return None
    if told == books.owed:
        await standing.resolve(uow, source, ExceptionKind.BALANCE, "balances agree")
        return Comparison(told, books.owed, None)
    found, _ = await standing.renew(uow, source, ExceptionKind.BALANCE, told, books.owed, _ABOUT)
    return Comparison(told, books.owed, found)
