"""Wallets, holds and limits over HTTP."""

import csv
import io
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response

from specie import parties
from specie.kernel.errors import InvalidField
from specie.kernel.ids import HoldId, PartyId, WalletId
from specie.kernel.money import Currency, UnknownCurrency
from specie.kernel.permissions import Permission
from specie.ledger import InsufficientFunds
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.spreadsheets import harmless
from specie.platform.vault import KeyRing
from specie.platform.wire import Amount, CurrencyCode, ListOf, SearchText, id_text
from specie.wallets import errors, history, holds, limits, service, store
from specie.wallets.history import Wanted
from specie.wallets.model import PASSING, Hold, Wallet
from specie.wallets.schemas import (
    CaptureIn,
    FreezeIn,
    HoldIn,
    HoldOut,
    LimitOut,
    MovementOut,
    PolicyIn,
    PolicyOut,
    ReasonIn,
    WalletIn,
    WalletLimitsOut,
    WalletOut,
)

router = ApiRouter(tags=["Wallets"])

Limit = Annotated[int, Query(ge=1, le=100)]
Moment = Annotated[AwareDatetime | None, Query(description="RFC 3339 with a zone")]
_EXPORT_LINES = 10_000


def vault_of(edge: Edge) -> KeyRing:
    """The key ring that opens names."""
    vault: KeyRing = edge.service("vault")
    return vault


async def _shown(uow: UnitOfWork, wallet: Wallet) -> WalletOut:
    return WalletOut.of(wallet, (await service.balances(uow, [wallet]))[wallet.id])


def _as_is(shown: Any) -> Any:
    return shown


@router.get("/wallets", response_model=ListOf[WalletOut])
async def list_wallets(
    edge: Edge = requires(Permission.WALLETS_READ),
    party_id: str | None = None,
    currency: CurrencyCode | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Wallets with their balances; a merchant or customer sees its own."""
    party = id_text(PartyId, party_id, "party_id") if party_id else None
    of = Currency.of(currency) if currency else None
    after = edge.cursor("wallets", cursor)

    async def look(uow: UnitOfWork) -> dict[str, Any]:
        page = await store.list_wallets(uow, party_id=party, currency=of, after=after, limit=limit)
        have = await service.balances(uow, list(page.items))
        return edge.page("wallets", page, lambda wallet: WalletOut.of(wallet, have[wallet.id]))

    return await edge.read(look)


@router.post("/wallets", status_code=201, response_model=WalletOut)
@refuses(parties.PartyMissing)
async def open_wallet(body: WalletIn, edge: Edge = requires(Permission.WALLETS_WRITE)) -> Response:
    """Open a wallet in another currency or for another purpose; an existing one is returned."""
    owner = id_text(PartyId, body.party_id, "party_id") if body.party_id else edge.scope.party_id
    if owner is None:
        raise InvalidField("say whose wallet it is", param="party_id")
    if body.purpose == PASSING:
        raise InvalidField("the platform opens these itself, where it pays somebody", param="purpose")

    async def work(uow: UnitOfWork) -> WalletOut:
        party = await parties.get_party(uow, vault_of(edge), owner)
        wallet = await service.open_wallet(
            uow,
            party.id,
            Currency.of(body.currency),
            body.purpose,
            draw_order=body.draw_order,
            tier=party.tier,
        )
        return await _shown(uow, wallet)

    return await edge.write(work, _as_is, status=201)


@router.get("/wallets/{wallet_id}", response_model=WalletOut)
async def get_wallet(wallet_id: str, edge: Edge = requires(Permission.WALLETS_READ)) -> WalletOut:
    """One wallet with its balances."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")

    async def look(uow: UnitOfWork) -> WalletOut:
        return await _shown(uow, await service.get_wallet(uow, wanted))

    return await edge.read(look)


@router.get("/wallets/{wallet_id}/history", response_model=ListOf[MovementOut])
async def wallet_history(
    wallet_id: str,
    edge: Edge = requires(Permission.WALLETS_READ),
    since: Moment = None,
    until: Moment = None,
    direction: history.Direction | None = None,
    q: Annotated[
        SearchText | None,
        Query(min_length=1, description="In the title or note, or exactly an entry's or other reference"),
    ] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> dict[str, Any]:
    """The wallet's movements, the newest first, with the available balance after each."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")
    name = f"history:{wallet_id}:{direction or ''}:{q or ''}"
    after = edge.cursor(name, cursor)

    async def look(uow: UnitOfWork) -> dict[str, Any]:
        wallet = await service.get_wallet(uow, wanted)
        page = await history.history(
            uow, vault_of(edge), wallet, after=after, limit=limit, wanted=Wanted(since, until, direction, q)
        )
        return edge.page(name, page, MovementOut.of)

    return await edge.read(look)


@router.get("/wallets/{wallet_id}/history.csv", response_class=Response)
async def export_history(
    wallet_id: str, edge: Edge = requires(Permission.WALLETS_READ), since: Moment = None, until: Moment = None
) -> Response:
    """The same movements as a CSV file, at most ten thousand lines."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")

    async def look(uow: UnitOfWork) -> list[history.Movement]:
        wallet = await service.get_wallet(uow, wanted)
        page = await history.history(
            uow, vault_of(edge), wallet, after=None, limit=_EXPORT_LINES, wanted=Wanted(since, until)
        )
        return list(page.items)

    text = _csv(await edge.read(look))
    headers = {"Content-Disposition": f'attachment; filename="{wallet_id}.csv"'}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


def _csv(movements: list[history.Movement]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["recorded_at", "entry_id", "description", "counterparty", "amount", "balance", "currency", "note"])
    for one in movements:
        amount = one.amount if one.is_incoming else -one.amount
        row = [
            one.recorded_at.isoformat(),
            one.entry_id,
            harmless(one.description),
            harmless(one.counterparty_name or ""),
        ]
        row += [f"{amount.major():f}", f"{one.balance_after.major():f}", one.amount.currency, harmless(one.note or "")]
        writer.writerow(row)
    return file.getvalue()


@router.post("/wallets/{wallet_id}/freeze", response_model=WalletOut)
async def freeze_wallet(wallet_id: str, body: FreezeIn, edge: Edge = requires(Permission.WALLETS_ADMIN)) -> Response:
    """Stop what leaves, what arrives, or both; every product obeys at once."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")

    async def work(uow: UnitOfWork) -> WalletOut:
        wallet = await service.freeze(uow, wanted, debits=body.debits, credits=body.credits, reason=body.reason)
        return await _shown(uow, wallet)

    return await edge.write(work, _as_is)


@router.post("/wallets/{wallet_id}/unfreeze", response_model=WalletOut)
async def unfreeze_wallet(wallet_id: str, body: ReasonIn, edge: Edge = requires(Permission.WALLETS_ADMIN)) -> Response:
    """Let a wallet work again."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")

    async def work(uow: UnitOfWork) -> WalletOut:
        wallet = await service.freeze(uow, wanted, debits=False, credits=False, reason=body.reason)
        return await _shown(uow, wallet)

    return await edge.write(work, _as_is)


@router.post("/wallets/{wallet_id}/own-freeze", response_model=WalletOut)
@refuses(errors.NotTheOwner)
async def freeze_own_wallet(wallet_id: str, edge: Edge = requires(Permission.TRANSFERS_CREATE)) -> Response:
    """Stop what leaves one's own wallet, for safety; what arrives still does."""
    return await _own(edge, wallet_id, frozen=True)


@router.post("/wallets/{wallet_id}/own-unfreeze", response_model=WalletOut)
@refuses(errors.NotTheOwner)
async def unfreeze_own_wallet(wallet_id: str, edge: Edge = requires(Permission.TRANSFERS_CREATE)) -> Response:
    """Lift one's own stop; one that the tenant has set stays."""
    return await _own(edge, wallet_id, frozen=False)


async def _own(edge: Edge, wallet_id: str, *, frozen: bool) -> Response:
    wanted = id_text(WalletId, wallet_id, "wallet_id")

    async def work(uow: UnitOfWork) -> WalletOut:
        return await _shown(uow, await service.freeze_own(uow, wanted, frozen=frozen))

    return await edge.write(work, _as_is)


@router.get("/wallets/{wallet_id}/holds", response_model=list[HoldOut])
async def list_holds(wallet_id: str, edge: Edge = requires(Permission.WALLETS_READ)) -> list[HoldOut]:
    """The open holds of a wallet with what is left of each."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")

    async def look(uow: UnitOfWork) -> list[Hold]:
        return await holds.holds_of(uow, await service.get_wallet(uow, wanted))

    return [HoldOut.of(hold) for hold in await edge.read(look)]


@router.post("/wallets/{wallet_id}/holds", status_code=201, response_model=HoldOut)
@refuses(InsufficientFunds, errors.WalletFrozen, errors.LimitExceeded, errors.WalletCurrency, errors.ScheduleInPast)
async def place_hold(wallet_id: str, body: HoldIn, edge: Edge = requires(Permission.WALLETS_WRITE)) -> Response:
    """Set money aside until it is taken, given back, or the hold runs out."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")
    return await edge.money(
        lambda uow: holds.place_hold(uow, wanted, body.amount.money(), reason=body.reason, expires_at=body.expires_at),
        HoldOut.of,
    )


@router.post("/holds/{hold_id}/capture", response_model=HoldOut)
@refuses(
    *(errors.HoldEnded, errors.HoldInUse, errors.WalletMissing, errors.WalletCurrency, errors.WalletFrozen),
    *(errors.LimitExceeded, InsufficientFunds),
)
async def capture_hold(hold_id: str, body: CaptureIn, edge: Edge = requires(Permission.WALLETS_ADMIN)) -> Response:
    """Take some or all of a hold to another wallet; what is left stays held."""
    wanted = id_text(HoldId, hold_id, "hold_id")
    to = id_text(WalletId, body.to_wallet_id, "to_wallet_id")

    async def work(uow: UnitOfWork) -> Hold:
        await holds.require_free(uow, wanted)
        recipient = await service.get_wallet(uow, to)
        amount = body.amount.money() if body.amount else None
        return await holds.capture_hold(uow, wanted, recipient.available_account, amount)

    return await edge.money(work, HoldOut.of, status=200)


@router.post("/holds/{hold_id}/release", response_model=HoldOut)
@refuses(errors.HoldEnded, errors.HoldInUse)
async def release_hold(hold_id: str, edge: Edge = requires(Permission.WALLETS_WRITE)) -> Response:
    """Give back what is left of a hold."""
    wanted = id_text(HoldId, hold_id, "hold_id")

    async def work(uow: UnitOfWork) -> Hold:
        await holds.require_free(uow, wanted)
        return await holds.release_hold(uow, wanted)

    return await edge.money(work, HoldOut.of, status=200)


@router.get("/limits", response_model=list[WalletLimitsOut])
async def own_limits(
    edge: Edge = requires(Permission.WALLETS_READ), party_id: str | None = None
) -> list[WalletLimitsOut]:
    """What a party's wallets may still do: limit, used, left."""
    owner = edge.scope.party_id or (id_text(PartyId, party_id, "party_id") if party_id else None)
    if owner is None:
        raise InvalidField("say whose limits", param="party_id")

    async def look(uow: UnitOfWork) -> list[WalletLimitsOut]:
        return [await _limits(uow, wallet) for wallet in await store.wallets_of(uow, owner)]

    return await edge.read(look)


async def _limits(uow: UnitOfWork, wallet: Wallet) -> WalletLimitsOut:
    return WalletLimitsOut(
        wallet_id=str(wallet.id),
        currency=wallet.currency.code,
        per_item=None if wallet.per_item is None else Amount.of(wallet.per_item),
        limits=[LimitOut.of(one) for one in await limits.left(uow, wallet)],
    )


@router.get("/limit-tiers", response_model=list[PolicyOut])
async def list_policies(edge: Edge = requires(Permission.WALLETS_ADMIN)) -> list[PolicyOut]:
    """The limits of every tier and currency."""
    return [PolicyOut.of(policy) for policy in await edge.read(store.policies)]


@router.put("/limit-tiers/{tier}/{currency}", response_model=PolicyOut)
@refuses(UnknownCurrency)
async def put_policy(
    tier: str, currency: str, body: PolicyIn, edge: Edge = requires(Permission.WALLETS_ADMIN)
) -> Response:
    """Set a tier's limits in a currency; the wallets of the tier follow within moments."""
    policy = body.policy(tier[:40], Currency.of(currency))
    return await edge.write(lambda uow: limits.set_policy(uow, policy), PolicyOut.of)
