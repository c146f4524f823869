"""Problems over HTTP: a customer tells of one, the staff answers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from specie import parties
from specie.crm import errors, problem_store, problems
from specie.crm.problem_model import Problem, ProblemId, ProblemState
from specie.crm.problem_store import ProblemFilter
from specie.crm.problems import TellProblem
from specie.kernel.ids import EntryId, PartyId, WalletId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.parties import PartyMissing
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import Amount, ListOf, id_text
from specie.wallets import WalletMissing

router = ApiRouter(prefix="/problems", tags=["Problems"])

_LIST = "problems"
Said = Annotated[str, Field(min_length=3, max_length=2000, pattern=r"\S")]


class ProblemIn(Schema):
    """What is wrong with a movement of one's own wallet."""

    wallet_id: str
    entry_id: str
    body: Said


class ProblemAnswerIn(Schema):
    """What the customer is told."""

    answer: Said


class ProblemOut(Schema):
    """A problem with a movement of a wallet: what moved, what was said of it, and what the answer was."""

    id: str
    party_id: str
    party_name: str | None
    wallet_id: str
    entry_id: str
    amount: Amount
    direction: Literal["in", "out"]
    body: str
    status: Literal["open", "answered"]
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None = Field(description="Not told to the customer")
    created_at: datetime

    @classmethod
    def of(cls, problem: Problem, name: str | None, *, is_staff: bool) -> "ProblemOut":
        """The wire form."""
        return cls(
            id=str(problem.id),
            party_id=str(problem.party_id),
            party_name=name,
            wallet_id=str(problem.wallet_id),
            entry_id=str(problem.entry_id),
            amount=Amount.of(problem.amount),
            direction="in" if problem.is_incoming else "out",
            body=problem.body,
            status=problem.state.value,
            answer=problem.answer,
            answered_at=problem.answered_at,
            answered_by=problem.answered_by if is_staff else None,
            created_at=problem.created_at,
        )


@router.post("", status_code=201, response_model=ProblemOut)
@refuses(WalletMissing, errors.WalletMovementMissing, PartyMissing, errors.ProblemIsOpen, errors.TooManyProblems)
async def tell_problem(body: ProblemIn, edge: Edge = requires(Permission.WALLETS_READ)) -> Response:
    """Tell of a problem with a movement of a wallet. It moves no money; the staff is told and answers."""
    wallet_id, entry_id = id_text(WalletId, body.wallet_id, "wallet_id"), id_text(EntryId, body.entry_id, "entry_id")
    command = TellProblem(wallet_id, entry_id, body.body)

    async def work(uow: UnitOfWork) -> ProblemOut:
        return await _shown(uow, edge, await problems.tell(uow, edge.service("vault"), command))

    return await edge.write(work, lambda shown: shown, status=201)


@router.get("", response_model=ListOf[ProblemOut])
async def list_problems(
    edge: Edge = requires(Permission.WALLETS_READ),
    status: Literal["open", "answered"] | None = None,
    entry_id: Annotated[str | None, Query(max_length=60)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Any:
    """Problems, the newest first; a customer sees its own."""
    entry = id_text(EntryId, entry_id, "entry_id") if entry_id else None
    wanted = ProblemFilter(ProblemState(status) if status else None, entry)
    before = edge.cursor(_LIST, cursor)

    async def read(uow: UnitOfWork) -> Page[ProblemOut]:
        page = await problem_store.problems(uow, edge.service("vault"), wanted, before, limit)
        names = await parties.names(uow, edge.service("vault"), list({each.party_id for each in page.items}))
        return page.map(lambda each: _out(uow, each, names))

    return edge.page(_LIST, await edge.read(read), lambda shown: shown)


@router.post("/{problem_id}/answer", response_model=ProblemOut)
@refuses(errors.ProblemMissing, errors.ProblemAnswered, PartyMissing)
async def answer_problem(
    problem_id: str, body: ProblemAnswerIn, edge: Edge = requires(Permission.CRM_WRITE)
) -> Response:
    """Answer a problem, which ends it; the customer is told."""
    wanted = id_text(ProblemId, problem_id, "problem_id")

    async def work(uow: UnitOfWork) -> ProblemOut:
        return await _shown(uow, edge, await problems.answer(uow, edge.service("vault"), wanted, body.answer))

    return await edge.write(work, lambda shown: shown)


async def _shown(uow: UnitOfWork, edge: Edge, problem: Problem) -> ProblemOut:
    return _out(uow, problem, await parties.names(uow, edge.service("vault"), [problem.party_id]))


def _out(uow: UnitOfWork, problem: Problem, names: dict[PartyId, str]) -> ProblemOut:
    return ProblemOut.of(problem, names.get(problem.party_id), is_staff=uow.scope.party_id is None)
