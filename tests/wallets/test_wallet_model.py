"""Random days of two people's purses against a small model that knows nothing of accounts, floors or SQL."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from specie import ledger, parties, wallets
from specie.kernel.errors import SpecieError
from specie.kernel.ids import HoldId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.platform.db import Database, UnitOfWork
from specie.wallets import LimitPolicy, Wallet, limits, store, transfers
from tests.support.scopes import fresh_scope
from tests.support.server import DatabaseUrls
from tests.wallets.purses import VAULT

T = TypeVar("T")
IDR = Currency.of("IDR")
DAY, MONTH = 24, 30 * 24
# Limits of each tier: one item, a day, a month, the balance; None is no limit.
TIERS: dict[str, tuple[int | None, ...]] = {
    "small": (60, 100, 250, 150),
    "large": (500, 400, 900, 1000),
    "free": (None, None, None, None),
}
# Two purses of one person, one of another.
PURSES = ("ani main", "ani promo", "budi main")
AMOUNTS = st.one_of(st.integers(1, 50), st.integers(1, 50), st.integers(50, 600))


@dataclass
class Person:
    """What the model knows of somebody: the tier, and when how much was paid out."""

    tier: str = "large"
    paid: list[tuple[int, int]] = field(default_factory=list)

    def paid_within(self, hours: int, now: int) -> int:
        return sum(amount for at, amount in self.paid if at > now - hours)


@dataclass
class Purse:
    """What the model knows of a purse."""

    owner: Person
    available: int = 0
    holds: dict[HoldId, int] = field(default_factory=dict)
    debits_frozen: bool = False
    credits_frozen: bool = False

    @property
    def total(self) -> int:
        return self.available + sum(self.holds.values())


@dataclass
class Model:
    """The whole world: who has what, and how many hours have passed."""

    purses: dict[str, Purse]
    hour: int = 0

    @classmethod
    def new(cls) -> "Model":
        ani, budi = Person(), Person()
        return cls(dict(zip(PURSES, (Purse(ani), Purse(ani), Purse(budi)), strict=True)))

    def owned(self, person: Person) -> int:
        return sum(purse.total for purse in self.purses.values() if purse.owner is person)

    def too_much_in(self, payee: Purse, amount: int) -> bool:
        cap = TIERS[payee.owner.tier][3]
        return cap is not None and self.owned(payee.owner) + amount > cap

    def too_much_out(self, payer: Person, amount: int) -> bool:
        _, day, month, _ = TIERS[payer.tier]
        return any(
            limit is not None and payer.paid_within(hours, self.hour) + amount > limit
            for hours, limit in ((DAY, day), (MONTH, month))
        )

    def why_not(self, payer: Purse | None, payee: Purse | None, amount: int, source: int) -> set[str]:
        """The codes with which a payment of an amount out of `source` may be refused; none when it must succeed."""
        found = set()
        if amount > source:
            found.add("insufficient_funds")
        if (payer and payer.debits_frozen) or (payee and payee.credits_frozen):
            found.add("wallet_frozen")
        if payer and self.too_much_out(payer.owner, amount):
            found.add("limit_exceeded")
        # What a person pays to themselves leaves the room before it comes back.
        comes_back = amount if payer and payee and payer.owner is payee.owner else 0
        if payee and self.too_much_in(payee, amount - comes_back):
            found.add("limit_exceeded")
        return found


def too_large(purse: Purse, amount: int) -> set[str]:
    limit = TIERS[purse.owner.tier][0]
    return {"limit_exceeded"} if limit is not None and amount > limit else set()


class Purses(RuleBasedStateMachine):
    """Each rule does one thing to the model and to the real service, which must agree."""

    runner: asyncio.Runner
    database: Database

    @initialize()
    def begin(self) -> None:
        """Everybody has something and has set something aside, so that most steps can succeed."""
        self.model, self.scope = Model.new(), fresh_scope()
        self.real: dict[str, Wallet] = self.run(self.open_all)
        for label in PURSES:
            self.top_up(label, 200)
            self.hold(label, 50)
            self.hold(label, 30)

    async def open_all(self, uow: UnitOfWork) -> dict[str, Wallet]:
        for tier, parts in TIERS.items():
            names = ("per_item", "per_day", "per_month", "balance")
            given = {name: Money(part, IDR) for name, part in zip(names, parts, strict=True) if part is not None}
            await limits.set_policy(uow, LimitPolicy(tier, IDR, **given))
        people = {}
        for name in ("ani", "budi"):
            known = {"name": name.title()}
            made = await parties.create_party(uow, VAULT, kind=PartyKind.PERSON, roles=["customer"], known=known)
            people[name] = made.id
        found = {}
        for label in PURSES:
            name, purpose = label.split()
            found[label] = await wallets.open_wallet(uow, people[name], IDR, purpose, tier="large")
        return found

    def run(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return self.runner.run(self.database.run(self.scope, work, label="test.model"))

    def agree(self, work: Callable[[UnitOfWork], Awaitable[T]], may_refuse: set[str]) -> T | None:
        """Do it for real; a refusal must be one the model expects, and an expected one must come."""
        done, outcome = None, "done"
        try:
            done = self.run(work)
        except SpecieError as refusal:
            outcome = refusal.code
        assert outcome in (may_refuse or {"done"})
        return done

    @rule(label=st.sampled_from(PURSES), amount=AMOUNTS)
    def top_up(self, label: str, amount: int) -> None:
        purse, wallet = self.model.purses[label], self.real[label]

        async def work(uow: UnitOfWork) -> bool:
            bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, IDR))
            money = Money(amount, IDR)
            legs = [Leg(bank.id, wallet.available_account, money), *wallets.incoming_legs(wallet, money)]
            try:
                await ledger.post(uow, EntryDraft(Recipe("test.fund", 1), legs))
            except SpecieError as refusal:
                raise limits.explained(refusal, IDR) from refusal
            return True

        if self.agree(work, self.model.why_not(None, purse, amount, amount)):
            purse.available += amount

    @rule(payer=st.sampled_from(PURSES), payee=st.sampled_from(PURSES), amount=AMOUNTS)
    def transfer(self, payer: str, payee: str, amount: int) -> None:
        one, two = self.model.purses[payer], self.model.purses[payee]
        to_self = {"transfer_to_self"} if payer == payee else set()
        expected = to_self | too_large(one, amount) | self.model.why_not(one, two, amount, one.available)

        async def work(uow: UnitOfWork) -> object:
            return await transfers.transfer(uow, self.real[payer].id, self.real[payee].id, Money(amount, IDR))

        if self.agree(work, expected):
            one.available -= amount
            two.available += amount
            one.owner.paid.append((self.model.hour, amount))

    @rule(label=st.sampled_from(PURSES), amount=AMOUNTS)
    def hold(self, label: str, amount: int) -> None:
        purse = self.model.purses[label]
        expected = too_large(purse, amount)
        if amount > purse.available:
            expected = expected | {"insufficient_funds"}
        if purse.debits_frozen:
            expected = expected | {"wallet_frozen"}

        async def work(uow: UnitOfWork) -> HoldId:
            return (await wallets.place_hold(uow, self.real[label].id, Money(amount, IDR), reason="order")).id

        placed = self.agree(work, expected)
        if placed:
            purse.available -= amount
            purse.holds[placed] = amount

    @rule(
        label=st.sampled_from(PURSES),
        payee=st.sampled_from(PURSES),
        part=st.sampled_from([10, 40, 100, 130]),
        which=st.integers(0, 9),
    )
    def capture(self, label: str, payee: str, part: int, which: int) -> None:
        """Take a part, in hundredths, of an open hold to a purse; more than a hundred is more than there is."""
        purse, other = self.model.purses[label], self.model.purses[payee]
        if not purse.holds:
            return
        held = sorted(purse.holds, key=str)[which % len(purse.holds)]
        amount = max(1, purse.holds[held] * part // 100)

        async def work(uow: UnitOfWork) -> object:
            return await wallets.capture_hold(uow, held, self.real[payee].available_account, Money(amount, IDR))

        if self.agree(work, self.model.why_not(purse, other, amount, purse.holds[held])):
            purse.holds[held] -= amount
            if purse.holds[held] == 0:
                del purse.holds[held]
            other.available += amount
            purse.owner.paid.append((self.model.hour, amount))

    @rule(label=st.sampled_from(PURSES), which=st.integers(0, 9))
    def release(self, label: str, which: int) -> None:
        purse = self.model.purses[label]
        if not purse.holds:
            return
        held = sorted(purse.holds, key=str)[which % len(purse.holds)]

        async def work(uow: UnitOfWork) -> object:
            return await wallets.release_hold(uow, held)

        assert self.agree(work, set())
        purse.available += purse.holds.pop(held)

    @rule(label=st.sampled_from(PURSES), debits=st.booleans(), credits=st.booleans())
    def freeze(self, label: str, debits: bool, credits: bool) -> None:
        async def work(uow: UnitOfWork) -> object:
            return await wallets.freeze(uow, self.real[label].id, debits=debits, credits=credits, reason="test")

        assert self.agree(work, set())
        purse = self.model.purses[label]
        purse.debits_frozen, purse.credits_frozen = debits, credits

    @rule(label=st.sampled_from(PURSES), tier=st.sampled_from(sorted(TIERS)))
    def change_tier(self, label: str, tier: str) -> None:
        owner = self.model.purses[label].owner
        mine = [name for name, purse in self.model.purses.items() if purse.owner is owner]

        async def work(uow: UnitOfWork) -> bool:
            for name in mine:
                wallet = await store.any_wallet_by_id(uow, self.real[name].id)
                assert wallet is not None
                self.real[name] = await limits.apply_tier(uow, wallet, tier)
            return True

        assert self.agree(work, set())
        owner.tier = tier

    # No sum of these is a day or a month, so that a window never ends in the very moment of a step.
    @rule(hours=st.sampled_from([7, 25, 31 * 24]))
    def advance(self, hours: int) -> None:
        self.model.hour += hours
        clock = type(self.scope.clock)(self.scope.clock.zone, offset=timedelta(hours=self.model.hour))
        known = self.scope
        self.scope = Scope(known.tenant_id, known.mode, known.actor, known.permissions, clock)

    @invariant()
    def balances_are_the_model_s(self) -> None:
        async def look(uow: UnitOfWork) -> dict[str, tuple[int, int, int]]:
            found = await wallets.balances(uow, list(self.real.values()))
            have = {name: found[wallet.id] for name, wallet in self.real.items()}
            return {name: (one.available.minor, one.held.minor, one.pending.minor) for name, one in have.items()}

        if hasattr(self, "real"):
            purses = self.model.purses.items()
            assert self.run(look) == {name: (one.available, sum(one.holds.values()), 0) for name, one in purses}

    @invariant()
    def limits_are_the_model_s(self) -> None:
        async def look(uow: UnitOfWork) -> dict[str, dict[str, tuple[int, int]]]:
            found = {name: await limits.left(uow, wallet) for name, wallet in self.real.items()}
            return {name: {one.kind: (one.limit.minor, one.used.minor) for one in left} for name, left in found.items()}

        if hasattr(self, "real"):
            assert self.run(look) == {name: self.expected_limits(purse) for name, purse in self.model.purses.items()}

    def expected_limits(self, purse: Purse) -> dict[str, tuple[int, int]]:
        _, *of_tier = TIERS[purse.owner.tier]
        used = {
            "per_day": purse.owner.paid_within(DAY, self.model.hour),
            "per_month": purse.owner.paid_within(MONTH, self.model.hour),
            "balance": self.model.owned(purse.owner),
        }
        both = zip(used.items(), of_tier, strict=True)
        return {kind: (limit, already) for (kind, already), limit in both if limit is not None}


@pytest.fixture
def machine(database_urls: DatabaseUrls) -> Iterator[type[Purses]]:
    """The machine on a loop and a database connection of its own."""
    with asyncio.Runner() as runner:
        Purses.runner = runner
        Purses.database = Database(app_url=database_urls.app, system_url=database_urls.system)
        yield Purses
        runner.run(Purses.database.close())


def test_any_sequence_of_steps_leaves_what_the_model_says(machine: type[Purses]) -> None:
    # Shrinking a failure would take minutes against a database, and twenty steps can be read.
    few = settings(
        max_examples=10,
        stateful_step_count=20,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)
