"""A second person decides: never the one who asked, once, in time, with a reason and a trace."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import CheckViolation

from specie import approvals, audit
from specie.approvals import service, store
from specie.approvals.errors import ApprovalEnded, ApprovalMissing, MakerCannotDecide
from specie.approvals.model import Approval, ApprovalState, NewApproval
from specie.audit.model import AuditFilter
from specie.identity import access_store
from specie.identity.model import ApiKey
from specie.kernel.clock import machine_now
from specie.kernel.ids import ApiKeyId, PartyId, UserId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.platform.db import Database, UnitOfWork
from tests.support.scopes import fresh_scope

IDR = Currency.of("IDR")


@pytest.fixture
def told() -> Iterator[list[tuple[str, ApprovalState]]]:
    """What the module behind the kind `test` hears of its requests."""
    heard: list[tuple[str, ApprovalState]] = []

    async def listen(_: UnitOfWork, approval: Approval) -> None:
        heard.append((approval.subject[1], approval.state))

    service.on_decided("test", listen)
    yield heard
    service._listeners.pop("test")


async def asked(database: Database, scope: Scope, subject: str = "thing_1") -> Approval:
    async with database.begin(scope) as uow:
        return await approvals.ask(uow, NewApproval("test", ("thing", subject), Money(500, IDR)))


def somebody_else(scope: Scope) -> Scope:
    return replace(scope, actor=Actor(ActorKind.USER, str(UserId.new())))


async def state_of(database: Database, scope: Scope, approval: Approval) -> ApprovalState:
    async with database.begin(scope) as uow:
        return (await service.get(uow, approval.id)).state


async def test_a_second_person_says_yes_and_the_module_acts_in_the_same_commit(
    database: Database, told: list[tuple[str, ApprovalState]]
) -> None:
    maker = fresh_scope()
    request = await asked(database, maker)

    async with database.begin(somebody_else(maker)) as uow:
        decided = await service.approve(uow, request.id, "checked the invoice")

    assert decided.state is ApprovalState.APPROVED
    assert decided.reason == "checked the invoice"
    assert told == [("thing_1", ApprovalState.APPROVED)]
    async with database.begin(maker) as uow:
        trail = await audit.find(uow, AuditFilter(subject_id=str(request.id)), None, 10)
    assert [row.action for row in trail.items] == ["approval.approve", "approval.ask"]


async def test_whoever_asked_can_neither_say_yes_nor_no(
    database: Database, told: list[tuple[str, ApprovalState]]
) -> None:
    maker = fresh_scope()
    request = await asked(database, maker)

    for decide in (service.approve, service.refuse):
        with pytest.raises(MakerCannotDecide):
            async with database.begin(maker) as uow:
                await decide(uow, request.id, "it is fine")

    assert await state_of(database, maker, request) is ApprovalState.OPEN
    assert told == []


async def test_a_key_of_the_maker_is_the_makers_hand(database: Database, told: list[tuple[str, ApprovalState]]) -> None:
    maker = fresh_scope()
    key = replace(maker, actor=Actor(ActorKind.API_KEY, str(ApiKeyId.new())))
    async with database.begin(maker) as uow:
        await access_store.add_api_key(uow, key_of(key.actor.id, str(maker.actor)), bytes(32))
    request = await asked(database, key)
    assert request.maker == str(maker.actor)

    with pytest.raises(MakerCannotDecide):
        async with database.begin(maker) as uow:
            await service.approve(uow, request.id, "it is fine")
    with pytest.raises(MakerCannotDecide):
        async with database.begin(key) as uow:
            await service.approve(uow, request.id, "it is fine")
    assert told == []


def key_of(key_id: str, maker: str) -> ApiKey:
    now = machine_now()
    return ApiKey(
        id=ApiKeyId.parse(key_id).uuid,
        name="server",
        hint="spc_test_…abcd",
        permissions=(),
        party_id=None,
        networks=(),
        created_by=maker,
        created_at=now,
        expires_at=now + timedelta(days=1),
        revoked_at=None,
        rotated_to=None,
        last_used_at=None,
        last_used_address=None,
    )


async def test_a_request_is_decided_once(database: Database, told: list[tuple[str, ApprovalState]]) -> None:
    maker = fresh_scope()
    request = await asked(database, maker)
    async with database.begin(somebody_else(maker)) as uow:
        await service.refuse(uow, request.id, "the account is unknown to us")

    with pytest.raises(ApprovalEnded):
        async with database.begin(somebody_else(maker)) as uow:
            await service.approve(uow, request.id, "changed my mind")

    assert told == [("thing_1", ApprovalState.REFUSED)]
    assert await state_of(database, maker, request) is ApprovalState.REFUSED


async def test_a_request_runs_out_and_cannot_be_decided_after_its_time(
    database: Database, told: list[tuple[str, ApprovalState]]
) -> None:
    maker = fresh_scope()
    request = await asked(database, maker)
    later = replace(somebody_else(maker), clock=replace(maker.clock, offset=timedelta(days=8)))

    with pytest.raises(ApprovalEnded):
        async with database.begin(later) as uow:
            await service.approve(uow, request.id, "too late")
    async with database.begin(maker) as uow:
        await service.expire(uow, request.id)
    assert await state_of(database, maker, request) is ApprovalState.OPEN
    async with database.begin(later) as uow:
        await service.expire(uow, request.id)

    assert told == [("thing_1", ApprovalState.EXPIRED)]


async def test_the_database_refuses_a_decision_by_the_maker(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    request = await asked(database, fresh_scope())

    with pytest.raises(CheckViolation, match="approval_by_somebody_else"):
        superuser_connection.execute(
            "update specie.approval set state = 'approved', checker = maker, decided_at = asked_at where id = %s",
            [request.id.uuid],
        )


async def test_what_is_withdrawn_waits_for_nobody(database: Database, told: list[tuple[str, ApprovalState]]) -> None:
    maker = fresh_scope()
    request = await asked(database, maker)

    async with database.begin(maker) as uow:
        await approvals.withdraw(uow, request.subject)

    assert await state_of(database, maker, request) is ApprovalState.WITHDRAWN
    assert told == []


async def test_another_tenant_does_not_see_the_request(database: Database) -> None:
    request = await asked(database, fresh_scope())

    with pytest.raises(ApprovalMissing):
        async with database.begin(fresh_scope()) as uow:
            await service.approve(uow, request.id, "not mine")


async def test_only_amounts_above_the_line_need_a_second_person(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        assert not await approvals.is_needed(uow, "payout", Money(10**12, IDR))
        await approvals.set_line(uow, "payout", IDR, Money(1000, IDR))
        assert not await approvals.is_needed(uow, "payout", Money(1000, IDR))
        assert await approvals.is_needed(uow, "payout", Money(1001, IDR))
        assert not await approvals.is_needed(uow, "payout", Money.of(1001, "USD"))
        await approvals.set_line(uow, "payout", IDR, None)
        assert await store.lines(uow) == []


async def test_the_request_keeps_whose_thing_it_is_about(database: Database) -> None:
    scope, party = fresh_scope(), PartyId.new()
    async with database.begin(scope) as uow:
        request = await approvals.ask(uow, NewApproval("test", ("thing", "x"), party_id=party))
        found = await store.find_approvals(uow, states=["open"], kind="test", before=None, limit=5)
    assert [each.id for each in found] == [request.id]
    assert found[0].party_id == party


async def test_the_request_about_one_thing_is_found_among_others(database: Database) -> None:
    async with database.begin(fresh_scope()) as uow:
        asked = {each: (await approvals.ask(uow, NewApproval("test", ("thing", each)))).id for each in ("x", "y")}
        about = [
            await store.find_approvals(uow, states=["open"], kind="test", before=None, limit=5, subject_id=each)
            for each in ("x", "y", "z")
        ]
    assert [[row.id for row in rows] for rows in about] == [[asked["x"]], [asked["y"]], []]
