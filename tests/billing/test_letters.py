"""Documents reach customers by mail, and each step reminds of an open invoice once."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from specie import parties
from specie.billing import jobs, letter_store, mailing, reminding
from specie.billing.errors import InvoiceCannotMove, NoAddress, StepsUnfit, TooManyLetters
from specie.billing.letter_model import Letter, LetterState, Step
from specie.billing.model import Invoice
from specie.parties import PartyKind
from specie.platform.db import Database
from specie.platform.jobs import JobContext, Later
from specie.platform.mail import Mail, MailNotSent
from tests.billing.office import Office, open_office
from tests.wallets.purses import VAULT


@dataclass
class Post:
    """A mail server that takes everything, unless it is told why not."""

    refusal: MailNotSent | None = None
    sent: list[Mail] = field(default_factory=list)

    async def send(self, mail: Mail) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(mail)


@pytest.fixture
async def office(database: Database) -> Office:
    made = await open_office(database)
    known = {"name": "Ani", "email": "ani@example.com"}
    party = await made.run(
        lambda uow: parties.create_party(uow, VAULT, kind=PartyKind.PERSON, roles=["customer"], known=known)
    )
    made.customer = party.id
    return made


def _context(office: Office, post: Post) -> JobContext:
    services: dict[str, Any] = {
        "vault": VAULT,
        "mail": post,
        "settings": SimpleNamespace(public_url="https://pay.test"),
    }
    return JobContext(office.database, office.scope, services)


async def _letters(office: Office, invoice: Invoice) -> list[Letter]:
    return await office.run(lambda uow: letter_store.letters_of(uow, invoice.id.uuid))


async def _send(office: Office, post: Post, invoice: Invoice) -> list[LetterState]:
    for letter in await _letters(office, invoice):
        await jobs.send(_context(office, post), letter_id=str(letter.id))
    return [one.state for one in await _letters(office, invoice)]


async def test_an_invoice_goes_out_once_with_its_pdf_and_the_way_to_pay(office: Office) -> None:
    draft, post = await office.drafted(), Post()
    with pytest.raises(InvoiceCannotMove):
        await office.run(lambda uow: mailing.mail_invoice(uow, VAULT, draft.id))
    invoice = await office.issue(draft)
    await office.run(lambda uow: mailing.mail_invoice(uow, VAULT, invoice.id))
    assert await _send(office, post, invoice) == [LetterState.SENT]
    assert await _send(office, post, invoice) == [LetterState.SENT]
    [mail] = post.sent
    assert (mail.to, mail.subject) == ("ani@example.com", "Invoice INV-00001 from")
    assert f"https://pay.test/invoice/{invoice.token}" in mail.text
    [paper] = mail.attachments
    assert (paper.name, paper.data[:5]) == ("INV-00001.pdf", b"%PDF-")
    assert [one["kind"] for one in await office.told("letter.sent")] == ["invoice"]


async def test_a_letter_that_is_not_taken_is_tried_again_or_given_up(office: Office) -> None:
    invoice = await office.issued()
    letter = await office.run(lambda uow: mailing.mail_invoice(uow, VAULT, invoice.id))
    busy, closed = Post(MailNotSent("busy", permanent=False)), Post(MailNotSent("no such box", permanent=True))
    with pytest.raises(Later):
        await jobs.send(_context(office, busy), letter_id=str(letter.id))
    [waiting] = await _letters(office, invoice)
    assert (waiting.state, waiting.tries, waiting.error) == (LetterState.QUEUED, 1, "busy")
    assert await _send(office, closed, invoice) == [LetterState.GIVEN_UP]
    assert [one["error"] for one in await office.told("letter.given_up")] == ["no such box"]


async def test_a_document_that_is_on_its_way_or_went_often_enough_goes_no_further_time(office: Office) -> None:
    invoice, post = await office.issued(), Post()
    for sent in range(mailing.MOST_A_DAY):
        first = await office.run(lambda uow: mailing.mail_invoice(uow, VAULT, invoice.id))
        again = await office.run(lambda uow: mailing.mail_invoice(uow, VAULT, invoice.id))
        assert again.id == first.id
        await _send(office, post, invoice)
        assert len(post.sent) == sent + 1
    with pytest.raises(TooManyLetters):
        await office.run(lambda uow: mailing.mail_invoice(uow, VAULT, invoice.id))
    assert len(await _letters(office, invoice)) == mailing.MOST_A_DAY


async def test_nobody_is_asked_to_pay_what_is_paid(office: Office) -> None:
    paid, post = await office.issued(), Post()
    await office.receive(paid.total_minor, [(paid, paid.total_minor)])
    await office.run(lambda uow: mailing.mail_invoice(uow, VAULT, paid.id))
    assert await _send(office, post, paid) == [LetterState.SENT]
    assert "Nothing of it is left to pay" in post.sent[0].text
    assert "to be paid by" not in post.sent[0].text


async def test_a_customer_without_an_address_is_not_written_to(database: Database) -> None:
    office = await open_office(database)
    invoice = await office.issued()
    with pytest.raises(NoAddress):
        await office.run(lambda uow: mailing.mail_invoice(uow, VAULT, invoice.id))
    assert await _letters(office, invoice) == []


async def _run_day(office: Office) -> None:
    await jobs.run_day(_context(office, Post()), day=office.day.isoformat())


async def test_each_step_reminds_once_while_the_invoice_is_open(office: Office) -> None:
    twice = [Step(1, "a"), Step(1, "b")]
    with pytest.raises(StepsUnfit):
        await office.run(lambda uow: reminding.set_steps(uow, twice))
    await office.run(lambda uow: reminding.set_steps(uow, [Step(-1, "Tomorrow."), Step(1, "Please pay.")]))
    late, paid = await office.issued(due_days=1), await office.issued(due_days=1)
    paused = await office.issued(due_days=1)
    await office.run(lambda uow: reminding.set_paused(uow, paused.id, paused=True))
    await asyncio.gather(*(_run_day(office) for _ in range(3)))
    assert [[one.step for one in await _letters(office, each)] for each in (late, paid, paused)] == [[-1], [-1], []]
    await office.receive(paid.total_minor, [(paid, paid.total_minor)])
    post = Post()
    # Paid before the letter left: then it does not leave.
    assert await _send(office, post, paid) == [LetterState.GIVEN_UP]
    assert await _send(office, post, late) == [LetterState.SENT]
    for _ in range(3):
        office.pass_days(1)
        await _run_day(office)
    assert [[one.step for one in await _letters(office, each)] for each in (late, paid, paused)] == [[-1, 1], [-1], []]
    await _send(office, post, late)
    assert [mail.subject for mail in post.sent] == ["Reminder: invoice INV-00001"] * 2
    assert "Please pay." in post.sent[1].text


async def test_reminders_go_on_the_day_after_and_only_once_a_day(office: Office) -> None:
    await office.run(lambda uow: reminding.set_steps(uow, [Step(0, "Today.")]))
    first = await office.run(lambda uow: reminding.finish_day(uow, office.day))
    again = await office.run(lambda uow: reminding.finish_day(uow, office.day))
    assert (first, again) == (True, False)
