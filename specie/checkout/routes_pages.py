"""The hosted pages themselves: HTML that works without a script, and its few static files."""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from specie import payments
from specie.checkout import service
from specie.checkout.errors import AmountUnreadable, CheckoutMissing
from specie.checkout.model import Brand, Checkout, Stage, View, read_amount
from specie.checkout.receipt import as_pdf
from specie.checkout.rendering import MEDIA, YEAR, Policy, back, form_of, language_for, message, picture, render, static
from specie.checkout.routes import Visit, visit
from specie.checkout.texts import TEXTS, amount_text, moment_text
from specie.kernel.errors import SpecieError, Unavailable
from specie.kernel.ids import PaymentLinkId, RequestId
from specie.kernel.money import Money
from specie.kernel.scope import Mode, Scope
from specie.payments import MethodUnavailable, PaymentLink
from specie.platform.db import Database, UnitOfWork
from specie.providers import ActionKind, ChargeKind

pages = APIRouter(include_in_schema=False)

# Nothing but an address may get into the policy's header.
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:-]+")


@pages.get("/checkout-assets/{name}")
async def asset(name: str) -> Response:
    """A static file of the pages; its address changes with its content, so browsers may keep it."""
    if name not in MEDIA:
        return Response(status_code=404)
    headers = {"Cache-Control": f"public, max-age={YEAR}, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(static(name), headers=headers, media_type=MEDIA[name])


@pages.get("/checkout/{token}")
async def show_page(token: str, request: Request) -> Response:
    """The page as it stands now."""
    found = await _page_visit(request, token)
    if found is None:
        return message(request, "missing", 404)
    visitor, view = found
    return render(
        request,
        "checkout.html",
        view.brand,
        is_test=view.is_test,
        policy=Policy(_picture_origin(view)),
        **_shown(view, visitor.scope, request),
    )


@pages.post("/checkout/{token}/pay")
async def pay(token: str, request: Request) -> Response:
    """Try to pay in the way the form names; what became of it is on the page."""
    found = await _page_visit(request, token)
    if found is None:
        return message(request, "missing", 404)
    visitor, view = found
    method = str((await form_of(request)).get("method", ""))
    if method in set(ChargeKind):
        try:
            await payments.pay(visitor.context, view.payment.id, ChargeKind(method))
        except MethodUnavailable:
            return _back(view.checkout, "?notice=unavailable")
        except Unavailable:
            return _back(view.checkout, "?notice=busy")
        except SpecieError:
            # The state has moved on meanwhile (paid, expired, or a double press): the page says how it stands.
            return _back(view.checkout)
    return _back(view.checkout)


@pages.post("/checkout/{token}/check")
async def check(token: str, request: Request) -> Response:
    """Ask the provider now, for customers who have paid and see no change."""
    found = await _page_visit(request, token)
    if found is None:
        return message(request, "missing", 404)
    visitor, view = found
    if view.stage not in (Stage.PAID, Stage.CANCELLED):
        await payments.check(visitor.context, view.payment.id)
    return _back(view.checkout)


@pages.get("/checkout/{token}/qr.svg")
async def qr_image(token: str, request: Request) -> Response:
    """The code to scan, as a picture; gone when there is nothing to scan."""
    found = await _page_visit(request, token)
    if found is None:
        return Response(status_code=404)
    _, view = found
    action = view.attempt.action if view.attempt else None
    if view.stage is not Stage.WAITING or action is None or action.kind is not ActionKind.QR_STRING:
        return Response(status_code=404)
    answer = picture(action.text)
    if request.query_params.get("save"):
        answer.headers["Content-Disposition"] = f'attachment; filename="qr-{view.payment.id}.svg"'
    return answer


@pages.get("/checkout/{token}/receipt.pdf")
async def receipt(token: str, request: Request) -> Response:
    """The receipt to keep; there is none before the payment is paid."""
    found = await _page_visit(request, token)
    if found is None or found[1].stage is not Stage.PAID:
        return message(request, "missing", 404)
    visitor, view = found
    content = await asyncio.to_thread(as_pdf, view, visitor.scope.clock.zone, language_for(request))
    headers = {
        "Content-Disposition": f'inline; filename="{view.payment.id}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, headers=headers, media_type="application/pdf")


@pages.get("/pay/{token}")
async def show_link(token: str, request: Request) -> Response:
    """A payment link: who asks for how much, for what."""
    found = await _link_visit(request, token)
    if found is None:
        return message(request, "missing", 404)
    scope, link_id = found
    return await _link_page(request, scope, link_id, notice="")


@pages.post("/pay/{token}")
async def follow_link(token: str, request: Request) -> Response:
    """Turn a link into a payment and go to its page. A single link leads to the same payment again."""
    found = await _link_visit(request, token)
    if found is None:
        return message(request, "missing", 404)
    scope, link_id = found
    services, typed = request.app.state.services, str((await form_of(request)).get("amount", ""))

    async def use(uow: UnitOfWork) -> Checkout:
        link = await payments.get_link(uow, link_id)
        offered = read_amount(typed, link.currency) if link.amount is None else None
        payment, _ = await payments.use_link(uow, services["vault"], link_id, offered)
        return await service.open_page(uow, payment)

    db: Database = request.app.state.db
    try:
        return _back(await db.run(scope, use, label="checkout.link"))
    except (AmountUnreadable, payments.LinkAmount):
        return await _link_page(request, scope, link_id, notice="bad_amount")
    except payments.LinkClosed:
        return message(request, "link_closed", 410)


async def _page_visit(request: Request, token: str) -> tuple[Visit, View] | None:
    try:
        visitor = await visit(request, token)
        return visitor, await visitor.view()
    except CheckoutMissing:
        return None


async def _link_visit(request: Request, token: str) -> tuple[Scope, PaymentLinkId] | None:
    db: Database = request.app.state.db
    found = await db.run(
        None, lambda uow: payments.owner_of_token(uow, payments.link_digest(token)), label="checkout.link.find"
    )
    if found is None:
        return None
    tenant_id, link_id = found
    return await request.app.state.services["scope_for_job"](tenant_id, "checkout", RequestId.new()), link_id


async def _link_page(request: Request, scope: Scope, link_id: PaymentLinkId, *, notice: str) -> Response:
    db: Database = request.app.state.db

    async def look(uow: UnitOfWork) -> tuple[PaymentLink, Checkout | None, Brand, bool]:
        link = await payments.get_link(uow, link_id)
        current = await payments.current_payment_of_link(uow, link)
        page = await service.open_page(uow, current) if current else None
        is_open = link.is_active and not link.is_over(uow.now)
        return link, page, await service.brand_of(uow, link.party_id), is_open

    link, page, brand, is_open = await db.run(scope, look, label="checkout.link.look")
    if page is not None:
        return _back(page)
    if not is_open:
        return message(request, "link_closed", 410)
    language = language_for(request)
    amount = amount_text(link.amount, language) if link.amount is not None else ""
    return render(
        request,
        "link.html",
        brand,
        status=422 if notice else 200,
        is_test=scope.mode is Mode.SANDBOX,
        link=link,
        amount=amount,
        bounds=_bounds(link, language),
        notice=notice,
    )


def _bounds(link: PaymentLink, language: str) -> str:
    minimum = amount_text(link.minimum, language) if link.minimum is not None else ""
    maximum = amount_text(link.maximum, language) if link.maximum is not None else ""
    if not minimum and not maximum:
        return ""
    name = "amount_between" if minimum and maximum else "amount_from" if minimum else "amount_to"
    return TEXTS[language][name].format(minimum=minimum, maximum=maximum)


def _shown(view: View, scope: Scope, request: Request) -> dict[str, Any]:
    language = language_for(request)
    payment = view.payment
    return {
        "view": view,
        "stage": str(view.stage),
        "amount": amount_text(payment.amount, language),
        "expires": moment_text(payment.expires_at, scope.clock.zone, language),
        "paid_at": moment_text(payment.paid_at, scope.clock.zone, language) if payment.paid_at else "",
        "number": _grouped(view),
        "notice": _notice(view, request.query_params.get("notice", "")),
        "events_url": f"/api/v1{view.checkout.path}/events",
        "plain_amount": str(Money(payment.amount.minor, payment.amount.currency).major()),
    }


def _notice(view: View, asked: str) -> str:
    """What went wrong with the last try; that it did not go through is no news once one has."""
    is_known = asked == "unavailable" or (asked == "busy" and view.stage in (Stage.CHOOSE, Stage.DECLINED))
    return asked if is_known else ""


def _grouped(view: View) -> str:
    action = view.attempt.action if view.attempt else None
    number = action.number if action else ""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _picture_origin(view: View) -> str:
    """Where the picture of a code comes from when the provider gives no text to draw it from; empty otherwise."""
    action = view.attempt.action if view.attempt else None
    if action is None or action.kind is not ActionKind.QR_IMAGE:
        return ""
    parts = urlsplit(action.image)
    return f" {parts.scheme}://{parts.netloc}" if _ORIGIN.fullmatch(f"{parts.scheme}://{parts.netloc}") else ""


def _back(checkout: Checkout, query: str = "") -> Response:
    return back(f"{checkout.path}{query}")
