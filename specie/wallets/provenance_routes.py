"""Where the money in a wallet has come from, over HTTP."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from specie.kernel.ids import WalletId
from specie.kernel.money import Money
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import Amount, id_text
from specie.wallets import errors, provenance, service
from specie.wallets.provenance import Method, Provenance

router = ApiRouter(tags=["Wallets"])

_SHOWN = 200


class SourcePartOut(Schema):
    """How much of a balance is left of one source; `overdrawn` stands below zero."""

    source: str = Field(description="promo, received, collected, exchanged, returned, other, overdrawn …")
    amount: Amount


class LotOut(Schema):
    """What is left of one arrival."""

    source: str
    amount: Amount
    entry_id: str | None


class ProvenanceOut(Schema):
    """A balance by where it came from. `parts` sum to the balance, and so do `promo` and `own`."""

    wallet_id: str
    method: Method
    balance: Amount
    promo: Amount = Field(description="Given away by others, such as cashback")
    own: Amount = Field(description="Everything else")
    parts: list[SourcePartOut]
    lots: list[LotOut] = Field(description=f"The oldest {_SHOWN} arrivals of which something is left")

    @classmethod
    def of(cls, wallet_id: WalletId, found: Provenance) -> "ProvenanceOut":
        """The wire form."""
        currency = found.balance.currency
        return cls(
            wallet_id=str(wallet_id),
            method=found.method,
            balance=Amount.of(found.balance),
            promo=Amount.of(found.promo),
            own=Amount.of(found.balance - found.promo),
            parts=[SourcePartOut(source=name, amount=Amount.of(part)) for name, part in found.by_source().items()],
            lots=[
                LotOut(
                    source=lot.source,
                    amount=Amount.of(Money(lot.minor, currency)),
                    entry_id=str(lot.entry_id) if lot.entry_id else None,
                )
                for lot in found.lots[:_SHOWN]
            ],
        )


@router.get("/wallets/{wallet_id}/provenance", response_model=ProvenanceOut)
@refuses(errors.WalletMissing, errors.HistoryTooLong)
async def wallet_provenance(
    wallet_id: str,
    edge: Edge = requires(Permission.WALLETS_READ),
    method: Method = Method.FIFO,
    all_purses: Annotated[bool, Query(description="The owner's other purses in this currency as well")] = False,
) -> ProvenanceOut:
    """What the available balance consists of, such as promo money and one's own, under a rule for what is spent first.

    Worked out from the wallet's own postings; what was set aside and came back is still what it was.
    """
    wanted = id_text(WalletId, wallet_id, "wallet_id")

    async def look(uow: UnitOfWork) -> Provenance:
        wallet = await service.get_wallet(uow, wanted)
        return await provenance.provenance(uow, wallet, method, all_purses=all_purses)

    return ProvenanceOut.of(wanted, await edge.read(look))
