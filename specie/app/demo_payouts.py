"""Money that left in the demo: accounts in the book, and withdrawals of every ending, one of them waiting."""

from collections.abc import Callable
from datetime import timedelta

from specie import approvals, payments, payouts
from specie.app.demo_people import Cast
from specie.app.wiring import Services
from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.payouts import NewBeneficiary, RequestPayout, Terms
from specie.platform.crashpoints import crash_point
from specie.platform.jobs import JobContext
from specie.providers import PayoutRail

IDR = Currency.of("IDR")
LINE = Money(1_000_000_00, IDR)
# The last digits of a number tell the simulator what becomes of money sent to it.
ACCOUNTS = (
    ("merchant", "009", "330455120001", "Closed account"),
    ("merchant", "008", "701100240004", "Old account"),
    ("merchant", "014", "501238807890", "Business account"),
    ("budi", "014", "512300914567", "Salary account"),
    ("sari", "gopay", "081210000003", "GoPay"),
)
OPENED = 60
# By days ago: whose account, and how much. Today's waits for a second person.
WITHDRAWN = {
    40: (2, 750_000_00),
    33: (3, 750_000_00),
    26: (1, 500_000_00),
    13: (0, 400_000_00),
    5: (2, 900_000_00),
    0: (2, 1_250_000_00),
}

At = Callable[[timedelta], Scope]


async def prepare(services: Services, scope: Scope) -> None:
    """Set fee, smallest amount and cool-off, and the line above which a second person is needed."""
    terms = Terms(fee_fixed={"IDR": 2_500_00}, minimum={"IDR": 10_000_00}, cool_off_seconds=3_600)
    async with services.db.begin(scope) as uow:
        await payouts.change_terms(uow, terms)
        await approvals.set_line(uow, payouts.KIND, IDR, LINE)
        await approvals.set_line(uow, payments.REFUND_KIND, IDR, LINE)
        crash_point("demo.payouts.prepared")


async def day(services: Services, at: At, cast: Cast, ago: int) -> None:
    """What left on one day."""
    if ago == OPENED:
        await _open_accounts(services, at(timedelta(days=ago)), cast)
    if ago in WITHDRAWN:
        number, minor = WITHDRAWN[ago]
        await _withdraw(services, at(timedelta(days=ago, minutes=20)), cast, number, Money(minor, IDR), ago)


async def _open_accounts(services: Services, scope: Scope, cast: Cast) -> None:
    for player, bank, number, label in ACCOUNTS:
        rail = PayoutRail.EWALLET if bank.isalpha() else PayoutRail.BANK_ACCOUNT
        new = NewBeneficiary(cast.parties[player], rail, bank, number, label)
        async with services.db.begin(scope) as uow:
            made = await payouts.add_beneficiary(uow, services.vault, new)
            crash_point("demo.account.added")
        await payouts.inquire(_context(services, scope), made.id)


async def _withdraw(services: Services, scope: Scope, cast: Cast, number: int, amount: Money, ago: int) -> None:
    player, bank, digits, _ = ACCOUNTS[number]
    try:
        async with services.db.begin(scope) as uow:
            book = await payouts.book_of(uow, cast.parties[player])
            to = next(each for each in book if each.bank_code == bank and each.hint.endswith(digits[-4:]))
            command = RequestPayout(to.id, f"withdrawal-{100 - ago}", amount, description="Weekly withdrawal")
            payout = await payouts.request(uow, command)
            crash_point("demo.payout.asked")
    except SpecieError:
        # Whoever has too little that day does not withdraw.
        return
    context = _context(services, scope)
    if await payouts.send(context, payout.id):
        await payouts.check(context, payout.id)


def _context(services: Services, scope: Scope) -> JobContext:
    return JobContext(services.db, scope, services.by_name())
