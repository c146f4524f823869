"""Transfers over HTTP. A single one rides the batcher; its entry is the record of its key."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from specie import ledger
from specie.kernel.errors import SpecieError
from specie.kernel.ids import EntryId, TransferId, WalletId
from specie.kernel.permissions import Permission, Verification
from specie.ledger import Batcher, InsufficientFunds, Order, Posted, PostedBefore
from specie.platform import idempotency, problems
from specie.platform.basis import Outdated
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.idempotency import Answer
from specie.platform.wire import ListOf, SearchText, id_text
from specie.wallets import errors, history, limits, service, store, transfers
from specie.wallets.lookup import WalletLookup
from specie.wallets.model import ScheduledTransfer
from specie.wallets.routes import Limit, vault_of
from specie.wallets.schemas import LimitOut, RecipientOut, TransferIn, TransferOut
from specie.wallets.transfers import Prepared

router = ApiRouter(prefix="/transfers", tags=["Transfers"])

_REFUSALS = (
    InsufficientFunds,
    errors.LimitExceeded,
    errors.WalletFrozen,
    errors.WalletCurrency,
    errors.TransferToSelf,
    errors.RecipientMissing,
    errors.WalletMissing,
    errors.ScheduleInPast,
)


@router.post("", status_code=201, response_model=TransferOut)
@refuses(*_REFUSALS)
async def create_transfer(
    body: TransferIn,
    edge: Edge = requires(Permission.TRANSFERS_CREATE, verification=Verification.ANY, proves_caller=True),
) -> Response:
    """Send money from one wallet to another, now or at a later business time."""
    key = edge.require_key()
    at = body.scheduled_for
    if at is not None:
        return await edge.money(lambda uow: _schedule(uow, edge, body, at), TransferOut.planned)
    if edge.dry_run or key is None:
        return await edge.money(lambda uow: _preview(uow, edge, body), lambda shown: shown)
    remembered = _remembered(edge, body)
    if remembered is not None:
        with suppress(Outdated):
            return await _ride(edge, key, remembered)
    try:
        prepared = await _prepared(edge, body)
    except SpecieError as refusal:
        return await _refused(edge, key, refusal)
    return await _ride(edge, key, prepared)


async def _refused(edge: Edge, key: str, refusal: SpecieError) -> Response:
    """What was answered once is answered again, though the wallets may have changed since; a decision is kept."""
    earlier = await _earlier(edge, key)
    if earlier is not None:
        return earlier
    if not refusal.is_decision:
        raise refusal
    return await edge.money(lambda uow: _decided(uow, key, refusal), lambda made: made)


async def _earlier(edge: Edge, key: str) -> Response | None:
    asked = await edge.fingerprint()

    async def look(uow: UnitOfWork) -> Answer | None:
        stored = await idempotency.find(uow, key, asked)
        if stored is not None:
            return stored
        entry = await ledger.entry_by_command(uow, uow.scope.principal, key)
        return None if entry is None else Answer(201, (await _made(uow, entry.id)).model_dump_json())

    answer = await edge.read(look)
    return None if answer is None else edge.answer(answer, replayed=True)


def _remembered(edge: Edge, body: TransferIn) -> Prepared | None:
    """The transfer made from what is remembered of its wallets; None where that would not do, or refuses it."""
    if body.to.wallet_id is None:
        return None
    lookup: WalletLookup = edge.service("wallet_lookup")
    with suppress(SpecieError):
        known = lookup.remembered(edge.scope, *_wallet_ids(body, body.to.wallet_id))
        if known is not None:
            sender, recipient, basis = known
            return transfers.check(sender, recipient, body.amount.money(), body.note, [basis])
    return None


async def _decided(uow: UnitOfWork, key: str, refusal: SpecieError) -> TransferOut:
    """Raises the decision, which is kept with that, unless its twin has been carried out meanwhile."""
    entry = await ledger.entry_by_command(uow, uow.scope.principal, key)
    if entry is None:
        raise refusal
    return await _made(uow, entry.id)


async def _prepared(edge: Edge, body: TransferIn) -> Prepared:
    if body.to.wallet_id is None:
        return await edge.read(lambda uow: _prepare(uow, edge, body))
    lookup: WalletLookup = edge.service("wallet_lookup")
    found = await lookup.pair(edge.scope, *_wallet_ids(body, body.to.wallet_id))
    return transfers.check(*found, body.amount.money(), body.note)


def _wallet_ids(body: TransferIn, to: str) -> tuple[WalletId, WalletId]:
    return id_text(WalletId, body.from_wallet_id, "from_wallet_id"), id_text(WalletId, to, "to.wallet_id")


async def _prepare(uow: UnitOfWork, edge: Edge, body: TransferIn) -> Prepared:
    sender = await service.get_wallet(uow, id_text(WalletId, body.from_wallet_id, "from_wallet_id"))
    to = await _recipient(uow, edge, body, sender)
    return await transfers.prepare(uow, sender.id, to, body.amount.money(), body.note)


async def _recipient(uow: UnitOfWork, edge: Edge, body: TransferIn, sender: Any) -> WalletId:
    if body.to.wallet_id is not None:
        return id_text(WalletId, body.to.wallet_id, "to.wallet_id")
    found = await history.find_recipient(uow, vault_of(edge), body.to.text(), sender)
    if found is None:
        raise errors.RecipientMissing("nobody here has this address", param="to")
    return found[0].id


async def _schedule(uow: UnitOfWork, edge: Edge, body: TransferIn, at: datetime) -> ScheduledTransfer:
    prepared = await _prepare(uow, edge, body)
    sender, recipient = prepared.sender.id, prepared.recipient.id
    return await transfers.schedule(uow, sender, recipient, prepared.amount, at, body.note)


async def _preview(uow: UnitOfWork, edge: Edge, body: TransferIn) -> TransferOut:
    prepared = await _prepare(uow, edge, body)
    sender, recipient = prepared.sender, prepared.recipient
    entry = await transfers.transfer(uow, sender.id, recipient.id, prepared.amount, body.note)
    left = [LimitOut.of(one) for one in await limits.left(uow, sender)]
    return TransferOut.made(entry, sender, recipient, preview=True, limits_left=left)


async def _ride(edge: Edge, key: str, prepared: Prepared) -> Response:
    batcher: Batcher = edge.service("batcher")

    def refused(refusal: SpecieError) -> Answer:
        return problems.stored(edge.request, limits.explained(refusal, prepared.amount.currency))

    asked = await edge.fingerprint()
    bases = [*edge.bases, *prepared.bases]
    order = Order(edge.scope, key, asked, prepared.draft, prepared.event, refused, bases)
    result = await batcher.submit(order)
    if isinstance(result, Posted):
        made = TransferOut.made(result.entry, prepared.sender, prepared.recipient)
        return edge.answer(Answer(201, made.model_dump_json()))
    if isinstance(result, PostedBefore):
        again = await edge.read(lambda uow: _made(uow, result.entry_id))
        return edge.answer(Answer(201, again.model_dump_json()), replayed=True)
    return edge.answer(result.answer, replayed=result.is_replay)


async def _made(uow: UnitOfWork, entry_id: EntryId) -> TransferOut:
    entry, sender, recipient = await transfers.get_made(uow, entry_id)
    is_payer = uow.scope.party_id in {None, sender.party_id}
    return TransferOut.made(entry, sender, recipient, shows_balance=is_payer)


@router.get("/recipient", response_model=RecipientOut)
@refuses(errors.RecipientMissing)
async def find_recipient(
    from_wallet_id: str,
    query: Annotated[SearchText, Query(min_length=3)],
    edge: Edge = requires(Permission.TRANSFERS_CREATE),
) -> RecipientOut:
    """Who is behind a wallet id, e-mail address or phone number: a masked name to compare before sending."""
    wanted = id_text(WalletId, from_wallet_id, "from_wallet_id")

    async def look(uow: UnitOfWork) -> RecipientOut:
        sender = await service.get_wallet(uow, wanted)
        found = await history.find_recipient(uow, vault_of(edge), query, sender)
        if found is None:
            raise errors.RecipientMissing("nobody here has this address", param="query")
        return RecipientOut(wallet_id=str(found[0].id), display_name=found[1])

    return await edge.read(look)


@router.get("", response_model=ListOf[TransferOut])
async def list_scheduled(
    wallet_id: str,
    edge: Edge = requires(Permission.WALLETS_READ),
    limit: Limit = 20,
    cursor: str | None = None,
) -> dict[str, Any]:
    """The scheduled transfers a wallet pays; those that were made are in its history."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")
    after = edge.cursor("transfers", cursor)

    async def look(uow: UnitOfWork) -> dict[str, Any]:
        wallet = await service.get_wallet(uow, wanted)
        page = await store.transfers_of(uow, wallet, after=after, limit=limit)
        return edge.page("transfers", page, TransferOut.planned)

    return await edge.read(look)


@router.get("/{transfer_id}", response_model=TransferOut)
async def get_transfer(transfer_id: str, edge: Edge = requires(Permission.WALLETS_READ)) -> TransferOut:
    """A transfer that was made (`txn_…`) or scheduled (`trf_…`)."""
    if transfer_id.startswith(f"{TransferId.prefix}_"):
        planned = id_text(TransferId, transfer_id, "transfer_id")
        return TransferOut.planned(await edge.read(lambda uow: transfers.get_scheduled(uow, planned)))
    made = id_text(EntryId, transfer_id, "transfer_id")
    return await edge.read(lambda uow: _made(uow, made))


@router.post("/{transfer_id}/cancel", response_model=TransferOut)
@refuses(errors.TransferEnded)
async def cancel_transfer(transfer_id: str, edge: Edge = requires(Permission.TRANSFERS_CREATE)) -> Response:
    """Call a scheduled transfer off."""
    wanted = id_text(TransferId, transfer_id, "transfer_id")
    return await edge.write(lambda uow: transfers.cancel(uow, wanted), TransferOut.planned)
