"""Mail: text made from templates, sent by SMTP, or written to a folder during development."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import formatdate, parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from specie.kernel.clock import machine_timestamp
from specie.kernel.ids import uuid7
from specie.platform.crashpoints import crash_point
from specie.platform.db import refuse_inside_unit_of_work

_SECONDS = 20.0
# Plain text is not a web page: escaping would show people `&amp;`. The sandbox keeps a template from reaching code.
_templates = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined, trim_blocks=True)


_MINUTE = 60
_PAUSES = tuple(minutes * _MINUTE for minutes in (1, 5, 15, 60, 180, 360, 720))


def pause_after(tries: int) -> int | None:
    """Seconds to wait after so many tries in vain; None after the last.

    Together almost a day: servers put strangers off for a quarter of an hour, and are away for hours.
    """
    return _PAUSES[tries - 1] if tries <= len(_PAUSES) else None


class MailNotSent(Exception):
    """The mail was not accepted. `permanent` says that trying again is useless."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file sent along."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address. The same `key` gives the same Message-ID, so that a repeated mail can be recognised."""

    to: str
    subject: str
    text: str = field(repr=False)
    attachments: tuple[Attachment, ...] = ()
    key: str = field(default_factory=lambda: uuid7().hex)
    unsubscribe: str = field(default="", repr=False)
    """The address at which one POST ends these mails; mail programs show a button for it."""


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """Subject and text with `{{ names }}` to fill in. A name that is missing is an error, never an empty gap."""

    subject: str
    text: str

    def to(self, address: str, values: Mapping[str, Any], *, key: str | None = None) -> Mail:
        """The mail for one address. Raises jinja2.UndefinedError for a missing name."""
        subject = " ".join(_templates.from_string(self.subject).render(values).split())
        text = _templates.from_string(self.text).render(values).strip() + "\n"
        return Mail(address, subject, text) if key is None else Mail(address, subject, text, key=key)


class Mailer(Protocol):
    """Something that sends mail."""

    async def send(self, mail: Mail) -> None:
        """Hand the mail over, outside a unit of work. Raises MailNotSent."""


class SmtpMailer:
    """Sends through an SMTP server. `smtps://` is TLS from the start; `smtp://` upgrades, and must before a log-in."""

    def __init__(self, url: str, sender: str) -> None:
        server = urlsplit(url)
        if server.scheme not in {"smtp", "smtps"} or not server.hostname:
            raise ValueError("mail goes to smtp://host:port or smtps://host:port")
        self._sender = sender
        self._user = unquote(server.username) if server.username else None
        self._password = unquote(server.password) if server.password else None
        self._host = server.hostname
        self._tls = server.scheme == "smtps"
        self._port = server.port or (465 if self._tls else 587)

    async def send(self, mail: Mail) -> None:
        """Deliver to the server. Raises MailNotSent."""
        refuse_inside_unit_of_work("mail")
        message = _message(mail, self._sender)
        crash_point("mail.send.before")
        try:
            await aiosmtplib.send(
                # As bytes, because the library would fold long header lines in its own way.
                message.as_bytes(policy=message.policy.clone(linesep="\r\n")),
                sender=parseaddr(self._sender)[1],
                recipients=[mail.to],
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                # A password never travels in the clear; without one, encryption is used when the server offers it.
                start_tls=None if self._tls or not self._user else True,
                timeout=_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailNotSent("the mail server did not take the mail", permanent=_is_permanent(error)) from error
        crash_point("mail.send.after")


class OutboxMailer:
    """Writes each mail to a file, for development."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Write `<seconds>-<key>.eml`, readable by us alone. Raises MailNotSent."""
        refuse_inside_unit_of_work("mail")
        message = _message(mail, self._sender)
        try:
            await asyncio.to_thread(self._write, f"{machine_timestamp()}-{mail.key}.eml", bytes(message))
        except OSError as error:
            raise MailNotSent("the mail could not be written", permanent=False) from error

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(data)
        unfinished.chmod(0o600)
        unfinished.rename(self._folder / name)


def open_mailer(smtp_url: str, sender: str, outbox: Path) -> Mailer:
    """The mailer of an installation: SMTP when a server is set, else files in `outbox`."""
    return SmtpMailer(smtp_url, sender) if smtp_url else OutboxMailer(outbox, sender)


def _message(mail: Mail, sender: str) -> EmailMessage:
    name, address = parseaddr(sender)
    # A long address folded into encoded words is no address any more; 998 is the longest line that mail allows.
    message = EmailMessage(policy=default.clone(max_line_length=998))
    try:
        # One address, parsed: a text with a comma or a line break in it would reach people nobody meant.
        message["To"] = Address(addr_spec=mail.to)
        message["From"] = Address(name, addr_spec=address)
        message["Subject"] = mail.subject
    except Exception as error:
        # The parser of the standard library fails in several ways on a broken address.
        raise MailNotSent("the address or subject is malformed", permanent=True) from error
    message["Date"] = formatdate(machine_timestamp())
    message["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9_-]', '-', mail.key)}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    for attachment in mail.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        message.add_attachment(attachment.data, maintype=kind, subtype=subtype, filename=attachment.name)
    return message


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_is_permanent(each) for each in error.recipients)
    # A refused log-in is our own misconfiguration, which somebody will repair.
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return False
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500
