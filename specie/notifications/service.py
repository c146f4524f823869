"""Telling people: the feed turned into notices, choices, and the inbox."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from specie import audit, events
from specie.events import Event, EventFilter
from specie.kernel.errors import NotFound
from specie.kernel.ids import UserId
from specie.kernel.pagination import Page
from specie.kernel.scope import ActorKind, Scope
from specie.notifications import store
from specie.notifications.errors import ForPeopleOnly
from specie.notifications.model import KIND_OF_TYPE, Choice, Language, Message, Notice, NoticeId, Reader, Wishes
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing, Place

SEND = "notifications.send"
UNSUBSCRIBE = "notices-unsubscribe"
"""The purpose for which the token of an unsubscribe link is signed."""

_PART = 200
_EVERYTHING = EventFilter()


async def tell_next(uow: UnitOfWork, readers: Sequence[Reader]) -> int:
    """Read the next part of the feed and tell whom it concerns, once for each event and person.

    Messages leave by jobs that commit with the notices. Returns how many events were read; 0 at the end of the feed.
    """
    reached = await store.lock_position(uow)
    if reached is None:
        return 0
    found = await events.after(uow, uow.scope.tenant_id, reached, _PART, _EVERYTHING)
    if not found:
        return 0
    wishes = await store.wishes(uow, [reader.user_id for reader in readers])
    for event in found:
        for reader in readers:
            await _tell(uow, event, reader, wishes[reader.user_id])
    await store.move_position(uow, found[-1].n)
    return len(found)


async def _tell(uow: UnitOfWork, event: Event, reader: Reader, wishes: Wishes) -> None:
    kind = KIND_OF_TYPE.get(event.type)
    if kind is None or not reader.may_hear(kind, kind.about(event), event.data.get("user_id")):
        return
    wanted = wishes.about(kind)
    if wanted.is_silent:
        return
    notice_id = await store.add_notice(uow, reader.user_id, event.id, in_inbox=wanted.inbox)
    if notice_id is None:
        return
    for channel in wanted.channels:
        message_id = await store.add_message(uow, notice_id, channel)
        await jobs.defer(uow, SEND, message_id=str(message_id))


def reader_of(scope: Scope) -> UserId:
    """The person who asks. Raises ForPeopleOnly for a key or a job."""
    if scope.actor.kind is not ActorKind.USER:
        raise ForPeopleOnly("read the feed of events instead")
    return UserId.parse(scope.actor.id)


async def inbox(uow: UnitOfWork, before: UUID | None, limit: int, *, unread: bool) -> Page[Notice]:
    """The caller's notices, newest first. Raises ForPeopleOnly."""
    rows = await store.inbox(uow, reader_of(uow.scope), before, limit, unread=unread)
    return Page.cut(rows, limit, key=lambda row: (str(row.id.uuid),))


async def count_unread(uow: UnitOfWork) -> int:
    """How many of the caller's notices are unread. Raises ForPeopleOnly."""
    return await store.count_unread(uow, reader_of(uow.scope))


async def mark_read(uow: UnitOfWork, notice_id: NoticeId | None) -> int:
    """Mark one of the caller's notices as read, or all. Raises NotFound for somebody else's."""
    reader = reader_of(uow.scope)
    if notice_id is not None:
        found = await store.notice_by_id(uow, notice_id)
        if found is None or found.user_id != reader:
            raise NotFound("no such notice", param="notice_id")
    return await store.mark_read(uow, reader, notice_id)


async def own_wishes(uow: UnitOfWork) -> Wishes:
    """What the caller has chosen. Raises ForPeopleOnly."""
    reader = reader_of(uow.scope)
    return (await store.wishes(uow, [reader]))[reader]


async def change_wishes(
    uow: UnitOfWork, ring: KeyRing, language: Language | None, chat: str | None, choices: Mapping[str, Choice]
) -> Wishes:
    """Store the caller's choices; None stays as it is. `chat` is a Telegram chat, kept sealed; "" forgets it.

    Raises ForPeopleOnly.
    """
    reader = reader_of(uow.scope)
    known = await own_wishes(uow)
    spoken = language or known.language
    sealed = known.chat if chat is None else None
    if chat:
        sealed = ring.wrap(chat.encode(), _place(uow, reader))
    await store.save_person(uow, reader, spoken, sealed)
    await store.save_choices(uow, reader, choices)
    await audit.record(uow, action="notices.choose", subject=("user", str(reader)), after={"language": spoken.value})
    return await own_wishes(uow)


async def silence(uow: UnitOfWork, user: UserId, kind_name: str) -> None:
    """Send somebody no more mail of a kind; the inbox stays as it was."""
    kind = next(kind for kind in KIND_OF_TYPE.values() if kind.name == kind_name)
    before = (await store.wishes(uow, [user]))[user].about(kind)
    await store.save_choices(uow, user, {kind_name: Choice(before.inbox, email=False, telegram=before.telegram)})
    await audit.record(uow, action="notices.unsubscribe", subject=("user", str(user)), after={"kind": kind_name})


def chat_of(uow: UnitOfWork, ring: KeyRing, user: UserId, wishes: Wishes) -> str | None:
    """The Telegram chat somebody has given; None for none."""
    return ring.unwrap(wishes.chat, _place(uow, user)).decode() if wishes.chat else None


def _place(uow: UnitOfWork, user: UserId) -> Place:
    return Place(str(uow.scope.tenant_id), "notice_person", str(user), "chat")


async def messages(uow: UnitOfWork, before: UUID | None, limit: int) -> Page[Message]:
    """Everything the tenant has sent to its people, newest first."""
    return Page.cut(await store.messages(uow, before, limit), limit, key=lambda row: (str(row.id),))
