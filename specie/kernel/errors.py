"""The base of every refusal, and the refusals that belong to no module.

A refusal knows its stable code, its HTTP status and whether a caller may simply try again. One that is a
*decision* about money is kept under the idempotency key and answered again; one that is not frees the key.
"""

from typing import Any, ClassVar


class SpecieError(Exception):
    """A refusal a caller can cause. Subclasses set the class attributes; instances carry the facts."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "Refused"
    retryable: ClassVar[bool] = False
    is_decision: ClassVar[bool] = False

    def __init__(
        self, detail: str = "", *, param: str | None = None, headers: dict[str, str] | None = None, **facts: Any
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.param = param
        self.headers = headers or {}
        self.facts = facts


class NotFound(SpecieError):
    """There is no such thing here, or it belongs to somebody else."""

    code = "not_found"
    status = 404
    title = "Not found"


class Unauthenticated(SpecieError):
    """The request does not say who asks."""

    code = "unauthenticated"
    status = 401
    title = "Authentication required"

    def __init__(self, detail: str = "", **facts: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"}, **facts)


class Forbidden(SpecieError):
    """The caller is known but may not do this."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class MissingScope(Forbidden):
    """The API key was not given this permission."""

    code = "missing_scope"
    title = "The key lacks a permission"


class KycRequired(Forbidden):
    """This needs a verified identity."""

    code = "kyc_required"
    title = "Verify your identity first"


class InvalidField(SpecieError):
    """A field has a value that can never be accepted."""

    code = "field_invalid"
    status = 422
    title = "Invalid value"


class Conflict(SpecieError):
    """The thing is not in a state that allows this."""

    code = "conflict"
    status = 409
    title = "Conflict"
    is_decision = True


class RateLimited(SpecieError):
    """Too many requests; wait as long as Retry-After says."""

    code = "rate_limited"
    status = 429
    title = "Too many requests"
    retryable = True

    def __init__(self, detail: str = "", *, retry_after: int = 1, **facts: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, **facts)


class Unavailable(SpecieError):
    """Something the answer needs is down; nothing was changed."""

    code = "unavailable"
    status = 503
    title = "Temporarily unavailable"
    retryable = True

    def __init__(self, detail: str = "", *, retry_after: int = 2, **facts: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, **facts)


class StorageFull(Unavailable):
    """The disk of the database or of the files has no room left; nothing was written, and no money moved."""

    code = "storage_full"
    title = "No room left"


class BudgetExceeded(SpecieError):
    """The posting passes what its person or key may move in a day or in thirty days."""

    code = "budget_exceeded"
    status = 422
    title = "A budget would be passed"
    is_decision = True
