"""People are told once, where they want it, in their language; what cannot be sent is given up with a record."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from email.message import Message
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from sqlalchemy import text

from specie import events, identity, parties
from specie.events import NewEvent
from specie.identity import NewTenant, NewUser, Role
from specie.kernel.errors import NotFound
from specie.kernel.ids import PartyId, UserId, uuid7
from specie.kernel.pagination import CursorSigner
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.notifications import Telegram, jobs, look, service, store
from specie.notifications.errors import ForPeopleOnly
from specie.notifications.model import Choice, Language, MessageState
from specie.notifications.model import Message as Sent
from specie.notifications.texts import said
from specie.platform.config import load_settings
from specie.platform.db import Database
from specie.platform.jobs import JobContext, Later
from specie.platform.mail import SmtpMailer
from specie.platform.outbound import OutboundClient
from tests.events.facts import publish_all
from tests.webhooks.receiver import RING, Receiver, receiving

_TOKEN = "12345:secret-of-the-bot"
_EVERYWHERE = Choice(inbox=True, email=True, telegram=True)


class Sink(MessageHandler):
    """Keeps what it is sent; `refuse` is what it says instead of taking it."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []
        self.refuse: str | None = None

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refuse is not None:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"


@dataclass
class Office:
    """A tenant with one person in finance, a mail server, a bot's server, and the context of its jobs."""

    database: Database
    scope: Scope
    user: UserId
    context: JobContext
    sink: Sink
    bot: Receiver

    @property
    def person(self) -> Scope:
        return replace(self.scope, actor=Actor(ActorKind.USER, str(self.user)))

    async def choose(self, *, language: Language = Language.ENGLISH, chat: str | None = None, **kinds: Choice) -> None:
        async with self.database.begin(self.person) as uow:
            await service.change_wishes(uow, RING, language, chat, kinds)

    async def happens(self, name: str = "payout.failed", party: PartyId | None = None) -> None:
        payout = {"reference": "w-17", "amount": {"amount": 1_234_500, "currency": "IDR"}}
        async with self.database.begin(self.scope) as uow:
            await events.record(uow, NewEvent(name, ("payout", "po_1"), 1, {"payout": payout}, party_id=party))
        await publish_all(self.database)
        await look(self.database)
        await jobs.read_on(self.context)

    async def messages(self) -> list[Sent]:
        async with self.database.begin(self.scope) as uow:
            return await store.messages(uow, None, 100)

    async def send_all(self) -> None:
        for message in await self.messages():
            await jobs.send(self.context, message_id=str(message.id))

    async def titles(self, scope: Scope | None = None) -> list[str]:
        async with self.database.begin(scope or self.person) as uow:
            return [notice.type for notice in (await service.inbox(uow, None, 50, unread=True)).items]


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    sink = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    outbound = OutboundClient()
    async with receiving() as bot:
        yield await _open(database, sink, bot, outbound, SmtpMailer(f"smtp://127.0.0.1:{port}", "S <s@example.com>"))
    await outbound.close()
    controller.stop()


async def _open(database: Database, sink: Sink, bot: Receiver, outbound: OutboundClient, mailer: SmtpMailer) -> Office:
    who = identity.build(
        signing_key=b"s" * 32, ring=RING, mailer=mailer, public_url="https://books.example", trusted_proxies=()
    )
    user_name = uuid7().hex
    async with database.begin(None) as uow:
        tenant, _ = await identity.create_tenant(uow, NewTenant("Warung Kopi", user_name[-20:]))
        user = await identity.create_user(uow, who, NewUser(f"{user_name}@example.com", "Sri"))
    scope = identity.system_scope(tenant)
    async with database.begin(scope) as uow:
        await identity.add_member(uow, user, Role.FINANCE)
    telegram = Telegram(outbound, f"http://127.0.0.1:{bot.port}", _TOKEN)
    bot.answers[f"/bot{_TOKEN}/sendMessage"] = 200
    services = {
        identity.SERVICE: who,
        "vault": RING,
        "mail": mailer,
        "telegram": telegram,
        "cursors": CursorSigner(b"c" * 32),
        "settings": load_settings(base_url="https://books.example"),
    }
    return Office(database, scope, user, JobContext(database, scope, services), sink, bot)


async def test_a_notice_is_in_the_inbox_once_however_often_the_feed_is_read(office: Office) -> None:
    await office.happens()
    async with office.database.begin(office.scope) as uow:
        await store.move_position(uow, 0)
    await jobs.read_on(office.context)
    assert await office.titles() == ["payout.failed"]


async def test_by_default_a_payout_is_in_the_inbox_only_and_a_payment_nowhere(office: Office) -> None:
    await office.happens("payment.paid")
    await office.happens("payout.failed")
    assert await office.titles() == ["payout.failed"]
    assert await office.messages() == []


async def test_mail_goes_to_the_person_with_amounts_as_people_write_them(office: Office) -> None:
    await office.choose(payouts=_EVERYWHERE, language=Language.INDONESIAN)
    await office.happens()
    await office.send_all()
    (mail,) = office.sink.mails
    assert mail["Subject"] == "Pencairan gagal"
    assert "Pencairan w-17 sebesar Rp12.345,00 gagal" in mail.get_payload(decode=True).decode()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "https://books.example/notices/unsubscribe?token=" in mail["List-Unsubscribe"]


async def test_telegram_gets_the_text_in_the_chat_that_was_given(office: Office) -> None:
    await office.choose(payouts=Choice(inbox=True, email=False, telegram=True), chat="4711")
    await office.happens()
    await office.send_all()
    (call,) = office.bot.got
    assert call.path == f"/bot{_TOKEN}/sendMessage"
    assert b'"chat_id": "4711"' in call.body
    assert "A payout failed" in call.body.decode()
    assert [message.state for message in await office.messages()] == [MessageState.SENT]


async def test_a_message_that_was_sent_is_not_sent_again(office: Office) -> None:
    await office.choose(payouts=_EVERYWHERE)
    await office.happens()
    await office.send_all()
    await office.send_all()
    assert len(office.sink.mails) == 1


async def test_a_server_that_is_busy_is_tried_again_and_the_mail_arrives(office: Office) -> None:
    await office.choose(payouts=Choice(inbox=True, email=True, telegram=False))
    await office.happens()
    office.sink.refuse = "451 later"
    with pytest.raises(Later):
        await office.send_all()
    (waiting,) = await office.messages()
    assert (waiting.state, waiting.tries) == (MessageState.QUEUED, 1)
    office.sink.refuse = None
    await office.send_all()
    assert len(office.sink.mails) == 1
    assert (await office.messages())[0].state is MessageState.SENT


async def test_after_eight_tries_a_message_is_given_up_with_the_reason(office: Office) -> None:
    await office.choose(payouts=Choice(inbox=True, email=True, telegram=False))
    await office.happens()
    office.sink.refuse = "451 later"
    for _ in range(7):
        with pytest.raises(Later):
            await office.send_all()
    await office.send_all()
    (message,) = await office.messages()
    assert (message.state, message.tries) == (MessageState.GIVEN_UP, 8)
    assert message.error == "the mail server did not take the mail"


async def test_an_answer_that_will_never_change_is_given_up_at_once_without_showing_the_token(office: Office) -> None:
    await office.choose(payouts=Choice(inbox=True, email=False, telegram=True), chat="4711")
    await office.happens()
    office.bot.answers[f"/bot{_TOKEN}/sendMessage"] = 403
    await office.send_all()
    (message,) = await office.messages()
    assert (message.state, message.error) == (MessageState.GIVEN_UP, "status 403")
    assert _TOKEN not in repr(message)


async def test_the_chat_is_sealed_in_the_database(office: Office) -> None:
    await office.choose(chat="471147114711")
    async with office.database.begin(office.scope) as uow:
        sealed = (await uow.execute(text("select chat_sealed from specie.notice_person"))).scalar_one()
    assert b"471147114711" not in bytes(sealed)


async def test_what_is_left_out_of_the_choices_stays_and_a_chat_is_forgotten_by_an_empty_text(office: Office) -> None:
    await office.choose(language=Language.INDONESIAN, chat="4711", payouts=_EVERYWHERE)
    for chat, is_kept in ((None, True), ("", False)):
        async with office.database.begin(office.person) as uow:
            wishes = await service.change_wishes(uow, RING, None, chat, {"refunds": _EVERYWHERE})
        assert (wishes.language, wishes.chat is not None) == (Language.INDONESIAN, is_kept)
        assert wishes.chosen == {"payouts": _EVERYWHERE, "refunds": _EVERYWHERE}


async def test_somebody_limited_to_a_party_hears_of_that_party_only(office: Office) -> None:
    own, other = PartyId.new(), PartyId.new()
    who = office.context.services[identity.SERVICE]
    async with office.database.begin(None) as uow:
        merchant = await identity.create_user(uow, who, NewUser(f"{uuid7().hex}@example.com", "Budi"))
    async with office.database.begin(office.scope) as uow:
        await identity.add_member(uow, merchant, Role.MERCHANT, party_id=own)
    await office.happens(party=other)
    await office.happens(party=own)
    scope = replace(office.scope, actor=Actor(ActorKind.USER, str(merchant)), party_id=own)
    assert await office.titles(scope) == ["payout.failed"]
    assert await office.titles() == ["payout.failed", "payout.failed"]


async def test_the_token_of_a_mail_ends_this_kind_of_mail_and_nothing_else(office: Office) -> None:
    await office.choose(payouts=_EVERYWHERE, refunds=_EVERYWHERE)
    async with office.database.begin(office.scope) as uow:
        await service.silence(uow, office.user, "payouts")
    async with office.database.begin(office.person) as uow:
        chosen = (await service.own_wishes(uow)).chosen
    assert chosen["payouts"] == Choice(inbox=True, email=False, telegram=True)
    assert chosen["refunds"] == _EVERYWHERE


async def test_reading_a_notice_takes_it_from_the_count_and_is_nobody_elses_business(office: Office) -> None:
    await office.happens()
    stranger = replace(office.scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    async with office.database.begin(office.person) as uow:
        (notice,) = (await service.inbox(uow, None, 10, unread=True)).items
        assert await service.count_unread(uow) == 1
    async with office.database.begin(stranger) as uow:
        with pytest.raises(NotFound):
            await service.mark_read(uow, notice.id)
    async with office.database.begin(office.person) as uow:
        assert await service.mark_read(uow, notice.id) == 1
        assert await service.count_unread(uow) == 0


async def test_a_key_has_no_inbox(office: Office) -> None:
    key = replace(office.scope, actor=Actor(ActorKind.API_KEY, "key_1"))
    async with office.database.begin(key) as uow:
        with pytest.raises(ForPeopleOnly):
            await service.inbox(uow, None, 10, unread=False)


async def test_a_customer_is_warned_of_what_it_owes_and_staff_is_not(office: Office) -> None:
    async with office.database.begin(office.scope) as uow:
        ring = office.context.services["vault"]
        customer = await parties.create_party(
            uow, ring, kind=parties.PartyKind.PERSON, roles=["customer"], known={"name": "Budi"}
        )
    async with office.database.begin(None) as uow:
        who = office.context.services[identity.SERVICE]
        user = await identity.create_user(uow, who, NewUser(f"{uuid7().hex}@example.com", "Budi"))
    async with office.database.begin(office.scope) as uow:
        await identity.add_member(uow, user, Role.CUSTOMER, party_id=customer.id)
        owed = {"amount": 2_500_000, "currency": "IDR"}
        for kind, more in (
            ("reminder", {"due": owed, "due_on": "2026-12-21"}),
            ("collection_failed", {"due": owed}),
            ("late_fee_charged", {"fee": owed}),
        ):
            data = {"customer_id": str(customer.id), "reference": "order-17", **more}
            event = NewEvent(f"installment.{kind}", ("installment_order", uuid7().hex), 1, data, party_id=PartyId.new())
            await events.record(uow, event)
    await publish_all(office.database)
    await look(office.database)
    await jobs.read_on(office.context)

    assert await office.titles() == []
    person = replace(office.scope, actor=Actor(ActorKind.USER, str(user)))
    assert sorted(await office.titles(person)) == [
        "installment.collection_failed",
        "installment.late_fee_charged",
        "installment.reminder",
    ]
    assert said("installment.reminder", data | {"due": owed, "due_on": "2026-12-21"}, "", Language.ENGLISH) == (
        "IDR25,000.00 falls due on 2026-12-21",
        "A part of order-17, IDR25,000.00, is collected on 2026-12-21. Have it in the wallet by then.",
    )
