"""The dashboard over HTTP."""

from datetime import datetime

from pydantic import Field

from specie.kernel.permissions import Permission
from specie.payouts import PayoutId, PayoutStatus
from specie.platform.http import ApiRouter, Edge, Schema, requires
from specie.platform.wire import Amount
from specie.reports import dashboard
from specie.reports.dashboard import Dashboard
from specie.reports.dashboard_store import Volume

router = ApiRouter(prefix="/dashboard", tags=["Dashboard"])

_OPEN = [PayoutStatus.REQUESTED, PayoutStatus.APPROVED, PayoutStatus.SENT, PayoutStatus.UNKNOWN]


class VolumeOut(Schema):
    """What was collected in one currency: the sum of the postings, and by how many payments."""

    amount: Amount
    payments: int

    @classmethod
    def of(cls, volume: Volume) -> "VolumeOut":
        """The wire form."""
        return cls(amount=Amount.of(volume.amount), payments=volume.payments)


class BalancesOut(Schema):
    """What all wallets of one currency hold now."""

    available: Amount
    pending: Amount


class NextPayoutOut(Schema):
    """The payout that has been waiting longest."""

    id: str
    amount: Amount
    status: str
    created_at: datetime


class HourOut(Schema):
    """How charges at one provider ended within one hour: the success rate is `succeeded` of `ended`."""

    provider: str
    connection: str
    hour: datetime
    succeeded: int
    ended: int


class DashboardOut(Schema):
    """Everything at one moment of business time."""

    at: datetime
    today_since: datetime = Field(description="When the business day began; the same moment narrows the payments")
    week_since: datetime
    today: list[VolumeOut]
    week: list[VolumeOut]
    balances: list[BalancesOut]
    next_payout: NextPayoutOut | None
    providers: list[HourOut] = Field(description="By provider and hour, today")

    @classmethod
    def of(cls, found: Dashboard) -> "DashboardOut":
        """The wire form."""
        payout = found.next_payout
        return cls(
            at=found.at,
            today_since=found.today_since,
            week_since=found.week_since,
            today=[VolumeOut.of(each) for each in found.today],
            week=[VolumeOut.of(each) for each in found.week],
            balances=[
                BalancesOut(available=Amount.of(each.available), pending=Amount.of(each.pending))
                for each in found.balances
            ],
            next_payout=None
            if payout is None
            else NextPayoutOut(
                id=str(PayoutId(payout.id)),
                amount=Amount.of(payout.amount),
                status=payout.state,
                created_at=payout.created_at,
            ),
            providers=[
                HourOut(
                    provider=each.provider,
                    connection=each.connection,
                    hour=each.hour,
                    succeeded=each.succeeded,
                    ended=each.ended,
                )
                for each in found.ended
            ],
        )


@router.get("", response_model=DashboardOut)
async def show_dashboard(edge: Edge = requires(Permission.PAYMENTS_READ)) -> DashboardOut:
    """Collected today and within seven days, balances, the next payout, and how providers fare hour by hour.

    A merchant sees its own.
    """
    return DashboardOut.of(await edge.read(lambda uow: dashboard.read(uow, [state.value for state in _OPEN])))
