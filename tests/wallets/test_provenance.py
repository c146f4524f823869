"""Where a balance has come from: the parts sum to it under every rule, whatever came and went."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specie import ledger, wallets
from specie.kernel.ids import AccountId
from specie.kernel.money import Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.platform.db import Database, UnitOfWork
from specie.wallets import holds, provenance
from specie.wallets.provenance import OVERDRAWN, PROMO, Flow, Method, Provenance, trace
from specie.wallets.provenance_routes import router
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope
from tests.wallets.purses import new_wallet

HELD = [AccountId.new() for _ in range(2)]
FLOWS = st.lists(
    st.builds(
        Flow,
        source=st.sampled_from(["promo", "own", "gift"]),
        minor=st.integers(-(10**6), 10**6),
        held=st.sampled_from([None, None, *HELD]),
    ),
    max_size=40,
)


@given(FLOWS, st.sampled_from(Method))
def test_the_parts_sum_to_the_balance_and_none_is_below_zero_but_what_is_overdrawn(
    flows: list[Flow], method: Method
) -> None:
    lots, balance = trace(flows, method), sum(flow.minor for flow in flows)
    assert sum(lot.minor for lot in lots) == balance
    assert all((lot.minor < 0) is (lot.source == OVERDRAWN) and lot.minor for lot in lots)
    if balance >= 0:
        assert OVERDRAWN not in {lot.source for lot in lots}
    # No source has more left than has ever come of it.
    if not any(flow.held for flow in flows):
        for name in ("promo", "own", "gift"):
            came = sum(flow.minor for flow in flows if flow.source == name and flow.minor > 0)
            assert sum(lot.minor for lot in lots if lot.source == name) <= came


@pytest.mark.parametrize(
    ("method", "left"),
    [
        (Method.FIFO, [("own", 60), ("promo", 50)]),
        (Method.LIFO, [("promo", 80), ("promo", 30)]),
        (Method.PRO_RATA, [("promo", 43), ("own", 26), ("promo", 41)]),
    ],
)
def test_each_rule_spends_in_its_own_order(method: Method, left: list[tuple[str, int]]) -> None:
    flows = [Flow("promo", 100), Flow("own", 60), Flow("", -80), Flow("promo", 50), Flow("", -20)]
    assert [(lot.source, lot.minor) for lot in trace(flows, method)] == left


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 200), st.sampled_from(Method))
def test_what_was_set_aside_and_comes_back_is_what_it_was(promo: int, own: int, aside: int, method: Method) -> None:
    flows = [Flow("promo", promo), Flow("own", own)]
    minor = min(aside, promo + own)
    after = trace([*flows, Flow("", -minor, held=HELD[0]), Flow("other", minor, held=HELD[0])], method)
    money = {"promo": promo, "own": own}
    for name, was in money.items():
        assert sum(lot.minor for lot in after if lot.source == name) == was


async def test_a_wallet_tells_promo_money_from_its_own(database: Database) -> None:
    scope = fresh_scope()
    provenance.name_sources({"test.promo": PROMO})
    mine, other = await new_wallet(database, scope, 1_000), await new_wallet(database, scope)

    async def live(uow: UnitOfWork) -> None:
        bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, mine.currency))
        gift = Money(500, mine.currency)
        await ledger.post(uow, EntryDraft(Recipe("test.promo", 1), [Leg(bank.id, mine.available_account, gift)]))
        held = await holds.place_hold(uow, mine.id, Money(1_200, mine.currency), reason="a room")
        await holds.release_hold(uow, held.id)
        await wallets.transfer(uow, mine.id, other.id, Money(300, mine.currency))

    await database.run(scope, live, label="test.live")

    async def look(uow: UnitOfWork) -> dict[Method, Provenance]:
        return {method: await provenance.provenance(uow, mine, method) for method in Method}

    found = await database.run(scope, look, label="test.look")
    assert {method: (each.promo.minor, each.balance.minor) for method, each in found.items()} == {
        Method.FIFO: (500, 1_200),
        Method.LIFO: (200, 1_200),
        Method.PRO_RATA: (400, 1_200),
    }
    async with calling(database, scope, [router], {}) as client:
        told = (await client.get(f"/wallets/{mine.id}/provenance?method=lifo&all_purses=true")).json()
    assert (told["promo"]["amount"], told["own"]["amount"], told["balance"]["amount"]) == (200, 1_000, 1_200)
    assert {part["source"]: part["amount"]["amount"] for part in told["parts"]} == {"other": 1_000, "promo": 200}
    async with calling(database, replace(scope, party_id=other.party_id), [router], {}) as client:
        assert (await client.get(f"/wallets/{mine.id}/provenance")).json()["code"] == "wallet_not_found"


async def test_a_history_that_is_too_long_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = fresh_scope()
    mine, other = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    monkeypatch.setattr(provenance, "_PAGE", 1)
    monkeypatch.setattr(provenance, "MOST_LINES", 1)

    async def work(uow: UnitOfWork) -> None:
        await wallets.transfer(uow, mine.id, other.id, Money(1, mine.currency))
        with pytest.raises(provenance.HistoryTooLong):
            await provenance.provenance(uow, mine, Method.FIFO)

    await database.run(scope, work, label="test.long")


async def test_a_history_is_too_long_when_that_of_all_purses_together_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = fresh_scope()
    mine = await new_wallet(database, scope, 100)

    async def work(uow: UnitOfWork) -> None:
        second = await wallets.open_wallet(uow, mine.party_id, mine.currency, purpose="savings")
        await wallets.transfer(uow, mine.id, second.id, Money(10, mine.currency))
        monkeypatch.setattr(provenance, "MOST_LINES", 3)
        found = await provenance.provenance(uow, mine, Method.FIFO, all_purses=True)
        assert found.balance.minor == 100
        monkeypatch.setattr(provenance, "MOST_LINES", 2)
        assert (await provenance.provenance(uow, mine, Method.FIFO)).balance.minor == 90
        with pytest.raises(provenance.HistoryTooLong):
            await provenance.provenance(uow, mine, Method.FIFO, all_purses=True)

    await database.run(scope, work, label="test.long")
