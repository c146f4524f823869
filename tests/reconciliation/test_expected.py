"""Money expected from providers: by day, overdue, and to the last unit what the accounts say."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from specie import ledger, payments, reconciliation
from specie.kernel.business_days import CountryUnknown
from specie.kernel.ids import PaymentId
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.providers import PayOver
from specie.reconciliation import balances, resolving, service
from tests.reconciliation.desk import Desk, open_desk
from tests.support.shop import IDR, Shop, rupiah

pytestmark = pytest.mark.asyncio(loop_scope="session")

JAKARTA = ZoneInfo("Asia/Jakarta")
BY_HAND = "asset:providers:stripe:clearing"
FRIDAY = date(2026, 11, 20)
WEEKDAYS = {"days": 0, "cut_off": "23:59"}


@pytest_asyncio.fixture(loop_scope="session")
async def desk(shop: Shop) -> Desk:
    """The shop's provider and bank under reconciliation."""
    payments.add_detail("provider_money", reconciliation.money_of)
    return await open_desk(shop)


async def agree(desk: Desk, **terms: Any) -> None:
    path = f"{desk.shop.url}/api/v1/connections/{desk.shop.connection_id}"
    answer = await desk.shop.client.patch(path, json={"pays_over": WEEKDAYS | terms}, headers=desk.shop.headers)
    assert answer.status_code == 200, answer.text


async def owed(desk: Desk) -> dict[str, Any]:
    answer = await desk.shop.get("/reconciliation/expected")
    assert answer.status_code == 200, answer.text
    [found] = answer.json()["data"]
    assert sum(row["amount"]["amount"] for row in found["rows"]) == found["balance"]["amount"]
    assert found["balance"]["amount"] == await desk.balance() + await desk.balance("settled")
    return dict(found)


def rows(found: dict[str, Any]) -> list[tuple[str, int, bool]]:
    return [(row["stage"], row["amount"]["amount"], row["overdue"]) for row in found["rows"]]


def at(hour: int, minute: int = 0, day: date = FRIDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), JAKARTA)


@pytest.mark.parametrize(
    ("collected", "days", "country", "expected"),
    [
        (at(17), 1, "", date(2026, 11, 23)),
        (at(17, 1), 1, "", date(2026, 11, 24)),
        (at(10), 0, "", FRIDAY),
        (at(10, day=date(2026, 11, 21)), 1, "", date(2026, 11, 24)),
        (at(10, day=date(2026, 12, 24)), 1, "ID", date(2026, 12, 28)),
    ],
)
async def test_money_comes_business_days_after_the_cut_off(
    collected: datetime, days: int, country: str, expected: date
) -> None:
    terms = PayOver(days, time(17), country)
    assert terms.expected_on(terms.collected_on(collected, JAKARTA)) == expected


@pytest.mark.parametrize(
    ("collected", "expected"),
    [
        (datetime(2026, 11, 20, 23, 59, 59, 999_999, JAKARTA), FRIDAY),
        (datetime(2026, 11, 21, 0, 0, tzinfo=JAKARTA), date(2026, 11, 21)),
        (datetime(9999, 12, 31, 18, 0, tzinfo=UTC), date.max),
    ],
)
async def test_the_last_minute_is_the_end_of_a_day_and_the_last_day_that_of_time(
    collected: datetime, expected: date
) -> None:
    assert PayOver(0, time(23, 59)).collected_on(collected, JAKARTA) == expected


async def test_nobody_can_say_when_money_comes_after_the_calendars_end() -> None:
    assert PayOver(3, time(17)).expected_on(date(9999, 12, 30)) is None


async def test_a_calendar_that_is_not_known_any_more_stops_nothing_and_only_leaves_money_without_a_day(
    desk: Desk, superuser_connection: psycopg.Connection
) -> None:
    await agree(desk, country="ID")
    await desk.owes(300_000, days_ago=3)
    dropped = "update specie.provider_connection set pay_over_subdivision = 'GONE' where tenant_id = %s"
    superuser_connection.execute(dropped, [desk.shop.tenant_id.uuid])
    [row] = (await owed(desk))["rows"]
    assert (row["expected_on"], row["undated_because"], row["overdue"]) == (None, "no_calendar", False)
    payment_id = await paid(desk)
    [money] = (await desk.shop.get(f"/payments/{payment_id}")).json()["provider_money"]
    assert (money["status"], money["expected_on"]) == ("expected", None)


async def test_money_dated_at_the_end_of_time_is_listed_without_a_day(desk: Desk) -> None:
    await agree(desk, days=3, cut_off="00:00")
    await desk.owes(300_000, days_ago=(date.fromisoformat(await desk.day()) - date.max).days)
    [row] = (await owed(desk))["rows"]
    assert (row["expected_on"], row["undated_because"]) == (None, "no_calendar")


async def test_a_look_that_cannot_end_stops_neither_the_days_nor_the_statements(
    desk: Desk, superuser_connection: psycopg.Connection
) -> None:
    await agree(desk)
    await desk.owes(300_000, days_ago=3)
    before = await planned(desk)
    tenant = desk.shop.tenant_id.uuid
    superuser_connection.execute(
        f"""alter table specie.recon_exception add constraint no_alarm
            check (tenant_id <> '{tenant}' or kind <> 'money_overdue') not valid"""
    )
    try:
        with pytest.raises(IntegrityError):
            await look(desk)
        assert await planned(desk) > before
        assert (await desk.statement("unknown,5")).lines == 1
    finally:
        superuser_connection.execute("alter table specie.recon_exception drop constraint no_alarm")
    assert await late(desk) == []
    await look(desk)
    assert await late(desk) == [300_000]


async def test_terms_that_are_not_spoken_of_stay_and_those_that_are_null_are_taken_back(desk: Desk) -> None:
    await agree(desk)
    await desk.owes(300_000, days_ago=3)
    path = f"{desk.shop.url}/api/v1/connections/{desk.shop.connection_id}"
    renamed = await desk.shop.client.patch(path, json={"name": "Bank"}, headers=desk.shop.headers)
    assert renamed.json()["pays_over"] == WEEKDAYS | {"country": "", "subdivision": ""}
    taken_back = await desk.shop.client.patch(path, json={"pays_over": None}, headers=desk.shop.headers)
    assert (taken_back.status_code, taken_back.json()["pays_over"]) == (200, None)
    [row] = (await owed(desk))["rows"]
    assert (row["expected_on"], row["undated_because"]) == (None, "no_terms")


@pytest.mark.parametrize("place", [{"country": "XX"}, {"country": "US", "subdivision": "XX"}, {"subdivision": "CA"}])
async def test_a_country_without_known_holidays_is_refused_and_the_terms_stay(
    desk: Desk, place: dict[str, str]
) -> None:
    await agree(desk)
    path = f"{desk.shop.url}/api/v1/connections/{desk.shop.connection_id}"
    refused = await desk.shop.client.patch(path, json={"pays_over": WEEKDAYS | place}, headers=desk.shop.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, CountryUnknown.code)
    [connection] = (await desk.shop.get("/connections")).json()["data"]
    assert connection["pays_over"] == WEEKDAYS | {"country": "", "subdivision": ""}


async def test_what_is_owed_is_listed_by_day_and_what_is_past_its_day_is_overdue(desk: Desk) -> None:
    await agree(desk)
    await desk.owes(200_000)
    assert [overdue for _, _, overdue in rows(await owed(desk))] == [False]
    await desk.owes(300_000, days_ago=3)
    found = await owed(desk)
    assert rows(found) == [("collected", 300_000, True), ("collected", 200_000, False)]
    assert found["overdue"]["amount"] == 300_000


async def test_what_the_provider_has_taken_off_is_not_overdue_from_it(desk: Desk) -> None:
    await agree(desk)
    await desk.owes(300_000, days_ago=10)
    await desk.owes(-100_000, days_ago=5)
    found = await owed(desk)
    assert rows(found) == [("collected", 300_000, True), ("collected", -100_000, False)]
    assert found["overdue"]["amount"] == 200_000


async def test_what_was_collected_and_is_refunded_today_is_not_overdue(desk: Desk) -> None:
    await agree(desk, days=1)
    await desk.owes(300_000, days_ago=7)
    assert (await owed(desk))["overdue"]["amount"] == 300_000
    await desk.owes(-300_000)
    found = await owed(desk)
    assert rows(found) == [("collected", 300_000, False), ("collected", -300_000, False)]
    assert found["overdue"]["amount"] == 0
    await look(desk)
    assert (await late(desk), await told(desk)) == ([], 0)


async def test_confirmed_money_keeps_its_day_until_the_bank_shows_it(desk: Desk) -> None:
    await agree(desk)
    await desk.owes(300_000, "a", days_ago=3)
    await desk.statement("a,3000")
    assert rows(await owed(desk)) == [("confirmed", 300_000, True)]
    await desk.statement("a,3000", source=desk.bank)
    assert rows(await owed(desk)) == []


async def test_a_match_that_was_taken_back_leaves_the_money_where_it_was(desk: Desk) -> None:
    await agree(desk)
    await desk.owes(300_000, "a", days_ago=3)
    await desk.statement("a,3000")
    [match] = (await desk.shop.get(f"/reconciliation/sources/{desk.source.id}/matches")).json()["data"]
    await desk.shop.post(f"/reconciliation/matches/{match['id']}/reopen", {"reason": "not this one"})
    assert rows(await owed(desk)) == [("collected", 300_000, True)]


async def test_without_terms_or_statements_there_is_no_day_and_the_sum_still_holds(shop: Shop) -> None:
    desk = Desk(shop, None, None)  # type: ignore[arg-type]
    await desk.owes(300_000)
    [row] = (await owed(desk))["rows"]
    assert (row["expected_on"], row["undated_because"]) == (None, "no_source")
    await open_desk(shop)
    [row] = (await owed(desk))["rows"]
    assert (row["expected_on"], row["undated_because"], row["items"]) == (None, "no_terms", 1)


async def test_a_clearing_account_made_by_hand_is_listed_by_its_code(shop: Shop) -> None:
    desk = Desk(shop, None, None)  # type: ignore[arg-type]
    await desk.owes(300_000)
    async with shop.db.begin(shop.scope) as uow:
        place = await ledger.ensure_account(uow, AccountSpec(BY_HAND, AccountType.ASSET, IDR))
        due = await ledger.ensure_account(uow, AccountSpec("liability:due", AccountType.LIABILITY, IDR))
        await ledger.post(uow, EntryDraft(Recipe("test.owe", 1), [Leg(place.id, due.id, rupiah(100_000))]))
    listed = (await shop.get("/reconciliation/expected")).json()["data"]
    found = [(each["connection_name"], each["rows"][0]["undated_because"]) for each in listed]
    assert found == [("Simulator", "no_source"), (BY_HAND, "no_connection")]
    assert [each["balance"]["amount"] for each in listed] == [300_000, 100_000]


async def test_overdue_money_is_one_exception_and_told_once_until_it_has_come(desk: Desk) -> None:
    await agree(desk)
    await desk.owes(300_000, "a", days_ago=3)
    await look(desk)
    await look(desk)
    assert (await late(desk), await told(desk)) == ([300_000], 1)
    await desk.statement("a,3000")
    assert (await late(desk), await told(desk)) == ([300_000], 1)
    await desk.statement("a,3000", source=desk.bank)
    assert (await late(desk), await told(desk)) == ([], 1)


async def test_a_payment_says_when_its_money_comes_and_how_far_it_has_come(desk: Desk) -> None:
    shop = desk.shop
    await agree(desk)
    payment_id = await shop.payment("lost")
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/check")
    [money] = (await shop.get(f"/payments/{payment_id}")).json()["provider_money"]
    assert (money["status"], money["overdue"], money["amount"]["amount"]) == ("expected", False, await desk.balance())
    [row] = (await owed(desk))["rows"]
    assert (row["expected_on"], row["items"]) == (money["expected_on"], 1)

    reference = (await shop.get(f"/payments/{payment_id}")).json()["attempts"][0]["reference"]
    line = f"{reference},{rupiah(money['amount']['amount']).major()}"
    await desk.statement(line)
    [money] = (await shop.get(f"/payments/{payment_id}")).json()["provider_money"]
    assert money["status"] == "confirmed"
    await desk.statement(line, source=desk.bank)
    [money] = (await shop.get(f"/payments/{payment_id}")).json()["provider_money"]
    assert (money["status"], money["overdue"]) == ("arrived", False)


async def look(desk: Desk) -> None:
    """What the source's daily job does."""
    await balances.run_due(desk.shop.context, desk.source.id, await planned(desk))


async def planned(desk: Desk) -> datetime:
    async with desk.shop.db.begin(desk.shop.scope) as uow:
        at = (await service.get_source(uow, desk.source.id)).balance_due_at
    assert at is not None
    return at


async def late(desk: Desk) -> list[int]:
    """The amounts of open exceptions about overdue money."""
    found = (await desk.shop.get("/reconciliation/exceptions")).json()["data"]
    return [each["amount"]["amount"] for each in found if each["kind"] == "money_overdue"]


async def told(desk: Desk) -> int:
    async with desk.shop.db.begin(desk.shop.scope) as uow:
        query = text("select count(*) from specie.event where tenant_id = :tenant and type like '%money_overdue'")
        found = await uow.execute(query, {"tenant": uow.scope.tenant_id.uuid})
        return int(found.scalar_one())


async def money_next_week(desk: Desk, payment_id: PaymentId) -> dict[str, Any]:
    """What a payment says about its money eight days from now."""
    scope = desk.shop.scope
    later = replace(scope, clock=replace(scope.clock, offset=timedelta(days=8)))
    async with desk.shop.db.begin(later) as uow:
        [money, *_] = await reconciliation.money_of(uow, await payments.get_payment(uow, payment_id))
    return money


async def paid(desk: Desk) -> PaymentId:
    payment_id = await desk.shop.payment("lost")
    await desk.shop.pay(payment_id)
    await desk.shop.post(f"/payments/{payment_id}/check")
    return payment_id


async def test_a_payments_money_is_not_overdue_once_the_provider_has_taken_it_off(desk: Desk) -> None:
    await agree(desk)
    payment_id = await paid(desk)
    assert (await money_next_week(desk, payment_id))["overdue"]
    await desk.owes(-await desk.balance())
    money = await money_next_week(desk, payment_id)
    assert (money["status"], money["overdue"]) == ("expected", False)


async def test_money_given_up_at_the_bank_has_not_arrived(desk: Desk) -> None:
    shop = desk.shop
    await agree(desk)
    payment_id = await paid(desk)
    reference = (await shop.get(f"/payments/{payment_id}")).json()["attempts"][0]["reference"]
    await desk.statement(f"{reference},{rupiah(await desk.balance()).major()}")
    _, [item] = await desk.open(desk.bank)
    async with shop.db.begin(shop.scope) as uow:
        loss = await ledger.ensure_account(uow, AccountSpec("expense:losses", AccountType.EXPENSE, IDR))
        await resolving.match_by_hand(uow, desk.bank.id, [], [item.entry_id], loss.id, "it never came")
    [money] = (await shop.get(f"/payments/{payment_id}")).json()["provider_money"]
    assert (money["status"], money["overdue"]) == ("written_off", False)
