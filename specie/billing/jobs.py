"""Background edge of billing: letters that go out, and the reminders of a business day."""

import asyncio
from dataclasses import dataclass
from datetime import date

from specie.billing import letter_store, mailing, recurring, reminding
from specie.billing.letter_model import Content, LetterId, LetterState
from specie.billing.pdf import printed
from specie.billing.recurring_model import RecurringId
from specie.kernel.errors import SpecieError
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext, Later, job
from specie.platform.mail import Attachment, Mail, Mailer, MailNotSent


@dataclass(frozen=True, slots=True)
class _Ready:
    content: Content
    address: str


@job(mailing.SEND)
async def send(context: JobContext, *, letter_id: str) -> None:
    """Send one letter and write down what became of it. Raises Later where trying again may help."""
    wanted = LetterId.parse(letter_id)
    ready = await context.db.run(context.scope, lambda uow: _read(context, uow, wanted), label="billing.letter.read")
    if ready is None:
        return
    error, is_final = await _try(context, wanted, ready)
    pause = await context.db.run(
        context.scope,
        lambda uow: mailing.finish(uow, wanted, error, is_final=is_final),
        label="billing.letter.finish",
    )
    if pause is not None:
        raise Later(error, pause)


async def _read(context: JobContext, uow: UnitOfWork, letter_id: LetterId) -> _Ready | None:
    letter = await letter_store.letter_by_id(uow, letter_id)
    if letter is None or letter.state is not LetterState.QUEUED:
        return None
    ring = context.services["vault"]
    content = await mailing.content_of(uow, ring, letter)
    address = await mailing.address_of(uow, ring, letter.customer_id)
    if content is None or not address:
        reason = "nothing to say any more" if content is None else "no address"
        await mailing.finish(uow, letter_id, reason, is_final=True)
        return None
    return _Ready(content, address)


async def _try(context: JobContext, letter_id: LetterId, ready: _Ready) -> tuple[str | None, bool]:
    content, mailer = ready.content, context.services["mail"]
    values = {
        "subject": content.subject,
        "customer": content.told["customer"],
        "sentence": content.sentence,
        "link": f"{context.services['settings'].public_url}{content.path}",
        "seller": content.told["seller"],
    }
    # The same key on every try, so that a mail that was taken twice can be told from two mails.
    mail = mailing.TEMPLATE.to(ready.address, values, key=f"letter-{letter_id}")
    attached = await _attached(content)
    return await _hand_over(mailer, Mail(mail.to, mail.subject, mail.text, attached, mail.key))


async def _attached(content: Content) -> tuple[Attachment, ...]:
    if not content.is_printed:
        return ()
    paper = await asyncio.to_thread(printed, content.told, content.colour)
    return (Attachment(f"{content.told['number']}.pdf", "application/pdf", paper),)


async def _hand_over(mailer: Mailer, mail: Mail) -> tuple[str | None, bool]:
    try:
        await mailer.send(mail)
    except MailNotSent as error:
        return str(error), error.permanent
    return None, True


@job(reminding.RUN_DAY)
async def run_day(context: JobContext, *, day: str) -> None:
    """Remind page by page and plan the next day; repeating does no harm."""
    wanted = date.fromisoformat(day)
    while await context.db.run(
        context.scope, lambda uow: reminding.run_page(uow, wanted), label="billing.reminders.page"
    ):
        continue
    await context.db.run(context.scope, lambda uow: reminding.finish_day(uow, wanted), label="billing.reminders.day")


@job(recurring.RUN_PERIOD)
async def charge_period(context: JobContext, *, recurring_id: str, period: int) -> None:
    """Charge one period of a recurring invoice, once; what is refused pauses it and says why."""
    wanted, ring = RecurringId.parse(recurring_id), context.services["vault"]
    try:
        await context.db.run(
            context.scope,
            lambda uow: recurring.run_period(uow, ring, wanted, period),
            label="billing.recurring.period",
        )
    except SpecieError as refused:
        if refused.retryable:
            raise
        # Read days later and alone, what was lacking says little without what was refused.
        reason = ": ".join(filter(None, [refused.title, refused.detail]))
        await context.db.run(
            context.scope,
            lambda uow: recurring.stumble(uow, wanted, period, reason),
            label="billing.recurring.stumble",
        )
