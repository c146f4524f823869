"""Ten thousand random purchases, returned piece by piece, against a recomputation: `python -m benchmarks.histories`.

Each history plans the tenders of one total, gives back goods and amounts in a random order, pays and reschedules the
part in installments in between, and after every step compares each leg, the cashback and the schedule with what one
refund of the sum would have been. It works on the same pure functions as the platform, without a database, so that
ten thousand histories take a minute; the tests do the same with all of the platform under it, for a few. The first
difference ends the run and names its seed: `python -m benchmarks.histories 1 4711` repeats that one.
"""

import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from specie.cashback.calculator import Candidate, Rooms, kept_after, walk
from specie.cashback.model import OfferId, Reward, RewardKind, Stacking
from specie.cashback.model import Terms as OfferTerms
from specie.installments import position
from specie.installments.model import Interest, Interval, Open, ReturnPolicy, Terms
from specie.installments.orders import cost_of
from specie.installments.schedule import Line as Part
from specie.kernel.money import Currency, Money
from specie.purchases.lines import Line, LineBack, worth
from specie.purchases.model import Leg, Share, Tender, TenderKind, Wish, given_back, plan, to_give_back

HISTORIES = 10_000
CURRENCIES = [Currency.of(code) for code in ("IDR", "JPY", "KWD", "USD")]
START = date(2026, 1, 31)


class Difference(Exception):
    """What a history has come to is not what a recomputation says."""


def require(is_so: bool, what: str) -> None:
    """Raise Difference unless it is so."""
    if not is_so:
        raise Difference(what)


class History:
    """One purchase from its plan to its last return."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.currency = self.chance.choice(CURRENCIES)
        self.goods = self._goods()
        self.total = Money(sum(line.amount.minor for line in self.goods), self.currency)
        self.legs = self._legs()
        self.came_back: dict[int, int] = {}
        self.returned = 0
        self.by_leg = [0] * len(self.legs)
        self.offers = self._offers()
        self.grants = walk(self.total, self.offers)
        self.credit = Credit(self.chance, self.leg_minor(TenderKind.INSTALLMENTS), self.currency)

    def leg_minor(self, kind: TenderKind) -> int:
        """What a tender pays, in minor units."""
        return sum(leg.amount.minor for leg in self.legs if leg.kind is kind)

    def _goods(self) -> list[Line]:
        chance = self.chance
        return [
            Line(n, f"thing {n}", chance.randint(1, 9), Money(chance.randint(1, 10**7), self.currency))
            for n in range(1, chance.randint(2, 6))
        ]

    def _legs(self) -> list[Leg]:
        """Some tenders with wanted amounts and one that takes the rest, in a random order of wishes."""
        chance = self.chance
        kinds = chance.sample(list(TenderKind), chance.randint(1, 4))
        rest, tenders = self.total.minor, []
        for kind in kinds[1:]:
            wanted = chance.randint(0, rest)
            most = Money(wanted + chance.randint(0, 100), self.currency)
            rest -= wanted
            tenders.append(Tender(Wish(kind, Money(wanted, self.currency)), most))
        tenders.append(Tender(Wish(kinds[0]), None))
        chance.shuffle(tenders)
        shares: Sequence[Share] = plan(self.total, tenders)
        require(sum(share.amount.minor for share in shares) == self.total.minor, "the tenders do not sum to the total")
        return [Leg(n, share.wish.kind, share.amount) for n, share in enumerate(shares, 1)]

    def _offers(self) -> list[Candidate]:
        found = []
        for _ in range(self.chance.randint(0, 4)):
            rate = Decimal(self.chance.randint(1, 500)) / 1000
            terms = OfferTerms(
                self.currency,
                Reward(RewardKind.PERCENT, rate=rate),
                Money(self.chance.choice([0, 0, 10**6]), self.currency),
                datetime(2026, 1, 1, tzinfo=UTC),
                priority=self.chance.randint(0, 3),
                stacking=self.chance.choice(list(Stacking)),
            )
            found.append(Candidate(OfferId.new(), 1, terms, Rooms(Money(self.chance.randint(0, 10**7), self.currency))))
        return found

    def run(self) -> int:
        """Give everything back in a random series of steps. Returns how many; raises Difference."""
        steps = 0
        while self.returned < self.total.minor:
            if self.chance.random() < 0.4:
                self.credit.live(self.chance)
            self._refund(self._wanted())
            steps += 1
        require(not self.credit.principal, "something is still owed of what came back whole")
        require(self.credit.excess == self.credit.paid, "what was paid has not come back")
        return steps

    def _wanted(self) -> int:
        """What comes back next: goods by lines while they fit, or an amount."""
        left = self.total.minor - self.returned
        pieces = [
            LineBack(line.n, self.chance.randint(1, line.quantity - self.came_back.get(line.n, 0)))
            for line in self.goods
            if line.quantity > self.came_back.get(line.n, 0) and self.chance.random() < 0.5
        ]
        back = worth(self.goods, self.came_back, pieces)
        amount = sum(each.amount.minor for each in back)
        if not 0 < amount <= left or self.chance.random() < 0.3:
            return min(left, self.chance.choice([1, 7, self.chance.randint(1, left), left // 3 + 1, left]))
        for each in back:
            self.came_back[each.n] = self.came_back.get(each.n, 0) + each.quantity
        self._require_lines()
        return amount

    def _require_lines(self) -> None:
        once = [LineBack(n, pieces) for n, pieces in self.came_back.items()]
        for each in worth(self.goods, {}, once):
            line = self.goods[each.n - 1]
            whole = each.quantity == line.quantity
            require(each.amount.minor <= line.amount.minor, "a line gives back more than it cost")
            require(not whole or each.amount == line.amount, "a line that came back whole is not worth its amount")

    def _refund(self, minor: int) -> None:
        before, amount = Money(self.returned, self.currency), Money(minor, self.currency)
        for leg, part in to_give_back(self.legs, before, amount):
            self.by_leg[leg.n - 1] += part.minor
            if leg.kind is TenderKind.INSTALLMENTS:
                self.credit.take_back(part.minor)
        self.returned += minor
        sizes = [leg.amount.minor for leg in self.legs]
        require(self.by_leg == given_back(sizes, self.returned), "a leg is not what one refund would have taken")
        require(sum(self.by_leg) == self.returned, "the legs do not sum to what went back")
        require(all(part <= size for part, size in zip(self.by_leg, sizes, strict=True)), "a leg exceeds itself")
        self._require_cashback()

    def _require_cashback(self) -> None:
        kept_goods = Money(self.total.minor - self.returned, self.currency)
        terms = {each.offer_id: each.terms for each in self.offers}
        for grant in self.grants:
            kept = kept_after(terms[grant.offer_id], grant.room, kept_goods).amount
            require(kept <= grant.amount, "a return gives more cashback")
            require(bool(kept_goods.minor) or not kept.minor, "cashback is left of nothing")


class Credit:
    """The part in installments: a schedule under payments, new schedules and returns."""

    def __init__(self, chance: random.Random, minor: int, currency: Currency) -> None:
        interest = chance.choice(list(Interest))
        rate = Decimal(0) if interest is Interest.NONE else Decimal(chance.randint(1, 60)) / 100
        self.terms = Terms(
            chance.randint(1, 12),
            interval=chance.choice(list(Interval)),
            interest=interest,
            annual_rate=rate,
            returns=chance.choice(list(ReturnPolicy)),
        )
        self.bought, self.principal, self.excess, self.paid = minor, minor, 0, 0
        self.day, self.lowered = START, 0
        self.lines: list[Part] = list(cost_of(self.terms, Money(minor, currency), START).lines) if minor else []
        self._require_sum()

    def live(self, chance: random.Random) -> None:
        """Some days pass; some principal is paid as it falls due, or what is open is divided anew."""
        if not self.principal:
            return
        self.day += timedelta(days=chance.randint(0, 40))
        if chance.random() < 0.3:
            self.lines = position.reschedule(self.terms, self._open(), chance.randint(1, 12), self.day)
        else:
            paid = min(self.principal, chance.randint(0, self.bought // 4))
            self.principal -= paid
            self.paid += paid
        self._require_sum()

    def take_back(self, minor: int) -> None:
        """Goods came back: the plan is lowered, and what was paid beyond goes to the wallet."""
        lowered = min(minor, self.principal)
        if lowered:
            self.lines = position.lower(self.terms, self._open(), lowered, self.day, self.terms.returns)
            self.principal -= lowered
            self.lowered += lowered
        self.excess += minor - lowered
        self._require_sum()

    def _open(self) -> list[position.OpenLine]:
        interest = sum(line.interest for line in self.lines)
        return position.open_lines(self.lines, Open(self.principal, interest, 0, 0))

    def _require_sum(self) -> None:
        planned = sum(line.principal for line in self.lines)
        require(planned == self.bought - self.lowered, "the schedule is not the purchase less what came back")
        require(self.principal == self.bought - self.paid - self.lowered, "what is owed does not add up")
        require(all(min(line.principal, line.interest, line.fee) >= 0 for line in self.lines), "a part below zero")


def main(histories: int = HISTORIES, first: int = 0) -> None:
    """Run so many histories from a seed on and print what they did. Raises Difference, naming the seed."""
    started, steps = time.perf_counter(), 0
    for seed in range(first, first + histories):
        try:
            steps += History(seed).run()
        except Difference as found:
            raise Difference(f"seed {seed}: {found}") from found
    seconds = time.perf_counter() - started
    print(f"{histories} histories, {steps} refunds, no difference, {seconds:.1f} s")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))
