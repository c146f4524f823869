"""The page of a purchase: its customer signs in, chooses what pays, looks at it, agrees, and follows it.

Every form works without a script. Nothing about a person is shown before that person has signed in.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from starlette.responses import Response

from specie import identity, purchases
from specie.checkout import orders
from specie.checkout.errors import CheckoutMissing
from specie.checkout.order_model import OrderPage, OrderView, OwnView, proposal, read_choice, settled_form
from specie.checkout.order_shown import shown
from specie.checkout.rendering import Policy, back, form_of, message, picture, render
from specie.checkout.routes_orders import Call, call_of
from specie.identity import Credentials, Visitor
from specie.kernel.errors import Forbidden, SpecieError, Unauthenticated
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.purchases import Preview, Purchase, PurchaseCannotMove, PurchaseExpired, PurchaseMissing, PurchaseState

pages = APIRouter(include_in_schema=False)

# A form of our own page proves its origin, which browsers only tell when the page lets them.
_POLICY = Policy(referrer="same-origin")
Form = Mapping[str, str]
# What a page repeats of a form; a password is never among it.
_REPEATED = ("email", "cashback", "wallet", "plan", "installments")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request for the page: who sent it, as far as a running session tells, and what everybody may see."""

    request: Request
    call: Call
    view: OrderView
    visitor: Visitor | None
    lapsed: SpecieError | None = None
    """Why a session that the browser still keeps lets nobody in."""
    form: Form = field(default_factory=dict, repr=False)

    @property
    def page(self) -> OrderPage:
        """The page itself."""
        return self.view.page

    @property
    def identity(self) -> identity.Identity:
        """What identity works with."""
        found: identity.Identity = self.call.services[identity.SERVICE]
        return found

    def require_customer(self) -> Visitor:
        """Who sent a form from a running session of their own. Raises Unauthenticated, CsrfRefused or Forbidden."""
        if self.visitor is None:
            raise self.lapsed or Unauthenticated("sign in first")
        identity.require_own_form(self.identity, self.request, self.visitor, self.form.get("csrf", ""))
        if Permission.PURCHASES_PAY not in self.visitor.scope.permissions:
            raise Forbidden("this account may not pay")
        return self.visitor


Step = Callable[[Arrival], Awaitable[Response]]


@pages.get("/buy/{token}")
async def show_order(token: str, request: Request) -> Response:
    """The page as it stands now, for whoever looks."""
    return await _serve(request, token, _answer)


@pages.get("/buy/{token}/qr.svg")
async def page_code(token: str, request: Request) -> Response:
    """The page's own address as a code, to be scanned from the merchant's screen."""
    try:
        arrival = await _arrive(request, token)
    except CheckoutMissing:
        return Response(status_code=404)
    public_url = arrival.call.services["settings"].public_url
    return picture(f"{public_url}{arrival.page.path}")


@pages.get("/buy/{token}/{step}")
async def leave_step(token: str, step: str, request: Request) -> Response:
    """What a form led to is not there to come back to, whichever it was."""
    del step
    return await _serve(request, token, _to_page)


@pages.post("/buy/{token}/sign-in")
async def sign_in(token: str, request: Request) -> Response:
    """Start the customer's session, under the rules of the console."""
    return await _serve(request, token, _sign_in)


@pages.post("/buy/{token}/sign-out")
async def sign_out(token: str, request: Request) -> Response:
    """End the session."""
    return await _serve(request, token, _sign_out)


@pages.post("/buy/{token}/plan")
async def look(token: str, request: Request) -> Response:
    """What each tender would pay, and what parts cost; nothing is set aside."""
    return await _serve(request, token, _look)


@pages.post("/buy/{token}/choose")
async def choose_differently(token: str, request: Request) -> Response:
    """The form once more, as it was filled in."""
    return await _serve(request, token, _answer)


@pages.post("/buy/{token}/pay")
async def pay_order(token: str, request: Request) -> Response:
    """Pay with what the form names, all of it or nothing; a provider's part is paid on its own page."""
    return await _serve(request, token, _pay)


@pages.post("/buy/{token}/again")
async def choose_again(token: str, request: Request) -> Response:
    """Give back what is set aside, to choose something else."""
    return await _serve(request, token, _choose_again)


async def _serve(request: Request, token: str, step: Step) -> Response:
    try:
        arrival = await _arrive(request, token)
    except CheckoutMissing:
        return message(request, "missing", 404)
    try:
        return await step(arrival)
    except (PurchaseCannotMove, PurchaseExpired):
        # It has moved on meanwhile (paid, called off, or a double press): the page says how it stands.
        return back(arrival.page.path)
    except SpecieError as refusal:
        return await _answer(arrival, refusal)


async def _arrive(request: Request, token: str) -> Arrival:
    call = await call_of(request, token)
    view = await call.db.run(
        call.scope, lambda uow: orders.order_view(uow, call.purchase_id), label="checkout.order.view"
    )
    form = await form_of(request) if request.method == "POST" else {}
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        visitor = await identity.visitor_of(call.db, call.services[identity.SERVICE], request)
    except (Unauthenticated, identity.NoMembership) as lapsed:
        return Arrival(request, call, view, None, lapsed, fields)
    # A session works in one tenant at a time; one of another tenant is nobody's here.
    is_here = visitor is not None and visitor.scope.tenant_id == call.scope.tenant_id
    return Arrival(request, call, view, visitor if is_here else None, None, fields)


async def _to_page(arrival: Arrival) -> Response:
    return back(arrival.page.path)


async def _sign_in(arrival: Arrival) -> Response:
    form, means = arrival.form, arrival.identity
    typed = Credentials(form.get("email", ""), form.get("password", ""), form.get("code", "").strip() or None)
    secret = await identity.sign_in_on_page(
        arrival.call.db, means, arrival.request, arrival.call.scope.tenant_id, typed
    )
    answer = back(arrival.page.path)
    identity.set_cookie(answer, means, secret)
    return answer


async def _sign_out(arrival: Arrival) -> Response:
    answer, visitor = back(arrival.page.path), arrival.visitor
    if visitor is None:
        # A form from elsewhere comes without the cookie, and signs nobody out.
        return answer
    identity.require_own_form(arrival.identity, arrival.request, visitor, arrival.form.get("csrf", ""))
    await arrival.call.db.run(visitor.scope, identity.sign_out, label="checkout.order.sign_out")
    identity.forget_cookie(answer, arrival.identity)
    return answer


async def _look(arrival: Arrival) -> Response:
    visitor = arrival.require_customer()
    wishes = read_choice(arrival.view.purchase, arrival.form)

    async def work(uow: UnitOfWork) -> Preview:
        return await purchases.preview(uow, await purchases.in_person(uow, arrival.call.purchase_id), wishes)

    if arrival.view.purchase.state is not PurchaseState.OPEN:
        return back(arrival.page.path)
    found = await arrival.call.db.run(visitor.scope, work, label="checkout.order.plan")
    return await _answer(arrival, preview=found)


async def _pay(arrival: Arrival) -> Response:
    visitor, ring = arrival.require_customer(), arrival.call.services["vault"]
    wishes = read_choice(arrival.view.purchase, arrival.form)

    async def work(uow: UnitOfWork) -> str | None:
        paid = await purchases.pay_in_person(uow, ring, arrival.call.purchase_id, wishes)
        return (await orders.own_view(uow, ring, paid.id)).payment_path

    payment_path = await arrival.call.db.run(visitor.scope, work, label="checkout.order.pay")
    return back(payment_path or arrival.page.path)


async def _choose_again(arrival: Arrival) -> Response:
    visitor = arrival.require_customer()

    async def work(uow: UnitOfWork) -> Purchase:
        return await purchases.choose_again(uow, arrival.call.purchase_id)

    await arrival.call.db.run(visitor.scope, work, label="checkout.order.again")
    return back(arrival.page.path)


async def _answer(arrival: Arrival, refusal: SpecieError | None = None, preview: Preview | None = None) -> Response:
    """The page for whoever looks, with what was refused and what was typed."""
    own, is_other = await _own(arrival)
    refused = refusal or (arrival.lapsed if own is None and not is_other else None)
    is_choosing = own is not None and arrival.view.purchase.state is PurchaseState.OPEN
    typed = dict(arrival.form) or (proposal(arrival.view.purchase, own.possible) if own else {})
    status = refusal.status if refusal is not None else 404 if is_other else 200
    answer = render(
        arrival.request,
        "order.html",
        arrival.view.brand,
        status=status,
        is_test=arrival.view.is_test,
        policy=_POLICY,
        path=arrival.page.path,
        csrf=arrival.visitor.csrf if arrival.visitor else "",
        is_other=is_other,
        is_choosing=is_choosing,
        refused=refused.code if refused else "",
        wrong=(refused.param or "") if refused else "",
        typed={name: typed.get(name, "") for name in _REPEATED},
        settled=settled_form(preview) if preview else {},
        **shown(arrival.view, own, preview, arrival.call.scope.clock.zone, arrival.request),
    )
    answer.headers.update(refusal.headers if refusal is not None else {})
    return answer


async def _own(arrival: Arrival) -> tuple[OwnView | None, bool]:
    """What the customer sees, if it is the customer who looks; and whether it is somebody else."""
    visitor = arrival.visitor
    if visitor is None:
        return None, False
    ring = arrival.call.services["vault"]
    try:
        own = await arrival.call.db.run(
            visitor.scope,
            lambda uow: orders.own_view(uow, ring, arrival.call.purchase_id),
            label="checkout.order.own",
        )
    except PurchaseMissing:
        return None, True
    return own, False
