"""Random histories against a ledger of thirty lines: the same answers, and nothing ever appears or vanishes."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specie import ledger
from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.ledger import Account, AccountType, EntryDraft, Leg, Recipe
from specie.ledger.decision import Books
from specie.ledger.errors import InsufficientFunds
from specie.platform.db import Database
from tests.ledger.books import open_account
from tests.support.scopes import fresh_scope

KWD = Currency.of("KWD")
START = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = [AccountType.ASSET, AccountType.LIABILITY, AccountType.LIABILITY, AccountType.INCOME, AccountType.EXPENSE]
FLOORS = [None, 0, -50, None, 0]

LEG = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 100)).filter(lambda leg: leg[0] != leg[1])
HISTORY = st.lists(st.lists(LEG, min_size=1, max_size=4), max_size=30)


class ModelLedger:
    """What double entry means, with nothing but a list of signed sums."""

    def __init__(self) -> None:
        self.sums = [0] * len(KINDS)

    def balance(self, index: int) -> int:
        return self.sums[index] if KINDS[index].debit_normal else -self.sums[index]

    def post(self, legs: list[tuple[int, int, int]]) -> bool:
        kept = [*self.sums]
        for debit, credit, minor in legs:
            for index, change in ((debit, minor), (credit, -minor)):
                before = self.balance(index)
                self.sums[index] += change
                floor = FLOORS[index]
                if floor is not None and self.balance(index) < before and self.balance(index) < floor:
                    self.sums = kept
                    return False
        return True


def accounts() -> list[Account]:
    return [
        Account(
            id=AccountId.new(),
            code=f"{kind}:a{index}",
            type=kind,
            currency=KWD,
            owner=None,
            name="",
            floor=None if floor is None else Money(floor, KWD),
            debits_frozen=False,
            credits_frozen=False,
            window_seconds=None,
            closed_at=None,
            balance=Money(0, KWD),
            version=0,
            last_recorded_at=None,
        )
        for index, (kind, floor) in enumerate(zip(KINDS, FLOORS, strict=True))
    ]


def draft(opened: list[Account], legs: list[tuple[int, int, int]]) -> EntryDraft:
    return EntryDraft(
        Recipe("test.move", 1),
        [Leg(opened[debit].id, opened[credit].id, Money(minor, KWD)) for debit, credit, minor in legs],
    )


@given(HISTORY)
def test_the_judge_decides_as_the_model_does(history: list[list[tuple[int, int, int]]]) -> None:
    opened, model = accounts(), ModelLedger()
    books = Books({account.id: account for account in opened}, {})
    versions = [0] * len(opened)
    for legs in history:
        allowed = model.post(legs)
        try:
            postings = books.decide(draft(opened, legs), START)
        except InsufficientFunds:
            assert not allowed
            continue
        assert allowed
        for posting, (debit, credit, _) in zip(postings, legs, strict=True):
            for index, version in ((debit, posting.debit_version), (credit, posting.credit_version)):
                versions[index] += 1
                assert version == versions[index]
        assert [books.balance(account.id).minor for account in opened] == [model.balance(i) for i in range(5)]
    assert sum(model.sums) == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 100), st.integers(-5, 5)), max_size=12
    )
)
async def test_balances_as_of_any_time_agree_with_a_replay_from_zero(
    database: Database, history: list[tuple[int, int, int, int]]
) -> None:
    scope = fresh_scope(zone="Asia/Jakarta")
    opened = [await open_account(database, scope, code, "KWD") for code in ("asset:a", "liability:b", "expense:c")]
    written = []
    for debit, credit, minor, days in history:
        if debit == credit:
            continue
        move = Leg(opened[debit].id, opened[credit].id, Money(minor, KWD))
        entry = EntryDraft(Recipe("test.move", 1), [move], effective_at=START + timedelta(days=days))
        async with database.begin(scope) as uow:
            written.append((debit, credit, minor, await ledger.post(uow, entry)))
    for index, account in enumerate(opened):
        sign = 1 if account.type.debit_normal else -1
        for _, _, _, at in written:
            recorded = [w for w in written if w[3].recorded_at <= at.recorded_at]
            effective = [w for w in written if w[3].business_date <= at.business_date]
            async with database.begin(scope) as uow:
                by_record = await ledger.balance_recorded_by(uow, account, at.recorded_at)
                by_effect = await ledger.balance_effective_by(uow, account, at.business_date)
            assert by_record.minor == sign * total(recorded, index)
            assert by_effect.minor == sign * total(effective, index)


def total(written: list[tuple[int, int, int, object]], index: int) -> int:
    return sum(minor * ((debit == index) - (credit == index)) for debit, credit, minor, _ in written)
