"""Mail through a real SMTP server, and into the development folder."""

import asyncio
import email
import email.policy
import stat
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import jinja2
import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP

from specie.platform import db
from specie.platform.mail import Attachment, Mail, MailNotSent, MailTemplate, OutboxMailer, SmtpMailer, open_mailer

SENDER = "Specie Büro <no-reply@specie.example>"


class Inbox:
    """Keeps what arrives; refuses the addresses it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.recipients.append(envelope.rcpt_tos)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest_asyncio.fixture(loop_scope="session")
async def server(inbox: Inbox) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(inbox, loop=loop), "127.0.0.1", 0)
    yield f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()


async def test_a_mail_arrives_with_text_and_attachment(inbox: Inbox, server: str) -> None:
    mail = Mail(
        "siti@example.com", "Tagihan €5", "Terima kasih, Žofie\n", (Attachment("a.pdf", "application/pdf", b"%PDF"),)
    )
    await SmtpMailer(server, SENDER).send(mail)
    [arrived] = inbox.mails
    assert (arrived["To"], arrived["From"], arrived["Subject"]) == ("siti@example.com", SENDER, "Tagihan €5")
    assert arrived["Message-ID"] == f"<{mail.key}@specie.example>"
    assert arrived.get_body().get_content().splitlines() == ["Terima kasih, Žofie"]
    [attached] = arrived.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("a.pdf", b"%PDF")


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such user", True), ("451 try later", False)])
async def test_a_refused_address_says_whether_trying_again_helps(
    inbox: Inbox, server: str, answer: str, permanent: bool
) -> None:
    inbox.refusals["gone@example.com"] = answer
    with pytest.raises(MailNotSent) as failed:
        await SmtpMailer(server, SENDER).send(Mail("gone@example.com", "Hi", "Hi"))
    assert failed.value.permanent is permanent
    assert inbox.mails == []


async def test_an_unreachable_server_is_not_permanent() -> None:
    with pytest.raises(MailNotSent) as failed:
        await SmtpMailer("smtp://127.0.0.1:9", SENDER).send(Mail("a@example.com", "Hi", "Hi"))
    assert not failed.value.permanent


async def test_a_password_is_never_sent_in_the_clear(inbox: Inbox, server: str) -> None:
    with pytest.raises(MailNotSent):
        await SmtpMailer(server.replace("//", "//user:secret@"), SENDER).send(Mail("a@example.com", "Hi", "Hi"))
    assert inbox.mails == []


@pytest.mark.parametrize(
    "address", ["a@example.com, b@example.com", "a@example.com\nBcc: b@example.com", "nobody", "", "a@b@c"]
)
async def test_an_address_that_is_not_exactly_one_is_refused(inbox: Inbox, server: str, address: str) -> None:
    with pytest.raises(MailNotSent) as failed:
        await SmtpMailer(server, SENDER).send(Mail(address, "Hi", "Hi"))
    assert failed.value.permanent
    assert inbox.recipients == []


async def test_a_line_break_in_the_subject_is_refused(inbox: Inbox, server: str) -> None:
    with pytest.raises(MailNotSent):
        await SmtpMailer(server, SENDER).send(Mail("a@example.com", "Hi\nBcc: b@example.com", "Hi"))
    assert inbox.recipients == []


async def test_development_mail_is_a_file_only_we_can_read(tmp_path: Path) -> None:
    await OutboxMailer(tmp_path / "mail", SENDER).send(Mail("siti@example.com", "Reset", "Code 123456\n", key="abc"))
    [written] = (tmp_path / "mail").iterdir()
    assert written.name.endswith("-abc.eml")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    message = email.message_from_bytes(written.read_bytes(), policy=email.policy.default)
    assert (message["Subject"], message.get_content()) == ("Reset", "Code 123456\n")


def test_a_template_fills_in_names_as_plain_text() -> None:
    template = MailTemplate("Hello {{ name }}\n", "Dear {{ name }},\n{% if late %}\npay now\n{% endif %}\n")
    mail = template.to("a@example.com", {"name": "O'Neil & <Sons>", "late": True}, key="k")
    assert (mail.subject, mail.text, mail.key) == (
        "Hello O'Neil & <Sons>",
        "Dear O'Neil & <Sons>,\npay now\n",
        "k",
    )


def test_a_line_break_in_a_name_cannot_split_the_subject() -> None:
    mail = MailTemplate("Hello {{ name }}", "x").to("a@example.com", {"name": "A\r\nBcc: b@example.com"})
    assert mail.subject == "Hello A Bcc: b@example.com"


def test_a_missing_name_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        MailTemplate("Hello {{ name }}", "x").to("a@example.com", {})


def test_a_template_cannot_reach_code() -> None:
    with pytest.raises(jinja2.exceptions.SecurityError):
        MailTemplate("x", "{{ ''.__class__.__mro__ }}").to("a@example.com", {})


async def test_mail_inside_a_unit_of_work_is_a_programming_error(tmp_path: Path) -> None:
    token = db._open_unit_of_work.set(True)
    try:
        with pytest.raises(db.NetworkInsideTransaction):
            await OutboxMailer(tmp_path, SENDER).send(Mail("a@example.com", "Hi", "Hi"))
    finally:
        db._open_unit_of_work.reset(token)


def test_the_setting_chooses_the_mailer(tmp_path: Path) -> None:
    assert isinstance(open_mailer("", SENDER, tmp_path), OutboxMailer)
    assert isinstance(open_mailer("smtps://host", SENDER, tmp_path), SmtpMailer)
    with pytest.raises(ValueError, match="smtp"):
        open_mailer("http://host", SENDER, tmp_path)
