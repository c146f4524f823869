"""The wire shapes of notifications."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from specie.kernel.ids import EventId
from specie.notifications.model import KINDS, Channel, Choice, Language, Message, MessageState, Notice, Wishes
from specie.notifications.texts import said
from specie.platform.http import Schema


class NoticeOut(Schema):
    """One thing the caller was told, in the caller's language."""

    id: str
    title: str
    text: str
    type: str
    subject_id: str
    event_id: str
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, notice: Notice, language: Language, who: str) -> "NoticeOut":
        """The notice as it is shown; `who` is the name of the party it is about."""
        title, text = said(notice.type, notice.data, who, language)
        return cls(
            id=str(notice.id),
            title=title,
            text=text,
            type=notice.type,
            subject_id=notice.subject[1],
            event_id=str(EventId(notice.event_id.uuid)),
            created_at=notice.created_at,
            read_at=notice.read_at,
        )


class UnreadOut(Schema):
    """How many notices wait in the caller's inbox."""

    unread: int


class MarkedOut(Schema):
    """How many notices were unread until now."""

    marked: int


class ChoiceShape(Schema):
    """Where one kind of notice goes."""

    inbox: bool
    email: bool
    telegram: bool

    @classmethod
    def of(cls, choice: Choice) -> "ChoiceShape":
        """The choice as it is shown."""
        return cls(inbox=choice.inbox, email=choice.email, telegram=choice.telegram)


class WishesIn(Schema):
    """What somebody chooses. What is left out stays as it is."""

    language: Annotated[Language | None, Field(strict=False)] = None
    telegram_chat: Annotated[
        str | None, Field(pattern=r"^(-?[0-9]{1,20})?$", description="The chat's number; an empty text forgets it")
    ] = None
    choices: dict[str, ChoiceShape] = Field(default_factory=dict, max_length=50)

    def chosen(self) -> dict[str, Choice]:
        """The choices of kinds that exist."""
        return {
            name: Choice(shape.inbox, shape.email, shape.telegram)
            for name, shape in self.choices.items()
            if name in KINDS
        }


class WishesOut(Schema):
    """What somebody has chosen, with the default where nothing was chosen."""

    language: Language
    has_telegram_chat: bool
    telegram_available: bool
    choices: dict[str, ChoiceShape]

    @classmethod
    def of(cls, wishes: Wishes, allowed: list[str], *, telegram: bool) -> "WishesOut":
        """The choices about the kinds that this person may hear of."""
        return cls(
            language=wishes.language,
            has_telegram_chat=wishes.chat is not None,
            telegram_available=telegram,
            choices={name: ChoiceShape.of(wishes.about(KINDS[name])) for name in allowed},
        )


class MessageOut(Schema):
    """A message on its way to somebody, or what became of it. Times are business time."""

    id: str
    user_id: str
    channel: Channel
    event_type: str
    state: MessageState
    tries: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        """The message as it is shown."""
        return cls(
            id=str(message.id),
            user_id=str(message.user_id),
            channel=message.channel,
            event_type=message.event_type,
            state=message.state,
            tries=message.tries,
            error=message.error,
            created_at=message.created_at,
            finished_at=message.finished_at,
        )
