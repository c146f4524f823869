"""Every SQL statement of notifications."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import EventId, PartyId, TenantId, UserId, uuid7
from specie.notifications.model import Channel, Choice, Language, Message, MessageState, Notice, NoticeId, Wishes
from specie.notifications.tables import choice, message, notice, person, position
from specie.platform.db import UnitOfWork

# In the statement that asks for a feed to be read, so that a feed is asked for once, whatever the number of workers.
_ASK = text("""
insert into specie.notice_position as p (tenant_id, last_n, asked_n)
select tenant_id, 0, last_n from specie.event_head order by tenant_id
on conflict (tenant_id) do update set asked_n = excluded.asked_n where p.asked_n < excluded.asked_n
returning tenant_id
""")
_NOTICES = """
select n.*, e.type, e.subject_kind, e.subject_id, e.data, e.party_id
from specie.notice n join specie.event e on e.tenant_id = n.tenant_id and e.id = n.event_id
where n.tenant_id = :tenant
"""
_MESSAGES = """
select m.*, n.user_id, e.type as event_type
from specie.notice_message m
join specie.notice n on n.tenant_id = m.tenant_id and n.id = m.notice_id
join specie.event e on e.tenant_id = n.tenant_id and e.id = n.event_id
where m.tenant_id = :tenant
"""


async def ask_for_new(uow: UnitOfWork) -> list[TenantId]:
    """The tenants whose feed has grown since the last time. Needs a system unit of work."""
    return [TenantId(row.tenant_id) for row in await uow.execute(_ASK)]


async def lock_position(uow: UnitOfWork) -> int | None:
    """How far the tenant's feed has been read; None while another job is at it, or before anything was asked."""
    query = select(position.c.last_n).where(position.c.tenant_id == uow.scope.tenant_id.uuid)
    return (await uow.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()


async def move_position(uow: UnitOfWork, last_n: int) -> None:
    """Remember that the feed up to `last_n` has been read."""
    where = position.c.tenant_id == uow.scope.tenant_id.uuid
    await uow.execute(update(position).where(where).values(last_n=last_n))


async def wishes(uow: UnitOfWork, users: Sequence[UserId]) -> dict[UserId, Wishes]:
    """What these people have chosen; those without a row have chosen nothing."""
    tenant, ids = uow.scope.tenant_id.uuid, [user.uuid for user in users]
    chosen: dict[UserId, dict[str, Choice]] = {}
    for row in await uow.execute(select(choice).where(choice.c.tenant_id == tenant, choice.c.user_id.in_(ids))):
        chosen.setdefault(UserId(row.user_id), {})[row.kind] = Choice(row.inbox, row.email, row.telegram)
    people = await uow.execute(select(person).where(person.c.tenant_id == tenant, person.c.user_id.in_(ids)))
    known = {UserId(row.user_id): (Language(row.language), row.chat_sealed) for row in people}
    plain: tuple[Language, bytes | None] = (Language.ENGLISH, None)
    return {user: Wishes(*known.get(user, plain), chosen.get(user, {})) for user in users}


async def save_person(uow: UnitOfWork, user: UserId, language: Language, chat_sealed: bytes | None) -> None:
    """Store somebody's language and sealed chat."""
    values = {"language": language.value, "chat_sealed": chat_sealed}
    row = {"tenant_id": uow.scope.tenant_id.uuid, "user_id": user.uuid} | values
    statement = upsert(person).values(row)
    await uow.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "user_id"], set_=values))


async def save_choices(uow: UnitOfWork, user: UserId, choices: Mapping[str, Choice]) -> None:
    """Store where kinds of notices go for somebody."""
    for kind, wanted in choices.items():
        values = {"inbox": wanted.inbox, "email": wanted.email, "telegram": wanted.telegram}
        row = {"tenant_id": uow.scope.tenant_id.uuid, "user_id": user.uuid, "kind": kind} | values
        statement = upsert(choice).values(row)
        await uow.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "user_id", "kind"], set_=values))


async def add_notice(uow: UnitOfWork, user: UserId, event_id: EventId, *, in_inbox: bool) -> NoticeId | None:
    """Store a notice; None when this person has been told of this event."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": uuid7(),
        "user_id": user.uuid,
        "event_id": event_id.uuid,
        "in_inbox": in_inbox,
        "created_at": uow.now,
    }
    added = await uow.execute(upsert(notice).values(row).on_conflict_do_nothing().returning(notice.c.id))
    found = added.scalar_one_or_none()
    return NoticeId(found) if found else None


async def add_message(uow: UnitOfWork, notice_id: NoticeId, channel: Channel) -> UUID:
    """Put a notice on its way; returns the message's id."""
    row_id = uuid7()
    row = {"id": row_id, "notice_id": notice_id.uuid, "channel": channel.value, "state": "queued", "tries": 0}
    await uow.execute(insert(message).values(tenant_id=uow.scope.tenant_id.uuid, created_at=uow.now, **row))
    return row_id


async def find_message(uow: UnitOfWork, message_id: UUID) -> Message | None:
    """One message."""
    rows = await uow.execute(
        text(_MESSAGES + " and m.id = :id"), {"tenant": uow.scope.tenant_id.uuid, "id": message_id}
    )
    row = rows.one_or_none()
    return _message(row) if row else None


async def finish_message(uow: UnitOfWork, sent: Message, state: MessageState, error: str | None) -> None:
    """Write down what a try came to; a message that has ended stays as it is."""
    where = and_(
        message.c.tenant_id == uow.scope.tenant_id.uuid, message.c.id == sent.id, message.c.state == MessageState.QUEUED
    )
    ended = None if state is MessageState.QUEUED else uow.now
    values = {"state": state.value, "tries": message.c.tries + 1, "error": error, "finished_at": ended}
    await uow.execute(update(message).where(where).values(values))


async def messages(uow: UnitOfWork, before: UUID | None, limit: int) -> list[Message]:
    """Up to `limit + 1` messages of the tenant, newest first."""
    older = " and m.id < :before" if before else ""
    values = {"tenant": uow.scope.tenant_id.uuid, "before": before, "limit": limit + 1}
    rows = await uow.execute(text(f"{_MESSAGES}{older} order by m.id desc limit :limit"), values)
    return [_message(row) for row in rows]


async def notice_by_id(uow: UnitOfWork, notice_id: NoticeId) -> Notice | None:
    """One notice with its event."""
    values = {"tenant": uow.scope.tenant_id.uuid, "id": notice_id.uuid}
    row = (await uow.execute(text(_NOTICES + " and n.id = :id"), values)).one_or_none()
    return _notice(row) if row else None


async def inbox(uow: UnitOfWork, user: UserId, before: UUID | None, limit: int, *, unread: bool) -> list[Notice]:
    """Up to `limit + 1` notices of somebody's inbox, newest first."""
    older = " and n.id < :before" if before else ""
    fresh = " and n.read_at is null" if unread else ""
    query = f"{_NOTICES} and n.user_id = :user and n.in_inbox{older}{fresh} order by n.id desc limit :limit"
    values = {"tenant": uow.scope.tenant_id.uuid, "user": user.uuid, "before": before, "limit": limit + 1}
    return [_notice(row) for row in await uow.execute(text(query), values)]


async def count_unread(uow: UnitOfWork, user: UserId) -> int:
    """How many notices of somebody's inbox have not been read."""
    query = select(func.count()).where(*_unread(uow, user))
    return int((await uow.execute(query)).scalar_one())


async def mark_read(uow: UnitOfWork, user: UserId, notice_id: NoticeId | None) -> int:
    """Mark one notice of somebody as read, or all; returns how many were unread."""
    only = () if notice_id is None else (notice.c.id == notice_id.uuid,)
    done = await uow.execute(update(notice).where(*_unread(uow, user), *only).values(read_at=uow.now))
    return int(done.rowcount)


def _unread(uow: UnitOfWork, user: UserId) -> tuple[Any, ...]:
    return (
        notice.c.tenant_id == uow.scope.tenant_id.uuid,
        notice.c.user_id == user.uuid,
        notice.c.in_inbox,
        notice.c.read_at.is_(None),
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=NoticeId(row.id),
        user_id=UserId(row.user_id),
        event_id=EventId(row.event_id),
        type=row.type,
        subject=(row.subject_kind, row.subject_id),
        data=row.data,
        party_id=PartyId(row.party_id) if row.party_id else None,
        created_at=row.created_at,
        read_at=row.read_at,
    )


def _message(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        notice_id=NoticeId(row.notice_id),
        user_id=UserId(row.user_id),
        channel=Channel(row.channel),
        state=MessageState(row.state),
        event_type=row.event_type,
        tries=row.tries,
        error=row.error,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
