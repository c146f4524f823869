"""What modules above add to payments: a checkout page, names, deliveries, who is settled later. `app` wires them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.payments.model import Payment
from specie.platform.db import UnitOfWork

Extra = Callable[[UnitOfWork, Payment], Awaitable[Any]]

Names = Callable[[UnitOfWork, Sequence[PartyId]], Awaitable[dict[PartyId, str]]]

SettledParties = Callable[[UnitOfWork, Sequence[PartyId], Currency], Awaitable[set[PartyId]]]
Listener = Callable[[UnitOfWork, Payment], Awaitable[None]]
Keeper = Callable[[UnitOfWork, Payment], Awaitable[str | None]]

_page: list[Extra] = []
_followers: list[Listener] = []
_end_followers: list[Listener] = []
_names: list[Names] = []
_keepers: list[Keeper] = []
_settled: list[SettledParties] = []
_detail: dict[str, Extra] = {}


def set_checkout_page(extra: Extra) -> None:
    """Register what gives the path of a payment's hosted page, making the page when there is none."""
    _page[:] = [extra]


def set_party_names(names: Names) -> None:
    """Register what tells the names of parties."""
    _names[:] = [names]


def set_settled_parties(settled: SettledParties) -> None:
    """Register what tells which parties are paid over later, by settlement."""
    _settled[:] = [settled]


def follow(listener: Listener) -> None:
    """Call a function in the unit of work in which a payment has been paid in full or some of it was given back."""
    if listener not in _followers:
        _followers.append(listener)


def follow_end(listener: Listener) -> None:
    """Call a function in the unit of work in which a payment has failed, run out or been called off.

    None of these is final for the payment itself: money may still arrive, and then `follow` tells of it.
    """
    if listener not in _end_followers:
        _end_followers.append(listener)


def keep_refunds(keeper: Keeper) -> None:
    """Register what names the thing that a payment is a part of, and with which alone it is given back; None if none.

    Whoever keeps a payment's refunds gives it back with `reserve_refund`.
    """
    if keeper not in _keepers:
        _keepers.append(keeper)


def add_detail(name: str, extra: Extra) -> None:
    """Register a part of a payment's detail, such as `deliveries`."""
    _detail[name] = extra


async def tell_followers(uow: UnitOfWork, payment: Payment) -> None:
    """Let those who follow know that a payment was paid in full, or that some of it was given back."""
    for listener in _followers:
        await listener(uow, payment)


async def tell_of_end(uow: UnitOfWork, payment: Payment) -> None:
    """Let those who follow know that a payment has failed, run out or been called off."""
    for listener in _end_followers:
        await listener(uow, payment)


async def keeper_of(uow: UnitOfWork, payment: Payment) -> str | None:
    """What a payment is given back with, such as its purchase; None for one that is given back by itself."""
    for keeper in _keepers:
        kept = await keeper(uow, payment)
        if kept is not None:
            return kept
    return None


async def checkout_path(uow: UnitOfWork, payment: Payment) -> str | None:
    """The path of the payment's hosted page; None where no module offers one."""
    return await _page[0](uow, payment) if _page else None


async def party_names(uow: UnitOfWork, ids: Sequence[PartyId]) -> dict[PartyId, str]:
    """The names of these parties as far as they are known; none where no module tells them."""
    return await _names[0](uow, sorted(set(ids), key=str)) if _names and ids else {}


async def settled_parties(uow: UnitOfWork, ids: Sequence[PartyId], currency: Currency) -> set[PartyId]:
    """Those of these parties whose sales wait for a settlement; none where no module settles."""
    return await _settled[0](uow, ids, currency) if _settled and ids else set()


async def details(uow: UnitOfWork, payment: Payment) -> dict[str, Any]:
    """Every registered part, by name."""
    return {name: await extra(uow, payment) for name, extra in _detail.items()}
