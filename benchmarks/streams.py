"""What comes and goes in streams, at growing sizes: callbacks, webhooks, statement lines, settlements, purchases.

    python -m benchmarks --only streams --growth 6     up to 10^5 of each
    python -m benchmarks --only streams --growth 7     settlements and purchases up to 10^6

What each piece costs must stay flat, however many came before it or come with it.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import psycopg

from benchmarks import backlog, settling
from benchmarks.books import new_scope
from specie import ledger, parties, payments, providers, wallets
from specie.cashback import merchants, offers, purchases
from specie.cashback.model import FundedBy, Reward, RewardKind, Terms
from specie.cashback.offers import NewOffer
from specie.cashback.purchases import NewPurchase
from specie.kernel.clock import machine_timestamp
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PartyId, PaymentId, RequestId, TenantId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.parties import store as party_store
from specie.payments import attempts, service
from specie.payments.model import reference_of
from specie.payments.service import CreatePayment
from specie.platform import jobs
from specie.platform.db import Database, UnitOfWork
from specie.platform.outbound import OutboundClient
from specie.platform.vault import KeyRing
from specie.providers import Action, ActionKind, ChargeKind, Installation, ProviderLink, Toolbox, inbox
from specie.providers import jobs as provider_jobs
from specie.providers.model import ChargeState, ProviderCharge, RawCallback
from specie.providers.simulator import signing
from specie.reconciliation import CsvMapping, Format, NewSource, SourceKind, read_file
from specie.reconciliation import service as reconciling

IDR = Currency.of("IDR")
MOST_RATIO = 1.5
CALLBACKS_AT_ONCE = 32
BURSTS = (100, 1_000)
BACKLOGS = (1_000, 10_000)
PRICE = Money(150_000, IDR)
_ROWS_AT_ONCE = 200
_ENTRIES_AT_ONCE = 1000
_SAMPLE = 1_000
_JOBS = provider_jobs
_RING = KeyRing({1: bytes(range(32))}, 1)
_MAPPING = CsvMapping(date="date", amount="net", reference="ref")
_GROWN = """
with sample as (select * from specie.cashback_purchase where tenant_id = %(tenant)s limit 1),
made as (
    insert into specie.cashback_purchase
    select s.tenant_id, uuidv7(), s.merchant_id, s.party_id, 'grown-' || n, s.amount_minor, s.returned_minor,
           s.currency, s.state, s.source, s.reason, s.occurred_at, s.created_at, s.version
      from sample s, generate_series(%(first)s::bigint, %(last)s::bigint) n returning id
)
insert into specie.cashback_accrual
select (jsonb_populate_record(null::specie.cashback_accrual,
        to_jsonb(a) || jsonb_build_object('id', uuidv7(), 'purchase_id', made.id))).*
  from made, (select * from specie.cashback_accrual where tenant_id = %(tenant)s limit 1) a
"""


@dataclass(frozen=True, slots=True)
class StreamCost:
    """One stream at one size: how many pieces were timed, and what each cost."""

    what: str
    size: int
    timed: int
    seconds: float

    @property
    def each_us(self) -> float:
        """Microseconds for each piece."""
        return self.seconds / self.timed * 1_000_000


async def measure(app_url: str, system_url: str, superuser_url: str, growth: int) -> list[StreamCost]:
    """Every stream, each at powers of ten up to one below the one asked for; callbacks in the bursts that come."""
    database = Database(app_url, system_url, pool_size=16)
    sizes = [10**exponent for exponent in range(min(3, growth - 2), growth)]
    costs = [await callbacks(database, size) for size in BURSTS]
    costs += [await webhooks(database, size) for size in BACKLOGS]
    costs += [await statement(database, size) for size in sizes if size <= 100_000]
    settled = await settling.measure(database, range(min(3, growth - 2), growth))
    costs += [StreamCost("payment of a settlement", each.payments, each.payments, each.seconds) for each in settled]
    costs += await purchase_feed(database, superuser_url, sizes)
    await database.close()
    return costs


def told(cost: StreamCost) -> StreamCost:
    """The same, after it has been printed."""
    print(f"  {cost.what:<44} {cost.size:>9,}  {cost.each_us / 1000:9.3f} ms each", flush=True)
    return cost


async def callbacks(database: Database, size: int) -> StreamCost:
    """A burst of signed callbacks, every tenth of them twice: each payment is paid once."""
    scope, outbound = new_scope(), OutboundClient()
    toolbox = _toolbox(outbound)
    providers.subscribe(payments.apply)
    merchant = PartyId.new()
    async with database.begin(scope) as uow:
        made = await providers.connect(uow, toolbox, provider="simulator", name="Simulator", credentials={})
    async with database.begin(scope) as uow:
        link = await providers.open_link(uow, toolbox, made.id)
    ordered = [await _ordered(database, scope, toolbox, merchant, n) for n in _parts(size, _ROWS_AT_ONCE)]
    letters = [letter(link, reference) for references in ordered for reference in references]
    burst = [*letters, *letters[::10]]
    async with _worker(database, scope, toolbox) as work:
        started = time.perf_counter()
        await _at_once(burst, lambda raw: _stored(database, scope, link, raw))
        await work()
        cost = StreamCost("callback of a burst", size, len(burst), time.perf_counter() - started)
    await outbound.close()
    await _require_paid_once(database, scope, merchant, size)
    return told(cost)


def _toolbox(outbound: OutboundClient) -> Toolbox:
    return Toolbox(_RING, outbound, Installation("http://127.0.0.1", "http://127.0.0.1"))


async def _ordered(database: Database, scope: Scope, toolbox: Toolbox, merchant: PartyId, count: int) -> list[str]:
    """Payments that wait for their customers; the references under which the provider knows them."""
    references = []
    async with database.begin(scope) as uow:
        for _ in range(count):
            payment = await service.create(uow, None, CreatePayment(merchant, str(PaymentId.new()), PRICE))
            attempt = await attempts.start(uow, toolbox, payment.id, ChargeKind.QR)
            ticket = await attempts.claim(uow, toolbox, attempt.id)
            assert ticket is not None
            charge = _charge(reference_of(attempt.id))
            await service.apply(uow, providers.fact_of(charge, attempt.connection_id))
            references.append(charge.reference)
    return references


def _charge(reference: str) -> ProviderCharge:
    nothing = Action(ActionKind.NONE)
    return ProviderCharge(reference, f"chg_{reference}", ChargeState.PENDING, "open", PRICE, None, nothing, None, None)


def letter(link: ProviderLink, reference: str) -> RawCallback:
    """A callback as the simulator sends it."""
    charge = {"id": f"chg_{reference}", "reference": reference, "amount": PRICE.minor, "currency": "IDR"}
    data: dict[str, Any] = {**charge, "state": "paid", "fee": 0, "occurred_at": machine_timestamp(), "expires_at": None}
    data["action"] = {"kind": "none"}
    body = orjson.dumps({"id": f"cbk_{reference}", "type": "charge.updated", "data": data})
    at = machine_timestamp()
    signature = signing.sign(str(link.adapter.credentials()["callback_secrets"][0]), at, body)
    headers = {signing.TIMESTAMP_HEADER: str(at), signing.SIGNATURE_HEADER: signature}
    return inbox.raw_callback(method="POST", path="/", query="", headers=headers, body=body, remote_ip="127.0.0.1")


async def _stored(database: Database, scope: Scope, link: ProviderLink, raw: RawCallback) -> None:
    """What the edge does before it acknowledges: verify, store, have it processed."""
    await database.run(
        scope, lambda uow: inbox.receive(uow, link, [inbox.read(link, raw)]), label="benchmark.callback.receive"
    )


@contextlib.asynccontextmanager
async def _worker(database: Database, scope: Scope, toolbox: Toolbox) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Runs every job that is due, as the worker does."""

    async def whose(_tenant: TenantId, _name: str, _request: RequestId) -> Scope:
        return scope

    queue = jobs.build_worker(database.app_url, database, whose, {"providers": toolbox})
    async with queue.open_async():
        yield lambda: queue.run_worker_async(
            queues=["work"], wait=False, install_signal_handlers=False, listen_notify=False, concurrency=8
        )


async def _require_paid_once(database: Database, scope: Scope, merchant: PartyId, size: int) -> None:
    async with database.begin(scope) as uow:
        wallet = await wallets.ensure_wallet(uow, merchant, IDR)
        held = (await wallets.balances(uow, [wallet]))[wallet.id]
    if held.available.minor + held.pending.minor != size * PRICE.minor:
        raise RuntimeError(f"{size} payments of {PRICE} became {held}")


async def webhooks(database: Database, size: int) -> StreamCost:
    """So many messages that two endpoints are owed."""
    return told(StreamCost("webhook of a backlog", size, size, await backlog.seconds_to_send(database, size)))


async def statement(database: Database, size: int) -> StreamCost:
    """A provider's statement of so many lines, read and matched with as many entries of the clearing account."""
    scope, toolbox = new_scope(), _toolbox(OutboundClient())
    async with database.begin(scope) as uow:
        made = await providers.connect(uow, toolbox, provider="simulator", name="Simulator", credentials={})
        new = NewSource("Provider", SourceKind.PROVIDER, made.id, IDR, csv=_MAPPING)
        source = await reconciling.create_source(uow, new)
        due = await ledger.ensure_account(uow, AccountSpec("liability:due", AccountType.LIABILITY, IDR))
        day = uow.now.date()
    numbers = itertools.count()
    leg = Leg(source.account_id, due.id, Money(100_00, IDR))
    for count in _parts(size, _ENTRIES_AT_ONCE):
        said = [{"reference": f"R{next(numbers)}"} for _ in range(count)]
        drafts = [EntryDraft(Recipe("bench.owe", 1), [leg], metadata=each) for each in said]
        async with database.begin(scope) as uow:
            await ledger.post_many(uow, drafts)
    text = "date,ref,net\n" + "".join(f"{day},R{n},100.00\n" for n in range(size))
    started = time.perf_counter()
    file = read_file(text.encode(), "statement.csv", Format.CSV, IDR, _MAPPING)
    async with database.begin(scope) as uow:
        done = await reconciling.import_file(uow, source.id, file)
    cost = StreamCost("line of a statement", size, size, time.perf_counter() - started)
    if sum(done.matched.values()) != size or done.exceptions:
        raise RuntimeError(f"of {size} lines {done.matched} were matched")
    return told(cost)


async def purchase_feed(database: Database, superuser_url: str, sizes: Sequence[int]) -> list[StreamCost]:
    """The next purchases of a merchant's feed after so many: each is new, finds its offer and gives cashback."""
    scope = new_scope()
    merchant, customer = await _stall(database, scope)
    await _buy(database, scope, merchant, customer, 1, "first")
    costs, grown = [], 0
    for size in sizes:
        with psycopg.connect(superuser_url, autocommit=True) as connection:
            connection.execute(_GROWN, {"tenant": scope.tenant_id.uuid, "first": grown + 1, "last": size})
            connection.execute("analyze specie.cashback_purchase, specie.cashback_accrual")
        grown = size
        await _buy(database, scope, merchant, customer, purchases.AT_ONCE, f"warm-{size}")
        started = time.perf_counter()
        await _buy(database, scope, merchant, customer, _SAMPLE, f"timed-{size}")
        costs.append(told(StreamCost("purchase of a feed", size, _SAMPLE, time.perf_counter() - started)))
    return costs


async def _stall(database: Database, scope: Scope) -> tuple[PartyId, PartyId]:
    """A merchant with an offer whose budget lasts, and a customer."""
    async with database.begin(scope) as uow:
        merchant, customer = await _party(uow, "merchant"), await _party(uow, "customer")
        await party_store.update_party(uow, merchant, kyc_state="approved")
        await merchants.apply_for(uow, merchant)
        await merchants.activate(uow, merchant, "for the benchmark")
        reward = Reward(RewardKind.PERCENT, rate=Decimal("0.05"))
        terms = Terms(IDR, reward, Money.zero(IDR), uow.now - timedelta(days=1))
        offer = await offers.draft(uow, NewOffer(merchant, "A twentieth", FundedBy.HOUSE, terms))
        await offers.fund(uow, offer.id, Money(10**12, IDR))
    async with database.begin(scope) as uow:
        await offers.activate(uow, offer.id)
    return merchant, customer


async def _party(uow: UnitOfWork, role: str) -> PartyId:
    known = {"name": f"A {role}"}
    party = await parties.create_party(uow, _RING, kind=PartyKind.PERSON, roles=[role], known=known)
    await wallets.open_wallet(uow, party.id, IDR)
    return party.id


async def _buy(database: Database, scope: Scope, merchant: PartyId, customer: PartyId, count: int, name: str) -> None:
    """Tell of purchases as a batch over HTTP does, part by part."""
    feed = [NewPurchase(merchant, customer, f"{name}-{n}", PRICE) for n in range(count)]
    for start in range(0, count, purchases.AT_ONCE):
        async with database.begin(scope) as uow:
            outcomes = await purchases.record_all(uow, feed[start : start + purchases.AT_ONCE])
        wrong = [one for one in outcomes if isinstance(one, SpecieError) or not one.is_new or not one.accruals]
        if wrong:
            raise RuntimeError(f"the feed brought {wrong[0]}")


async def _at_once(burst: Sequence[RawCallback], deliver: Callable[[RawCallback], Awaitable[None]]) -> None:
    left = iter(burst)

    async def lane() -> None:
        for raw in left:
            await deliver(raw)

    await asyncio.gather(*(lane() for _ in range(CALLBACKS_AT_ONCE)))


def _parts(size: int, most: int) -> list[int]:
    return [min(most, size - begun) for begun in range(0, size, most)]
