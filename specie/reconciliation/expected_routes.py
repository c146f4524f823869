"""Money expected from providers over HTTP."""

from specie.kernel.permissions import Permission
from specie.platform.http import ApiRouter, Edge, requires
from specie.reconciliation import expected
from specie.reconciliation.expected_schemas import ExpectedFromProvidersOut, ProviderOwesOut

router = ApiRouter(prefix="/reconciliation", tags=["Reconciliation"])


@router.get("/expected", response_model=ExpectedFromProvidersOut)
async def list_expected(edge: Edge = requires(Permission.RECONCILIATION_READ)) -> ExpectedFromProvidersOut:
    """What every provider owes by the books, by the day on which it should be in our bank."""
    return ExpectedFromProvidersOut(data=[ProviderOwesOut.of(owed) for owed in await edge.read(expected.everything)])
