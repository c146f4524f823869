"""Documents sent to customers by mail: asked for with the caller's commit, read and sent by a job, noted when gone."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from specie import audit, events, parties
from specie.billing import document, letter_store
from specie.billing.errors import InvoiceCannotMove, NoAddress, TooManyLetters
from specie.billing.events import letter_event
from specie.billing.invoicing import get
from specie.billing.letter_model import Content, Letter, LetterId, LetterKind, LetterState
from specie.billing.model import OPEN_STATES, InvoiceId, InvoiceState
from specie.billing.schemas import page_path
from specie.kernel.ids import PartyId
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.platform.mail import MailTemplate, pause_after
from specie.platform.vault import KeyRing

SEND = "billing.letters.send"
MOST_A_DAY = 5
_DAY = timedelta(days=1)

TEMPLATE = MailTemplate(
    subject="{{ subject }}",
    text="""Hello {{ customer }},

{{ sentence }}

{{ link }}

{{ seller }}
""",
)

Compose = Callable[[UnitOfWork, KeyRing, UUID], Awaitable[Content | None]]
"""What a letter about a document says now; None when there is nothing to say any more."""

_composers: dict[LetterKind, Compose] = {}


def compose_as(kind: LetterKind, compose: Compose) -> None:
    """Let a module that billing does not know send its documents as well."""
    _composers[kind] = compose


async def request(uow: UnitOfWork, ring: KeyRing, kind: LetterKind, document_id: UUID, customer_id: PartyId) -> Letter:
    """Send a document to its customer soon; one that is on its way already is not sent twice.

    Raises NoAddress for a customer without a mail address, TooManyLetters for the same document again and again.
    """
    if not await address_of(uow, ring, customer_id):
        raise NoAddress("write the customer’s mail address down first", param="email")
    earlier = [one for one in await letter_store.letters_of(uow, document_id) if one.kind is kind]
    waiting = next((one for one in earlier if one.state is LetterState.QUEUED), None)
    if waiting is not None:
        return waiting
    if sum(uow.now - one.created_at < _DAY for one in earlier) >= MOST_A_DAY:
        raise TooManyLetters(f"a document goes out at most {MOST_A_DAY} times a day")
    made = _new(uow, kind, document_id, customer_id)
    await put(uow, made)
    return made


async def put(uow: UnitOfWork, letter: Letter) -> bool:
    """Put a letter on its way with this commit; whether it is new."""
    if not await letter_store.insert_letter(uow, letter):
        return False
    await jobs.defer(uow, SEND, letter_id=str(letter.id))
    told = {"kind": letter.kind.value, "document_id": str(letter.document_id), "step": letter.step}
    await audit.record(uow, action="letter.request", subject=("letter", str(letter.id)), after=told)
    return True


async def mail_invoice(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId) -> Letter:
    """Send an issued invoice to its customer. Raises InvoiceMissing, InvoiceCannotMove, NoAddress or TooManyLetters."""
    invoice = await get(uow, invoice_id)
    if invoice.number is None:
        raise InvoiceCannotMove("issue the invoice first", state=invoice.state.value)
    return await request(uow, ring, LetterKind.INVOICE, invoice.id.uuid, invoice.customer_id)


def reminder(uow: UnitOfWork, invoice_id: InvoiceId, customer_id: PartyId, step: int) -> Letter:
    """A letter that reminds of an invoice."""
    return replace(_new(uow, LetterKind.REMINDER, invoice_id.uuid, customer_id), step=step)


def _new(uow: UnitOfWork, kind: LetterKind, document_id: UUID, customer_id: PartyId) -> Letter:
    return Letter(
        id=LetterId.new(),
        kind=kind,
        document_id=document_id,
        customer_id=customer_id,
        state=LetterState.QUEUED,
        tries=0,
        error="",
        created_at=uow.now,
    )


async def content_of(uow: UnitOfWork, ring: KeyRing, letter: Letter) -> Content | None:
    """What a letter says now; None when it has nothing to say any more."""
    if letter.kind is LetterKind.REMINDER:
        return await _reminder(uow, ring, letter)
    return await _composers[letter.kind](uow, ring, letter.document_id)


async def address_of(uow: UnitOfWork, ring: KeyRing, customer_id: PartyId) -> str:
    """Where to write to a customer; empty when nobody knows, or it has been forgotten."""
    party = await parties.get_party(uow, ring, customer_id)
    return party.person.email if party.person else ""


async def finish(uow: UnitOfWork, letter_id: LetterId, error: str | None, *, is_final: bool) -> int | None:
    """Note what became of a try; a letter that has gone is told. Returns the seconds to the next try, if any."""
    letter = await letter_store.letter_by_id(uow, letter_id, lock=True)
    if letter is None or letter.state is not LetterState.QUEUED:
        return None
    tries = letter.tries + 1
    pause = None if error is None or is_final else pause_after(tries)
    after = replace(letter, tries=tries, error=error or "")
    if pause is None:
        ended = LetterState.SENT if error is None else LetterState.GIVEN_UP
        after = replace(after, state=ended, ended_at=uow.now)
        await events.record(uow, letter_event(after))
    await letter_store.update_letter(uow, after)
    return pause


async def _invoice(uow: UnitOfWork, ring: KeyRing, document_id: UUID) -> Content | None:
    read = await document.read(uow, ring, InvoiceId(document_id))
    if read.found.invoice.state is InvoiceState.VOID:
        return None
    told = document.told(read)
    return Content(
        told=told,
        colour=read.colour,
        subject=f"{_called(read)} {told['number']} from {told['seller']}",
        sentence=f"{_said(read, told)} {_asked(read, told)}",
        path=page_path(read.found.invoice) or "",
    )


def _called(read: document.Document) -> str:
    return "How we stand on invoice" if read.found.invoice.is_brought_in else "Invoice"


def _said(read: document.Document, told: Mapping[str, Any]) -> str:
    if read.found.invoice.is_brought_in:
        return f"this is how your invoice {told['number']} of {told['issued_on']} stands with us."
    return f"here is invoice {told['number']} for {told['total']}."


def _asked(read: document.Document, told: Mapping[str, Any]) -> str:
    if not read.is_open:
        return "Nothing of it is left to pay. It is attached; you can see it here:"
    return f"{told['open']} is to be paid by {told['due_on']}. It is attached; you can see and pay it here:"


async def _reminder(uow: UnitOfWork, ring: KeyRing, letter: Letter) -> Content | None:
    invoice_id = InvoiceId(letter.document_id)
    content = await _invoice(uow, ring, letter.document_id)
    invoice = await get(uow, invoice_id)
    # Paid, credited or paused since the step came: then nobody is reminded.
    if content is None or invoice.state not in OPEN_STATES or await letter_store.is_paused(uow, invoice_id):
        return None
    words = {step.days: step.words for step in await letter_store.steps(uow)}.get(letter.step or 0, "")
    told = content.told
    sentence = f"{words}\n\nInvoice {told['number']}, due on {told['due_on']}, asks for {told['open']}. Pay it here:"
    return replace(content, subject=f"Reminder: invoice {told['number']}", sentence=sentence.strip())


compose_as(LetterKind.INVOICE, _invoice)
