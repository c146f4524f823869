"""Letterheads: how the house appears on a new document, and on one that was issued before it moved or changed its name.

What stands in one is what a business prints on its paper for everybody, so it is kept as it is and not sealed.
"""

from specie import identity
from specie.billing import store
from specie.billing.model import Letterhead
from specie.kernel.errors import NotFound
from specie.platform.db import UnitOfWork

_PLAIN_COLOUR = "#1f4fd8"


async def freeze_letterhead(uow: UnitOfWork) -> bytes:
    """How the tenant appears on a document from now on: the digest of the letterhead of today, which is kept."""
    head = await _present(uow)
    await store.keep_letterhead(uow, head)
    return head.digest


async def letterhead_on(uow: UnitOfWork, kept: bytes | None) -> Letterhead:
    """How the tenant appears on a document: as was kept with it, or as it does now when nothing was."""
    return await (_present(uow) if kept is None else store.letterhead(uow, kept))


async def _present(uow: UnitOfWork) -> Letterhead:
    """As the tenant said, or by its own name."""
    said = await store.profile(uow)
    try:
        tenant = await identity.own_tenant(uow)
        seller, colour = said.name or tenant.name, tenant.branding.primary_colour
    except NotFound:
        seller, colour = said.name, _PLAIN_COLOUR
    return Letterhead(seller, said.address, said.tax_number, said.footer, said.country, colour)
