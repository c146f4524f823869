"""Reconciled means zero: matching posts, and what is open is exactly the balance."""

import psycopg
import pytest

from specie import ledger
from specie.ledger import AccountSpec, AccountType
from specie.ledger.errors import NotReversible
from specie.platform.postgres_roles import AUDITOR
from specie.providers import ChargeKind
from specie.reconciliation import Format, NewSource, SourceKind, exception_store, read_file, resolving, service, store
from specie.reconciliation.errors import (
    DifferenceTooLarge,
    MatchReopened,
    NotOpen,
    ReconciliationExceptionEnded,
    SourceTaken,
    StatementRefused,
)
from specie.reconciliation.model import ExceptionKind, Rule
from tests.reconciliation.desk import MAPPING, open_desk
from tests.support.shop import IDR, Shop
from tests.support.soundness import Auditor


async def test_a_missing_a_doubled_and_a_short_line_are_the_exceptions_and_the_rest_is_zero(shop: Shop) -> None:
    desk = await open_desk(shop)
    for minor, reference in ((100_00, "A"), (200_00, "B"), (300_00, "C"), (400_00, "D")):
        await desk.owes(minor, reference)

    done = await desk.statement("A,100.00", "B,200.00", "B,200.00", "D,390.00")

    kinds = sorted((each.kind, each.amount.minor) for each in done.exceptions)
    assert kinds == [
        (ExceptionKind.AMOUNT, 390_00),
        (ExceptionKind.DOUBLED, 200_00),
        (ExceptionKind.MISSING, 300_00),
    ]
    assert done.matched == {Rule.REFERENCE: 2}
    assert await desk.balance() == 700_00
    assert done.open_amount is not None
    assert done.open_amount.minor == 700_00
    assert await desk.balance("settled") == 300_00


async def test_a_payment_collected_at_the_provider_is_known_by_the_providers_reference(shop: Shop) -> None:
    desk = await open_desk(shop)
    payment_id = await shop.payment("success")
    attempt = await shop.pay(payment_id, ChargeKind.QR)
    await shop.settled(payment_id, "paid")
    owed = await desk.balance()

    done = await desk.statement(f"{attempt.provider_ref},{owed / 100:.2f}")

    assert done.matched == {Rule.REFERENCE: 1}
    assert await desk.balance() == 0


async def test_provider_and_bank_statement_bring_the_money_into_the_bank(shop: Shop) -> None:
    desk = await open_desk(shop)
    for minor, reference in ((100_00, "A"), (250_00, "B"), (-50_00, "R")):
        await desk.owes(minor, reference)

    await desk.statement("A,100.00,STL-1", "B,250.00,STL-1", "R,-50.00,STL-1")
    done = await desk.statement("FT123,300.00,,,Payout STL-1", source=desk.bank)

    assert done.matched == {Rule.BATCH: 1}
    assert await desk.balance() == 0
    assert await desk.balance("settled") == 0
    assert await shop.balance("asset:bank:main") == 300_00


async def test_a_fee_that_only_the_statement_tells_is_booked_with_the_match(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(1_000_00, "A")
    await desk.owes(-400_00, "B")

    outcome = await desk.statement("A,1000.00,,,,15.00", "B,-400.00,,,,2.50")

    assert (outcome.matched[Rule.REFERENCE], outcome.exceptions) == (2, [])
    assert (await desk.balance(), await desk.balance("settled")) == (0, 985_00 - 402_50)
    assert await shop.balance(f"expense:fees:providers:{shop.connection_id}") == 17_50


async def test_a_fee_that_does_not_explain_the_difference_is_an_exception_and_moves_nothing(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(1_000_00, "A")

    outcome = await desk.statement("A,990.00,,,,15.00")

    assert [each.kind for each in outcome.exceptions] == [ExceptionKind.AMOUNT]
    assert (await desk.balance(), await desk.balance("settled")) == (1_000_00, 0)


async def test_a_difference_within_the_tolerance_is_an_expense(shop: Shop) -> None:
    desk = await open_desk(shop, tolerance_minor=5)
    await desk.owes(100_00, "A")

    done = await desk.statement("A,99.97")

    assert done.matched == {Rule.REFERENCE: 1}
    assert await desk.balance() == 0
    assert await shop.balance("expense:reconciliation:differences") == 3
    assert await desk.balance("settled") == 99_97


async def test_more_than_expected_within_the_tolerance_is_income(shop: Shop) -> None:
    desk = await open_desk(shop, tolerance_minor=5)
    await desk.owes(100_00, "A")

    await desk.statement("A,100.02")

    assert await desk.balance() == 0
    assert await shop.balance("income:reconciliation:differences") == 2


async def test_the_same_file_a_second_time_is_refused_and_moves_nothing(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(100_00, "A")
    await desk.owes(100_00, "B")
    await desk.statement("A,100.00")

    with pytest.raises(StatementRefused) as refused:
        await desk.statement("A,100.00")

    assert refused.value.facts["reason"] == "doubled"
    assert await desk.balance() == 100_00
    assert len((await desk.open())[0]) == 0


async def test_a_statement_number_that_comes_again_in_another_file_is_refused_whole(shop: Shop) -> None:
    desk = await open_desk(shop)
    swift = ":20:S\n:25:1\n:28C:7/1\n:60F:C261119IDR0,00\n:61:2611201120C1,00NTRFA\n:62F:C261121IDR1,00\n"
    again = read_file(swift.replace(":20:S", ":20:T").encode(), "2", Format.MT940, IDR, None)
    async with shop.db.begin(shop.scope) as uow:
        await service.import_file(uow, desk.bank.id, read_file(swift.encode(), "1", Format.MT940, IDR, None))

    with pytest.raises(StatementRefused) as refused:
        async with shop.db.begin(shop.scope) as uow:
            await service.import_file(uow, desk.bank.id, again)

    assert refused.value.facts["reason"] == "doubled"
    async with shop.db.begin(shop.scope) as uow:
        assert len(await store.imports(uow, desk.bank.id, None, 10)) == 1


async def test_a_line_of_a_charge_that_comes_in_a_later_file_again_is_doubled(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(100_00, "A")
    await desk.statement("A,100.00")

    done = await desk.statement("A,100.00", "X,5.00")

    assert {each.about: each.kind for each in done.exceptions} == {
        "A": ExceptionKind.DOUBLED,
        "X": ExceptionKind.UNKNOWN_LINE,
    }
    assert await desk.balance() == 0


async def test_an_item_that_turns_up_later_ends_its_exceptions(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(100_00, "A")
    await desk.statement("B,70.00")
    await desk.owes(70_00, "B")

    await desk.statement("A,100.00")

    async with shop.db.begin(shop.scope) as uow:
        assert await exception_store.find(uow, desk.source.id, is_open=True, before=None, limit=9) == []
    assert await desk.balance() == 0


async def test_lines_and_items_are_matched_by_hand_with_the_difference_on_an_account(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(100_00, "A")
    await desk.statement("A,90.00")
    [line], [item] = await desk.open()
    async with shop.db.begin(shop.scope) as uow:
        fees = await ledger.ensure_account(uow, AccountSpec("expense:fees", AccountType.EXPENSE, IDR))

    with pytest.raises(DifferenceTooLarge):
        async with shop.db.begin(shop.scope) as uow:
            await resolving.match_by_hand(uow, desk.source.id, [line.id], [item.entry_id], None, "")
    assert await desk.balance() == 100_00
    async with shop.db.begin(shop.scope) as uow:
        await resolving.match_by_hand(uow, desk.source.id, [line.id], [item.entry_id], fees.id, "a fee")

    assert await desk.balance() == 0
    assert await shop.balance("expense:fees") == 10_00
    async with shop.db.begin(shop.scope) as uow:
        assert await exception_store.find(uow, desk.source.id, is_open=True, before=None, limit=9) == []


async def test_a_missing_item_is_written_off_to_the_account_chosen(shop: Shop) -> None:
    desk = await open_desk(shop)
    entry_id = await desk.owes(100_00, "A")
    async with shop.db.begin(shop.scope) as uow:
        loss = await ledger.ensure_account(uow, AccountSpec("expense:losses", AccountType.EXPENSE, IDR))
        made = await resolving.match_by_hand(uow, desk.source.id, [], [entry_id], loss.id, "never paid over")

    assert made.rule is Rule.WRITE_OFF
    assert await desk.balance() == 0
    assert await shop.balance("expense:losses") == 100_00


async def test_what_is_matched_cannot_be_matched_again(shop: Shop) -> None:
    desk = await open_desk(shop)
    entry_id = await desk.owes(100_00, "A")
    await desk.statement("A,100.00")

    with pytest.raises(NotOpen):
        async with shop.db.begin(shop.scope) as uow:
            await resolving.match_by_hand(uow, desk.source.id, [], [entry_id], desk.bank.target_id, "")

    assert await desk.balance("settled") == 100_00


async def test_a_match_is_taken_back_once_and_its_parts_are_open_again(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(100_00, "A")
    await desk.statement("A,100.00")
    async with shop.db.begin(shop.scope) as uow:
        [made] = await store.matches(uow, desk.source, None, 5)
        await resolving.reopen(uow, made.id, "wrong")

    with pytest.raises(MatchReopened):
        async with shop.db.begin(shop.scope) as uow:
            await resolving.reopen(uow, made.id, "again")

    assert await desk.balance() == 100_00
    assert await desk.balance("settled") == 0
    lines, items = await desk.open()
    assert (len(lines), len(items)) == (1, 1)


async def test_the_entry_of_a_match_is_not_reversed_in_the_ledger_behind_its_back(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(100_00, "A")
    await desk.statement("A,100.00")
    async with shop.db.begin(shop.scope) as uow:
        [made] = await store.matches(uow, desk.source, None, 5)
    assert made.entry_id is not None
    with pytest.raises(NotReversible, match="take the match back in reconciliation"):
        async with shop.db.begin(shop.scope) as uow:
            await ledger.reverse(uow, made.entry_id, effective_at=uow.now, reason="by hand")

    assert await desk.balance() == 0
    assert await desk.balance("settled") == 100_00


async def test_only_a_doubled_line_can_be_set_aside(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(100_00, "A")
    done = await desk.statement("A,100.00", "A,100.00", "X,7.00")
    [doubled] = [each for each in done.exceptions if each.kind is ExceptionKind.DOUBLED]
    [unknown] = [each for each in done.exceptions if each.kind is ExceptionKind.UNKNOWN_LINE]

    async with shop.db.begin(shop.scope) as uow:
        ended = await resolving.dismiss(uow, doubled.id, "the provider sent it twice")
    assert ended.resolution == "dismissed"
    with pytest.raises(NotOpen):
        async with shop.db.begin(shop.scope) as uow:
            await resolving.dismiss(uow, unknown.id, "no")
    with pytest.raises(ReconciliationExceptionEnded):
        async with shop.db.begin(shop.scope) as uow:
            await resolving.look_after(uow, doubled.id, owner="somebody", note=None)


async def test_an_exception_has_an_owner_and_a_note(shop: Shop) -> None:
    desk = await open_desk(shop)
    done = await desk.statement("X,7.00")

    async with shop.db.begin(shop.scope) as uow:
        changed = await resolving.look_after(uow, done.exceptions[0].id, owner="usr_a", note="asked the provider")

    assert (changed.owner, changed.note, changed.version) == ("usr_a", "asked the provider", 2)


async def test_an_account_has_one_source(shop: Shop) -> None:
    desk = await open_desk(shop)
    assert shop.connection_id is not None

    with pytest.raises(SourceTaken):
        async with shop.db.begin(shop.scope) as uow:
            again = NewSource("Again", SourceKind.PROVIDER, shop.connection_id, IDR, csv=MAPPING)
            await service.create_source(uow, again)
    assert desk.source.id != desk.bank.id


@pytest.mark.breaks_the_books
async def test_an_item_that_is_lost_breaks_the_invariant(
    shop: Shop, superuser_connection: psycopg.Connection, auditor: Auditor
) -> None:
    desk = await open_desk(shop)
    await desk.owes(100_00, "A")
    await desk.open()
    change = "update specie.recon_item set amount_minor = %s where source_id = %s"
    superuser_connection.execute(change, (1, desk.source.id.uuid))

    assert any("O-11" in each for each in auditor.broken())
    superuser_connection.execute(change, (100_00, desk.source.id.uuid))
    assert auditor.broken() == []


async def test_the_auditor_outlives_its_connection(superuser_connection: psycopg.Connection, auditor: Auditor) -> None:
    assert auditor.broken() == []
    superuser_connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (AUDITOR,)
    )
    assert auditor.broken() == []
