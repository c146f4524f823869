"""Payment links over HTTP; who follows one lands on the hosted page of `checkout`."""

from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import Query
from starlette.responses import Response

from specie.kernel.ids import PaymentLinkId
from specie.kernel.money import MixedCurrencies
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.payments import errors, link_store, links
from specie.payments.link_model import PaymentLink
from specie.payments.link_schemas import LinkChange, LinkIn, LinkOut
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, id_text

router = ApiRouter(prefix="/payment-links", tags=["Payment links"])

_LIST = "payment-links"


@router.post("", status_code=201, response_model=LinkOut)
@refuses(errors.MerchantRequired, MixedCurrencies)
async def create_link(body: LinkIn, edge: Edge = requires(Permission.PAYMENTS_CREATE)) -> Response:
    """Make a link that collects: fixed or open amount, single or reusable."""
    return await edge.write(lambda uow: links.create(uow, body.command()), _shown(edge), status=201)


@router.get("", response_model=ListOf[LinkOut])
async def list_links(
    edge: Edge = requires(Permission.PAYMENTS_READ),
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Any:
    """Payment links, newest first."""
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None

    async def read(uow: UnitOfWork) -> Page[PaymentLink]:
        rows = await link_store.find_links(uow, before, limit)
        return Page.cut(rows, limit, key=lambda link: (str(link.id.uuid),))

    return edge.page(_LIST, await edge.read(read), _shown(edge))


@router.get("/{payment_link_id}", response_model=LinkOut)
@refuses(errors.LinkMissing)
async def show_link(payment_link_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> LinkOut:
    """One payment link."""
    wanted = id_text(PaymentLinkId, payment_link_id, "payment_link_id")
    return LinkOut.at(await edge.read(lambda uow: links.get(uow, wanted)), edge.service("settings").public_url)


@router.get("/{payment_link_id}/qr.svg", response_class=Response)
@refuses(errors.LinkMissing)
async def show_link_code(payment_link_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> Response:
    """The link's address as a code to scan, to print and to put up."""
    wanted = id_text(PaymentLinkId, payment_link_id, "payment_link_id")
    link = LinkOut.at(await edge.read(lambda uow: links.get(uow, wanted)), edge.service("settings").public_url)
    svg = segno.make(link.url, error="m").svg_inline(scale=8, border=4, dark="#000", light="#fff")
    # A picture of its own needs the name space that a piece of a page does without.
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


@router.patch("/{payment_link_id}", response_model=LinkOut)
@refuses(errors.LinkMissing)
async def change_link(
    payment_link_id: str, body: LinkChange, edge: Edge = requires(Permission.PAYMENTS_CREATE)
) -> Response:
    """Switch a link on or off, or change its text or its end."""
    wanted = id_text(PaymentLinkId, payment_link_id, "payment_link_id")
    return await edge.write(lambda uow: links.change(uow, wanted, body.wanted()), _shown(edge))


def _shown(edge: Edge) -> Any:
    public_url: str = edge.service("settings").public_url
    return lambda link: LinkOut.at(link, public_url)
