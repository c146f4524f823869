"""A quote is answered once, in the version its customer read, while it is valid."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from specie import billing, crm, parties
from specie.billing import Profile
from specie.crm import opportunities
from specie.crm.model import Outcome
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork
from specie.sales import document, ordering, quoting, store
from specie.sales.errors import (
    QuoteCannotMove,
    QuoteChanged,
    QuoteEmpty,
    QuoteExpired,
    QuoteMissing,
    QuoteUnfit,
)
from specie.sales.model import QuoteState, both_discounts
from specie.sales.quoting import Offered
from tests.billing.office import line
from tests.sales.seller import Seller
from tests.wallets.purses import VAULT


async def test_a_discount_on_the_whole_comes_after_the_lines_own(seller: Seller) -> None:
    quote = await seller.drafted(seller.goods("4", discount="0.1"), line(5_000, taxes=()), discount=Decimal("0.05"))
    # 40 000 less 10 % less 5 %, and 5 000 less 5 %; 11 % tax on the goods.
    assert quote.total_minor == 34_200 + 4_750 + 3_762
    assert both_discounts(Decimal("0.1"), Decimal("0.05")) == Decimal("0.145")
    assert await seller.books() == (40_000, 0, 0)


async def test_a_changed_quote_is_a_new_version_and_the_old_one_stays(seller: Seller) -> None:
    quote = await seller.sent()
    changed = await seller.office.run(lambda uow: quoting.change(uow, quote.id, seller.says(seller.goods("2"))))
    assert (changed.state, changed.version, changed.sent_version) == (QuoteState.DRAFT, 2, 1)
    said = await seller.office.run(lambda uow: store.versions_of(uow, quote.id))
    assert [(one.version, one.total_minor) for one in said] == [(2, 22_200), (1, 49_400)]
    with pytest.raises(QuoteCannotMove):
        await seller.accept(quote)
    sent = await seller.office.run(lambda uow: quoting.send(uow, VAULT, quote.id))
    with pytest.raises(QuoteChanged):
        await seller.accept(quote)
    assert (await seller.look(quote)).state is QuoteState.SENT
    assert (await seller.accept(sent)).state is QuoteState.ACCEPTED
    with pytest.raises(QuoteCannotMove):
        await seller.office.run(lambda uow: quoting.change(uow, quote.id, seller.says()))


async def test_a_quote_keeps_its_customer_as_sent_while_its_next_version_follows(seller: Seller) -> None:
    office = seller.office

    async def know(**known: str) -> None:
        await office.run(lambda uow: parties.change_party(uow, VAULT, office.customer, known))

    async def address(*, sent: bool) -> list[str]:
        read = await office.run(lambda uow: document.read(uow, VAULT, quote.id, sent=sent))
        found: list[str] = document.told(read)["customer_address"]
        return found

    await know(address="12 rue des Lilas\n75019 Paris")
    quote = await seller.sent()
    await know(address="1 quai Voltaire")
    assert await address(sent=False) == ["12 rue des Lilas", "75019 Paris"]
    await office.run(lambda uow: quoting.change(uow, quote.id, seller.says()))
    assert [await address(sent=sent) for sent in (True, False)] == [
        ["12 rue des Lilas", "75019 Paris"],
        ["1 quai Voltaire"],
    ]


async def test_a_quote_keeps_the_letterhead_it_was_sent_under_while_its_next_version_follows(seller: Seller) -> None:
    office = seller.office

    async def appear(name: str) -> None:
        await office.run(lambda uow: billing.set_profile(uow, Profile(name)))

    async def name(*, sent: bool) -> str:
        read = await office.run(lambda uow: document.read(uow, VAULT, quote.id, sent=sent))
        return str(document.told(read)["seller"])

    await appear("Kopi Senja")
    quote = await seller.sent()
    await appear("Senja Raya")
    assert await name(sent=False) == "Kopi Senja"
    await office.run(lambda uow: quoting.change(uow, quote.id, seller.says()))
    assert [await name(sent=sent) for sent in (True, False)] == ["Kopi Senja", "Senja Raya"]


async def test_a_new_version_keeps_the_currency(seller: Seller) -> None:
    quote = await seller.sent()
    other = replace(seller.says(), currency=Currency.of("USD"))
    with pytest.raises(QuoteUnfit) as refused:
        await seller.office.run(lambda uow: quoting.change(uow, quote.id, other))
    assert refused.value.param == "currency"
    assert (await seller.look(quote)).version == 1


async def test_what_a_person_wrote_is_in_no_event_and_in_clear_nowhere(seller: Seller) -> None:
    quote = await seller.sent()
    declined = await seller.office.run(lambda uow: quoting.decline(uow, VAULT, quote.id, 1, "my mother is ill"))
    [told] = await seller.office.told("quote.declined")
    assert "mother" not in str(told)
    assert b"mother" not in declined.reason
    [answer] = await seller.office.run(lambda uow: quoting.answers(uow, VAULT, [declined]))
    assert (answer.decided_by, answer.reason) == ("", "my mother is ill")


async def test_nobody_is_forgotten_who_may_still_answer_or_waits_for_goods(seller: Seller) -> None:
    async def reason() -> str | None:
        return await seller.office.run(lambda uow: quoting.still_open(uow, seller.office.customer))

    assert await reason() is None
    quote = await seller.sent()
    assert await reason() == "a quote awaits an answer"
    await seller.accept(quote)
    assert await reason() is None
    await seller.office.run(lambda uow: ordering.from_quote(uow, quote.id))
    assert await reason() == "an order is still open"


async def test_of_two_who_answer_at_once_one_is_heard(seller: Seller) -> None:
    quote = await seller.sent()
    no = seller.office.run(lambda uow: quoting.decline(uow, VAULT, quote.id, 1, "too dear"))
    answers = await asyncio.gather(seller.accept(quote), seller.accept(quote), no, return_exceptions=True)
    assert sum(isinstance(one, QuoteCannotMove) for one in answers) == 2
    told = [*await seller.office.told("quote.accepted"), *await seller.office.told("quote.declined")]
    assert len(told) == 1


async def test_what_is_past_its_day_is_not_accepted_and_runs_out(seller: Seller) -> None:
    quote, other = await seller.sent(days=1), await seller.sent(days=9)
    seller.office.pass_days(1)
    assert await seller.office.run(quoting.expire) == 0
    seller.office.pass_days(1)
    with pytest.raises(QuoteExpired):
        await seller.accept(quote)
    assert await seller.office.run(quoting.expire) == 1
    assert await seller.office.run(quoting.expire) == 0
    assert [(await seller.look(one)).state for one in (quote, other)] == [QuoteState.EXPIRED, QuoteState.SENT]
    with pytest.raises(QuoteExpired):
        await seller.accept(quote)
    assert len(await seller.office.told("quote.expired")) == 1
    with pytest.raises(QuoteUnfit):
        await seller.drafted(days=-1)


async def test_what_offers_nothing_is_not_sent_and_a_draft_is_not_the_customers(seller: Seller) -> None:
    empty = await seller.drafted(line(0, taxes=()))
    with pytest.raises(QuoteEmpty):
        await seller.office.run(lambda uow: quoting.send(uow, VAULT, empty.id))
    with pytest.raises(QuoteMissing):
        await seller.office.run(lambda uow: quoting.get(uow, empty.id), party=seller.office.customer)
    sent = await seller.sent()
    assert await seller.office.run(lambda uow: quoting.get(uow, sent.id), party=seller.office.customer) == sent


async def test_an_accepted_quote_wins_its_deal(seller: Seller) -> None:
    office = seller.office

    async def begin(uow: UnitOfWork) -> opportunities.Opportunity:
        pipeline = await crm.open_first_pipeline(uow)
        new = opportunities.NewOpportunity(pipeline.id, office.customer, "Beans", office.money(1), office.day)
        return await opportunities.create(uow, opportunities.Desk(VAULT, None), new)  # type: ignore[arg-type]

    deal = await office.run(begin)
    stranger = Offered(await office.another_customer(), deal.id)
    with pytest.raises(QuoteUnfit):
        await office.run(lambda uow: quoting.draft(uow, VAULT, stranger, seller.says()))
    to = Offered(office.customer, deal.id)
    quote = await office.run(lambda uow: quoting.draft(uow, VAULT, to, seller.says()))
    quote = await office.run(lambda uow: quoting.send(uow, VAULT, quote.id))
    await seller.accept(quote)
    assert (await office.run(lambda uow: crm.opportunity(uow, VAULT, deal.id))).outcome is Outcome.WON
