"""Posts the lines of an opening position: goods through stock, everything else as opening entries of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from specie import cashback, ledger, stock, wallets
from specie.approvals import Approval
from specie.kernel.errors import SpecieError
from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountFrozen, AccountSpec, EntryDraft, JournalEntry, PeriodClosed
from specie.opening import documents
from specie.opening.documents import OpenDocument
from specie.opening.model import AccountPlace, DocumentPlace, GoodsPlace, Import, Line, OpeningImportId, PursePlace
from specie.platform.db import UnitOfWork
from specie.stock import Against, Cause, Occasion, ReceiveLine, Warehouse
from specie.wallets import Wallet

CAUSE = "opening_import"


@dataclass(frozen=True, slots=True)
class _Cut:
    """On whose behalf and as of when; `approver` is the second person where one has said yes to what was asked."""

    import_id: OpeningImportId
    day: date
    at: datetime
    approver: str | None
    asked: Mapping[str, str]


async def bring(uow: UnitOfWork, found: Import, approval: Approval | None = None) -> list[Line]:
    """Post every line, in order, as of the beginning of the cut-over date; each comes back with its entry or problem.

    The caller undoes all of it when one has a problem. Raises PeriodClosed when the books of that day are closed.
    """
    asked = {"approval_id": str(approval.id), "asked_by": approval.asked_by} if approval else {}
    approver = approval.checker if approval else None
    cut = _Cut(found.id, found.cut_over_on, uow.scope.clock.start_of(found.cut_over_on), approver, asked)
    after: dict[int, Line] = {}
    # Goods first, as everywhere: levels are locked before accounts.
    for warehouse in (await stock.warehouses(uow)).values():
        after |= await _receive(uow, cut, warehouse, _goods_in(found.lines, warehouse))
    after |= await _documents(uow, cut, found.lines)
    after |= await _post(uow, cut, [line for line in found.lines if line.number not in after])
    return [after[line.number] for line in found.lines]


def _goods_in(lines: Sequence[Line], warehouse: Warehouse) -> list[tuple[Line, ReceiveLine]]:
    return [
        (line, ReceiveLine(line.place.product_id, line.place.quantity, line.amount))
        for line in lines
        if isinstance(line.place, GoodsPlace) and line.amount is not None and line.place.warehouse_id == warehouse.id
    ]


async def _receive(
    uow: UnitOfWork, cut: _Cut, warehouse: Warehouse, goods: Sequence[tuple[Line, ReceiveLine]]
) -> dict[int, Line]:
    """Take a warehouse's goods in, all in one entry; a refusal is about all of them."""
    if not goods:
        return {}
    occasion = Occasion(
        cause=Cause(CAUSE, f"{cut.import_id}/{warehouse.code}"),
        effective_at=cut.at,
        note="Opening stock",
        confirmed=True,
        approver=cut.approver,
    )
    try:
        async with uow.savepoint():
            moved = await stock.receive(uow, warehouse.id, [each for _, each in goods], occasion, Against.OPENING)
    except SpecieError as refusal:
        return {line.number: _refused(line, refusal) for line, _ in goods}
    return {line.number: _brought(line, moved.entry_id) for line, _ in goods}


def _brought(line: Line, entry_id: EntryId | None) -> Line:
    # Goods that are worth nothing come in without a posting.
    is_posted = line.amount is not None and line.amount.minor != 0
    return replace(line, entry_id=entry_id if is_posted else None)


async def _documents(uow: UnitOfWork, cut: _Cut, lines: Sequence[Line]) -> dict[int, Line]:
    """Let what is open of invoices and bills be owed, each with an entry of its own."""
    about = {"opening_import": str(cut.import_id), **cut.asked}
    found = {
        line.number: OpenDocument(line.place, line.amount, {**about, "line": line.number})
        for line in lines
        if isinstance(line.place, DocumentPlace) and line.amount is not None
    }
    if not found:
        return {}
    # What waited for a second person was judged some time ago.
    here = await documents.known(uow, [each.place for each in found.values()])
    if here:
        return {n: _unless_known(line, here) for line in lines if (n := line.number) in found}
    posted = await documents.bring(uow, list(found.values()), cut.day, cut.approver)
    outcomes = {each.about["line"]: outcome for each, outcome in posted}
    return {n: _outcome(cut, line, outcomes) for line in lines if (n := line.number) in found}


def _unless_known(line: Line, here: set[tuple[str, str]]) -> Line:
    if isinstance(line.place, DocumentPlace) and line.place.key in here:
        return line.refused("opening_line_repeated", "number", documents.known_words(line.place))
    return line


async def _post(uow: UnitOfWork, cut: _Cut, lines: Sequence[Line]) -> dict[int, Line]:
    """Post an entry for each line that is about money, with one set of statements however many they are."""
    outcomes: dict[int, JournalEntry | SpecieError] = {}
    moving: dict[int, EntryDraft] = {}
    for line in lines:
        try:
            draft = await _draft(uow, cut, line)
        except SpecieError as refusal:
            outcomes[line.number] = refusal
            continue
        if draft is not None:
            moving[line.number] = draft
    posted = await ledger.post_many(uow, list(moving.values()), keep_going=True)
    outcomes |= dict(zip(moving, posted, strict=True))
    return {line.number: _outcome(cut, line, outcomes) for line in lines}


def _outcome(cut: _Cut, line: Line, outcomes: Mapping[int, JournalEntry | SpecieError]) -> Line:
    outcome = outcomes.get(line.number)
    if isinstance(outcome, SpecieError):
        return _refused(line, outcome)
    if outcome is not None and outcome.business_date != cut.day:
        # What is posted as a fact goes to the first open day by itself; an opening balance has its day or none.
        raise PeriodClosed(f"the books of {cut.day} are closed", param="cut_over_on")
    return replace(line, entry_id=outcome.id if outcome else None)


def _refused(line: Line, refusal: SpecieError) -> Line:
    if isinstance(refusal, PeriodClosed):
        raise PeriodClosed(refusal.detail, param="cut_over_on", **refusal.facts) from refusal
    return line.refused(refusal.code, None, refusal.detail)


async def _draft(uow: UnitOfWork, cut: _Cut, line: Line) -> EntryDraft | None:
    """The opening entry of a line; None where there is nothing to post, though the account is opened."""
    if line.amount is None or not isinstance(line.place, PursePlace | AccountPlace):
        raise ValueError(f"line {line.number} is not about money")
    if isinstance(line.place, PursePlace):
        draft = await _into_purse(uow, cut, line.place, line.amount)
    else:
        draft = await _into_account(uow, cut, line.place, line.amount)
    if draft is None:
        return None
    about = {"opening_import": str(cut.import_id), "line": line.number, **cut.asked}
    if draft.is_fact:
        # A fact draws on no budget: whoever says that there was this much draws here.
        await ledger.promise(uow, line.amount, about=about)
    return replace(draft, approver=cut.approver, metadata=about)


async def _into_account(uow: UnitOfWork, cut: _Cut, place: AccountPlace, amount: Money) -> EntryDraft | None:
    spec = AccountSpec(place.code, place.type, amount.currency, name=place.name)
    account = await ledger.ensure_account(uow, spec)
    if not amount.minor:
        return None
    # A line's account is anybody's choice, so it is kept from what modules keep.
    return replace(await ledger.opening_draft(uow, account.id, amount, cut.at), by_hand=True)


async def _into_purse(uow: UnitOfWork, cut: _Cut, place: PursePlace, amount: Money) -> EntryDraft | None:
    """What a party had is a fact to the cap of its purse: it is counted, never refused. Raises AccountFrozen."""
    is_cashback = place.purpose == cashback.PURSE
    if is_cashback:
        wallet = await _cashback_purse(uow, place.party_id, amount.currency)
    else:
        wallet = await wallets.ensure_wallet(uow, place.party_id, amount.currency, place.purpose)
    if not amount.minor:
        return None
    draft = await ledger.opening_draft(uow, wallet.available_account, amount, cut.at)
    limits = await wallets.arriving_legs(uow, [(wallet, amount)])
    # A purse of cashback is frozen for what people ask for, since only cashback may arrive there; this is some.
    return replace(draft, legs=[*draft.legs, *limits], is_fact=is_cashback)


async def _cashback_purse(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> Wallet:
    purse = await cashback.purse_of(uow, party_id, currency)
    # From the beginning it takes nothing that is asked for; one that gives nothing either has been frozen.
    if (await ledger.get_account(uow, purse.available_account)).debits_frozen:
        raise AccountFrozen("the purse is frozen", param="party")
    return purse
