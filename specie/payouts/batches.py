"""Batches: a file is read and shown, then started; each line becomes a payout of its own or says why not."""

from dataclasses import replace

from specie import approvals, audit, ledger, wallets
from specie.approvals import Approval, ApprovalState, NewApproval
from specie.kernel.errors import SpecieError
from specie.kernel.ids import WalletId
from specie.kernel.money import Money
from specie.payouts import batch_store as store
from specie.payouts import beneficiaries, service, terms_store
from specie.payouts import store as payout_store
from specie.payouts.batch_model import Batch, BatchState, Line, RawLine, amount_of, read_lines
from specie.payouts.errors import BatchCannotStart, BatchMissing
from specie.payouts.model import BatchId, Beneficiary, BeneficiaryState, Terms, fee_for
from specie.payouts.service import RequestPayout
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.wallets import Wallet

KIND = "payout_batch"
RUN = "payouts.run_batch"


async def read(uow: UnitOfWork, wallet_id: WalletId, name: str, text: str) -> Batch:
    """Read a file and keep it as a draft; nothing moves. Raises WalletMissing or BatchUnreadable."""
    wallet = await wallets.get_wallet(uow, wallet_id)
    terms = await terms_store.terms_of(uow)
    rows = read_lines(text)
    book = await beneficiaries.called(uow, wallet.party_id, {raw.account for raw in rows})
    lines: list[Line] = []
    for raw in rows:
        line = _judged(raw, wallet, terms, book, {line.reference for line in lines})
        if line.problem is None and await _is_taken(uow, wallet, line.reference):
            line = replace(line, problem="payout_reference_taken")
        lines.append(line)
    total = sum(line.amount.minor for line in lines if line.amount is not None)
    batch = Batch(
        id=BatchId.new(),
        party_id=wallet.party_id,
        wallet_id=wallet.id,
        name=name,
        state=BatchState.DRAFT,
        total=Money(total, wallet.currency),
        created_at=uow.now,
        created_by=str(uow.scope.actor),
        version=1,
    )
    await store.insert_batch(uow, batch, lines)
    await _tell(uow, batch, "read")
    return batch


def _judged(raw: RawLine, wallet: Wallet, terms: Terms, book: list[Beneficiary], used: set[str]) -> Line:
    amount = amount_of(raw.amount, wallet.currency)
    meant = [each for each in book if raw.account in (str(each.id), each.label)] if raw.account else []
    account = meant[0] if len(meant) == 1 else None
    line = Line(
        number=raw.number,
        beneficiary_id=account.id if account else None,
        reference=raw.reference,
        amount=amount,
        fee=fee_for(terms, amount) if amount is not None else None,
        description=raw.description,
    )
    if len(meant) > 1:
        return replace(line, problem="beneficiary_ambiguous")
    return replace(line, problem=_problem(line, account, terms, used))


def _problem(line: Line, account: Beneficiary | None, terms: Terms, used: set[str]) -> str | None:
    if account is None:
        return "beneficiary_not_found"
    if account.state is not BeneficiaryState.VERIFIED:
        return "beneficiary_unverified"
    if line.amount is None:
        return "amount_invalid"
    if line.amount.minor < terms.minimum.get(line.amount.currency.code, 1):
        return "payout_too_small"
    if not line.reference or len(line.reference) > 100:
        return "reference_invalid"
    return "reference_repeated" if line.reference in used else None


async def _is_taken(uow: UnitOfWork, wallet: Wallet, reference: str) -> bool:
    return await payout_store.payout_by_reference(uow, wallet.party_id, reference) is not None


async def start(uow: UnitOfWork, batch_id: BatchId) -> Batch:
    """Let a draft's payouts be made; above the tenant's line a second person says yes to the whole of it first.

    Raises BatchMissing, or BatchCannotStart for one that was started or has a wrong line.
    """
    batch = await get(uow, batch_id, lock=True)
    if batch.state is not BatchState.DRAFT:
        raise BatchCannotStart(f"this batch is {batch.state}", state=str(batch.state))
    wrong = [line.number for line in await store.lines_of(uow, batch) if line.problem]
    if wrong:
        raise BatchCannotStart(f"correct line {wrong[0]} and send the file again", lines=wrong)
    await ledger.promise(uow, batch.total, about={"batch": str(batch.id)})
    if not await approvals.is_needed(uow, service.KIND, batch.total):
        return await _begin(uow, batch)
    await approvals.ask(
        uow,
        NewApproval(
            KIND,
            (KIND, str(batch.id)),
            batch.total,
            batch.party_id,
            before={"state": "draft"},
            after={"name": batch.name, "state": "started"},
        ),
    )
    return await _turn(uow, batch, BatchState.WAITING)


async def decided(uow: UnitOfWork, approval: Approval) -> None:
    """A second person has decided about a batch, or nobody did in time."""
    batch = await get(uow, BatchId.parse(approval.subject[1]), lock=True)
    if approval.state is ApprovalState.APPROVED:
        await _begin(uow, batch)
    else:
        await _turn(uow, batch, BatchState.REFUSED)


async def _begin(uow: UnitOfWork, batch: Batch) -> Batch:
    started = await _turn(uow, replace(batch, started_at=uow.now), BatchState.STARTED)
    await jobs.defer(uow, RUN, batch_id=str(batch.id))
    return started


async def run_next(uow: UnitOfWork, batch_id: BatchId) -> bool:
    """Make the payout of the next line, or write down why not. Returns whether there may be another line."""
    batch = await get(uow, batch_id, lock=True)
    if batch.state is not BatchState.STARTED:
        return False
    lines = await store.lines_of(uow, batch)
    line = next((each for each in lines if each.payout_id is None and each.problem is None), None)
    if line is None or line.beneficiary_id is None:
        await _turn(uow, batch, BatchState.DONE)
        return False
    command = RequestPayout(
        line.beneficiary_id,
        line.reference,
        line.amount,
        wallet_id=batch.wallet_id,
        description=line.description,
        source="batch",
        batch_id=batch.id,
        # Where the whole needed a second person, one has said yes; where it did not, no part of it does.
        is_approved=True,
    )
    try:
        async with uow.savepoint():
            made = await service.request(uow, command)
        await store.save_line(uow, batch.id, replace(line, payout_id=made.id))
    except SpecieError as refusal:
        if refusal.retryable:
            raise
        await store.save_line(uow, batch.id, replace(line, problem=refusal.code))
    return True


async def get(uow: UnitOfWork, batch_id: BatchId, *, lock: bool = False) -> Batch:
    """One batch. Raises BatchMissing, also for another party's."""
    found = await store.batch_by_id(uow, batch_id, lock=lock)
    if found is None:
        raise BatchMissing(f"there is no batch {batch_id}")
    return found


async def _turn(uow: UnitOfWork, batch: Batch, state: BatchState) -> Batch:
    changed = replace(batch, state=state, version=batch.version + 1)
    await store.save_batch(uow, changed)
    await _tell(uow, changed, str(state))
    return changed


async def _tell(uow: UnitOfWork, batch: Batch, name: str) -> None:
    await audit.record(
        uow,
        action=f"payout_batch.{name}",
        subject=(KIND, str(batch.id)),
        after={"state": str(batch.state), "total_minor": batch.total.minor},
    )
