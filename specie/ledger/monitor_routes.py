"""Balance monitors over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from specie.kernel.ids import AccountId
from specie.kernel.money import Money
from specie.kernel.permissions import Permission
from specie.ledger import errors, monitor_store, monitors, service
from specie.ledger.monitor_model import Direction, Monitor, MonitorId
from specie.ledger.schemas import Reason
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import Amount, id_text

router = ApiRouter(prefix="/ledger", tags=["Ledger"])

_MAX = Money.MAX_MINOR


class MonitorIn(Schema):
    """A line on an account's balance, in minor units of the account's currency."""

    direction: Annotated[Direction, Field(strict=False)]
    limit: Annotated[int, Field(ge=-_MAX, le=_MAX, examples=[100_000_000])]
    reason: Reason


class MonitorOut(Schema):
    """A line on an account's balance."""

    id: str
    account_id: str
    direction: Direction
    limit: Amount
    created_at: datetime

    @classmethod
    def of(cls, monitor: Monitor) -> "MonitorOut":
        """The wire form."""
        return cls(
            id=str(monitor.id),
            account_id=str(monitor.account_id),
            direction=monitor.direction,
            limit=Amount.of(monitor.limit),
            created_at=monitor.created_at,
        )


class MonitorsOut(Schema):
    """The monitors of an account that are in force, the oldest first."""

    data: list[MonitorOut]


class EndedOut(Schema):
    """A monitor that tells nothing any more."""

    id: str


@router.post("/accounts/{account_id}/monitors", status_code=201, response_model=MonitorOut)
@refuses(errors.AccountMissing)
async def watch_account(account_id: str, body: MonitorIn, edge: Edge = requires(Permission.LEDGER_ADMIN)) -> Response:
    """Tell by the event `ledger.balance.crossed` whenever a commit takes the balance beyond a limit."""
    wanted = id_text(AccountId, account_id, "account_id")

    async def watch(uow: UnitOfWork) -> Monitor:
        account = await service.get_account(uow, wanted, lock=True)
        limit = Money(body.limit, account.currency)
        return await monitors.watch(uow, wanted, body.direction, limit, reason=body.reason)

    return await edge.write(watch, MonitorOut.of, status=201)


@router.get("/accounts/{account_id}/monitors", response_model=MonitorsOut)
@refuses(errors.AccountMissing)
async def list_monitors(account_id: str, edge: Edge = requires(Permission.LEDGER_READ)) -> MonitorsOut:
    """The monitors of an account that are in force."""
    wanted = id_text(AccountId, account_id, "account_id")

    async def read(uow: UnitOfWork) -> list[Monitor]:
        account = await service.get_account(uow, wanted)
        return await monitor_store.of_accounts(await uow.raw(), uow.scope.tenant_id.uuid, [account])

    return MonitorsOut(data=[MonitorOut.of(monitor) for monitor in await edge.read(read)])


@router.delete("/monitors/{monitor_id}", response_model=EndedOut)
async def end_monitor(monitor_id: str, edge: Edge = requires(Permission.LEDGER_ADMIN)) -> Response:
    """Stop watching."""
    wanted = id_text(MonitorId, monitor_id, "monitor_id")
    return await edge.write(lambda uow: monitors.unwatch(uow, wanted), lambda _: EndedOut(id=str(wanted)), status=200)
