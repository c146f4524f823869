"""The words around a wallet's movements on paper, in the languages that customers read; an account's are English."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "id", "hi", "ar"]


@dataclass(frozen=True, slots=True)
class Words:
    """What the page calls things. `one` and `many` count movements, `recorded` says as of when; `{}` is filled in."""

    title: str
    opening: str
    closing: str
    date: str
    what: str
    amount: str
    balance: str
    one: str
    many: str
    recorded: str

    def moved(self, count: int) -> str:
        """How many movements there are."""
        return self.one if count == 1 else self.many.format(count)


WORDS: dict[Language, Words] = {
    "en": Words(
        title="Wallet movements",
        opening="Opening",
        closing="Closing",
        date="Date",
        what="What",
        amount="Amount",
        balance="Balance",
        one="1 movement",
        many="{} movements",
        recorded="as recorded by {}",
    ),
    "id": Words(
        title="Mutasi dompet",
        opening="Saldo awal",
        closing="Saldo akhir",
        date="Tanggal",
        what="Keterangan",
        amount="Jumlah",
        balance="Saldo",
        one="1 mutasi",
        many="{} mutasi",
        recorded="sesuai catatan per {}",
    ),
    "hi": Words(
        title="वॉलेट का लेन-देन",
        opening="आरंभिक शेष",
        closing="अंतिम शेष",
        date="तारीख",
        what="विवरण",
        amount="राशि",
        balance="शेष",
        one="1 लेन-देन",
        many="{} लेन-देन",
        recorded="{} तक दर्ज",
    ),
    "ar": Words(
        title="حركات المحفظة",
        opening="الرصيد الافتتاحي",
        closing="الرصيد الختامي",
        date="التاريخ",
        what="البيان",
        amount="المبلغ",
        balance="الرصيد",
        one="حركة واحدة",
        # A count behind a colon needs none of the six plurals.
        many="عدد الحركات: {}",
        recorded="كما سُجلت حتى {}",
    ),
}
