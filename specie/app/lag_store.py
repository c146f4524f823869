"""One question to the database: since when the oldest piece of background work of each kind has been waiting.

Ids made by machine time tell the age of what is numbered and sealed: an event's own time is the tenant's, and a
sandbox's clock may stand months away from the machine's.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from specie.platform.crashpoints import crash_point
from specie.platform.db import Database

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Of webhooks, what is due for an endpoint that answers and has room: for a failing or a busy one it is the owner's.
_OLDEST = text("""
select
    least(
        (select min(scheduled_at) from jobs.procrastinate_jobs where status = 'todo' and scheduled_at <= :now),
        (select (select min(at) from jobs.procrastinate_events v where v.job_id = j.id)
         from jobs.procrastinate_jobs j where status = 'todo' and scheduled_at is null order by id limit 1)
    ) as queue,
    (select event_id from specie.event_unnumbered order by seq limit 1) as publisher,
    (select min(greatest(d.next_at, e.open_until))
     from specie.webhook_endpoint e
     cross join lateral (
         select next_at from specie.webhook_delivery p
         where p.tenant_id = e.tenant_id and p.endpoint_id = e.id and p.state = 'pending' order by next_at limit 1
     ) d
     where e.state = 'enabled' and e.consecutive_failures < 3
       and (select count(*) from specie.webhook_delivery s
            where s.tenant_id = e.tenant_id and s.endpoint_id = e.id and s.state = 'sending') < 4) as webhooks,
    (select d.id from specie.webhook_delivery d
     join specie.webhook_endpoint e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id and e.state = 'enabled'
     where d.state in ('pending', 'sending') order by d.id limit 1) as undelivered,
    (select n.event_id from specie.event_head h
     left join specie.webhook_position p on p.tenant_id = h.tenant_id
     cross join lateral (
         select event_id from specie.event_number f
         where f.tenant_id = h.tenant_id and f.n > coalesce(p.last_n, 0) order by f.n limit 1
     ) n
     where h.last_n > coalesce(p.last_n, 0) order by n.event_id limit 1) as fan_out,
    (select n.event_id from specie.event_head h
     left join lateral (
         select last_n from specie.ledger_block b where b.tenant_id = h.tenant_id order by b.number desc limit 1
     ) b on true
     cross join lateral (
         select event_id from specie.event_number f
         where f.tenant_id = h.tenant_id and f.n > coalesce(b.last_n, 0) order by f.n limit 1
     ) n
     where h.last_n > coalesce(b.last_n, 0) order by n.event_id limit 1) as ledger_sealer,
    (select audit_id from specie.audit_pending order by audit_id limit 1) as audit_sealer
""")


async def oldest(db: Database, now: datetime) -> dict[str, datetime | None]:
    """By kind of work, since when the oldest piece has waited, in machine time; None when nothing waits.

    Raises Unavailable.
    """
    async with db.system() as uow:
        row = (await uow.execute(_OLDEST, {"now": now})).one()
        crash_point("health.lags.read")
    return {name: _moment(value) for name, value in row._mapping.items()}


def _moment(value: datetime | UUID | None) -> datetime | None:
    """The moment itself, or the one in which an id was made."""
    if isinstance(value, UUID):
        return _EPOCH + timedelta(milliseconds=value.int >> 80)
    return value
