"""What notices say: a title and a sentence for each type of event and language, amounts as people write them."""

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_currency

from specie.kernel.money import Money
from specie.notifications.model import Language
from specie.platform.mail import MailTemplate

_LOCALES = {Language.ENGLISH: "en", Language.INDONESIAN: "id_ID"}
_EN, _ID = Language.ENGLISH, Language.INDONESIAN
_FOR = "{% if who %} ({{ who }}){% endif %}"

_TEXTS: Mapping[str, Mapping[Language, MailTemplate]] = {
    "payment.paid": {
        _EN: MailTemplate(
            "{{ amount }} received" + _FOR,
            "Payment {{ reference }} of {{ amount }} has been paid.",
        ),
        _ID: MailTemplate(
            "{{ amount }} diterima" + _FOR,
            "Pembayaran {{ reference }} sebesar {{ amount }} sudah lunas.",
        ),
    },
    "payment.exception": {
        _EN: MailTemplate(
            "A payment needs you" + _FOR,
            "Something about payment {{ reference }} of {{ amount }} does not fit.",
        ),
        _ID: MailTemplate(
            "Pembayaran perlu diperiksa" + _FOR,
            "Pembayaran {{ reference }} sebesar {{ amount }} tidak cocok.",
        ),
    },
    "refund.succeeded": {
        _EN: MailTemplate(
            "{{ amount }} refunded" + _FOR,
            "The refund of {{ amount }} has arrived.",
        ),
        _ID: MailTemplate(
            "{{ amount }} dikembalikan" + _FOR,
            "Pengembalian dana {{ amount }} sudah sampai.",
        ),
    },
    "refund.failed": {
        _EN: MailTemplate(
            "A refund failed" + _FOR,
            "The refund of {{ amount }} was not made.",
        ),
        _ID: MailTemplate(
            "Pengembalian dana gagal" + _FOR,
            "Pengembalian dana {{ amount }} tidak terjadi.",
        ),
    },
    "payout.succeeded": {
        _EN: MailTemplate(
            "{{ amount }} paid out" + _FOR,
            "Payout {{ reference }} of {{ amount }} has arrived.",
        ),
        _ID: MailTemplate(
            "{{ amount }} dicairkan" + _FOR,
            "Pencairan {{ reference }} sebesar {{ amount }} sudah sampai.",
        ),
    },
    "payout.failed": {
        _EN: MailTemplate(
            "A payout failed" + _FOR,
            "Payout {{ reference }} of {{ amount }} did not leave; the wallet has it again.",
        ),
        _ID: MailTemplate(
            "Pencairan gagal" + _FOR,
            "Pencairan {{ reference }} sebesar {{ amount }} gagal; dana kembali ke dompet.",
        ),
    },
    "payout.returned": {
        _EN: MailTemplate(
            "A payout came back" + _FOR,
            "Payout {{ reference }} of {{ amount }} was returned by the bank; the wallet has it again.",
        ),
        _ID: MailTemplate(
            "Pencairan dikembalikan" + _FOR,
            "Pencairan {{ reference }} sebesar {{ amount }} dikembalikan bank; dana kembali ke dompet.",
        ),
    },
    "payout.attention": {
        _EN: MailTemplate(
            "A payout needs you" + _FOR,
            "Something about payout {{ reference }} of {{ amount }} does not fit.",
        ),
        _ID: MailTemplate(
            "Pencairan perlu diperiksa" + _FOR,
            "Pencairan {{ reference }} sebesar {{ amount }} tidak cocok.",
        ),
    },
    "approval.requested": {
        _EN: MailTemplate(
            "Something waits for your yes",
            "A {{ what }} waits for a second person.",
        ),
        _ID: MailTemplate(
            "Ada yang menunggu persetujuan",
            "Sebuah {{ what }} menunggu orang kedua.",
        ),
    },
    "note.mentioned": {
        _EN: MailTemplate(
            "You were mentioned" + _FOR,
            "A colleague mentioned you in a note{% if who %} about {{ who }}{% endif %}.",
        ),
        _ID: MailTemplate(
            "Anda disebut" + _FOR,
            "Seorang rekan menyebut Anda dalam catatan{% if who %} tentang {{ who }}{% endif %}.",
        ),
    },
    "webhook_endpoint.disabled": {
        _EN: MailTemplate(
            "A webhook endpoint was disabled",
            "{{ url }} gets no more webhooks; its events are kept.",
        ),
        _ID: MailTemplate(
            "Endpoint webhook dinonaktifkan",
            "{{ url }} tidak menerima webhook lagi; kejadiannya tetap disimpan.",
        ),
    },
    "reconciliation.money_overdue": {
        _EN: MailTemplate(
            "Money from {{ name }} is overdue",
            "{{ amount }} should have come by {{ day }} at the latest.",
        ),
        _ID: MailTemplate(
            "Dana dari {{ name }} terlambat",
            "{{ amount }} seharusnya sudah masuk paling lambat {{ day }}.",
        ),
    },
    "ledger.balance.crossed": {
        _EN: MailTemplate(
            "{{ name }} is {{ direction }} {{ limit }}",
            "The balance of {{ name }} is now {{ amount }}.",
        ),
        _ID: MailTemplate(
            "{{ name }} {{ direction }} {{ limit }}",
            "Saldo {{ name }} sekarang {{ amount }}.",
        ),
    },
}

_DIRECTIONS = {_EN: {"above": "above", "below": "below"}, _ID: {"above": "di atas", "below": "di bawah"}}

_FOOTER = {
    _EN: "\n\n{{ tenant }}: {{ inbox }}\n\nTo get no more of these mails: {{ unsubscribe }}\n",
    _ID: "\n\n{{ tenant }}: {{ inbox }}\n\nUntuk berhenti menerima surat ini: {{ unsubscribe }}\n",
}


def amount_text(value: Mapping[str, Any] | None, language: Language) -> str:
    """An amount as people of a language write it; a dash for none."""
    if not value:
        return "—"
    money = Money.of(value["amount"], value["currency"])
    return format_currency(money.major(), money.currency.code, locale=_LOCALES[language])


def said(event_type: str, data: Mapping[str, Any], who: str, language: Language) -> tuple[str, str]:
    """Title and sentence about an event; `who` is the name of the party it is about, or nothing."""
    mail = _TEXTS[event_type][language].to("-", _values(data, who, language))
    return mail.subject, mail.text.strip()


def mail_template(language: Language) -> MailTemplate:
    """The mail of a notice. What was said is a value, never a template: a name with braces in it is only a name."""
    return MailTemplate("{{ title }}", "{{ sentence }}" + _FOOTER[language])


def _values(data: Mapping[str, Any], who: str, language: Language) -> dict[str, str]:
    thing = data.get("refund") or data.get("payout") or data.get("payment") or data
    direction = str(data.get("direction", ""))
    return {
        "amount": amount_text(thing.get("amount") or data.get("balance"), language),
        "limit": amount_text(data.get("limit"), language),
        "direction": _DIRECTIONS[language].get(direction, direction),
        "reference": str(thing.get("reference", "")),
        "name": str(data.get("name", "")),
        "day": str(data.get("expected_on", "")),
        "what": str(data.get("kind", "")).replace("_", " "),
        "url": str(data.get("url", "")),
        "who": who,
    }
