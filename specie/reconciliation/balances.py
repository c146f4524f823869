"""A provider's live balance compared with what the books say it owes. Each function opens its own units of work."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from specie import audit, events, ledger, providers
from specie.kernel.errors import Unavailable
from specie.kernel.money import Money
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import Accepted, BalanceAdapter, ProviderLink, ProviderSilent, Toolbox
from specie.reconciliation import exception_store, service
from specie.reconciliation.errors import NoBalanceOffered
from specie.reconciliation.events import exception_told
from specie.reconciliation.model import (
    ExceptionKind,
    ReconException,
    ReconExceptionId,
    Source,
    SourceId,
    SourceKind,
)

_TRIES = 3


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
    """The daily comparison: plans the next one first. Does nothing where it has been planned anew."""

    async def plan_next(uow: UnitOfWork) -> bool:
        source = await service.get_source(uow, source_id, lock=True)
        if source.balance_due_at != at:
            return False
        await service.plan_balance(uow, source)
        return True

    if await context.db.run(context.scope, plan_next, label="reconciliation.balance.plan"):
        try:
            await compare(context, source_id)
        except NoBalanceOffered:
            return


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
    known = await exception_store.open_balance(uow, source)
    if known is not None and (known.amount, known.expected) == (told, books.owed):
        return Comparison(told, books.owed, known)
    if known is not None:
        await _resolve(uow, known, "balances agree" if told == books.owed else "another difference")
    if told == books.owed:
        return Comparison(told, books.owed, None)
    return Comparison(told, books.owed, await _open(uow, source, told, books.owed, known))


async def _open(
    uow: UnitOfWork, source: Source, told: Money, owed: Money, known: ReconException | None
) -> ReconException:
    opened = ReconException(
        id=ReconExceptionId.new(),
        source_id=source.id,
        kind=ExceptionKind.BALANCE,
        line_id=None,
        entry_id=None,
        amount=told,
        expected=owed,
        about="The provider's live balance",
        opened_at=known.opened_at if known is not None else uow.now,
        owner=known.owner if known is not None else None,
        note=known.note if known is not None else "",
    )
    await exception_store.insert_exceptions(uow, [opened])
    await events.record(uow, exception_told("opened", opened))
    return opened


async def _resolve(uow: UnitOfWork, known: ReconException, how: str) -> None:
    done = replace(known, resolved_at=uow.now, resolution=how, version=known.version + 1)
    await exception_store.save(uow, done)
    await events.record(uow, exception_told("resolved", done))
    await audit.record(
        uow,
        action="reconciliation_exception.resolve",
        subject=("reconciliation_exception", str(known.id)),
        after={"resolution": how},
    )
