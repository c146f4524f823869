"""The one door for what providers tell, whoever brings it: each kind of fact goes to its own guard."""

from specie.payments import captures, disputes, refunds, saving, service
from specie.platform.db import UnitOfWork
from specie.providers import CaptureFact, DisputeFact, Handling, MethodFact, PaymentFact, RefundFact


async def apply(uow: UnitOfWork, fact: PaymentFact) -> Handling:
    """Let a provider's fact change what it is about; UNKNOWN_REFERENCE when it is nothing of payments'."""
    if isinstance(fact, RefundFact):
        return await refunds.apply(uow, fact)
    if isinstance(fact, CaptureFact):
        return await captures.apply(uow, fact)
    if isinstance(fact, DisputeFact):
        return await disputes.apply(uow, fact)
    if isinstance(fact, MethodFact):
        return await saving.heard(uow, fact)
    return await service.apply(uow, fact)
