"""A file of payouts: shown first, refused whole when it cannot be read, and each line answered for itself."""

import pytest

from specie import approvals, payouts, wallets
from specie.approvals import service as approval_service
from specie.approvals import store as approval_store
from specie.kernel.money import Money
from specie.payouts import batch_store, batches, beneficiaries
from specie.payouts.batch_model import Batch, BatchState, Line, amount_of
from specie.payouts.errors import BatchCannotStart, BatchUnreadable
from specie.payouts.model import State
from tests.payouts.till import FUNDS, Till
from tests.support.shop import IDR

HEAD = "account,amount,reference,description\n"


async def read(till: Till, text: str) -> tuple[Batch, list[Line]]:
    async with till.shop.db.begin(till.scope()) as uow:
        wallet = await wallets.ensure_wallet(uow, till.party, IDR)
        batch = await batches.read(uow, wallet.id, "salaries", HEAD + text.replace("ACCOUNT", str(till.beneficiary)))
        return batch, await batch_store.lines_of(uow, batch)


async def start(till: Till, batch: Batch) -> None:
    async with till.shop.db.begin(till.scope()) as uow:
        await batches.start(uow, batch.id)


async def seen(till: Till, batch: Batch) -> tuple[BatchState, list[Line]]:
    async with till.shop.db.begin(till.shop.scope) as uow:
        return (await batches.get(uow, batch.id)).state, await batch_store.lines_of(uow, batch)


async def test_a_file_is_shown_with_what_is_wrong_in_each_line_and_moves_nothing(till: Till) -> None:
    text = "ACCOUNT,100000,a,ok\nnobody,1,b,\nACCOUNT,1.005,c,\nACCOUNT,5,a,\nACCOUNT,nan,d,\n"
    batch, lines = await read(till, text)

    assert [line.problem for line in lines] == [
        None,
        "beneficiary_not_found",
        "amount_invalid",
        "reference_repeated",
        "amount_invalid",
    ]
    assert batch.state is BatchState.DRAFT
    with pytest.raises(BatchCannotStart):
        await start(till, batch)
    assert await till.money() == (FUNDS, 0)


async def test_a_label_that_two_accounts_share_pays_neither(till: Till) -> None:
    first, second = [await till.account(digits, "Rent") for digits in ("2211", "3322")]

    _, lines = await read(till, f"Rent,1000,a,\n{first},1000,b,\n")

    assert [(line.problem, line.beneficiary_id) for line in lines] == [("beneficiary_ambiguous", None), (None, first)]
    assert first != second


async def test_an_account_is_found_however_many_came_after_it(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beneficiaries, "_MOST", 1)
    await till.account("1234")

    _, lines = await read(till, "ACCOUNT,1000,a,\n")

    assert [line.problem for line in lines] == [None]


async def test_each_line_becomes_a_payout_or_says_why_not(till: Till) -> None:
    batch, _ = await read(till, "ACCOUNT,100000,a,\nACCOUNT,5000000,b,too much\nACCOUNT,200000.50,c,\n")
    await start(till, batch)
    await till.shop.work()

    state, lines = await seen(till, batch)

    assert state is BatchState.DONE
    assert [line.problem for line in lines] == [None, "insufficient_funds", None]
    made = [line.payout_id for line in lines if line.payout_id]
    for payout_id in made:
        await till.ends(payout_id, "succeeded")
    assert sorted(payout["amount"] for payout in await till.book()) == [10_000_000, 20_000_050]


async def test_running_a_batch_again_makes_no_payout_twice(till: Till) -> None:
    batch, _ = await read(till, "ACCOUNT,1000,a,\nACCOUNT,1000,b,\n")
    await start(till, batch)
    with pytest.raises(BatchCannotStart):
        await start(till, batch)
    await till.shop.work()
    async with till.shop.db.begin(till.shop.scope) as uow:
        assert not await batches.run_next(uow, batch.id)

    _, lines = await seen(till, batch)
    for line in lines:
        assert line.payout_id
        await till.ends(line.payout_id, "succeeded")
    assert len(await till.book()) == 2


async def test_a_batch_above_the_line_waits_for_a_second_person_as_a_whole(till: Till) -> None:
    async with till.shop.db.begin(till.scope()) as uow:
        await approvals.set_line(uow, payouts.KIND, IDR, Money(15_000_000, IDR))
    batch, _ = await read(till, "ACCOUNT,100000,a,\nACCOUNT,100000,b,\n")
    await start(till, batch)
    await till.shop.work()
    assert (await seen(till, batch))[0] is BatchState.WAITING
    assert await till.money() == (FUNDS, 0)

    async with till.shop.db.begin(till.scope()) as uow:
        asked = (await approval_store.find_approvals(uow, states=["open"], kind=None, before=None, limit=1))[0]
        await approval_service.approve(uow, asked.id, "payday")
    await till.shop.work()

    state, lines = await seen(till, batch)
    assert state is BatchState.DONE
    for line in lines:
        assert line.payout_id
        assert (await till.see(line.payout_id)).state is not State.REQUESTED


@pytest.mark.parametrize(
    "text",
    ["ACCOUNT,1,a\n", 'ACCOUNT,"1,a,x\n', "", "ACCOUNT,1,a,x,y\n", f"ACCOUNT,1,{'r' * 201},x\n"],
)
async def test_a_file_that_cannot_be_read_is_refused_whole(till: Till, text: str) -> None:
    with pytest.raises(BatchUnreadable):
        await read(till, text)
    async with till.shop.db.begin(till.shop.scope) as uow:
        assert await batch_store.find_batches(uow, None, 5) == []


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1", 100),
        ("0.01", 1),
        ("0.001", None),
        ("-1", None),
        ("1e3", 100_000),
        ("inf", None),
        ("", None),
        ("9e20", None),
    ],
)
def test_amounts_of_a_file_are_exact_or_nothing(text: str, minor: int | None) -> None:
    found = amount_of(text, IDR)
    assert (found.minor if found is not None else None) == minor
