"""Every statement on problems. What was said is sealed under the customer's own key and goes when the customer does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from specie import parties
from specie.crm.problem_model import Problem, ProblemId, ProblemState
from specie.crm.tables import problem
from specie.kernel.ids import EntryId, PartyId, WalletId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.parties import Pen
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

_TABLE = "crm_problem"
_C = problem.c


@dataclass(frozen=True, slots=True)
class ProblemFilter:
    """Which problems; None does not narrow."""

    state: ProblemState | None = None
    entry_id: EntryId | None = None


async def insert_problem(uow: UnitOfWork, new: Problem, pen: Pen) -> bool:
    """Write a problem down; False when this movement has one that is open."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "party_id": new.party_id.uuid,
        "wallet_id": new.wallet_id.uuid,
        "entry_id": new.entry_id.uuid,
        "amount_minor": new.amount.minor,
        "currency": new.amount.currency.code,
        "is_incoming": new.is_incoming,
        "body": pen.close(_TABLE, str(new.id), "body", new.body.encode()),
        "state": new.state.value,
        "created_at": new.created_at,
        "created_by": new.created_by,
    }
    keys = [_C.tenant_id, _C.party_id, _C.entry_id]
    statement = insert(problem).values(row).on_conflict_do_nothing(index_elements=keys, index_where=_C.state == "open")
    return (await uow.execute(statement.returning(_C.id))).first() is not None


async def save_answer(uow: UnitOfWork, answered: Problem, pen: Pen) -> None:
    """Write the answer of a problem that was locked before."""
    answer = pen.close(_TABLE, str(answered.id), "answer", (answered.answer or "").encode())
    values = {
        "state": answered.state.value,
        "answer": answer,
        "answered_at": answered.answered_at,
        "answered_by": answered.answered_by,
    }
    await uow.execute(update(problem).where(_here(uow), _C.id == answered.id.uuid).values(values))


async def count_open(uow: UnitOfWork, party_id: PartyId) -> int:
    """How many of a party's problems nobody has answered."""
    query = select(func.count()).where(_here(uow), _C.party_id == party_id.uuid, _C.state == ProblemState.OPEN.value)
    return int((await uow.execute(query)).scalar_one())


async def problem_by_id(
    uow: UnitOfWork, vault: KeyRing, problem_id: ProblemId, *, lock: bool = False
) -> Problem | None:
    """One problem of the tenant, or of the caller's own party."""
    query = _mine(uow).where(_C.id == problem_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return (await _opened(uow, vault, [row]))[0] if row else None


async def problems(
    uow: UnitOfWork, vault: KeyRing, wanted: ProblemFilter, before: tuple[Any, ...] | None, limit: int
) -> Page[Problem]:
    """Problems of the tenant, or of the caller's own party, the newest first."""
    query = _mine(uow)
    if wanted.state is not None:
        query = query.where(_C.state == wanted.state.value)
    if wanted.entry_id is not None:
        query = query.where(_C.entry_id == wanted.entry_id.uuid)
    if before is not None:
        query = query.where(tuple_(_C.created_at, _C.id) < tuple_(datetime.fromisoformat(before[0]), UUID(before[1])))
    rows = (await uow.execute(query.order_by(_C.created_at.desc(), _C.id.desc()).limit(limit + 1))).all()
    page = Page.cut(rows, limit, lambda row: (row.created_at.isoformat(), str(row.id)))
    found = iter(await _opened(uow, vault, page.items))
    return page.map(lambda _: next(found))


def _here(uow: UnitOfWork) -> ColumnElement[bool]:
    return _C.tenant_id == uow.scope.tenant_id.uuid


def _mine(uow: UnitOfWork) -> Select[Any]:
    query, own = select(problem).where(_here(uow)), uow.scope.party_id
    return query if own is None else query.where(_C.party_id == own.uuid)


async def _opened(uow: UnitOfWork, vault: KeyRing, rows: Sequence[Row[Any]]) -> list[Problem]:
    pens = await parties.pens(uow, vault, {PartyId(row.party_id) for row in rows}) if rows else {}
    return [_problem(row, pens[PartyId(row.party_id)]) for row in rows]


def _problem(row: Row[Any], pen: Pen) -> Problem:
    problem_id = ProblemId(row.id)
    return Problem(
        id=problem_id,
        party_id=PartyId(row.party_id),
        wallet_id=WalletId(row.wallet_id),
        entry_id=EntryId(row.entry_id),
        amount=Money(row.amount_minor, Currency.of(row.currency)),
        is_incoming=row.is_incoming,
        body=pen.text(_TABLE, str(problem_id), "body", row.body),
        state=ProblemState(row.state),
        answer=pen.text(_TABLE, str(problem_id), "answer", row.answer) if row.answer is not None else None,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        created_at=row.created_at,
        created_by=row.created_by,
    )
