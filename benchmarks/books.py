"""Specie's own ledger in process: the batcher, bulk posting, and the limit they are held against."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from specie import ledger
from specie.events import NewEvent
from specie.kernel.clock import UTC_CLOCK
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, TenantId, UserId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Actor, ActorKind, Mode, Scope
from specie.ledger import Account, AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.ledger.batcher import Batcher
from specie.ledger.orders import Order, Posted
from specie.platform.db import Database
from specie.platform.idempotency import Answer, fingerprint

IDR = Currency.of("IDR")
RECIPE = Recipe("bench.transfer", 1)
ACCOUNTS = 10_000
_CHUNK = 1000


def new_scope() -> Scope:
    """A tenant of its own."""
    actor = Actor(ActorKind.USER, str(UserId.new()))
    return Scope(TenantId.new(), Mode.SANDBOX, actor, frozenset(), UTC_CLOCK)


@dataclass(frozen=True, slots=True)
class Wallet:
    """An account as a client knows it: by the text of its id."""

    id: AccountId
    text: str


async def funded_accounts(database: Database, scope: Scope, count: int = ACCOUNTS) -> list[Wallet]:
    """Wallet-like accounts with a floor of zero, each holding far more than the run can spend."""
    async with database.begin(scope) as uow:
        bank = await ledger.open_account(uow, AccountSpec("asset:bank", AccountType.ASSET, IDR))
    wallets: list[Account] = []
    for start in range(0, count, _CHUNK):
        async with database.begin(scope) as uow:
            made = [
                await ledger.open_account(
                    uow, AccountSpec(f"liability:w{n}", AccountType.LIABILITY, IDR, floor=Money.zero(IDR))
                )
                for n in range(start, min(start + _CHUNK, count))
            ]
            legs = [Leg(bank.id, wallet.id, Money(10**9, IDR)) for wallet in made]
            await ledger.post(uow, EntryDraft(RECIPE, legs))
            wallets += made
    return [Wallet(wallet.id, str(wallet.id)) for wallet in wallets]


def analyse(superuser_url: str) -> None:
    """Give the planner what autovacuum would give it within a minute."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("analyze")


def recycle_wal(superuser_url: str) -> None:
    """Let what has been written of the log be written over, as it is on a server that has been up for a while.

    One that has just been set up makes a new file for every 16 MB and stands still for it, 50 to 70 ms at a time.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("checkpoint")


def pair(wallets: Sequence[Wallet], hot: bool) -> tuple[Wallet, Wallet]:
    """Two different wallets; the second is always the same one in a hot run."""
    debit = wallets[random.randrange(1, len(wallets))]
    if hot:
        return debit, wallets[0]
    credit = wallets[random.randrange(1, len(wallets))]
    return (debit, credit) if credit != debit else pair(wallets, hot)


def pair_of(texts: Sequence[str], hot: bool) -> tuple[str, str]:
    """Two different wallets by their texts; the second is always the same one in a hot run."""
    debit = texts[random.randrange(1, len(texts))]
    credit = texts[0] if hot else texts[random.randrange(1, len(texts))]
    return (debit, credit) if credit != debit else pair_of(texts, hot)


def order(scope: Scope, key: str, debit: Wallet, credit: Wallet) -> Order:
    """A keyed transfer with its event, as a route would submit it."""
    draft = EntryDraft(RECIPE, [Leg(debit.id, credit.id, Money(5, IDR))])
    body = f'{{"from":"{debit.text}","to":"{credit.text}","amount":5}}'.encode()
    event = NewEvent("transfer.completed", ("entry", str(draft.id)), 1, {"amount": 5})
    return Order(scope, key, fingerprint("POST", "/transfers", "", body), draft, event, _refused)


def _refused(refusal: SpecieError) -> Answer:
    return Answer(refusal.status, refusal.code)


async def batched(batcher: Batcher, scope: Scope, wallets: Sequence[Wallet], hot: bool, key: str) -> None:
    """One transfer through the batcher."""
    result = await batcher.submit(order(scope, key, *pair(wallets, hot)))
    if not isinstance(result, Posted):
        raise RuntimeError(f"not posted: {result}")


async def bulk(database: Database, scope: Scope, wallets: Sequence[Wallet], hot: bool, entries: int) -> None:
    """So many transfers in one call and one transaction."""
    drafts = [_draft(wallets, hot) for _ in range(entries)]
    async with database.begin(scope) as uow:
        await ledger.post_many(uow, drafts)


async def one_transaction_each(database: Database, scope: Scope, wallets: Sequence[Wallet], hot: bool) -> None:
    """One transfer in a unit of work of its own, as a product posts."""
    async with database.begin(scope) as uow:
        await ledger.post(uow, _draft(wallets, hot))


def _draft(wallets: Sequence[Wallet], hot: bool) -> EntryDraft:
    debit, credit = pair(wallets, hot)
    return EntryDraft(RECIPE, [Leg(debit.id, credit.id, Money(5, IDR))])
