"""What every adapter must do, whichever provider it speaks to: run over each one there is."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from specie import providers
from specie.kernel.clock import machine_now
from specie.kernel.ids import AttemptId
from specie.kernel.money import Money
from specie.platform.outbound import OutboundClient
from specie.providers import (
    Accepted,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ProviderCharge,
    ProviderLink,
    Rejected,
    Unknown,
    perform,
)
from tests.support.shop import Shop

CURRENCIES = [("IDR", 1_500_000), ("JPY", 1_500), ("KWD", 1_500_123)]


async def link_of(shop: Shop) -> ProviderLink:
    assert shop.connection_id
    async with shop.db.begin(shop.scope) as uow:
        return await providers.open_link(uow, shop.services["providers"], shop.connection_id)


def outbound(shop: Shop) -> OutboundClient:
    client: OutboundClient = shop.services["outbound"]
    return client


def request(link: ProviderLink, scenario: str = "", code: str = "IDR", minor: int = 1_500_000) -> ChargeRequest:
    attempt = AttemptId.new()
    return ChargeRequest(
        reference=attempt.uuid.hex.upper(),
        key=str(attempt),
        amount=Money.of(minor, code),
        kind=ChargeKind.QR,
        expires_at=machine_now() + timedelta(hours=1),
        description="a test",
        callback_url=link.callback_url,
        scenario=scenario,
    )


async def created(shop: Shop, link: ProviderLink, wanted: ChargeRequest) -> Any:
    return await perform(link, link.adapter.create_charge(wanted), outbound(shop))


@pytest.mark.parametrize(("code", "minor"), CURRENCIES)
async def test_a_created_charge_comes_back_with_our_reference_and_amount(shop: Shop, code: str, minor: int) -> None:
    link = await link_of(shop)
    wanted = request(link, code=code, minor=minor)

    answer = await created(shop, link, wanted)

    assert isinstance(answer, Accepted)
    charge: ProviderCharge = answer.value
    assert (charge.reference, charge.amount, charge.state) == (wanted.reference, wanted.amount, ChargeState.PENDING)
    assert (await shop.book())[0]["amount"] == minor


async def test_the_same_key_gives_the_same_charge(shop: Shop) -> None:
    link = await link_of(shop)
    wanted = request(link)

    answers = [await created(shop, link, wanted) for _ in range(3)]

    assert len({answer.value.provider_ref for answer in answers}) == 1
    assert len(await shop.book()) == 1


async def test_a_forgotten_key_never_makes_a_second_charge(shop: Shop) -> None:
    link = await link_of(shop)
    wanted = request(link)
    await created(shop, link, wanted)
    await shop.lever("forget")

    answer = await created(shop, link, wanted)

    assert answer == Unknown("duplicate")
    assert len(await shop.book()) == 1


@pytest.mark.parametrize("scenario", ["no_answer", "cut", "error_after", "error_before"])
async def test_what_is_not_a_clear_answer_is_unknown(shop: Shop, scenario: str) -> None:
    link = await link_of(shop)

    answer = await created(shop, link, request(link, scenario))

    assert isinstance(answer, Unknown)


async def test_a_refusal_is_rejected_and_nothing_was_made(shop: Shop) -> None:
    link = await link_of(shop)

    answer = await created(shop, link, request(link, "refuse"))

    assert isinstance(answer, Rejected)
    assert await shop.book() == []


async def test_a_provider_that_cannot_be_reached_has_certainly_done_nothing(shop: Shop) -> None:
    link = await link_of(shop)
    call = link.adapter.create_charge(request(link))
    elsewhere = replace(call, url="http://127.0.0.1:1/v1/charges")

    answer = await perform(link, elsewhere, outbound(shop))

    assert isinstance(answer, Rejected)
    assert answer.safe_to_retry


async def test_a_reference_can_be_asked_about(shop: Shop) -> None:
    link = await link_of(shop)
    wanted = request(link, "error_after+lost")
    await created(shop, link, wanted)

    known = await perform(link, link.adapter.get_charge(wanted.reference), outbound(shop))
    unknown = await perform(link, link.adapter.get_charge("NEVER"), outbound(shop))

    assert isinstance(known, Accepted)
    assert known.value is not None
    assert known.value.state is ChargeState.PAID
    assert unknown == Accepted(None)


async def test_a_cancelled_charge_takes_no_money_and_a_paid_one_stays_paid(shop: Shop) -> None:
    link = await link_of(shop)
    opened, paid = request(link), request(link, "lost")
    await created(shop, link, opened)
    await created(shop, link, paid)

    first = await perform(link, link.adapter.cancel_charge(opened.reference), outbound(shop))
    second = await perform(link, link.adapter.cancel_charge(paid.reference), outbound(shop))

    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert (first.value.state, second.value.state) == (ChargeState.CANCELLED, ChargeState.PAID)


async def test_a_word_we_do_not_know_is_unmapped(shop: Shop) -> None:
    link = await link_of(shop)
    await created(shop, link, request(link, "odd_state"))
    await shop.callbacks_answered(1)

    [stored] = (await shop.get("/callbacks")).json()["data"]
    assert stored["facts"][0]["state"] == "unmapped"


async def test_the_statement_holds_every_paid_charge_once(shop: Shop) -> None:
    link = await link_of(shop)
    paid = [request(link, "lost", minor=minor) for minor in (10_000, 20_000)]
    await asyncio.gather(*(created(shop, link, one) for one in [*paid, request(link)]))
    since, until = machine_now() - timedelta(minutes=5), machine_now() + timedelta(minutes=5)

    answer = await perform(link, link.adapter.list_statement(since, until, None), outbound(shop))

    assert isinstance(answer, Accepted)
    rows = answer.value.rows
    assert sorted(row.reference or "" for row in rows) == sorted(one.reference for one in paid)
    assert all(row.gross == row.net + row.fee for row in rows)
