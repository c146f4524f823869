"""Shorthand for tests of payouts: a party with money and accounts it may leave for."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from specie import ledger, parties, payouts, wallets
from specie.kernel.errors import Unavailable
from specie.kernel.ids import PartyId, RequestId, UserId
from specie.kernel.money import Money
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.payouts import BeneficiaryId, NewBeneficiary, Payout, PayoutId, RequestPayout, Terms
from specie.payouts.model import Attempt, reference_of
from specie.providers import PayoutFact, PayoutRail, PayoutState, Trust
from tests.support.shop import IDR, Shop

FUNDS = 100_000_000


@dataclass
class Till:
    """One party with a wallet, and everything a test does with its payouts."""

    shop: Shop
    party: PartyId
    beneficiary: BeneficiaryId

    def scope(self) -> Scope:
        """A new person of the tenant."""
        return replace(self.shop.scope, actor=Actor(ActorKind.USER, str(UserId.new())))

    async def account(self, digits: str, label: str = "") -> BeneficiaryId:
        """A confirmed account whose last digits tell the simulator what to do."""
        new = NewBeneficiary(self.party, PayoutRail.BANK_ACCOUNT, "014", f"12345678{digits}", label)
        async with self.shop.db.begin(self.shop.scope) as uow:
            made = await payouts.add_beneficiary(uow, self.shop.services["vault"], new)
        for _ in range(5):
            # The shop waits 700 ms for an answer, which a busy machine does not always give in time.
            with contextlib.suppress(Unavailable):
                await payouts.inquire(self.shop.context, made.id)
                break
        return made.id

    async def ask(self, minor: int = 10_000_000, scenario: str = "", **more: Any) -> PayoutId:
        """A payout that has been asked for."""
        metadata = {"simulator": scenario} if scenario else {}
        command = RequestPayout(
            self.beneficiary, str(RequestId.new()), Money(minor, IDR), metadata=metadata, party_id=self.party
        )
        async with self.shop.db.begin(self.scope()) as uow:
            return (await payouts.request(uow, replace(command, **more))).id

    async def send(self, payout_id: PayoutId) -> bool:
        """What the worker does with an approved payout."""
        return await payouts.send(self.shop.context, payout_id)

    def arrived(self, attempt: Attempt, minor: int) -> PayoutFact:
        """What an answer of the provider says of an attempt that paid out so much."""
        assert self.shop.connection_id is not None
        return PayoutFact(
            connection_id=self.shop.connection_id,
            reference=reference_of(attempt.id),
            provider_ref="out_1",
            event_key="",
            state=PayoutState.SUCCEEDED,
            raw_state="paid",
            amount=Money(minor, IDR),
            fee=None,
            occurred_at=None,
            trust=Trust.QUERIED,
            must_requery=False,
        )

    async def see(self, payout_id: PayoutId) -> Payout:
        """The payout as it is now."""
        async with self.shop.db.begin(self.shop.scope) as uow:
            return await payouts.get_payout(uow, payout_id)

    async def ends(self, payout_id: PayoutId, state: str, seconds: float = 8) -> Payout:
        """Run the worker until the payout has the state."""
        for _ in range(int(seconds * 10)):
            await self.shop.sweep()
            await self.shop.work()
            found = await self.see(payout_id)
            if found.state == state:
                return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"{payout_id} is {found.state}, not {state}")

    async def money(self) -> tuple[int, int]:
        """Available and held minor units."""
        async with self.shop.db.begin(self.shop.scope) as uow:
            wallet = await wallets.ensure_wallet(uow, self.party, IDR)
            have = (await wallets.balances(uow, [wallet]))[wallet.id]
        return have.available.minor, have.held.minor

    async def clearing(self) -> int:
        """What the provider owes us."""
        return await self.shop.balance(f"asset:providers:{self.shop.connection_id}:clearing")

    async def book(self) -> list[dict[str, Any]]:
        """The simulator's own payouts of this tenant."""
        found = (await self.shop.client.get(f"{self.shop.simulator_url}/admin/book")).json()["payouts"]
        account = f"sim_{self.shop.connection_id.uuid.hex}" if self.shop.connection_id else ""
        return [payout for payout in found if payout["account"] == account]


async def open_till(shop: Shop, kind: type[Till] = Till) -> Till:
    """A party with money, without a cool-off."""
    async with shop.db.begin(shop.scope) as uow:
        ring = shop.services["vault"]
        known = {"name": "Kedai Senja"}
        party = await parties.create_party(uow, ring, kind=PartyKind.COMPANY, roles=["merchant"], known=known)
        wallet = await wallets.open_wallet(uow, party.id, IDR)
        bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, IDR))
        legs = [Leg(bank.id, wallet.available_account, Money(FUNDS, IDR))]
        await ledger.post(uow, EntryDraft(Recipe("test.fund", 1), legs))
        await payouts.change_terms(uow, Terms(fee_fixed={"IDR": 250_000}, cool_off_seconds=0))
    till = kind(shop, party.id, BeneficiaryId.new())
    till.beneficiary = await till.account("7890")
    return till


def over(connection: psycopg.Connection, payout_id: PayoutId) -> None:
    """The lease of whoever was calling has run out."""
    connection.execute(
        "update specie.payout_attempt set leased_until = '2020-01-01Z' where payout_id = %s", [payout_id.uuid]
    )
