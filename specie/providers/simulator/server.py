"""The simulator as an HTTP service: its API, its pages, and the levers with which tests disturb it.

It runs in a process of its own (`specie simulator`) with a book of its own and shares nothing with the platform but
this package's source.
"""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from specie.kernel.errors import SpecieError
from specie.kernel.money import Money
from specie.platform.outbound import OutboundClient
from specie.providers.simulator import dialects
from specie.providers.simulator.answers import Cut, account_of, base_of, json_answer, mischief_of, pause, problem
from specie.providers.simulator.bank import Bank, OrderInvalid, ReferenceTaken
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.delivery import Courier
from specie.providers.simulator.desk import Desk
from specie.providers.simulator.methods import Methods
from specie.providers.simulator.operation_routes import OperationRoutes
from specie.providers.simulator.operations import Operations
from specie.providers.simulator.payout_desk import PayoutDesk
from specie.providers.simulator.rules import Charge, Mischief, Play, plays, public
from specie.providers.simulator.shop import Shop
from specie.providers.simulator.statement import lines

_PAGE_ROWS = 100
_MAX_BODY = 64 * 1024
_HANG_SECONDS = 30.0
_CSP = "default-src 'none'; style-src 'unsafe-inline'; form-action *; base-uri 'none'; frame-ancestors 'none'"
_PAGE_HEADERS = {"Content-Security-Policy": _CSP, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_templates = Environment(loader=PackageLoader("specie.providers.simulator"), autoescape=True)

BUTTONS: tuple[tuple[Play, str, str], ...] = (
    (Play.SUCCESS, "Approve", "The payment succeeds and the shop is told at once."),
    (Play.DECLINE, "Decline", "The payment is refused."),
    (Play.TIMEOUT, "Let it time out", "Nobody pays in time."),
    (Play.LATE, "Approve late", "It times out first; the money arrives three seconds later."),
    (Play.DOUBLED, "Approve, callback doubled", "The shop is told twice at the same moment."),
    (Play.REORDERED, "Approve, callbacks reordered", "An older message arrives after the success."),
    (Play.LOST, "Approve, callback lost", "The shop is never told and has to ask."),
)


class Simulator:
    """The routes over one bank."""

    def __init__(
        self, bank: Bank, courier: Courier, operations: Operations, *, admin_token: str, hang_seconds: float
    ) -> None:
        self._bank = bank
        self._courier = courier
        self._methods = Methods(bank.book)
        self._operations = operations
        self._admin_token = admin_token
        self._hang_seconds = hang_seconds

    async def create(self, request: Request) -> Response:
        """POST /v1/charges."""
        account, key = account_of(request), request.headers.get("idempotency-key", "")
        body = await request.body()
        if account is None:
            return problem(401, "key_missing")
        if not key or len(body) > _MAX_BODY:
            return problem(400, "idempotency_key_missing" if not key else "body_too_large")
        try:
            document = orjson.loads(body)
            scenario = str(document.get("scenario", ""))
        except (ValueError, AttributeError):
            return problem(400, "json_invalid")
        play, mischief = plays(scenario)
        mischief = mischief or mischief_of(self._bank.book.next_mischief())
        if mischief in (Mischief.ERROR_BEFORE, Mischief.REFUSE):
            return problem(500, "internal") if mischief is Mischief.ERROR_BEFORE else problem(402, "card_refused")
        if mischief is Mischief.SOFT:
            return problem(402, "try_elsewhere")
        if mischief is Mischief.FORGET:
            self._bank.book.forget_keys()
        if document.get("method"):
            return await self.disturbed(self._take_saved(request, account, key, document), mischief)
        return await self._take(request, account, key, document, play, mischief)

    def _take_saved(self, request: Request, account: str, key: str, document: Any) -> Response:
        """A charge to a way to pay that was saved is decided at once, as its method was told to."""
        scenario = self._methods.scenario_of(account, str(document["method"]))
        if scenario is None:
            return problem(402, "method_unknown")
        try:
            charge, is_new = self._bank.order(account, key, document)
        except OrderInvalid as error:
            return problem(422, "order_invalid", str(error))
        except ReferenceTaken as error:
            return problem(409, error.code)
        if is_new:
            charge = self._bank.play(charge, plays(scenario)[0] or Play.SUCCESS, base_of(request))
        return _charge_answer(charge, request)

    async def _take(
        self, request: Request, account: str, key: str, document: Any, play: Play | None, mischief: Mischief | None
    ) -> Response:
        try:
            charge, is_new = self._bank.order(account, key, document)
        except OrderInvalid as error:
            return problem(422, "order_invalid", str(error))
        except ReferenceTaken as error:
            return problem(409, error.code)
        answer = _charge_answer(charge, request)
        if is_new and play is not None:
            self._bank.play(charge, play, base_of(request))
            if play is Play.BEFORE_ANSWER:
                await self._courier.deliver_due()
        return await self.disturbed(answer, mischief)

    async def disturbed(self, answer: Response, mischief: Mischief | None) -> Response:
        """An answer as it arrives after a mischief on the wire."""
        if mischief is Mischief.NO_ANSWER:
            await pause(self._hang_seconds)
        if mischief is Mischief.CUT:
            return Cut(bytes(answer.body))
        if mischief is Mischief.ERROR_AFTER:
            return problem(500, "internal")
        return answer

    async def show(self, request: Request) -> Response:
        """GET /v1/charges/{reference}: what happened to it?"""
        account = account_of(request)
        if account is None:
            return problem(401, "key_missing")
        charge = self._bank.find(account, request.path_params["reference"])
        return _charge_answer(charge, request) if charge else problem(404, "charge_not_found")

    async def cancel(self, request: Request) -> Response:
        """POST /v1/charges/{reference}/cancel."""
        account = account_of(request)
        if account is None:
            return problem(401, "key_missing")
        charge = self._bank.find(account, request.path_params["reference"])
        if charge is None:
            return problem(404, "charge_not_found")
        return _charge_answer(self._bank.cancel(charge, base_of(request)), request)

    async def statement(self, request: Request) -> Response:
        """GET /v1/statement?since=…&until=…&cursor=…"""
        account = account_of(request)
        if account is None:
            return problem(401, "key_missing")
        try:
            since, until = int(request.query_params["since"]), int(request.query_params["until"])
        except (KeyError, ValueError):
            return problem(422, "window_invalid")
        self._bank.let_time_pass()
        told, cursor = lines(self._bank.book, account, since, until), request.query_params.get("cursor", "")
        after = next((at for at, line in enumerate(told, 1) if line["key"] == cursor), 0)
        shown = told[after : after + _PAGE_ROWS]
        next_cursor = shown[-1]["key"] if len(told) > after + _PAGE_ROWS else None
        return json_answer({"data": shown, "next_cursor": next_cursor})

    async def balance(self, request: Request) -> Response:
        """GET /v1/balance?currency=…: collected, less fees, and what was given back, paid out or paid over."""
        account, currency = account_of(request), request.query_params.get("currency", "")
        if account is None:
            return problem(401, "key_missing")
        self._bank.let_time_pass()
        return json_answer({"currency": currency, "balance": self._bank.book.balance(account, currency)})

    async def page(self, request: Request) -> Response:
        """GET /pay/{charge}: what the customer sees."""
        self._bank.let_time_pass()
        charge = self._bank.book.by_id(request.path_params["charge"])
        if charge is None:
            return HTMLResponse("There is no such payment.", 404)
        html = _templates.get_template("pay.html").render(
            charge=charge,
            amount=_shown(charge),
            buttons=BUTTONS,
            refundable=self._operations.refundable(charge),
            disputed=self._operations.is_disputed(charge),
        )
        return HTMLResponse(html, headers=_PAGE_HEADERS)

    async def press(self, request: Request) -> Response:
        """POST /pay/{charge}/{play}: a button on that page."""
        charge = self._bank.book.by_id(request.path_params["charge"])
        play = _play(request.path_params["play"])
        if charge is None or play is None:
            return HTMLResponse("There is no such payment.", 404)
        if charge.is_open:
            self._bank.play(charge, play, base_of(request))
        goal = charge.return_url or f"/pay/{charge.id}"
        return RedirectResponse(goal, status_code=303, headers={"Referrer-Policy": "no-referrer"})

    async def admin(self, request: Request) -> Response:
        """The levers: POST /admin/{misbehave|clock|pay-over|forget|play}, GET /admin/book."""
        if self._admin_token and not hmac.compare_digest(
            request.headers.get("sim-admin", "").encode(), self._admin_token.encode()
        ):
            return problem(401, "admin_token_missing")
        lever = request.path_params["lever"]
        if request.method == "GET" and lever == "book":
            charges = [asdict(charge) for charge in self._bank.book.charges()]
            operations = [asdict(operation) for operation in self._bank.book.operations.operations()]
            payouts = [asdict(payout) for payout in self._bank.book.payouts.all()]
            told = {"callbacks": self._bank.book.callbacks(), "now": self._bank.now()}
            return json_answer({"charges": charges, "operations": operations, "payouts": payouts} | told)
        body: dict[str, Any] = orjson.loads(await request.body() or b"{}")
        return json_answer(self._pull(lever, body, base_of(request)))

    def _pull(self, lever: str, body: Mapping[str, Any], base_url: str) -> dict[str, Any]:
        if lever == "clock":
            self._bank.book.advance(int(body["seconds"]))
            self._bank.let_time_pass()
        elif lever == "misbehave":
            self._bank.book.misbehave(str(body.get("mischief", "")), int(body.get("times", 1)))
        elif lever == "pay-over":
            self._bank.book.pay_over(str(body["account"]), str(body["currency"]), int(body["amount"]))
        elif lever == "forget":
            self._bank.book.forget_keys()
        elif lever == "play":
            charge = self._bank.book.by_id(str(body["charge"]))
            if charge is not None:
                self._bank.play(charge, Play(body["play"]), base_url)
        return {"now": self._bank.now()}


def create_app(
    book: Path | str,
    *,
    admin_token: str = "",
    hang_seconds: float = _HANG_SECONDS,
    delivers: bool = True,
    pace: float = 1.0,
) -> Starlette:
    """The service over one book. `hang_seconds` is how long `no_answer` keeps a caller waiting.

    Callbacks that come later do so after the part of their seconds that `pace` says.
    One that does not deliver leaves its callbacks in the book for the next one.
    """
    kept = Book(book)
    bank = Bank(kept, dialects.voices(kept), pace)
    outbound = OutboundClient()
    courier = Courier(bank, outbound)
    operations = Operations(bank)
    simulator = Simulator(bank, courier, operations, admin_token=admin_token, hang_seconds=hang_seconds)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        delivering = [asyncio.create_task(courier.run())] if delivers else []
        yield
        for task in delivering:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await outbound.close()
        bank.book.close()

    routes = [
        Route("/v1/charges", simulator.create, methods=["POST"]),
        Route("/v1/charges/{reference}", simulator.show, methods=["GET"]),
        Route("/v1/charges/{reference}/cancel", simulator.cancel, methods=["POST"]),
        Route("/v1/statement", simulator.statement, methods=["GET"]),
        Route("/v1/balance", simulator.balance, methods=["GET"]),
        Route("/pay/{charge}", simulator.page, methods=["GET"]),
        Route("/pay/{charge}/{play}", simulator.press, methods=["POST"]),
        Route("/admin/{lever}", simulator.admin, methods=["GET", "POST"]),
        *Methods(bank.book).routes(),
        *PayoutDesk(bank, simulator.disturbed).routes(),
        *OperationRoutes(bank, operations, hang_seconds=hang_seconds).routes(),
        *Shop(bank.book).routes(),
        *_dialect_routes(Desk(bank, courier, operations, hang_seconds)),
        Route("/health", lambda _request: json_answer({"status": "ok"}), methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _dialect_routes(desk: Desk) -> list[BaseRoute]:
    return [Mount(f"/{voice.name}", routes=voice.routes(desk)) for voice in desk.bank.voices.values() if voice.name]


def serve(book: Path, *, host: str = "127.0.0.1", port: int = 8010, admin_token: str = "") -> None:
    """Run the service until it is told to stop."""
    book.parent.mkdir(parents=True, exist_ok=True)
    app = create_app(book, admin_token=admin_token)
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False, server_header=False)


def _play(text: str) -> Play | None:
    return Play(text) if text in set(Play) else None


def _charge_answer(charge: Charge, request: Request) -> Response:
    return json_answer(public(charge, f"{base_of(request)}/pay/{charge.id}"))


def _shown(charge: Charge) -> str:
    try:
        return str(Money.of(charge.amount, charge.currency))
    except SpecieError:
        return f"{charge.amount} {charge.currency}"
