"""Payment links: making, changing, and turning one into a payment."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from specie import audit
from specie.kernel.ids import PartyId, PaymentLinkId
from specie.kernel.money import Currency, Money
from specie.payments import link_store, service, store
from specie.payments.errors import LinkClosed, LinkMissing, MerchantRequired
from specie.payments.link_model import PaymentLink
from specie.payments.model import OPEN_PAYMENTS, Payment, PaymentState
from specie.payments.service import CreatePayment
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

_TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class CreateLink:
    """A link to make."""

    party_id: PartyId | None
    currency: Currency
    description: str
    amount: Money | None = None
    minimum: Money | None = None
    maximum: Money | None = None
    is_reusable: bool = False
    expires_at: datetime | None = None


def digest(token: str) -> bytes:
    """What the look-up table keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


async def create(uow: UnitOfWork, command: CreateLink) -> PaymentLink:
    """Make a link. Raises MerchantRequired."""
    party_id = uow.scope.party_id or command.party_id
    if party_id is None:
        raise MerchantRequired("say for whom the link collects", param="merchant_id")
    link = PaymentLink(
        id=PaymentLinkId.new(),
        party_id=party_id,
        token=secrets.token_urlsafe(_TOKEN_BYTES),
        description=command.description,
        currency=command.currency,
        amount=command.amount,
        minimum=command.minimum,
        maximum=command.maximum,
        is_reusable=command.is_reusable,
        is_active=True,
        expires_at=command.expires_at,
        uses=0,
        created_at=uow.now,
        updated_at=uow.now,
    )
    await link_store.insert_link(uow, link, digest(link.token))
    await audit.record(uow, action="payment_link.create", subject=("payment_link", str(link.id)))
    return link


async def get(uow: UnitOfWork, link_id: PaymentLinkId, *, lock: bool = False) -> PaymentLink:
    """One link. Raises LinkMissing."""
    link = await link_store.link_by_id(uow, link_id, lock=lock)
    if link is None:
        raise LinkMissing(f"there is no payment link {link_id}")
    return link


async def change(uow: UnitOfWork, link_id: PaymentLinkId, wanted: dict[str, Any]) -> PaymentLink:
    """Switch a link on or off, or change its text or its end. Raises LinkMissing."""
    before = await get(uow, link_id)
    await link_store.change_link(uow, link_id, wanted)
    await audit.record(
        uow,
        action="payment_link.change",
        subject=("payment_link", str(link_id)),
        before={name: str(getattr(before, name)) for name in wanted},
        after={name: str(value) for name, value in wanted.items()},
    )
    return await get(uow, link_id)


async def current_payment(uow: UnitOfWork, link: PaymentLink) -> Payment | None:
    """The payment a single link stands for now: one that is open or paid. A reusable link has none."""
    if link.is_reusable:
        return None
    latest = await store.latest_of_link(uow, link.id)
    if latest is None or latest.state not in (*OPEN_PAYMENTS, PaymentState.PAID):
        return None
    is_stale = latest.is_open and latest.expires_at <= uow.now
    return None if is_stale else latest


async def use(uow: UnitOfWork, ring: KeyRing, link_id: PaymentLinkId, offered: Money | None) -> tuple[Payment, bool]:
    """The payment for somebody who follows a link; the second value says whether it was made now.

    A single link gives the same open or paid payment again. Raises LinkMissing, LinkClosed or LinkAmount.
    """
    link = await get(uow, link_id, lock=True)
    current = await current_payment(uow, link)
    if current is not None:
        return current, False
    if not link.is_active or link.is_over(uow.now):
        raise LinkClosed("this link takes no payment now", payment_link_id=str(link_id))
    command = CreatePayment(
        party_id=link.party_id,
        reference=f"{link.id}-{link.uses + 1}",
        amount=link.chosen(offered),
        description=link.description,
        link_id=link.id,
    )
    payment = await service.create(uow, ring, command)
    await link_store.change_link(uow, link_id, {"uses": link.uses + 1})
    return payment, True
