"""What happened in the demo: ninety days of payments and transfers, some of which did not go well."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from specie import payments, wallets, webhooks
from specie.app import (
    demo_billing,
    demo_cashback,
    demo_crm,
    demo_installments,
    demo_payables,
    demo_payouts,
    demo_purchases,
    demo_sales,
    demo_settlement,
    demo_stock,
)
from specie.app.demo_bank import DemoBank
from specie.app.demo_people import Cast
from specie.app.wiring import Services
from specie.approvals import Approval
from specie.identity.model import Tenant
from specie.identity.scopes import system_scope
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.payments import CaptureMode, CreatePayment, PaymentKind
from specie.payments.links import CreateLink
from specie.payments.links import create as create_link
from specie.payments.service import cancel
from specie.payments.terms_service import change_terms
from specie.platform.crashpoints import crash_point
from specie.platform.jobs import JobContext
from specie.providers import ChargeKind
from specie.providers.simulator.shop import PATH as SHOP_PATH

GOODS = ("Kopi Gayo 1 kg", "Kopi Toraja 500 g", "Filter papers", "Hand grinder", "Cold brew, 12 bottles", "Gift card")
KINDS = tuple(ChargeKind)
CUSTOMERS = ("Rini Puspita", "Bayu Pratama", "Maya Kusuma", "Joko Susilo", "Putri Amelia")
# How the shop's payments end, in turn; of late some fail or do not fit, so that the lists show every state.
USUAL = ("success", "success", "timeout", "decline", "success", "doubled", "success", "late")
RECENT = ("", "success", "decline", "wrong_amount", "", "reordered", "lost", "success")
# Today's, by minutes ago; the last two can still be paid.
TODAY = (
    (290, "success"),
    (205, "doubled"),
    (150, "success"),
    (95, "success"),
    (42, "decline"),
    (25, "success"),
    (8, ""),
)
TOP_UPS = {"IDR": 250_000_000, "JPY": 80_000, "KWD": 150_000}


class Story:
    """Tells events in the order of their days."""

    def __init__(self, services: Services, bank: DemoBank, sandbox: Tenant, cast: Cast) -> None:
        self._services = services
        self._bank = bank
        self._sandbox = sandbox
        self.cast = cast
        # The same demo every time: what differs from run to run is no help when somebody asks about a number.
        self.chance = random.Random(1907)  # noqa: S311

    @property
    def shop_url(self) -> str:
        """Where the simulated shop takes webhooks."""
        return self._bank.address + SHOP_PATH

    def tell_shop(self, secret: str) -> None:
        """Give the shop its endpoint's secret."""
        self._bank.tell_shop(secret)

    def at(self, ago: timedelta) -> Scope:
        """A scope whose clock stands that long ago, the simulator's with it."""
        self._bank.set_clock(-ago)
        return system_scope(replace(self._sandbox, offset=-ago), "demo")

    async def pay(self, ago: timedelta, command: CreatePayment, kind: ChargeKind) -> PaymentId:
        """A payment made, tried and, where the simulator has been told to, ended."""
        scope = self.at(ago)
        context = JobContext(self._services.db, scope, self._services.by_name())
        async with self._services.db.begin(scope) as uow:
            payment = await payments.create(uow, self._services.vault, command)
            crash_point("demo.payment.made")
        await payments.pay(context, payment.id, kind)
        await payments.check(context, payment.id)
        return payment.id

    async def refund(self, ago: timedelta, payment_id: PaymentId, amount: Money | None, reason: str) -> None:
        """Money given back of a payment and the provider's answer; above the line it waits for a second person."""
        scope = self.at(ago)
        async with self._services.db.begin(scope) as uow:
            made = await payments.request_refund(uow, self._services.toolbox, payment_id, amount, reason)
            crash_point("demo.refund.made")
        if isinstance(made, Approval):
            return
        await payments.send_refund(JobContext(self._services.db, scope, self._services.by_name()), made.refund.id)

    async def capture(self, ago: timedelta, payment_id: PaymentId, amount: Money) -> None:
        """Some of what was authorised, taken."""
        scope = self.at(ago)
        async with self._services.db.begin(scope) as uow:
            made = await payments.request_capture(uow, payment_id, amount, is_final=False)
            crash_point("demo.capture.made")
        await payments.send_capture(JobContext(self._services.db, scope, self._services.by_name()), made.id)

    def dispute(self, description: str) -> None:
        """A customer who asks the bank for the money back; the platform is told once it takes callbacks."""
        self._bank.set_clock(timedelta(0))
        self._bank.dispute(description)

    async def call_off(self, command: CreatePayment) -> None:
        """A payment that nobody wants any more."""
        async with self._services.db.begin(self.at(timedelta(0))) as uow:
            payment = await payments.create(uow, self._services.vault, command)
            await cancel(uow, payment.id)
            crash_point("demo.payment.called_off")

    async def send(self, ago: timedelta, sender: str, recipient: str, amount: Money) -> None:
        """A transfer between two players; one that is refused just did not happen."""
        scope = self.at(ago)
        try:
            async with self._services.db.begin(scope) as uow:
                source = await wallets.ensure_wallet(uow, self.cast.parties[sender], amount.currency)
                target = await wallets.ensure_wallet(uow, self.cast.parties[recipient], amount.currency)
                await wallets.transfer(uow, source.id, target.id, amount)
                crash_point("demo.transfer.made")
        except SpecieError:
            return


async def tell(services: Services, bank: DemoBank, sandbox: Tenant, cast: Cast, *, days: int) -> None:
    """Make the demo's history, from the oldest day to today."""
    story = Story(services, bank, sandbox, cast)
    await _prepare(story, services, timedelta(days=days))
    for player in ("budi", "sari"):
        for code, minor in TOP_UPS.items():
            await _top_up(story, timedelta(days=days - 1), cast.parties[player], Money.of(minor, code))
    for ago in range(days - 2, -1, -1):
        await _day(story, ago)
        await demo_payouts.day(services, story.at, cast, ago)
        await demo_settlement.day(services, story.at, cast, ago)
        await demo_cashback.day(services, story.at, cast, ago)
        await demo_installments.day(services, story.at, cast, ago)
        await demo_stock.day(services, story.at, ago)
        await demo_billing.day(services, story.at, ago)
        await demo_payables.day(services, story.at, ago)
        await demo_purchases.day(services, story.at, cast, ago)
        await demo_sales.day(services, story.at, ago)
    await demo_crm.tell(services, story.at, cast)
    await _finish(story, services)


async def _prepare(story: Story, services: Services, ago: timedelta) -> None:
    async with services.db.begin(story.at(ago)) as uow:
        await change_terms(uow, None, {"fee_rate": Decimal("0.015"), "fee_fixed": {"IDR": 100_000}})
        await change_terms(uow, story.cast.merchant, {"display_name": "Kedai Senja"})
        crash_point("demo.prepared")
    await demo_payouts.prepare(services, story.at(ago))


async def _top_up(story: Story, ago: timedelta, party_id: PartyId, amount: Money) -> None:
    command = CreatePayment(
        party_id=party_id,
        reference=f"top-up-{amount.currency}",
        amount=amount,
        kind=PaymentKind.TOP_UP,
        metadata={"simulator": "success"},
    )
    await story.pay(ago, command, ChargeKind.VIRTUAL_ACCOUNT)


async def _day(story: Story, ago: int) -> None:
    # Twice a week is enough for a chart with a shape, and keeps the first start short.
    if ago == 0:
        await _today(story)
    elif ago % 3 == 0 or ago < 4:
        endings = RECENT if ago < 4 else USUAL
        await _sale(story, _hours(story, ago), 1000 + ago, endings[ago % len(endings)])
    if ago % 2 == 0:
        sender, recipient = story.chance.sample(("budi", "sari", "merchant"), 2)
        amount = Money.of(story.chance.randrange(10, 400) * 100_00, "IDR")
        await story.send(_hours(story, ago), sender, recipient, amount)


async def _today(story: Story) -> None:
    for number, (minutes, ending) in enumerate(TODAY):
        await _sale(story, timedelta(minutes=minutes), 1200 + number, ending)


async def _sale(story: Story, ago: timedelta, number: int, ending: str) -> None:
    currency = Currency.of(("IDR", "IDR", "JPY", "IDR", "KWD")[number % 5])
    unit = {"IDR": 1_000_00, "JPY": 100, "KWD": 250}[currency.code]
    name = CUSTOMERS[number % len(CUSTOMERS)]
    command = CreatePayment(
        party_id=story.cast.merchant,
        reference=f"order-{number}",
        amount=Money(story.chance.randrange(20, 900) * unit, currency),
        description=story.chance.choice(GOODS),
        customer={"name": name, "email": f"{name.split()[0].lower()}@example.com"},
        metadata={"simulator": ending} if ending else {},
    )
    await story.pay(ago, command, story.chance.choice(KINDS))


def _hours(story: Story, ago: int) -> timedelta:
    return timedelta(days=ago, minutes=story.chance.randrange(30, 600))


async def _finish(story: Story, services: Services) -> None:
    # From here on the shop is told, so that it begins with one small story and not with ninety days at once.
    await _connect_shop(story, services)
    mistake = CreatePayment(story.cast.merchant, "order-999", Money.of(1_250_000_00, "IDR"), "Ordered by mistake")
    await story.call_off(mistake)
    async with services.db.begin(story.at(timedelta(0))) as uow:
        fixed = CreateLink(story.cast.merchant, Currency.of("IDR"), "Coffee tasting", Money.of(150_000_00, "IDR"))
        tip = CreateLink(story.cast.merchant, Currency.of("IDR"), "Tip jar", is_reusable=True)
        for link in (fixed, tip):
            await create_link(uow, link)
        crash_point("demo.links.made")
    await _afterwards(story)


async def _afterwards(story: Story) -> None:
    """What can happen to a payment once the money is there."""
    whole = await _order(story, timedelta(hours=9), 1301, 480_000_00, "Cold brew, 12 bottles")
    part = await _order(story, timedelta(hours=8), 1302, 900_000_00, "Kopi Gayo 1 kg, 6 bags")
    await story.refund(timedelta(hours=7), whole, None, "Delivered to the wrong address")
    await story.refund(timedelta(hours=6), part, Money.of(150_000_00, "IDR"), "One bag was missing")
    ordered = await _order(story, timedelta(hours=5), 1303, 1_200_000_00, "Hand grinder, 4 pieces", CaptureMode.MANUAL)
    await story.capture(timedelta(hours=4), ordered, Money.of(600_000_00, "IDR"))
    large = await _order(story, timedelta(hours=4), 1305, 1_500_000_00, "Coffee tasting for twenty")
    await story.refund(timedelta(hours=2), large, None, "The tasting was called off")
    disputed = "Espresso machine, used"
    await _order(story, timedelta(hours=3), 1304, 2_400_000_00, disputed)
    story.dispute(disputed)


async def _order(
    story: Story, ago: timedelta, number: int, minor: int, goods: str, capture: CaptureMode = CaptureMode.AUTOMATIC
) -> PaymentId:
    name = CUSTOMERS[number % len(CUSTOMERS)]
    command = CreatePayment(
        party_id=story.cast.merchant,
        reference=f"order-{number}",
        amount=Money.of(minor, "IDR"),
        description=goods,
        capture=capture,
        customer={"name": name, "email": f"{name.split()[0].lower()}@example.com"},
        metadata={"simulator": "success"},
    )
    return await story.pay(ago, command, ChargeKind.CARD)


async def _connect_shop(story: Story, services: Services) -> None:
    """Let the merchant's endpoint be the simulated shop's, which shows what arrives."""
    own = replace(story.at(timedelta(0)), party_id=story.cast.merchant)
    new = webhooks.NewEndpoint(story.shop_url, ("payment.*",), "Simulated shop: open the address to see what arrives")
    async with services.db.begin(own) as uow:
        _, secret = await webhooks.create(uow, new, services.vault)
        crash_point("demo.finished")
    story.tell_shop(secret)
