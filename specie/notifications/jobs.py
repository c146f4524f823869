"""The background edge of notifications: reading the feed, and sending outside of any transaction."""

from dataclasses import dataclass
from uuid import UUID

from specie import identity, parties
from specie.identity import ROLE_PERMISSIONS, Identity, Member
from specie.kernel.ids import RequestId
from specie.kernel.pagination import CursorSigner
from specie.notifications import service, store
from specie.notifications.model import (
    KIND_OF_TYPE,
    Channel,
    Language,
    Message,
    MessageState,
    Notice,
    Reader,
)
from specie.notifications.telegram import NotTaken, Telegram
from specie.notifications.texts import mail_template, said
from specie.platform import jobs
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database, UnitOfWork
from specie.platform.jobs import JobContext, Later, job
from specie.platform.mail import Mail, Mailer, MailNotSent, pause_after

READ_ON = "notifications.read_on"

_MEMBERS_AT_ONCE = 100


async def look(db: Database) -> int:
    """Ask for every feed that has grown to be read. Returns how many feeds."""
    async with db.system() as uow:
        tenants = await store.ask_for_new(uow)
        for tenant_id in tenants:
            await jobs.defer_for(uow, tenant_id, RequestId.new(), READ_ON, {})
        crash_point("notifications.look.commit_before")
    return len(tenants)


@job(READ_ON)
async def read_on(context: JobContext) -> None:
    """Tell people of what is new in their tenant, part by part."""
    who: Identity = context.services[identity.SERVICE]

    async def part(uow: UnitOfWork) -> int:
        return await service.tell_next(uow, await _readers(uow, who))

    while await context.db.run(context.scope, part, label="notifications.read_on"):
        crash_point("notifications.read_on.part")


async def _readers(uow: UnitOfWork, who: Identity) -> list[Reader]:
    readers: list[Reader] = []
    before: UUID | None = None
    while True:
        page = await identity.members(uow, who, before, _MEMBERS_AT_ONCE)
        readers += [_reader(member) for member in page.items if not member.user.is_disabled]
        if page.next_key is None:
            return readers
        before = UUID(page.next_key[0])


def _reader(member: Member) -> Reader:
    role = member.role
    return Reader(member.user.id, ROLE_PERMISSIONS[role], member.party_id, role.is_limited_to_party)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message with all that sending it needs."""

    message: Message
    title: str
    sentence: str
    language: Language
    tenant: str
    kind: str
    address: str
    chat: str | None


@job(service.SEND)
async def send(context: JobContext, message_id: str) -> None:
    """Send one message and write down what became of it. Raises Later where trying again may help."""
    letter = await context.db.run(
        context.scope, lambda uow: _letter(context, uow, UUID(message_id)), label="notifications.letter"
    )
    if letter is None:
        return
    error, is_final = await _try(context, letter)
    pause = None if error is None or is_final else pause_after(letter.message.tries + 1)
    state = _state(error, pause)
    await context.db.run(
        context.scope,
        lambda uow: store.finish_message(uow, letter.message, state, error),
        label="notifications.finish",
    )
    if pause is not None:
        raise Later(error, pause)


def _state(error: str | None, pause: int | None) -> MessageState:
    if error is None:
        return MessageState.SENT
    return MessageState.GIVEN_UP if pause is None else MessageState.QUEUED


async def _letter(context: JobContext, uow: UnitOfWork, message_id: UUID) -> _Letter | None:
    message = await store.find_message(uow, message_id)
    if message is None or message.state is not MessageState.QUEUED:
        return None
    notice = await store.notice_by_id(uow, message.notice_id)
    member = await _member(context, uow, message)
    if notice is None or member is None:
        # Who has left the tenant meanwhile is told nothing more about it.
        await store.finish_message(uow, message, MessageState.GIVEN_UP, "no longer a member")
        return None
    wishes = (await store.wishes(uow, [message.user_id]))[message.user_id]
    title, sentence = said(notice.type, notice.data, await _party_name(context, uow, notice), wishes.language)
    return _Letter(
        message=message,
        title=title,
        sentence=sentence,
        language=wishes.language,
        tenant=(await identity.own_tenant(uow)).name,
        kind=KIND_OF_TYPE[notice.type].name,
        address=member.user.email,
        chat=service.chat_of(uow, context.services["vault"], message.user_id, wishes),
    )


async def _member(context: JobContext, uow: UnitOfWork, message: Message) -> Member | None:
    found = await identity.members_by_users(uow, context.services[identity.SERVICE], [message.user_id])
    return next((member for member in found if not member.user.is_disabled), None)


async def _party_name(context: JobContext, uow: UnitOfWork, notice: Notice) -> str:
    if notice.party_id is None:
        return ""
    return (await parties.names(uow, context.services["vault"], [notice.party_id])).get(notice.party_id, "")


async def _try(context: JobContext, letter: _Letter) -> tuple[str | None, bool]:
    """Why the message was not taken, None when it was; and whether that is final."""
    crash_point("notifications.send.before")
    try:
        if letter.message.channel is Channel.EMAIL:
            mailer: Mailer = context.services["mail"]
            await mailer.send(_mail(context, letter))
        else:
            await _telegram(context, letter)
    except (MailNotSent, NotTaken) as error:
        return str(error), error.permanent
    crash_point("notifications.send.after")
    return None, True


def _mail(context: JobContext, letter: _Letter) -> Mail:
    cursors: CursorSigner = context.services["cursors"]
    base = context.services["settings"].public_url
    key = (str(context.scope.tenant_id), str(letter.message.user_id), letter.kind)
    unsubscribe = f"{base}/notices/unsubscribe?token={cursors.encode(service.UNSUBSCRIBE, key)}"
    values = {
        "title": letter.title,
        "sentence": letter.sentence,
        "tenant": letter.tenant,
        "inbox": f"{base}/inbox/",
        "unsubscribe": unsubscribe,
    }
    # The same key on every try, so that a mail that was taken twice can be told from two mails.
    mail = mail_template(letter.language).to(letter.address, values, key=f"notice-{letter.message.id}")
    return Mail(mail.to, mail.subject, mail.text, key=mail.key, unsubscribe=unsubscribe)


async def _telegram(context: JobContext, letter: _Letter) -> None:
    bot: Telegram = context.services["telegram"]
    if not bot.is_on or letter.chat is None:
        raise NotTaken("no chat to write to", permanent=True)
    await bot.send(letter.chat, f"{letter.title}\n\n{letter.sentence}\n\n{letter.tenant}")
