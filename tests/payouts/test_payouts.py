"""Money that leaves: held at once, gone on success, back on failure and return, and never sent twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import CheckViolation

from specie import approvals, payouts
from specie.approvals import MakerCannotDecide
from specie.approvals import service as approval_service
from specie.approvals import store as approval_store
from specie.kernel.ids import CallbackId, PartyId
from specie.kernel.money import Money
from specie.ledger import InsufficientFunds
from specie.payouts import beneficiaries, service, store, terms_store
from specie.payouts.errors import (
    BeneficiaryCoolingOff,
    BeneficiaryMissing,
    BeneficiaryTaken,
    BeneficiaryUnverified,
    PayoutCannotMove,
    PayoutReferenceTaken,
    PayoutTooSmall,
)
from specie.payouts.jobs import poll_job
from specie.payouts.model import Route, State
from specie.platform import crashpoints
from specie.providers.jobs import process_callback
from tests.payouts.till import FUNDS, Till, over
from tests.support.shop import IDR

FEE = 250_000
AMOUNT = 10_000_000
POINTS = (
    "payouts.send.claimed",
    "providers.call.before",
    "providers.call.after",
    "payouts.send.answered",
    "payouts.send.recorded",
)


class Died(Exception):
    """The process ends here."""


async def test_the_money_is_held_at_once_and_gone_on_success(till: Till) -> None:
    payout_id = await till.ask()
    assert await till.money() == (FUNDS - AMOUNT - FEE, AMOUNT + FEE)

    paid = await till.ends(payout_id, "succeeded")

    assert await till.money() == (FUNDS - AMOUNT - FEE, 0)
    assert await till.shop.balance("income:fees:payouts") == FEE
    assert await till.clearing() == -AMOUNT - 2_500
    assert [each["amount"] for each in await till.book()] == [AMOUNT]
    assert paid.entry_id is not None


async def test_what_is_held_for_a_payout_can_neither_be_given_back_nor_taken_beside_it(till: Till) -> None:
    payout_id = await till.ask()
    before, hold = await till.shop.wallet(till.party), (await till.see(payout_id)).hold_id
    other = await till.shop.post("/wallets", {"party_id": str(till.party), "currency": "IDR", "purpose": "savings"})
    given_back = await till.shop.post(f"/holds/{hold}/release")
    taken = await till.shop.post(f"/holds/{hold}/capture", {"to_wallet_id": other.json()["id"]})
    assert [answer.json()["code"] for answer in (given_back, taken)] == ["hold_in_use"] * 2
    assert await till.shop.wallet(till.party) == before
    assert await till.send(payout_id)


async def test_a_decline_gives_the_money_back(till: Till) -> None:
    till.beneficiary = await till.account("0001")
    failed = await till.ends(await till.ask(), "failed")

    assert failed.failure == "declined"
    assert await till.money() == (FUNDS, 0)
    assert await till.clearing() == 0


async def test_a_return_gives_amount_and_fee_back_and_the_clearing_account_is_whole(till: Till) -> None:
    payout_id = await till.ask(scenario="returned")

    back = await till.ends(payout_id, "returned")

    assert await till.money() == (FUNDS, 0)
    assert await till.shop.balance("income:fees:payouts") == 0
    assert await till.clearing() == -2_500
    assert back.return_entry_id is not None


@pytest.mark.parametrize(
    ("scenario", "digits", "ending", "recipes"),
    [
        ("", "0001", "failed", ["wallets.hold@1", "wallets.hold_release@1"]),
        ("", "7890", "succeeded", ["wallets.hold@1", "payouts.settle@1"]),
        ("returned", "7890", "returned", ["wallets.hold@1", "payouts.settle@1", "payouts.return@1"]),
    ],
)
async def test_the_detail_of_a_payout_has_every_entry_from_its_hold_to_its_end(
    till: Till, scenario: str, digits: str, ending: str, recipes: list[str]
) -> None:
    till.beneficiary = till.beneficiary if digits == "7890" else await till.account(digits)
    payout_id = await till.ask(scenario=scenario)
    await till.ask(1_000_000)
    await till.ends(payout_id, ending)

    entries = (await till.shop.get(f"/payouts/{payout_id}")).json()["entries"]

    assert [entry["recipe"] for entry in entries] == recipes
    assert entries[0]["postings"][0]["amount"]["amount"] == AMOUNT + FEE


@pytest.mark.parametrize("scenario", ["doubled", "contradicted", "late"])
async def test_whatever_callbacks_come_the_money_leaves_once(till: Till, scenario: str) -> None:
    payout_id = await till.ask(scenario=scenario)
    await till.ends(payout_id, "succeeded")
    await asyncio.sleep(1.5)
    await till.shop.work()

    assert (await till.see(payout_id)).state is State.SUCCEEDED
    assert await till.money() == (FUNDS - AMOUNT - FEE, 0)
    assert len(await till.book()) == 1


async def test_a_failure_told_before_the_success_is_asked_about_and_gives_nothing_back(
    till: Till, superuser_connection: psycopg.Connection
) -> None:
    payout_id = await till.ask(scenario="contradicted")
    await till.send(payout_id)
    told = await _callbacks(superuser_connection, till, 2)

    await process_callback(till.shop.context, told[-1])
    assert (await till.see(payout_id)).state is State.SUCCEEDED
    await process_callback(till.shop.context, told[0])

    assert (await till.see(payout_id)).state is State.SUCCEEDED
    assert await till.money() == (FUNDS - AMOUNT - FEE, 0)


async def _callbacks(connection: psycopg.Connection, till: Till, count: int) -> list[str]:
    """The ids of a tenant's callbacks in the order in which they came, once so many are there."""
    for _ in range(100):
        query = "select id from specie.provider_callback where tenant_id = %s order by received_at, id"
        rows = connection.execute(query, [till.shop.scope.tenant_id.uuid]).fetchall()
        if len(rows) == count:
            return [str(CallbackId(row[0])) for row in rows]
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(rows)} callbacks instead of {count}")


@pytest.mark.parametrize("scenario", ["no_answer+lost", "cut+lost", "error_after+lost"])
async def test_an_order_without_an_answer_is_asked_about_and_never_sent_again(till: Till, scenario: str) -> None:
    payout_id = await till.ask(scenario=scenario)
    await till.send(payout_id)
    assert (await till.see(payout_id)).state is State.UNKNOWN
    assert await till.money() == (FUNDS - AMOUNT - FEE, AMOUNT + FEE)

    assert not await till.send(payout_id)
    await payouts.check(till.shop.context, payout_id)

    assert (await till.see(payout_id)).state is State.SUCCEEDED
    assert len(await till.book()) == 1


async def test_an_order_that_never_arrived_is_given_up_only_when_nothing_can_be_on_its_way(
    till: Till, superuser_connection: psycopg.Connection
) -> None:
    payout_id = await till.ask(scenario="error_before")
    await till.send(payout_id)
    await payouts.check(till.shop.context, payout_id)
    assert (await till.see(payout_id)).state is State.UNKNOWN
    assert await till.money() == (FUNDS - AMOUNT - FEE, AMOUNT + FEE)

    over(superuser_connection, payout_id)
    await payouts.check(till.shop.context, payout_id)

    assert (await till.see(payout_id)).failure == "never_arrived"
    assert await till.money() == (FUNDS, 0)
    assert await till.book() == []


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("scenario", ["success", "no_answer+lost"])
async def test_whoever_dies_wherever_exactly_one_payment_is_made(
    till: Till, superuser_connection: psycopg.Connection, point: str, scenario: str
) -> None:
    payout_id = await till.ask(scenario=scenario)
    hits = []

    def trap(name: str) -> None:
        if name == point and not hits:
            hits.append(name)
            raise Died

    crashpoints.install(trap)
    try:
        await till.send(payout_id)
    except Died:
        pass
    finally:
        crashpoints.install(None)
    over(superuser_connection, payout_id)
    await till.send(payout_id)
    await payouts.check(till.shop.context, payout_id)

    paid = await till.ends(payout_id, "succeeded")
    assert hits or (scenario, point) == ("no_answer+lost", "providers.call.after")
    assert len(await till.book()) == 1
    assert await till.money() == (FUNDS - AMOUNT - FEE, 0)
    async with till.shop.db.begin(till.shop.scope) as uow:
        assert len(await store.attempts_of(uow, paid.id)) == 1


async def test_what_is_ordered_only_after_somebody_died_is_asked_about_as_soon_as_any_other(
    till: Till, superuser_connection: psycopg.Connection
) -> None:
    payout_id = await till.ask(scenario="stuck")

    def die(name: str) -> None:
        if name == "payouts.send.claimed":
            raise Died

    crashpoints.install(die)
    with pytest.raises(Died):
        await till.send(payout_id)
    crashpoints.install(None)
    over(superuser_connection, payout_id)
    async with till.shop.db.begin(till.shop.scope) as uow:
        [attempt] = await store.attempts_of(uow, payout_id)

    await poll_job(till.shop.context, attempt=str(attempt.id.uuid), polls=5)

    assert len(await till.book()) == 1
    query = "select payload ->> 'polls' from specie.due where tenant_id = %s and kind = 'payouts.poll'"
    rows = superuser_connection.execute(query, [till.shop.scope.tenant_id.uuid]).fetchall()
    # The first was planned along with the attempt, the second with the order.
    assert [row[0] for row in rows] == ["0", "0"]


async def test_eight_workers_send_one_payout_once(till: Till) -> None:
    payout_id = await till.ask()

    sent = await asyncio.gather(*(till.send(payout_id) for _ in range(8)))

    assert sum(sent) == 1
    assert len(await till.book()) == 1


async def test_the_database_refuses_a_second_attempt_that_may_move_money(
    till: Till, superuser_connection: psycopg.Connection
) -> None:
    payout_id = await till.ask(scenario="stuck")
    await till.send(payout_id)

    with pytest.raises(psycopg.errors.UniqueViolation, match="payout_one_attempt"):
        superuser_connection.execute(
            """insert into specie.payout_attempt select tenant_id, gen_random_uuid(), payout_id, connection_id, 2,
               'created', 'OTHER', null, null, 1, leased_until, called_at, created_at, updated_at
               from specie.payout_attempt where payout_id = %s""",
            [payout_id.uuid],
        )


async def test_the_database_holds_payouts_to_their_edges(till: Till, superuser_connection: psycopg.Connection) -> None:
    payout_id = await till.ask()
    with pytest.raises(CheckViolation, match="does not go from approved to failed"):
        superuser_connection.execute("update specie.payout set state = 'failed' where id = %s", [payout_id.uuid])


async def test_a_certain_refusal_goes_to_the_next_provider_and_an_unknown_never_does(till: Till) -> None:
    first = till.shop.connection_id
    second = await till.shop.connect()
    till.shop.connection_id = first
    await till.shop.lever("misbehave", mischief="refuse", times=1)
    declined = await till.ask()
    await till.send(declined)
    assert (await till.see(declined)).state is State.FAILED

    silent = await till.ask(scenario="no_answer+lost")
    await till.send(silent)
    await till.send(silent)
    async with till.shop.db.begin(till.shop.scope) as uow:
        assert len(await store.attempts_of(uow, silent)) == 1
    assert second != first


async def test_above_the_line_a_second_person_decides_and_the_maker_cannot(till: Till) -> None:
    maker = till.scope()
    async with till.shop.db.begin(maker) as uow:
        await approvals.set_line(uow, "payout", IDR, Money(AMOUNT - 1, IDR))
        payout = await payouts.request(
            uow, payouts.RequestPayout(till.beneficiary, "large", Money(AMOUNT, IDR), party_id=till.party)
        )
        asked = (await approval_store.find_approvals(uow, states=["open"], kind=None, before=None, limit=1))[0]
    assert not await till.send(payout.id)
    assert (await till.see(payout.id)).state is State.REQUESTED
    with pytest.raises(MakerCannotDecide):
        async with till.shop.db.begin(maker) as uow:
            await approval_service.approve(uow, asked.id, "it is mine")
    assert await till.book() == []

    async with till.shop.db.begin(till.scope()) as uow:
        await approval_service.approve(uow, asked.id, "seen the contract")
    await till.ends(payout.id, "succeeded")

    assert len(await till.book()) == 1


async def test_a_refusal_of_the_second_person_gives_the_money_back(till: Till) -> None:
    async with till.shop.db.begin(till.scope()) as uow:
        await approvals.set_line(uow, "payout", IDR, Money(1, IDR))
    payout_id = await till.ask()
    async with till.shop.db.begin(till.scope()) as uow:
        asked = (await approval_store.find_approvals(uow, states=["open"], kind=None, before=None, limit=1))[0]
        await approval_service.refuse(uow, asked.id, "who is this?")

    assert (await till.see(payout_id)).state is State.CANCELLED
    assert await till.money() == (FUNDS, 0)


async def test_a_payout_is_called_off_before_it_leaves_and_not_after(till: Till) -> None:
    early, late = await till.ask(), await till.ask(scenario="stuck")
    await till.send(late)

    async with till.shop.db.begin(till.scope()) as uow:
        await service.cancel(uow, early)
    with pytest.raises(PayoutCannotMove):
        async with till.shop.db.begin(till.scope()) as uow:
            await service.cancel(uow, late)

    assert not await till.send(early)
    assert await till.money() == (FUNDS - AMOUNT - FEE, AMOUNT + FEE)


async def test_more_than_is_available_with_the_fee_is_refused_and_moves_nothing(till: Till) -> None:
    with pytest.raises(InsufficientFunds):
        await till.ask(FUNDS - FEE + 1)
    assert await till.money() == (FUNDS, 0)
    await till.ask(FUNDS - FEE)
    assert await till.money() == (0, FUNDS)


async def test_many_requests_at_once_never_hold_more_than_there_is(till: Till) -> None:
    wanted = 30_000_000
    answers = await asyncio.gather(*(till.ask(wanted) for _ in range(6)), return_exceptions=True)

    assert sum(isinstance(answer, payouts.PayoutId) for answer in answers) == 3
    assert await till.money() == (FUNDS - 3 * (wanted + FEE), 3 * (wanted + FEE))


async def test_a_part_of_the_balance_takes_its_fee_with_it(till: Till) -> None:
    payout_id = await till.ask(amount=None, percent=100, currency=IDR)

    assert (await till.see(payout_id)).amount.minor == FUNDS - FEE
    assert await till.money() == (0, FUNDS)


async def test_a_reference_is_used_once_and_a_small_amount_is_refused(till: Till) -> None:
    await till.ask(reference="w-1")
    with pytest.raises(PayoutReferenceTaken):
        await till.ask(reference="w-1")
    async with till.shop.db.begin(till.scope()) as uow:
        await payouts.change_terms(uow, payouts.Terms(minimum={"IDR": 5_000}, cool_off_seconds=0))
    with pytest.raises(PayoutTooSmall):
        await till.ask(4_999)
    assert await till.money() == (FUNDS - AMOUNT - FEE, AMOUNT + FEE)


async def test_a_throttled_connection_takes_no_more_than_it_was_given(till: Till) -> None:
    async with till.shop.db.begin(till.scope()) as uow:
        assert till.shop.connection_id is not None
        await terms_store.put_route(uow, Route(till.shop.connection_id, True, 2))
    ids = [await till.ask() for _ in range(4)]

    sent = await asyncio.gather(*(till.send(payout_id) for payout_id in ids))

    assert sum(sent) == 2
    assert len(await till.book()) == 2
    assert [(await till.see(each)).state for each in ids].count(State.APPROVED) == 2


async def test_what_has_no_room_left_is_passed_over_and_the_timeline_says_so(till: Till) -> None:
    first = till.shop.connection_id
    assert first is not None
    other = await till.shop.connect()
    async with till.shop.db.begin(till.scope()) as uow:
        await terms_store.put_route(uow, Route(first, per_minute=1))
        await terms_store.put_route(uow, Route(other, position=1))
    ids = [await till.ask() for _ in range(2)]
    for payout_id in ids:
        await till.send(payout_id)

    async with till.shop.db.begin(till.scope()) as uow:
        causes = [[step.cause for step in await store.changes_of(uow, each) if step.to_state == "sent"] for each in ids]

    assert causes == [["attempt 1 at simulator"], ["attempt 1 at simulator; no room at simulator"]]


async def test_the_connection_at_the_lower_position_is_tried_first(till: Till) -> None:
    first = till.shop.connection_id
    assert first is not None
    other = await till.shop.connect()
    taken = []
    for position in (0, 2):
        async with till.shop.db.begin(till.scope()) as uow:
            await terms_store.put_route(uow, Route(first, position=position))
            await terms_store.put_route(uow, Route(other, position=1))
        payout_id = await till.ask()
        await till.send(payout_id)
        async with till.shop.db.begin(till.scope()) as uow:
            taken.append([attempt.connection_id for attempt in await store.attempts_of(uow, payout_id)])
    assert taken == [[first], [other]]


async def test_an_account_the_bank_does_not_know_takes_no_money(till: Till) -> None:
    till.beneficiary = await till.account("0404")
    with pytest.raises(BeneficiaryUnverified):
        await till.ask()
    assert await till.money() == (FUNDS, 0)


async def test_a_new_account_cools_off_first(till: Till) -> None:
    async with till.shop.db.begin(till.scope()) as uow:
        await payouts.change_terms(uow, payouts.Terms(cool_off_seconds=3600))
    till.beneficiary = await till.account("1111")
    with pytest.raises(BeneficiaryCoolingOff):
        await till.ask()

    later = replace(till.scope(), clock=replace(till.shop.scope.clock, offset=timedelta(hours=1, seconds=5)))
    async with till.shop.db.begin(later) as uow:
        await beneficiaries.usable(uow, till.beneficiary)


async def test_an_account_stands_in_a_book_once_and_its_number_is_sealed(
    till: Till, superuser_connection: psycopg.Connection
) -> None:
    with pytest.raises(BeneficiaryTaken):
        await till.account("7890")
    row = superuser_connection.execute(
        "select * from specie.beneficiary where id = %s", [till.beneficiary.uuid]
    ).fetchone()
    assert "123456787890" not in str(row)
    async with till.shop.db.begin(till.shop.scope) as uow:
        known = await beneficiaries.details_of(uow, till.shop.services["vault"], [till.beneficiary])
        assert known[till.beneficiary].number == "123456787890"
        assert known[till.beneficiary].holder_name
        await payouts.forget(uow, till.party)
        assert await beneficiaries.details_of(uow, till.shop.services["vault"], [till.beneficiary]) == {}


async def test_another_party_neither_sees_nor_uses_the_account(till: Till) -> None:
    stranger = replace(till.scope(), party_id=PartyId.new())
    with pytest.raises(BeneficiaryMissing):
        async with till.shop.db.begin(stranger) as uow:
            await beneficiaries.usable(uow, till.beneficiary)


async def test_money_that_left_in_another_amount_stands_in_suspense_and_before_a_person(till: Till) -> None:
    payout_id = await till.ask(scenario="stuck")
    await till.send(payout_id)
    async with till.shop.db.begin(till.shop.scope) as uow:
        attempt = (await store.attempts_of(uow, payout_id))[0]
        fact = till.arrived(attempt, AMOUNT - 1)
        await payouts.apply(uow, fact)
        await payouts.apply(uow, fact)

    assert (await till.see(payout_id)).attention == "amount_mismatch"
    assert await till.shop.balance("asset:suspense:payouts") == AMOUNT - 1
    assert await till.clearing() == -(AMOUNT - 1)
