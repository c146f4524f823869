"""Movements of an account or wallet on paper, by the same page as a statement."""

from datetime import datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from specie.kernel.money import Money
from specie.ledger import Side, StatementLine
from specie.statements.files import part, printed
from specie.statements.movement_texts import WORDS, Language
from specie.statements.movements import Movements, signed

_ENGLISH: Language = "en"


def as_pdf(found: Movements, made_at: datetime, language: Language = _ENGLISH) -> bytes:
    """A tagged PDF: opening, every movement with the balance after it, closing. No number: it is nobody's document.

    The page is in the reader's language; what an entry is called is what the books call it.
    """
    page = _Page(found, language)
    return printed(page.of_wallet(made_at) if found.is_of_wallet else page.of_account(made_at))


class _Page:
    def __init__(self, found: Movements, language: Language) -> None:
        self._found, self._locale, self._words = found, language, WORDS[language]

    def of_wallet(self, made_at: datetime) -> dict[str, Any]:
        words = self._words
        rows = [
            [
                self._moment(line.recorded_at),
                line.description,
                self._money(Money(signed(line, of_wallet=True), line.amount.currency)),
                self._money(line.balance),
            ]
            for line in self._found.lines
        ]
        head = (words.date, f"*{words.what}", f"#{words.amount}", f"#{words.balance}")
        return self._data(words.title, made_at) | {"parts": [part(self._moved(), "", head, rows)]}

    def of_account(self, made_at: datetime) -> dict[str, Any]:
        rows = [
            [
                self._moment(line.recorded_at),
                line.description or line.recipe,
                *self._sides(line),
                self._money(line.balance),
            ]
            for line in self._found.lines
        ]
        head = ("Recorded", "*Entry", "#Debit", "#Credit", "#Balance")
        return self._data("Account movements", made_at) | {"parts": [part(self._moved(), "", head, rows)]}

    def _data(self, title: str, made_at: datetime) -> dict[str, Any]:
        found, words = self._found, self._words
        days = f"{self._day(found.period.from_day)} – {self._day(found.period.through_day)}"
        return {
            "title": title,
            "lang": self._locale,
            "tenant": found.tenant,
            "party": found.owner,
            "party_id": found.about,
            "period": days,
            "footer": f"{self._apart(found.about)} · {days} · {words.recorded.format(self._moment(made_at))}",
            "figures": [
                {"name": words.opening, "amount": self._money(found.opening)},
                {"name": words.closing, "amount": self._money(found.closing)},
            ],
        }

    def _moved(self) -> str:
        return self._words.moved(len(self._found.lines))

    def _sides(self, line: StatementLine) -> tuple[str, str]:
        amount = self._money(line.amount)
        return (amount, "") if line.side is Side.DEBIT else ("", amount)

    def _money(self, money: Money) -> str:
        # Babel's mark would turn the sign round again.
        shown = str(format_currency(money.major(), money.currency.code, locale=self._locale)).replace("\u200f", "")
        return self._apart(shown, "\u2066")

    def _day(self, day: Any) -> str:
        # Arabic writes its short days with strokes, which change places beside other figures.
        form = "long" if self._locale == "ar" else "medium"
        return self._apart(str(format_date(day, form, locale=self._locale)))

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self._found.zone)
        return self._apart(str(format_datetime(local, "dd MMM yyyy HH:mm", locale=self._locale)))

    def _apart(self, text: str, direction: str = "\u2068") -> str:
        """Text that keeps its own direction inside of text from right to left."""
        return f"{direction}{text}\u2069" if self._locale == "ar" else text
