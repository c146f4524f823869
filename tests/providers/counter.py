"""A tenant connected to the simulator in one dialect, and which dialects a test is about."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from specie import payments, providers
from specie.kernel.clock import machine_timestamp
from specie.kernel.ids import PaymentId
from specie.providers import ProviderLink
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.dialects import voices
from specie.providers.simulator.payout_rules import SimulatedPayout
from specie.providers.simulator.rules import Charge, Signing
from specie.providers.simulator.voice import NativeVoice, Voice, split_account
from tests.providers.dialects import DIALECTS, Told
from tests.support.shop import Shop

PRICE = 1_500_000
BY_NAME = {told.provider: told for told in DIALECTS}


@dataclass
class Counter:
    """A tenant connected to the simulator in one dialect."""

    shop: Shop
    told: Told

    async def link(self) -> ProviderLink:
        assert self.shop.connection_id
        async with self.shop.db.begin(self.shop.scope) as uow:
            return await providers.open_link(uow, self.shop.services["providers"], self.shop.connection_id)

    async def order(self, scenario: str = "") -> tuple[PaymentId, payments.Attempt]:
        """A payment the customer has begun to make."""
        kind = next(iter((await self.link()).adapter.dialect.kinds))
        payment_id = await self.shop.payment(scenario, minor=PRICE)
        attempt = await self.shop.pay(payment_id, kind)
        if self.told.orders_by_page and attempt.action:
            await self.shop.client.get(attempt.action.url)
        return payment_id, attempt

    async def charge(self) -> Charge:
        [found] = await self.shop.book()
        return Charge(**found)

    async def send(self, state: str, *, signing: Signing = Signing.RIGHT, account: str = "") -> int:
        """Call back about the only charge, whatever the simulator's book says of it. Returns the status."""
        charge = await self.charge()
        voice, own = self.voice(charge)
        [body, *_] = voice.tell(charge, state, "cbk_by_hand", machine_timestamp(), "http://page/")
        letter = voice.seal(body, account or own, charge.callback_url, machine_timestamp(), signing)
        answer = await self.shop.client.request(
            letter.method, charge.callback_url + letter.query, headers=letter.headers, content=letter.body
        )
        return answer.status_code

    async def tell_of_payout(self, state: str) -> int:
        """Call back about the only payout, whatever the simulator's book says of it. Returns the status."""
        link = await self.link()
        assert self.shop.connection_id
        made = Book(self.shop.services["simulator_book"]).payouts.all()
        payout = next(each for each in made if self.shop.connection_id.uuid.hex in each.account)
        voice, own = self.voice(payout)
        [body] = voice.tell_payout(payout, state, "cbk_by_hand", machine_timestamp())
        return await self._call_back(voice, body, own, link.callback_url)

    async def tell_of_refund(self, state: str) -> int:
        """Call back about the only refund of the only charge, whatever the simulator's book says of it."""
        charge = await self.charge()
        voice, own = self.voice(charge)
        [refund] = Book(self.shop.services["simulator_book"]).operations.of_charge(charge.id)
        [body] = voice.tell_operation(replace(refund, state=state), charge, "cbk_by_hand", machine_timestamp())
        return await self._call_back(voice, body, own, charge.callback_url)

    async def _call_back(self, voice: Voice, body: bytes, account: str, url: str) -> int:
        letter = voice.seal(body, account, url, machine_timestamp(), Signing.RIGHT)
        answer = await self.shop.client.request(
            letter.method, url + letter.query, headers=letter.headers, content=letter.body
        )
        return answer.status_code

    def voice(self, told_of: Charge | SimulatedPayout) -> tuple[Voice, str]:
        dialect, own = split_account(told_of.account)
        book = Book(self.shop.services["simulator_book"])
        return next((voice for voice in voices(book) if voice.name == dialect), NativeVoice()), own

    async def inbox(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self.shop.get("/callbacks")).json()["data"]
        return rows


def all_dialects(**wanted: Any) -> pytest.MarkDecorator:
    """Every dialect of which these things can be told."""
    names = [told.provider for told in DIALECTS if all(getattr(told, name) == value for name, value in wanted.items())]
    return pytest.mark.parametrize("counter", names, indirect=True)
