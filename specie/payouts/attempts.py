"""Trying to pay out: choosing a connection, writing the intent down, and what an answer or its absence means."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from specie.kernel.clock import machine_now
from specie.kernel.ids import AttemptId
from specie.payouts import beneficiaries, service, store, terms_store
from specie.payouts.model import (
    Attempt,
    AttemptState,
    Beneficiary,
    Move,
    Payout,
    PayoutId,
    Route,
    State,
    may_go_elsewhere,
    reference_of,
)
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.providers import (
    BankAccount,
    PayoutAdapter,
    PayoutRequest,
    ProviderLink,
    Rejected,
    Toolbox,
    active_links,
    open_link,
)

POLL = "payouts.poll"

_LEASE = timedelta(seconds=75)
_THROTTLE_WINDOW = timedelta(seconds=60)
_THROTTLED_WAIT = timedelta(seconds=10)
_NO_PROVIDER_WAIT = timedelta(seconds=60)
_FIRST_POLL_SECONDS = 5
_LONGEST_POLL_SECONDS = 900
_POLLS_BEFORE_ATTENTION = 8
_MOST_ATTEMPTS = 6
_SCENARIO = "simulator"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to order a payout: what to send, and over which connection."""

    attempt: Attempt
    request: PayoutRequest = field(repr=False)
    link: ProviderLink = field(repr=False)


async def claim(uow: UnitOfWork, toolbox: Toolbox, payout_id: PayoutId) -> Ticket | None:
    """Take the right to call a provider for a payout; None when it has been called or somebody else is calling.

    The intent is in the database before anything is sent. Where nobody can be called now, the next try is planned.
    """
    payout = await service.get_payout(uow, payout_id, lock=True)
    earlier = await store.attempts_of(uow, payout_id)
    live = next((attempt for attempt in earlier if attempt.is_live), None)
    if live is not None:
        return await _reclaim(uow, toolbox, payout, live)
    if payout.state is not State.APPROVED:
        return None
    beneficiary = await beneficiaries.get(uow, payout.beneficiary_id)
    link, passed = await _choose(uow, toolbox, payout, beneficiary, earlier)
    if link is None:
        return None
    attempt = await _write_down(uow, payout, link, len(earlier) + 1, passed)
    return await _ticket(uow, toolbox, payout, attempt, link)


async def _reclaim(uow: UnitOfWork, toolbox: Toolbox, payout: Payout, live: Attempt) -> Ticket | None:
    now = machine_now()
    if live.state is not AttemptState.CREATED or live.leased_until > now:
        return None
    leased = replace(live, tries=live.tries + 1, leased_until=now + _LEASE)
    await store.save_attempt(uow, leased)
    link = await open_link(uow, toolbox, live.connection_id)
    return await _ticket(uow, toolbox, payout, leased, link)


async def _choose(
    uow: UnitOfWork, toolbox: Toolbox, payout: Payout, beneficiary: Beneficiary, earlier: list[Attempt]
) -> tuple[ProviderLink | None, list[str]]:
    """The first connection that pays this, has not refused it before and is not throttled; else plan another try.

    With it the names of those that came first and had no room left this minute.
    """
    routes = await terms_store.routes(uow)
    refused = {attempt.connection_id for attempt in earlier}
    able = [link for link in await active_links(uow, toolbox) if _pays(link, beneficiary, payout)]
    able.sort(key=lambda link: routes[link.connection_id].position if link.connection_id in routes else 0)
    fresh = [link for link in able if link.connection_id not in refused] or able
    full: list[str] = []
    for link in fresh:
        route = routes.get(link.connection_id)
        if route is not None and not route.is_enabled:
            continue
        if await _has_room(uow, link, route):
            return link, full
        full.append(link.adapter.name)
    if not full:
        await service.flag(uow, payout, "no_provider")
    wait = _THROTTLED_WAIT if full else _NO_PROVIDER_WAIT
    await due.schedule(uow, kind=service.SEND, at=uow.now + wait, payload={"payout_id": str(payout.id)})
    return None, full


async def _has_room(uow: UnitOfWork, link: ProviderLink, route: Route | None) -> bool:
    if route is None or route.per_minute is None:
        return True
    await terms_store.lock_route(uow, link.connection_id)
    return await store.calls_since(uow, link.connection_id, machine_now() - _THROTTLE_WINDOW) < route.per_minute


def _pays(link: ProviderLink, beneficiary: Beneficiary, payout: Payout) -> bool:
    is_able = isinstance(link.adapter, PayoutAdapter)
    return is_able and link.adapter.capabilities().pays(beneficiary.rail, payout.amount)


async def _write_down(
    uow: UnitOfWork, payout: Payout, link: ProviderLink, number: int, passed: Sequence[str]
) -> Attempt:
    now = machine_now()
    attempt = Attempt(
        id=AttemptId.new(),
        payout_id=payout.id,
        connection_id=link.connection_id,
        number=number,
        state=AttemptState.CREATED,
        tries=1,
        created_at=uow.now,
        updated_at=uow.now,
        leased_until=now + _LEASE,
    )
    await store.insert_attempt(uow, attempt, now)
    cause = f"attempt {number} at {link.adapter.name}" + (f"; no room at {', '.join(passed)}" if passed else "")
    await store.record_change(
        uow,
        payout.id,
        machine="attempt",
        subject_id=attempt.id.uuid,
        from_state=None,
        to_state=attempt.state.value,
        cause=cause,
        callback_id=None,
    )
    await service.turn(uow, replace(payout, attention=None), Move.SEND, cause)
    await schedule_poll(uow, attempt.id, 0)
    return attempt


async def _ticket(uow: UnitOfWork, toolbox: Toolbox, payout: Payout, attempt: Attempt, link: ProviderLink) -> Ticket:
    beneficiary = await beneficiaries.get(uow, payout.beneficiary_id)
    details = (await beneficiaries.details_of(uow, toolbox.vault, [beneficiary.id]))[beneficiary.id]
    request = PayoutRequest(
        reference=reference_of(attempt.id),
        key=str(attempt.id),
        amount=payout.amount,
        account=BankAccount(beneficiary.rail, beneficiary.bank_code, details.number),
        holder_name=details.holder_name,
        description=payout.description,
        callback_url=link.callback_url,
        scenario=payout.metadata.get(_SCENARIO, ""),
        ordered_at=attempt.created_at,
    )
    return Ticket(attempt, request, link)


async def rejected(uow: UnitOfWork, claimed: Attempt, answer: Rejected) -> None:
    """The provider certainly did not take the order: another one may, else the wallet has its money again.

    It says nothing of an attempt that somebody else has claimed since, who may have sent the order.
    """
    payout, attempt = await _locked(uow, claimed.id)
    if attempt.tries != claimed.tries or attempt.state not in (AttemptState.CREATED, AttemptState.UNKNOWN):
        return
    cause = f"refused: {answer.code}"
    await service.turn_attempt(uow, replace(attempt, reason=answer.code), AttemptState.FAILED, cause)
    if may_go_elsewhere(answer.error_class) and attempt.number < _MOST_ATTEMPTS:
        await service.turn(uow, payout, Move.TURN_AWAY, cause)
        wait = timedelta(seconds=_FIRST_POLL_SECONDS * (attempt.number - 1))
        await due.schedule(uow, kind=service.SEND, at=uow.now + wait, payload={"payout_id": str(payout.id)})
        return
    await service.give_up(uow, payout, str(answer.error_class), cause)


async def unknown(uow: UnitOfWork, attempt_id: AttemptId, reason: str) -> None:
    """Nobody knows whether the order arrived: the attempt stays live, so that nobody sends it again."""
    payout, attempt = await _locked(uow, attempt_id)
    if attempt.state is not AttemptState.CREATED:
        return
    cause = f"no answer: {reason}"
    await service.turn_attempt(uow, replace(attempt, reason=reason), AttemptState.UNKNOWN, cause)
    await service.turn(uow, payout, Move.LOSE_SIGHT, cause)


async def never_arrived(uow: UnitOfWork, attempt_id: AttemptId) -> None:
    """The provider has never heard of the order. Counts once nothing can be on its way any more."""
    payout, attempt = await _locked(uow, attempt_id)
    if attempt.state is not AttemptState.UNKNOWN or machine_now() < attempt.leased_until:
        return
    await service.turn_attempt(uow, replace(attempt, reason="never_arrived"), AttemptState.FAILED, "never arrived")
    await service.give_up(uow, payout, "never_arrived", "never arrived")


async def follow_up(uow: UnitOfWork, attempt_id: AttemptId, polls: int) -> None:
    """Plan a question, after so many, about an attempt that may still change; a long silence goes before a person."""
    payout, attempt = await _locked(uow, attempt_id)
    if not attempt.is_live:
        return
    if polls > _POLLS_BEFORE_ATTENTION:
        await service.flag(uow, payout, "silent_too_long")
    await schedule_poll(uow, attempt_id, polls)


async def schedule_poll(uow: UnitOfWork, attempt_id: AttemptId, polls: int) -> None:
    """Ask again after 5, 10, 20 … seconds, at most every quarter of an hour."""
    wait = min(_LONGEST_POLL_SECONDS, _FIRST_POLL_SECONDS * 2 ** min(polls, 10))
    payload = {"attempt": str(attempt_id.uuid), "polls": polls}
    await due.schedule(uow, kind=POLL, at=uow.now + timedelta(seconds=wait), payload=payload)


async def _locked(uow: UnitOfWork, attempt_id: AttemptId) -> tuple[Payout, Attempt]:
    attempt = await service.get_attempt(uow, attempt_id)
    payout = await service.get_payout(uow, attempt.payout_id, lock=True)
    return payout, await service.get_attempt(uow, attempt_id)
