"""A market whose customer stands at the till: a page of a purchase, and people who sign in on it."""

import re
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pyotp

from specie import identity, purchases
from specie.identity import Identity, NewTenant, NewUser, Role, account, scopes
from specie.identity.passwords import PasswordHasher
from specie.kernel.clock import machine_timestamp
from specie.kernel.ids import PartyId, RequestId, UserId
from specie.platform.db import UnitOfWork
from specie.platform.mail import OutboxMailer
from specie.purchases import OpenPurchase, Purchase, TenderKind
from specie.purchases.page import page_path
from tests.purchases.market import Market, open_market
from tests.support.shop import Shop, rupiah

PASSWORD = "correct horse battery staple"
_CODE = re.compile(r'data-code="([a-z_]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_ROW = re.compile(r'<dt>([^<]+)</dt><dd class="number">([^<]+)</dd>')


@dataclass
class Visitor:
    """A browser without scripts, on the page of one purchase."""

    client: httpx2.AsyncClient
    url: str
    text: str = ""
    status: int = 0
    left_for: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def opens(self) -> str:
        return self._seen(await self.client.get(self.url, headers=self.headers))

    async def sends(self, step: str, **fields: str) -> str:
        """Send a form of the page; its hidden fields go along, and the answer's redirect is followed to the page."""
        csrf = dict(_HIDDEN.findall(self.text)).get("csrf", "")
        answer = await self.client.post(
            f"{self.url}/{step}", data={"csrf": csrf} | fields, headers={"origin": origin(self.url)} | self.headers
        )
        self.left_for = answer.headers.get("location", "")
        return self._seen(answer) if answer.status_code != 303 else await self.opens()

    async def signs_in(self, email: str, password: str = PASSWORD, **more: str) -> str:
        await self.opens()
        return await self.sends("sign-in", email=email, password=password, **more)

    async def agrees(self) -> str:
        """Press the button below the summary, which names everything that is shown."""
        return await self.sends("pay", **self._hidden)

    async def chooses_differently(self) -> str:
        """Press the other button below the summary."""
        return await self.sends("choose", **self._hidden)

    @property
    def _hidden(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in _HIDDEN.findall(self.text)}

    @property
    def refused(self) -> tuple[int, str]:
        """Status and code of what the page says was refused."""
        found = _CODE.search(self.text)
        return self.status, found[1] if found else ""

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The lines of the summaries and costs on the page."""
        return [(unescape(name), unescape(amount).replace("\u00a0", " ")) for name, amount in _ROW.findall(self.text)]

    def _seen(self, answer: httpx2.Response) -> str:
        self.text, self.status = answer.text, answer.status_code
        return self.text


@dataclass
class Till:
    """A market with people who can sign in."""

    market: Market
    identity: Identity
    clients: list[httpx2.AsyncClient] = field(default_factory=list)
    users: dict[str, UserId] = field(default_factory=dict)

    async def person(self, party_id: PartyId | None, role: Role = Role.CUSTOMER) -> str:
        """Somebody with the usual password who acts for a party; their address."""
        email = f"{RequestId.new()}@example.com"
        hashed = await self.identity.hasher.hash(PASSWORD)

        async def work(uow: UnitOfWork) -> UserId:
            user_id = await identity.create_user(uow, self.identity, NewUser(email, "Budi", hashed))
            await identity.add_member(uow, user_id, role, party_id=party_id)
            return user_id

        self.users[email] = await self.market.do(work)
        return email

    async def second_factor_of(self, email: str) -> str:
        """Switch a person's second factor on; its seed."""
        tenant = await self.market.do(identity.own_tenant)
        scope = scopes.user_scope(tenant, self.users[email], Role.CUSTOMER, RequestId.new())
        enrolment = await account.enrol_totp(self.market.shop.db, self.identity, scope)
        await account.confirm_totp(self.market.shop.db, self.identity, scope, code_of(enrolment.seed, -1))
        return enrolment.seed

    async def anybodys(self, minor: int) -> Purchase:
        """A purchase that names no customer."""
        market = self.market
        command = OpenPurchase(market.merchant, None, str(RequestId.new()), rupiah(minor), title="Coffee")
        return await market.do(lambda uow: purchases.open_purchase(uow, command))

    async def page(self, purchase: Purchase) -> Visitor:
        """A fresh browser on a purchase's page."""
        path = await self.market.do(lambda uow: page_path(uow, purchase))
        client = httpx2.AsyncClient(timeout=30)
        self.clients.append(client)
        return Visitor(client, f"{self.market.shop.url}{path}")

    async def budi_at(self, minor: int, tenders: list[TenderKind] | None = None) -> tuple[Visitor, Purchase]:
        """The customer, signed in, before a purchase."""
        more: dict[str, Any] = {"tenders": tenders} if tenders else {}
        purchase = await self.market.ask(minor, **more)
        visitor = await self.page(purchase)
        await visitor.signs_in(await self.person(self.market.customer))
        assert visitor.status == 200, visitor.refused
        return visitor, purchase


async def open_till(running: Shop, tmp_path: Path) -> Till:
    """A market in a fresh tenant that people can sign in to."""
    async with running.db.begin(None) as uow:
        _, sandbox = await identity.create_tenant(uow, NewTenant("Kedai", f"kedai-{RequestId.new().uuid.hex}"))
    shop = replace(running, tenant_id=sandbox.id)
    await shop.connect()
    means = identity.build(
        signing_key=b"k" * 48,
        ring=shop.services["vault"],
        mailer=OutboxMailer(tmp_path, "specie@example.com"),
        public_url=shop.url,
        hasher=PasswordHasher(kibibytes=1024),
    )
    shop.services[identity.SERVICE] = means
    return Till(await open_market(shop), means)


def origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def code_of(seed: str, step: int = 0) -> str:
    """What an authenticator app shows, so many half minutes from now."""
    return str(pyotp.TOTP(seed).at(machine_timestamp() + 30 * step))
