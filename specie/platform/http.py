"""The HTTP edge every module's routes stand on.

A route declares its permission and gets an `Edge`: the verified scope, one unit of work per call, idempotency and
dry runs. Order of a request: authenticate, permission, parse, validate, key, work, answer.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NoReturn, Protocol, TypeVar

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from specie.kernel.errors import Forbidden, SpecieError
from specie.kernel.ids import PartyId
from specie.kernel.pagination import CursorSigner, Page
from specie.kernel.permissions import Permission, Verification
from specie.kernel.scope import Scope
from specie.platform import asgi, idempotency, openapi, problems
from specie.platform.basis import Basis, Outdated, Remembered
from specie.platform.db import Database, UnitOfWork
from specie.platform.idempotency import Answer
from specie.platform.moments import told_in_utc
from specie.platform.openapi import DryRunImpossible, UnknownParameter
from specie.platform.query_names import KnownQuery
from specie.platform.strict_json import StrictRequest

T = TypeVar("T")
_READS = {"GET", "HEAD"}
Present = Callable[[T], BaseModel]
Work = Callable[[UnitOfWork], Awaitable[T]]
RequireVerified = Callable[[Scope, PartyId], Awaitable[None]]
"""Raises KycRequired unless the party's identity has been approved; `app` wires parties in behind it."""


class Authenticator(Protocol):
    """Finds out who asks; `app` wires identity in behind it."""

    async def authenticate(self, request: Request) -> Scope:
        """The verified scope. Raises Unauthenticated or Forbidden."""


class _Unproved(Exception):
    """More was wanted in the name of somebody who is only remembered than a posting that proves who it is."""


class StepUpRequired(Forbidden):
    """The route moves money out or changes access, and the second factor was shown too long ago."""

    code = "step_up_required"
    title = "Confirm with your second factor"


class SecondFactorNotSetUp(Forbidden):
    """Where money is real the role works only with a second factor; before that only one's own account opens."""

    code = "second_factor_setup_required"
    title = "Set up a second factor first"


class Schema(BaseModel):
    """Base of all wire shapes: no unknown fields, no numbers made of text or floats, every moment told in UTC."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, from_attributes=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return told_in_utc(handler(source))


class _DryRun(Exception):
    """Carries the result of a dry run out of its transaction, so that everything it did is rolled back."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


class Edge:
    """One authenticated request at its route."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.scope: Scope = request.state.scope
        self.bases: Sequence[Basis] = getattr(request.state, "bases", ())

    @property
    def db(self) -> Database:
        """The database; out of reach while the caller is only remembered."""
        if self.bases:
            raise _Unproved
        database: Database = self.request.app.state.db
        return database

    @property
    def dry_run(self) -> bool:
        """Whether the caller asks to see the outcome without having it."""
        has_query = bool(self.request.scope["query_string"])
        return has_query and self.request.query_params.get("dry_run") == "true"

    @property
    def label(self) -> str:
        """The route's name, for crash points and logs."""
        return str(self.request.scope["route"].name)

    def service(self, name: str) -> Any:
        """A service `app` wired in, by name."""
        return self.request.app.state.services[name]

    async def read(self, work: Work[T]) -> T:
        """Run a query in a unit of work of its own."""
        return await self.db.run(self.scope, work, label=self.label)

    async def write(
        self, work: Work[T], present: Present[T], *, status: int = 200, shown_once: str | None = None
    ) -> Response:
        """Run a use case in one transaction; with an Idempotency-Key the answer is stored and replayed.

        The field named by `shown_once` is shown this once: it is null in what is stored, and in a dry run.
        """
        key = self.key()
        if self.dry_run:
            return await self._rehearse(work, present, shown_once)
        if key is None:
            result = await self.db.run(self.scope, work, label=self.label)
            return _response(Answer(status, present(result).model_dump_json()))
        return await self._once(key, work, present, status, shown_once)

    async def earlier(self) -> Response | None:
        """What this request's key has been answered before, for routes that act before they `write`; None without."""
        key = self.key()
        if key is None:
            return None
        asked = await self.fingerprint()
        found = await self.read(lambda uow: idempotency.find(uow, key, asked))
        return _response(found, replayed=True) if found is not None else None

    async def money(self, work: Work[T], present: Present[T], *, status: int = 201) -> Response:
        """As `write`, for a route that moves money: the key is required (a dry run needs none)."""
        self.require_key()
        return await self.write(work, present, status=status)

    def key(self) -> str | None:
        """The request's idempotency key, if any. Raises KeyInvalid."""
        return idempotency.parse_key(self.request.headers.getlist("idempotency-key"))

    def require_key(self) -> str | None:
        """The key; None only in a dry run. Raises KeyRequired or KeyInvalid."""
        key = self.key()
        if key is None and not self.dry_run:
            raise idempotency.KeyRequired("send a fresh key for each new request and repeat it on retries")
        return key

    async def fingerprint(self) -> idempotency.Fingerprint:
        """The digest of what was asked."""
        query = self.request.scope["query_string"].decode("latin-1")
        body = idempotency.as_asked(await self.request.body(), self.request.headers.get("content-type", ""))
        return idempotency.fingerprint(self.request.method, self.request.scope["path"], query, body)

    def page(self, list_name: str, page: Page[T], present: Callable[[T], Any]) -> dict[str, Any]:
        """A page as list envelope: `data`, `has_more`, `next_cursor`."""
        signer: CursorSigner = self.request.app.state.cursors
        cursor = signer.encode(list_name, page.next_key) if page.next_key else None
        data = [present(item) for item in page.items]
        return {"data": data, "has_more": cursor is not None, "next_cursor": cursor}

    def cursor(self, list_name: str, cursor: str | None) -> tuple[Any, ...] | None:
        """The sort key of a cursor, or None for the first page. Raises InvalidCursor."""
        signer: CursorSigner = self.request.app.state.cursors
        return signer.decode(list_name, cursor) if cursor else None

    def answer(self, answer: Answer, *, replayed: bool = False) -> Response:
        """An answer as HTTP response, marked when it is a replay."""
        return _response(answer, replayed=replayed)

    async def _once(
        self, key: str, work: Work[T], present: Present[T], status: int, shown_once: str | None
    ) -> Response:
        asked = await self.fingerprint()

        async def claimed(uow: UnitOfWork) -> Response:
            await idempotency.lock(uow, key)
            earlier = await idempotency.find(uow, key, asked)
            if earlier is not None:
                return _response(earlier, replayed=True)
            answer = await self._decide(uow, work, present, status)
            await idempotency.remember(uow, key, asked, _without(answer, shown_once))
            return _response(answer)

        return await self.db.run(self.scope, claimed, label=self.label, idempotency_key=key)

    async def _decide(self, uow: UnitOfWork, work: Work[T], present: Present[T], status: int) -> Answer:
        try:
            async with uow.savepoint():
                result = await work(uow)
        except SpecieError as refusal:
            if not refusal.is_decision:
                raise
            return problems.stored(self.request, refusal)
        return Answer(status, present(result).model_dump_json())

    async def _rehearse(self, work: Work[T], present: Present[T], shown_once: str | None) -> Response:
        async def rolled_back(uow: UnitOfWork) -> NoReturn:
            raise _DryRun(present(await work(uow)).model_dump_json())

        try:
            await self.db.run(self.scope, rolled_back, label=self.label)
        except _DryRun as rehearsal:
            return _response(_without(Answer(200, rehearsal.result), shown_once), preview=True)


def _without(answer: Answer, field: str | None) -> Answer:
    if field is None or answer.status >= HTTPStatus.BAD_REQUEST:
        return answer
    return replace(answer, body=orjson.dumps(orjson.loads(answer.body) | {field: None}).decode())


def _response(answer: Answer, *, replayed: bool = False, preview: bool = False) -> Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    if preview:
        headers["Dry-Run"] = "true"
    return Response(answer.body, answer.status, headers, media_type=answer.media_type)


def requires(
    permission: Permission,
    *,
    step_up: bool = False,
    rehearsable: bool = True,
    verification: Verification | None = None,
    proves_caller: bool = False,
) -> Any:
    """A parameter default that gives the route its `Edge` and declares the permission it needs.

    With `step_up` a browser session must have shown its second factor within the last five minutes. A route that is
    not `rehearsable` acts outside one transaction, or tells a secret; it refuses a dry run instead of acting. A route
    by which a party moves money says which `verification` of that party it needs. One that `proves_caller` gives its
    edge's bases to whatever it posts, so it may begin with a caller who is remembered; see `SpecieRoute.at_once`.
    """
    if proves_caller and (step_up or verification is Verification.APPROVED):
        raise ValueError("what is asked of sessions and parties cannot be proved by a posting")

    async def edge(request: Request) -> Edge:
        made = Edge(request)
        if made.dry_run and not rehearsable:
            raise DryRunImpossible("nothing was done; leave `dry_run` out to do it", param="dry_run")
        return made

    edge.permission = permission  # type: ignore[attr-defined]
    edge.step_up = step_up  # type: ignore[attr-defined]
    edge.rehearsable = rehearsable  # type: ignore[attr-defined]
    edge.verification = verification  # type: ignore[attr-defined]
    edge.proves_caller = proves_caller  # type: ignore[attr-defined]
    return Depends(edge)


class SpecieRoute(APIRoute):
    """A route that authenticates before it reads the body, reads JSON strictly and knows about reused keys."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        declared = [d.call for d in self.dependant.dependencies if hasattr(d.call, "permission")]
        self.permission: Permission | None = getattr(declared[0], "permission", None) if declared else None
        self.step_up: bool = bool(declared and getattr(declared[0], "step_up", False))
        self.rehearsable: bool = not declared or bool(getattr(declared[0], "rehearsable", True))
        self.verification: Verification | None = getattr(declared[0], "verification", None) if declared else None
        self.proves_caller: bool = bool(declared and getattr(declared[0], "proves_caller", False))
        self._query = KnownQuery(self.dependant, has_dry_run=bool(declared) and not (self.methods or set()) <= _READS)
        if self.permission is not None:
            extra = {"x-permission": str(self.permission), "parameters": openapi.write_parameters(self)}
            if self.verification is not None:
                extra["x-verification"] = str(self.verification)
            self.openapi_extra = {**(self.openapi_extra or {}), **extra}
        self.responses = {**openapi.common_answers(self), **self.responses}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, guarded."""
        handle = super().get_route_handler()

        async def run(request: Request) -> Response:
            return await self.guarded(StrictRequest(request.scope, request.receive), handle)

        return run

    async def guarded(self, request: Request, handle: Callable[[Request], Awaitable[Response]]) -> Response:
        """The handler's answer, with authentication in front and the reused-key check behind a failed validation."""
        if self.permission is not None:
            request.state.scope = await self._admit(request, self.permission)
            await self._require_verified(request, request.state.scope)
        if "idempotency-key" in request.headers:
            # What was asked is remembered by the digest of its bytes, and reading a form uses them up.
            await request.body()
        try:
            if request.scope["query_string"]:
                self._query.require(request)
            return await handle(request)
        except (RequestValidationError, UnknownParameter):
            await _refuse_reused_key(request)
            raise
        except HTTPException as error:
            # The framework wraps what reading the body raised in a 400 of its own.
            if isinstance(error.__cause__, SpecieError):
                raise error.__cause__ from None
            raise

    async def at_once(
        self, request: Request, handle: Callable[[Request], Awaitable[Response]], caller: Remembered
    ) -> Response | None:
        """The handler's answer to somebody who is remembered; None when it has to be found out again who asks.

        Only what was decided where the caller's basis held is an answer. Whatever else comes of it, a refusal or a
        wish to read, is asked for anew by `guarded`, as if nothing had been.
        """
        if self.permission is None or not caller.scope.allows(self.permission):
            return None
        request.state.scope, request.state.bases = caller.scope, (caller.basis,)
        try:
            return await handle(request)
        except (_Unproved, Outdated, SpecieError, RequestValidationError):
            del request.state.scope, request.state.bases
            return None

    async def _require_verified(self, request: Request, scope: Scope) -> None:
        """Only of the caller's own party: who acts for others is staff, and answers for it."""
        if self.verification is Verification.APPROVED and scope.party_id is not None:
            gate: RequireVerified = request.app.state.require_verified
            await gate(scope, scope.party_id)

    async def _admit(self, request: Request, permission: Permission) -> Scope:
        authenticator: Authenticator = request.app.state.authenticator
        scope = await authenticator.authenticate(request)
        scope.require(permission)
        if permission is not Permission.ACCOUNT_SELF and getattr(request.state, "second_factor_missing", False):
            detail = "your role needs a second factor here: POST /auth/totp/enrol, then /auth/totp/confirm"
            raise SecondFactorNotSetUp(detail)
        if self.step_up and getattr(request.state, "step_up_missing", False):
            raise StepUpRequired("confirm with your second factor and repeat", max_age=300)
        return scope


async def _refuse_reused_key(request: Request) -> None:
    """A key that already has an answer is named before the body's own faults."""
    if not hasattr(request.state, "scope"):
        return
    await Edge(request).earlier()


class ApiRouter(APIRouter):
    """A router of SpecieRoutes; `errors` lists the refusals of a route for the OpenAPI document."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(route_class=SpecieRoute, **kwargs)
        self._beginnings: set[str] = set()

    def matches(self, scope: asgi.Scope) -> tuple[Match, asgi.Scope]:
        """The route for a request, sought only where the path names the beginning of one.

        A request passes by seventy routers, and to try hundreds of regular expressions takes longer than many answers.
        """
        if self._beginnings.isdisjoint(scope["path"].split("/")):
            return Match.NONE, {}
        return super().matches(scope)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        """Add a route; its documented answers include one problem schema per status of its refusals.

        Raises ValueError for a path that does not begin with a name.
        """
        beginning = (self.prefix + path).split("/")[1]
        if not beginning or "{" in beginning:
            raise ValueError(f"{self.prefix}{path}: a path begins with the name of what it is about")
        self._beginnings.add(beginning)
        errors: Sequence[type[SpecieError]] = getattr(endpoint, "refusals", ())
        kwargs["responses"] = {**openapi.answers_of(errors), **(kwargs.get("responses") or {})}
        super().add_api_route(path, endpoint, **kwargs)


def refuses(*errors: type[SpecieError]) -> Callable[[T], T]:
    """Name the refusals of a route function, below its router decorator."""

    def mark(function: T) -> T:
        function.refusals = errors  # type: ignore[attr-defined]
        return function

    return mark


def takes_any_query(function: T) -> T:
    """Mark a route that is called by others' programs, which put parameters of their own into its query."""
    function.takes_any_query = True  # type: ignore[attr-defined]
    return function


def refuses_as_well(router: APIRouter, endpoint: Callable[..., Any], *errors: type[SpecieError]) -> None:
    """Document refusals that a route can only meet where modules are put together; before its router is included.

    Raises LookupError when the router has no such route.
    """
    routes = [route for route in router.routes if isinstance(route, APIRoute) and route.endpoint is endpoint]
    if not routes:
        raise LookupError(f"no route for {endpoint.__name__}")
    for route in routes:
        openapi.add_answers(route.responses, errors)
