"""Opening, sending, reading and withdrawing portals."""

from uuid import UUID

from specie import audit, billing, parties, sales
from specie.billing import Content, InvoiceFilter, Letter, LetterKind
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.portal import store
from specie.portal.errors import PortalMissing
from specie.portal.model import Overview, Owed, Portal
from specie.sales import Quote, QuoteState, SalesFilter

_ON_A_PAGE = 20


async def open_portal(uow: UnitOfWork, ring: KeyRing, customer_id: PartyId) -> Portal:
    """The customer's portal; a new one with an address of its own when it has none. Raises PartyMissing."""
    await parties.get_party(uow, ring, customer_id)
    made = Portal(customer_id, billing.new_token(), uow.now)
    if not await store.insert_portal(uow, made, billing.digest(made.token)):
        return await get(uow, customer_id)
    await audit.record(uow, action="portal.open", subject=("party", str(customer_id)))
    return made


async def get(uow: UnitOfWork, customer_id: PartyId) -> Portal:
    """The customer's portal. Raises PortalMissing."""
    found = await store.portal_of(uow, customer_id)
    if found is None:
        raise PortalMissing(f"{customer_id} has no portal")
    return found


async def withdraw(uow: UnitOfWork, customer_id: PartyId) -> None:
    """Close the customer's portal: its address leads nowhere from now on. Raises PortalMissing."""
    if not await _close(uow, customer_id):
        raise PortalMissing(f"{customer_id} has no portal")
    await audit.record(uow, action="portal.withdraw", subject=("party", str(customer_id)))


async def forget(uow: UnitOfWork, customer_id: PartyId, _contact: parties.Contact) -> None:
    """Whoever has been erased has no portal either."""
    await _close(uow, customer_id)


async def _close(uow: UnitOfWork, customer_id: PartyId) -> bool:
    """Take a portal and the way to it away; whether there was one."""
    token = await store.delete_portal(uow, customer_id)
    if token is None:
        return False
    await store.delete_link(uow, billing.digest(token))
    return True


async def mail(uow: UnitOfWork, ring: KeyRing, customer_id: PartyId) -> Letter:
    """Send the portal's address to its customer, opening it when there is none.

    Raises PartyMissing, NoAddress or TooManyLetters.
    """
    await open_portal(uow, ring, customer_id)
    return await billing.request_letter(uow, ring, LetterKind.PORTAL, customer_id.uuid, customer_id)


async def letters(uow: UnitOfWork, customer_id: PartyId) -> list[Letter]:
    """The mails that brought the portal's address, oldest first."""
    return await billing.letters_of(uow, customer_id.uuid)


async def overview(uow: UnitOfWork, ring: KeyRing, before: UUID | None) -> Overview:
    """What the customer in whose scope this is may read. `before`: older invoices than this one.

    Raises PortalMissing.
    """
    customer_id = uow.scope.party_id
    portal = await store.portal_of(uow, customer_id) if customer_id else None
    if portal is None or customer_id is None:
        raise PortalMissing("the portal was withdrawn")
    stands = [await _owed(uow, customer_id, each) for each in await billing.currencies_of_customer(uow, customer_id)]
    settled = await billing.invoices(uow, InvoiceFilter(is_closed=True), before, _ON_A_PAGE)
    return Overview(
        portal=portal,
        head=await billing.letterhead_on(uow, None),
        customer=(await parties.names(uow, ring, [customer_id])).get(customer_id, ""),
        day=uow.business_date,
        owed=[each for each in stands if each.invoices or each.credit_minor],
        offered=await _offered(uow),
        settled=settled.items,
        older=settled.next_key is not None,
        received=(await billing.receipts(uow, None, None, _ON_A_PAGE)).items,
    )


async def _owed(uow: UnitOfWork, customer_id: PartyId, currency: Currency) -> Owed:
    opened = await billing.open_of_customer(uow, customer_id, currency)
    left = sum(minor for _, minor in await billing.credits_of(uow, customer_id, currency))
    return Owed(currency, await billing.standings(uow, opened), left)


async def _offered(uow: UnitOfWork) -> list[Quote]:
    page = await sales.quotes(uow, SalesFilter(state=QuoteState.SENT.value), None, _ON_A_PAGE)
    return [each for each in page.items if each.valid_until >= uow.business_date]


async def _letter(uow: UnitOfWork, ring: KeyRing, document_id: UUID) -> Content | None:
    customer_id = PartyId(document_id)
    portal = await store.portal_of(uow, customer_id)
    if portal is None:
        return None
    head = await billing.letterhead_on(uow, None)
    named = await parties.names(uow, ring, [customer_id])
    return Content(
        told={"customer": named.get(customer_id, ""), "seller": head.seller},
        colour=head.colour,
        subject=f"Your account with {head.seller}",
        sentence="here is a page of your own with what is open, what we offer and what you have paid. "
        "Whoever has its address can read it, so keep it to yourself:",
        path=portal.path,
        is_printed=False,
    )


billing.compose_as(LetterKind.PORTAL, _letter)
