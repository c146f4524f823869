"""The simulator's Stripe keeps cards: pages in setup mode, payment intents without the customer, detaching."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from specie.kernel.clock import machine_timestamp
from specie.kernel.money import Money
from specie.providers.base import json_bytes
from specie.providers.reading import UNREADABLE, in_units, units
from specie.providers.simulator.desk import Desk, Order, answer, base_of
from specie.providers.simulator.rules import Charge, Mischief, Play, Signing, plays
from specie.providers.stripe.amounts import exponent_of
from specie.providers.stripe.saved import EXPANDED, INTENTS, METHODS, NEEDS_CUSTOMER, SETUP

_DAY_SECONDS = 86_400
_LONGEST_KEY = 255
_CSP = "default-src 'none'; style-src 'unsafe-inline'; form-action *; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {"Content-Security-Policy": _CSP, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_templates = Environment(loader=PackageLoader("specie.providers.simulator"), autoescape=True)
_SETUP_PARAMETERS = frozenset(
    ["mode", "client_reference_id", "customer_creation", "success_url", "cancel_url", "currency", "customer"]
) | {"allowed_payment_method_types[0]", "setup_intent_data[metadata][reference]", "expand[0]"}
_INTENT_PARAMETERS = frozenset(
    ["amount", "currency", "customer", "payment_method", "off_session", "confirm", "description", "metadata[reference]"]
)
_STATUSES = {"paid": "succeeded", "declined": "requires_payment_method", "cancelled": "canceled", "open": "processing"}
# What Stripe's own test cards do: their last digits, and the word for why a charge to them is declined.
CARDS = {"save": ("4242", ""), "ask": ("3184", NEEDS_CUSTOMER), "empty": ("0341", "insufficient_funds")}
Problem = Callable[[int, str, str], Response]


@dataclass(frozen=True, slots=True)
class Setup:
    """A page in setup mode; moments in seconds of the simulator's clock. Without a card nothing has been given yet."""

    id: str
    account: str
    reference: str
    created: int
    success_url: str
    callback_url: str
    customer: str = ""
    method: str = ""
    last4: str = ""
    decline: str = ""
    is_attached: bool = False

    def status(self, now: int) -> str:
        """Stripe's word for where it stands."""
        if self.method:
            return "complete"
        return "expired" if now >= self.created + _DAY_SECONDS else "open"


class Wallet:
    """The cards every account has had kept, in the simulator's book."""

    def __init__(self, desk: Desk, account_of: Callable[[Request], tuple[str, str] | None], problem: Problem) -> None:
        self._desk = desk
        self._account_of = account_of
        self._problem = problem

    def routes(self) -> list[Route]:
        """Intents, detaching, and the page on which a card is given."""
        return [
            Route(INTENTS, self.charge, methods=["POST"]),
            Route(INTENTS, self.several, methods=["GET"]),
            Route(f"{INTENTS}/{{id}}", self.one, methods=["GET"]),
            Route(f"{INTENTS}/{{id}}/cancel", self.one, methods=["POST"]),
            Route(f"{METHODS}/{{id}}/detach", self.detach, methods=["POST"]),
            Route("/setup/{id}", self.page, methods=["GET"]),
            Route("/setup/{id}/{card}", self.give, methods=["POST"]),
        ]

    async def order(self, request: Request, account: str, form: Mapping[str, str]) -> Response:
        """POST /v1/checkout/sessions in setup mode; its key replays the first answer, disturbed or not."""
        key = request.headers.get("idempotency-key", "")
        unknown = sorted(form.keys() - _SETUP_PARAMETERS)
        if unknown or len(key) > _LONGEST_KEY:
            return self._problem(400, "invalid_request_error", "parameter_unknown" if unknown else "key_too_long")
        if not form.get("success_url") or not (form.get("currency") or form.get("allowed_payment_method_types[0]")):
            return self._problem(400, "invalid_request_error", "parameter_missing")
        mischief = plays(request.headers.get("sim-scenario", ""))[1]
        if mischief in (Mischief.REFUSE, Mischief.ERROR_BEFORE):
            refused = mischief is Mischief.REFUSE
            return self._problem(402, "card_error", "card_declined") if refused else self._problem(500, "api_error", "")
        made = self._replayed(request, account, form, key)
        if made is None:
            return self._problem(400, "idempotency_error", "idempotency_key_in_use")
        told = answer(self._session(request, made))
        return await self._desk.disturbed(told, mischief, lambda _code: self._problem(500, "api_error", ""))

    def _replayed(self, request: Request, account: str, form: Mapping[str, str], key: str) -> Setup | None:
        asked = json.dumps(dict(form), sort_keys=True)
        name = f"stripe:key:{account}:{key}"
        earlier_form, _, earlier = self._desk.bank.book.recall(name).partition("\n") if key else ("", "", "")
        if earlier:
            return self._find(earlier) if earlier_form == asked else None
        made = Setup(
            id=f"cs_test_setup_{secrets.token_hex(12)}",
            account=account,
            reference=form.get("client_reference_id", ""),
            created=self._desk.bank.now(),
            success_url=form["success_url"],
            callback_url=request.headers.get("sim-callback", ""),
        )
        self._keep(made)
        if key:
            self._desk.bank.book.remember(name, f"{asked}\n{made.id}")
        return made

    def _find(self, setup_id: str) -> Setup | None:
        kept = self._desk.bank.book.recall(f"stripe:setup:{setup_id}")
        return Setup(**json.loads(kept)) if kept else None

    def shown(self, request: Request, account: tuple[str, str] | None) -> Response | None:
        """GET /v1/checkout/sessions/{id} of a page in setup mode; None for any other page."""
        setup = self._find(request.path_params["id"])
        if account is None or setup is None or setup.account != ":".join(account):
            return None
        return answer(self._session(request, setup))

    def is_intent(self, charge: Charge) -> bool:
        """Whether a charge of the book was taken from a kept card, and so belongs to no page."""
        return bool(self._method_of(charge))

    async def charge(self, request: Request) -> Response:
        """POST /v1/payment_intents, confirmed at once and without the customer; nothing else is played."""
        account = self._account_of(request)
        if account is None:
            return self._problem(401, "invalid_request_error", "api_key_invalid")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        wrong = self._wrong(form, ":".join(account), request.headers.get("idempotency-key", ""))
        if wrong:
            return self._problem(400, "invalid_request_error", wrong)
        order = _order(form)
        if order is None:
            return self._problem(400, "invalid_request_error", "amount_too_small")
        confirm = partial(self._confirmed, request, form["payment_method"])
        key = request.headers.get("idempotency-key", "")
        return await self._desk.order(request, account, order, confirm, self._refuse, key=key)

    def _wrong(self, form: Mapping[str, str], account: str, key: str) -> str:
        if form.keys() - _INTENT_PARAMETERS:
            return "parameter_unknown"
        if not all(form.get(name) for name in ("amount", "currency", "customer", "payment_method")):
            return "parameter_missing"
        if len(key) > _LONGEST_KEY or form.get("off_session") != "true" or form.get("confirm") != "true":
            return "parameter_invalid"
        owner = self._owner(form["payment_method"])
        belongs = owner is not None and owner.is_attached and owner.account == account
        return "" if owner and belongs and owner.customer == form["customer"] else "resource_missing"

    def _confirmed(self, request: Request, method: str, charge: Charge) -> Response:
        book, owner = self._desk.bank.book, self._owner(method)
        if charge.is_open and owner is not None:
            book.remember(f"stripe:intent:{charge.id}", method)
            play = plays(charge.scenario)[0] or (Play.DECLINE if owner.decline else Play.SUCCESS)
            charge = self._desk.bank.play(charge, play, base_of(request))
        told = self._intent(charge)
        error = told["last_payment_error"]
        return answer({"error": error | {"payment_intent": told}}, 402) if error else answer(told)

    def _refuse(self, code: str) -> Response:
        if code == "refused":
            return self._problem(402, "card_error", "card_declined")
        if code == "internal":
            return self._problem(500, "api_error", "")
        if code == "idempotency_key_reused":
            return self._problem(400, "idempotency_error", "idempotency_key_in_use")
        return self._problem(409 if code == "duplicate_reference" else 400, "invalid_request_error", code)

    async def several(self, request: Request) -> Response:
        """GET /v1/payment_intents, the newest first, of one customer when asked so."""
        account = self._account_of(request)
        if account is None:
            return self._problem(401, "invalid_request_error", "api_key_invalid")
        since, customer = int(request.query_params.get("created[gte]", "0")), request.query_params.get("customer", "")
        own = [one for one in self._desk.bank.book.charges() if one.account == ":".join(account)]
        told = [self._intent(one) for one in reversed(own) if self.is_intent(one) and one.created_at >= since]
        found = [one for one in told if not customer or one["customer"] == customer]
        limit = int(request.query_params.get("limit", "10"))
        return answer({"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": INTENTS})

    async def one(self, request: Request) -> Response:
        """GET /v1/payment_intents/{id}, and its cancelling."""
        account = self._account_of(request)
        charge = self._desk.bank.book.by_id(request.path_params["id"].replace("pi_", "chg_"))
        # A page has an intent of its own once it is paid.
        has_intent = charge is not None and (self.is_intent(charge) or charge.state == "paid")
        if not account or charge is None or charge.account != ":".join(account) or not has_intent:
            return self._problem(404, "invalid_request_error", "resource_missing")
        if request.method == "GET":
            return answer(self._intent(charge))
        if not charge.is_open:
            return self._problem(400, "invalid_request_error", "payment_intent_unexpected_state")
        return answer(self._intent(self._desk.cancel(request, charge)))

    async def detach(self, request: Request) -> Response:
        """POST /v1/payment_methods/{id}/detach: it can never be charged again."""
        account, setup = self._account_of(request), self._owner(request.path_params["id"])
        if not account or setup is None or setup.account != ":".join(account):
            return self._problem(404, "invalid_request_error", "resource_missing")
        if not setup.is_attached:
            return self._problem(400, "invalid_request_error", "payment_method_not_attached")
        self._keep(replace(setup, is_attached=False))
        return answer({"id": setup.method, "object": "payment_method", "customer": None, "type": "card"})

    async def page(self, request: Request) -> Response:
        """GET /setup/{id}: where the customer gives a card."""
        setup = self._find(request.path_params["id"])
        if setup is None:
            return HTMLResponse("There is no such page.", 404)
        status = setup.status(self._desk.bank.now())
        html = _templates.get_template("save.html").render(setup=setup, status=status, cards=CARDS)
        return HTMLResponse(html, headers=_HEADERS)

    async def give(self, request: Request) -> Response:
        """POST /setup/{id}/{card}: a card is given, and kept for a customer made for it."""
        setup, card = self._find(request.path_params["id"]), CARDS.get(request.path_params["card"])
        if setup is None or card is None:
            return HTMLResponse("There is no such page.", 404)
        if setup.status(self._desk.bank.now()) == "open":
            token, (last4, decline) = secrets.token_hex(8), card
            setup = replace(setup, customer=f"cus_{token}", method=f"pm_{token}", last4=last4, decline=decline)
            self._keep(replace(setup, is_attached=True))
            self._desk.bank.book.remember(f"stripe:method:{setup.method}", setup.id)
            self._tell(request, setup)
        return RedirectResponse(setup.success_url, status_code=303, headers={"Referrer-Policy": "no-referrer"})

    def _tell(self, request: Request, setup: Setup) -> None:
        if not setup.callback_url:
            return
        event = {
            "id": f"evt_{setup.method}",
            "object": "event",
            "type": "checkout.session.completed",
            "created": self._desk.bank.now(),
            "livemode": False,
            "data": {"object": self._session(request, setup) | {"url": None}},
        }
        bank = self._desk.bank
        bank.book.queue(setup, json_bytes(event), str(event["id"]), Signing.RIGHT, machine_timestamp())
        bank.news.set()

    def _keep(self, setup: Setup) -> None:
        self._desk.bank.book.remember(f"stripe:setup:{setup.id}", json.dumps(asdict(setup)))

    def _owner(self, method: str) -> Setup | None:
        return self._find(self._desk.bank.book.recall(f"stripe:method:{method}"))

    def _method_of(self, charge: Charge) -> str:
        return self._desk.bank.book.recall(f"stripe:intent:{charge.id}")

    def _session(self, request: Request, setup: Setup) -> dict[str, Any]:
        status = setup.status(self._desk.bank.now())
        intent: str | dict[str, Any] = setup.id.replace("cs_test_setup_", "seti_")
        if EXPANDED in request.query_params.values() or request.method == "POST":
            card = {"id": setup.method, "object": "payment_method", "card": {"brand": "visa", "last4": setup.last4}}
            intent = {"id": intent, "object": "setup_intent", "payment_method": card if setup.method else None}
        return {
            "id": setup.id,
            "object": "checkout.session",
            "mode": SETUP,
            "client_reference_id": setup.reference,
            "status": status,
            "payment_status": "no_payment_required",
            "amount_total": None,
            "currency": None,
            "customer": setup.customer or None,
            "setup_intent": intent,
            "created": setup.created,
            "expires_at": setup.created + _DAY_SECONDS,
            "livemode": False,
            "url": f"{base_of(request)}/stripe/setup/{setup.id}" if status == "open" else None,
        }

    def _intent(self, charge: Charge) -> dict[str, Any]:
        method = self._method_of(charge)
        owner = self._owner(method)
        why = (owner.decline if owner else "") or "generic_decline"
        code = why if why == NEEDS_CUSTOMER else "card_declined"
        error = {"type": "card_error", "code": code, "decline_code": why, "message": "Your card was declined."}
        return {
            "id": charge.id.replace("chg_", "pi_"),
            "object": "payment_intent",
            "status": _STATUSES.get(charge.state, charge.state),
            "amount": in_units(Money.of(charge.amount, charge.currency), exponent_of(charge.currency)),
            "currency": charge.currency.lower(),
            "customer": owner.customer if owner else None,
            "payment_method": method,
            "last_payment_error": error if charge.state == "declined" else None,
            "metadata": {"reference": charge.reference},
            "created": charge.created_at,
            "livemode": False,
        }


def _order(form: Mapping[str, str]) -> Order | None:
    code = form["currency"].upper()
    try:
        amount = units(int(form["amount"]), code, exponent_of(code)).minor
    except UNREADABLE:
        return None
    return Order(form.get("metadata[reference]") or secrets.token_hex(16), amount, code, "card")
