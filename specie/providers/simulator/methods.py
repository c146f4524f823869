"""Ways to pay that the simulator keeps: a token for each, and what happens to charges that name it."""

import hashlib

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from specie.providers.simulator.answers import account_of, json_answer, problem
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.rules import plays

_LABELS = {"card": "Visa", "ewallet": "E-wallet"}


class Methods:
    """The methods of every account, in the simulator's book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def save(self, request: Request) -> Response:
        """POST /v1/methods: keep a way to pay; the scenario `refuse` says no."""
        account = account_of(request)
        if account is None:
            return problem(401, "key_missing")
        try:
            document = orjson.loads(await request.body())
            reference, kind = str(document["reference"]), str(document["kind"])
            scenario = str(document.get("scenario", ""))[:60]
        except (ValueError, KeyError, TypeError):
            return problem(422, "method_invalid")
        if kind not in _LABELS or not reference:
            return problem(422, "method_invalid")
        if plays(scenario)[1] is not None:
            return problem(402, "method_refused")
        token = "mth_" + hashlib.sha256(f"{account}|{reference}".encode()).hexdigest()[:24]
        self._book.remember(f"method:{account}:{token}", scenario or "success")
        last = int(token[-4:], 16) % 10_000
        return json_answer({"token": token, "label": f"{_LABELS[kind]} •••• {last:04}"})

    def scenario_of(self, account: str, token: str) -> str | None:
        """What charges to a method do; None for one that the account has never saved."""
        return self._book.recall(f"method:{account}:{token}") or None

    async def forget(self, request: Request) -> Response:
        """POST /v1/methods/{token}/forget: charges to it are refused from now on."""
        account = account_of(request)
        if account is None:
            return problem(401, "key_missing")
        token = request.path_params["token"]
        if self.scenario_of(account, token) is None:
            return problem(404, "method_unknown")
        self._book.remember(f"method:{account}:{token}", "")
        return json_answer({"token": token})

    def routes(self) -> list[Route]:
        """Where methods are saved and forgotten."""
        return [
            Route("/v1/methods", self.save, methods=["POST"]),
            Route("/v1/methods/{token}/forget", self.forget, methods=["POST"]),
        ]
