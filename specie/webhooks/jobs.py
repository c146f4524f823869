"""The background edge of webhooks: fanning out the feed, recovering a range, warning about and disabling endpoints."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from specie.kernel.clock import machine_now
from specie.kernel.ids import EndpointId
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database, UnitOfWork
from specie.platform.jobs import JobContext, job
from specie.platform.mail import Mailer, MailNotSent, MailTemplate
from specie.webhooks import service
from specie.webhooks.model import Alarm, DisabledReason, Endpoint

ALARM = "webhooks.alarm"

AdminAddresses = Callable[[UnitOfWork], Awaitable[list[str]]]
"""The service `admin_addresses`: the mail addresses of the people in charge of the unit of work's tenant."""

_FAILING = MailTemplate(
    "Your webhook endpoint has been failing for {{ days }} days",
    """
    The endpoint {{ url }} has not accepted a webhook since {{ since }}.

    If it goes on failing it will be disabled after five days. Nothing is lost: once it works again, every event
    can be sent from the list of deliveries or with a recovery.
    """,
)


async def fan_out(db: Database) -> int:
    """Owe what is new in every tenant's feed to the endpoints. Returns how many deliveries were made."""
    async with db.system() as uow:
        waiting = await service.behind(uow)
        crash_point("webhooks.behind.commit_before")
    made = 0
    for tenant_id, head in waiting:
        async with db.system() as uow:
            made += await service.fan_out(uow, tenant_id, head)
            crash_point("webhooks.fan_out.commit_before")
        crash_point("webhooks.fan_out.commit_after")
    return made


@job(service.RECOVER)
async def recover(context: JobContext, endpoint_id: str, since_n: int, through_n: int, include_delivered: bool) -> None:
    """Queue every event of a range again, part by part."""
    wanted, reached = EndpointId.parse(endpoint_id), since_n - 1

    async def part(uow: UnitOfWork) -> int | None:
        return await service.recover_part(uow, wanted, reached, through_n, include_delivered=include_delivered)

    while (further := await context.db.run(context.scope, part, label="webhooks.recover.part")) is not None:
        reached = further


@job(ALARM)
async def sound_alarm(context: JobContext, endpoint_id: str, alarm: str) -> None:
    """Warn the people in charge of a failing endpoint, or disable it."""
    wanted = EndpointId.parse(endpoint_id)
    if alarm == Alarm.WARN:
        await _warn(context, wanted)
        return
    reason = DisabledReason.GONE if alarm == Alarm.GONE else DisabledReason.FAILING
    await context.db.run(
        context.scope, lambda uow: service.disable(uow, wanted, reason), label="webhooks.endpoint.disable"
    )


async def _warn(context: JobContext, endpoint_id: EndpointId) -> None:
    addresses_of: AdminAddresses = context.services["admin_addresses"]

    async def look(uow: UnitOfWork) -> tuple[Endpoint | None, list[str]]:
        endpoint = await service.failing(uow, endpoint_id)
        return endpoint, await addresses_of(uow) if endpoint else []

    endpoint, addresses = await context.db.run(context.scope, look, label="webhooks.warning.look")
    if endpoint is None or endpoint.failing_since is None:
        return
    await _mail(context.services["mail"], endpoint, endpoint.failing_since, addresses)
    await context.db.run(
        context.scope, lambda uow: service.note_warned(uow, endpoint_id), label="webhooks.warning.note"
    )


async def _mail(mailer: Mailer, endpoint: Endpoint, since: datetime, addresses: list[str]) -> None:
    """Tell everybody, under the same key again after a crash. Raises MailNotSent where trying again helps."""
    values = {"url": endpoint.url, "since": f"{since:%Y-%m-%d %H:%M} UTC", "days": (machine_now() - since).days}
    for number, address in enumerate(addresses):
        key = f"webhook-failing-{endpoint.id}-{since:%Y%m%d%H%M%S}-{number}"
        crash_point("webhooks.mail.before")
        try:
            await mailer.send(_FAILING.to(address, values, key=key))
        except MailNotSent as error:
            if not error.permanent:
                raise
        crash_point("webhooks.mail.after")
