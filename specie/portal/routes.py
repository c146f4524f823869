"""Portals over HTTP, for those who open them to their customers."""

from starlette.responses import Response

from specie import billing, parties
from specie.billing import LetterOut
from specie.kernel.ids import PartyId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text
from specie.portal import errors, service, store
from specie.portal.schemas import PortalOut

router = ApiRouter(prefix="/portals", tags=["Billing"])


def _id(party_id: str) -> PartyId:
    return id_text(PartyId, party_id, "party_id")


@router.get("/{party_id}", response_model=PortalOut)
@refuses(parties.PartyMissing)
async def show_portal(party_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> PortalOut:
    """Where a customer's own page is, if it has one, and the mails that brought the address."""
    wanted = _id(party_id)
    return await edge.read(lambda uow: _shown(uow, edge, wanted))


@router.put("/{party_id}", response_model=PortalOut)
@refuses(parties.PartyMissing)
async def open_portal(party_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Open a page of its own to a customer: what it owes and pays, what it is offered. One that is open stays."""
    wanted = _id(party_id)

    async def work(uow: UnitOfWork) -> PortalOut:
        await service.open_portal(uow, edge.service("vault"), wanted)
        return await _shown(uow, edge, wanted)

    return await edge.write(work, lambda shown: shown)


@router.delete("/{party_id}", response_model=PortalOut)
@refuses(parties.PartyMissing, errors.PortalMissing)
async def withdraw_portal(party_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Close a customer's page. Its address leads nowhere from now on; opened again it has another."""
    wanted = _id(party_id)

    async def work(uow: UnitOfWork) -> PortalOut:
        await service.withdraw(uow, wanted)
        return await _shown(uow, edge, wanted)

    return await edge.write(work, lambda shown: shown)


@router.post("/{party_id}/mail", status_code=202, response_model=LetterOut)
@refuses(parties.PartyMissing, billing.NoAddress, billing.TooManyLetters)
async def mail_portal(party_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Send a customer the address of its page, opening it when it has none."""
    wanted = _id(party_id)
    return await edge.write(lambda uow: service.mail(uow, edge.service("vault"), wanted), LetterOut.of, status=202)


async def _shown(uow: UnitOfWork, edge: Edge, customer_id: PartyId) -> PortalOut:
    await parties.get_party(uow, edge.service("vault"), customer_id)
    portal = await store.portal_of(uow, customer_id)
    return PortalOut.of(customer_id, portal, await service.letters(uow, customer_id))
