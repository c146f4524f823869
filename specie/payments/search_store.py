"""The conditions by which a list of payments is searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, any_, func, or_, select

from specie.kernel.ids import InvalidId, PartyId, PaymentId, PaymentLinkId, TenantId
from specie.payments.model import PaymentKind
from specie.payments.tables import attempt, payment
from specie.platform.searching import begins


@dataclass(frozen=True, slots=True)
class AmountFilter:
    """Amounts in minor units, exactly or within bounds that count as inside, and their currency."""

    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    currency: str | None = None


ANY_AMOUNT = AmountFilter()


@dataclass(frozen=True, slots=True)
class Payer:
    """Who has an e-mail address: the hash kept with a shop's payments, and the party that tops its wallet up."""

    email_index: bytes
    party_id: PartyId | None


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What a list of payments is narrowed to. Moments are business time; `q` finds ids and references."""

    states: Sequence[str] = ()
    party_id: PartyId | None = None
    kind: str | None = None
    reference: str | None = None
    link_id: PaymentLinkId | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    q: str | None = None
    amounts: AmountFilter = ANY_AMOUNT
    payer: Payer | None = None


def matching(tenant_id: TenantId, wanted: PaymentFilter) -> list[ColumnElement[bool]]:
    """What a payment of the tenant must fulfil to be found."""
    c = payment.c
    offered: list[tuple[Any, ColumnElement[bool]]] = [
        (wanted.states, c.state.in_(list(wanted.states))),
        (wanted.party_id, c.party_id == (wanted.party_id.uuid if wanted.party_id else None)),
        (wanted.kind, c.kind == wanted.kind),
        (wanted.reference, c.reference == wanted.reference),
        (wanted.link_id, c.link_id == (wanted.link_id.uuid if wanted.link_id else None)),
    ]
    conditions = [condition for value, condition in offered if value]
    if wanted.created_from:
        conditions.append(c.created_at >= wanted.created_from)
    if wanted.created_to:
        conditions.append(c.created_at <= wanted.created_to)
    if wanted.q:
        conditions.append(_search(tenant_id, wanted.q))
    if wanted.payer:
        conditions.append(_paid_by(wanted.payer))
    return conditions + _of_amounts(wanted.amounts)


def _of_amounts(wanted: AmountFilter) -> list[ColumnElement[bool]]:
    c = payment.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.exactly is not None:
        conditions.append(c.amount_minor == wanted.exactly)
    if wanted.at_least is not None:
        conditions.append(c.amount_minor >= wanted.at_least)
    if wanted.at_most is not None:
        conditions.append(c.amount_minor <= wanted.at_most)
    if wanted.currency is not None:
        conditions.append(c.currency == wanted.currency)
    return conditions


def _paid_by(payer: Payer) -> ColumnElement[bool]:
    c = payment.c
    told = c.customer_email_index == payer.email_index
    if payer.party_id is None:
        return told
    return or_(told, and_(c.kind == PaymentKind.TOP_UP.value, c.party_id == payer.party_id.uuid))


def _search(tenant_id: TenantId, text: str) -> ColumnElement[bool]:
    a = attempt.c
    theirs = select(a.payment_id).where(a.tenant_id == tenant_id.uuid, or_(a.provider_ref == text, a.reference == text))
    # An array is worked out once and looked up in an index, which the rows of a sub-select are not beside an `or`.
    tried = payment.c.id == any_(func.array(theirs.scalar_subquery()))
    found = or_(begins(payment.c.reference_key, text), tried)
    try:
        return or_(found, payment.c.id == PaymentId.parse(text).uuid)
    except InvalidId:
        return found
