"""Letters and reminders over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from specie.billing import errors, letter_store, mailing, reminding
from specie.billing.invoicing import get
from specie.billing.letter_model import Letter, Step
from specie.billing.model import InvoiceId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(prefix="/billing", tags=["Billing"])


class LetterOut(Schema):
    """A mail with a document, and what became of it."""

    id: str
    kind: str
    state: str
    step: int | None
    tries: int
    error: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, letter: Letter) -> "LetterOut":
        """The wire form."""
        return cls(
            id=str(letter.id),
            kind=letter.kind.value,
            state=letter.state.value,
            step=letter.step,
            tries=letter.tries,
            error=letter.error,
            created_at=letter.created_at,
            ended_at=letter.ended_at,
        )


class LettersOut(Schema):
    """The mails about an invoice, oldest first, and whether its reminders are paused."""

    data: list[LetterOut]
    reminders_paused: bool


class ReminderStep(Schema):
    """So many days after the due date (below zero: before it), and the words."""

    days: Annotated[int, Field(ge=-60, le=365)]
    words: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class ReminderSteps(Schema):
    """When customers are reminded of what is open."""

    steps: Annotated[list[ReminderStep], Field(max_length=20)]

    @classmethod
    def of(cls, found: list[Step]) -> "ReminderSteps":
        """The wire form."""
        return cls(steps=[ReminderStep(days=step.days, words=step.words) for step in found])


class PauseIn(Schema):
    """Whether nobody is reminded of an invoice."""

    paused: bool


def _id(invoice_id: str) -> InvoiceId:
    return id_text(InvoiceId, invoice_id, "invoice_id")


@router.post("/invoices/{invoice_id}/mail", status_code=202, response_model=LetterOut)
@refuses(errors.InvoiceMissing, errors.InvoiceCannotMove, errors.NoAddress, errors.TooManyLetters)
async def mail_invoice(invoice_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Send the invoice to its customer's mail address, with the PDF and the way to pay."""
    wanted = _id(invoice_id)
    return await edge.write(
        lambda uow: mailing.mail_invoice(uow, edge.service("vault"), wanted), LetterOut.of, status=202
    )


@router.get("/invoices/{invoice_id}/mail", response_model=LettersOut)
@refuses(errors.InvoiceMissing)
async def show_letters(invoice_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> LettersOut:
    """The mails about an invoice."""
    wanted = _id(invoice_id)
    return await edge.read(lambda uow: _letters(uow, wanted))


async def _letters(uow: UnitOfWork, invoice_id: InvoiceId) -> LettersOut:
    await get(uow, invoice_id)
    found = await letter_store.letters_of(uow, invoice_id.uuid)
    paused = await letter_store.is_paused(uow, invoice_id)
    return LettersOut(data=[LetterOut.of(each) for each in found], reminders_paused=paused)


@router.put("/invoices/{invoice_id}/reminders", response_model=LettersOut)
@refuses(errors.InvoiceMissing)
async def pause_reminders(invoice_id: str, body: PauseIn, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Pause the reminders of an invoice, or let them go on."""
    wanted = _id(invoice_id)

    async def work(uow: UnitOfWork) -> LettersOut:
        await reminding.set_paused(uow, wanted, paused=body.paused)
        return await _letters(uow, wanted)

    return await edge.write(work, lambda shown: shown)


@router.get("/reminders", response_model=ReminderSteps)
async def show_reminder_steps(edge: Edge = requires(Permission.BILLING_READ)) -> ReminderSteps:
    """When customers are reminded, and in which words."""
    return ReminderSteps.of(await edge.read(letter_store.steps))


@router.put("/reminders", response_model=ReminderSteps)
@refuses(errors.StepsUnfit)
async def set_reminder_steps(body: ReminderSteps, edge: Edge = requires(Permission.BILLING_MANAGE)) -> Response:
    """Say when customers are reminded, and in which words; no steps end it."""
    wanted = [Step(step.days, step.words) for step in body.steps]
    return await edge.write(lambda uow: reminding.set_steps(uow, wanted), ReminderSteps.of)
