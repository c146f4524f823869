"""Reading and changing payment terms, and the key that signs return links."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from specie import audit
from specie.kernel.ids import PartyId
from specie.payments import terms_store
from specie.payments.model import Payment, Terms
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing, Place


async def get_terms(uow: UnitOfWork, party_id: PartyId | None) -> Terms:
    """The terms in force for a merchant, or the tenant's."""
    return await terms_store.terms_of(uow, uow.scope.party_id or party_id)


async def change_terms(uow: UnitOfWork, party_id: PartyId | None, wanted: Mapping[str, Any]) -> Terms:
    """Set some terms of a merchant, or of the tenant when none is named."""
    before = await terms_store.terms_of(uow, party_id)
    await terms_store.save_terms(uow, party_id, wanted)
    await audit.record(
        uow,
        action="payment_terms.change",
        subject=("payment_terms", terms_store.subject_of(party_id)),
        before={name: str(getattr(before, name)) for name in wanted},
        after={name: str(value) for name, value in wanted.items()},
    )
    return await terms_store.terms_of(uow, party_id)


async def new_return_key(uow: UnitOfWork, ring: KeyRing, party_id: PartyId | None) -> str:
    """Make the key with which return links are signed from now on. It is told this once."""
    key = secrets.token_urlsafe(32)
    subject = terms_store.subject_of(party_id)
    sealed = ring.wrap(key.encode(), _place(uow, subject))
    await terms_store.save_terms(uow, party_id, {"sealed_return_key": sealed})
    await audit.record(uow, action="payment_terms.return_key", subject=("payment_terms", subject))
    return key


async def return_link(uow: UnitOfWork, ring: KeyRing, payment: Payment) -> str | None:
    """The way back to the shop with the payment's status; signed when the merchant has a key.

    The signature is HMAC-SHA-256 in hex over `payment_id.reference.status.version`. It says how things stood when the
    customer left the page; the webhook or the API say how they stand.
    """
    if payment.return_url is None:
        return None
    facts = {
        "payment_id": str(payment.id),
        "reference": payment.reference,
        "status": str(payment.state),
        "version": str(payment.version),
    }
    kept = await terms_store.sealed_return_key(uow, payment.party_id)
    if kept is not None:
        subject, sealed = kept
        key = ring.unwrap(sealed, _place(uow, subject))
        facts["signature"] = hmac.new(key, ".".join(facts.values()).encode(), hashlib.sha256).hexdigest()
    parts = urlsplit(payment.return_url)
    query = "&".join(part for part in (parts.query, urlencode(facts)) if part)
    return urlunsplit(parts._replace(query=query))


def _place(uow: UnitOfWork, subject: str) -> Place:
    return Place(str(uow.scope.tenant_id), "payment_terms", subject, "return_key")
