"""Problems told by customers: one for each movement at a time, seen by the staff, answered once."""

from dataclasses import dataclass, replace

from specie import audit, events, ledger, parties, wallets
from specie.crm import problem_store
from specie.crm.errors import ProblemAnswered, ProblemIsOpen, ProblemMissing, TooManyProblems, WalletMovementMissing
from specie.crm.events import problem_event
from specie.crm.problem_model import Problem, ProblemId, ProblemState
from specie.kernel.ids import EntryId, PartyId, WalletId
from specie.ledger import Side
from specie.parties import PartyMissing, Pen
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

_MOST_OPEN = 20


@dataclass(frozen=True, slots=True)
class TellProblem:
    """What somebody says of a movement of a wallet of theirs."""

    wallet_id: WalletId
    entry_id: EntryId
    body: str


async def tell(uow: UnitOfWork, vault: KeyRing, command: TellProblem) -> Problem:
    """Write down what a customer says of a movement; the staff is told of it.

    Raises WalletMissing, WalletMovementMissing, ProblemIsOpen or TooManyProblems.
    """
    wallet = await wallets.get_wallet(uow, command.wallet_id)
    line = await _movement(uow, wallet, command.entry_id)
    if await problem_store.count_open(uow, wallet.party_id) >= _MOST_OPEN:
        raise TooManyProblems(f"at most {_MOST_OPEN} problems of a customer are open; wait for an answer")
    told = Problem(
        id=ProblemId.new(),
        party_id=wallet.party_id,
        wallet_id=wallet.id,
        entry_id=command.entry_id,
        amount=line.amount,
        is_incoming=line.side is Side.CREDIT,
        body=command.body,
        state=ProblemState.OPEN,
        answer=None,
        answered_at=None,
        answered_by=None,
        created_at=uow.now,
        created_by=str(uow.scope.actor),
    )
    if not await problem_store.insert_problem(uow, told, await _pen(uow, vault, wallet.party_id)):
        raise ProblemIsOpen("what was told of this movement is being looked at")
    await _record(uow, "tell", told)
    await events.record(uow, problem_event("reported", told))
    return told


async def answer(uow: UnitOfWork, vault: KeyRing, problem_id: ProblemId, text: str) -> Problem:
    """Answer a problem, which ends it; the customer is told. Raises ProblemMissing or ProblemAnswered."""
    found = await problem_store.problem_by_id(uow, vault, problem_id, lock=True)
    if found is None:
        raise ProblemMissing(f"there is no problem {problem_id}")
    if found.state is ProblemState.ANSWERED:
        raise ProblemAnswered(f"it was answered by {found.answered_by}")
    by = str(uow.scope.actor)
    answered = replace(found, state=ProblemState.ANSWERED, answer=text, answered_at=uow.now, answered_by=by)
    await problem_store.save_answer(uow, answered, await _pen(uow, vault, found.party_id))
    await _record(uow, "answer", answered)
    await events.record(uow, problem_event("answered", answered))
    return answered


async def _movement(uow: UnitOfWork, wallet: wallets.Wallet, entry_id: EntryId) -> ledger.StatementLine:
    account = await ledger.get_account(uow, wallet.available_account)
    page = await ledger.statement(uow, account, after=None, limit=1, containing=str(entry_id))
    if not page.items:
        raise WalletMovementMissing(f"the wallet has no movement {entry_id}")
    return page.items[0]


async def _pen(uow: UnitOfWork, vault: KeyRing, party_id: PartyId) -> Pen:
    found = await parties.pens(uow, vault, [party_id])
    if party_id not in found:
        raise PartyMissing(f"there is no party {party_id}")
    return found[party_id]


async def _record(uow: UnitOfWork, act: str, about: Problem) -> None:
    after = {"entry_id": str(about.entry_id), "state": about.state.value}
    await audit.record(uow, action=f"problem.{act}", subject=("problem", str(about.id)), after=after)
