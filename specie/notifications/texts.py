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
    "dispute.opened": {
        _EN: MailTemplate(
            "{{ amount }} is disputed" + _FOR,
            "The customer of payment {{ reference }} asks the bank for {{ amount }} back. Hand evidence in soon.",
        ),
        _ID: MailTemplate(
            "{{ amount }} disengketakan" + _FOR,
            "Pelanggan pembayaran {{ reference }} meminta {{ amount }} kembali lewat bank. Segera serahkan bukti.",
        ),
    },
    "dispute.won": {
        _EN: MailTemplate(
            "A dispute was won" + _FOR,
            "{{ amount }} of payment {{ reference }} stays with the merchant.",
        ),
        _ID: MailTemplate(
            "Sengketa dimenangkan" + _FOR,
            "{{ amount }} dari pembayaran {{ reference }} tetap milik merchant.",
        ),
    },
    "dispute.lost": {
        _EN: MailTemplate(
            "A dispute was lost" + _FOR,
            "{{ amount }} of payment {{ reference }} went back to the customer.",
        ),
        _ID: MailTemplate(
            "Sengketa kalah" + _FOR,
            "{{ amount }} dari pembayaran {{ reference }} kembali ke pelanggan.",
        ),
    },
    "problem.reported": {
        _EN: MailTemplate(
            "A customer has a problem" + _FOR,
            "Something about a movement of {{ amount }} is said to be wrong. Read it and answer.",
        ),
        _ID: MailTemplate(
            "Ada masalah dari pelanggan" + _FOR,
            "Ada yang dianggap salah pada mutasi sebesar {{ amount }}. Baca lalu jawab.",
        ),
    },
    "problem.answered": {
        _EN: MailTemplate(
            "Your problem was answered",
            "What you said of a movement of {{ amount }} has an answer. It is beside the movement in your wallet.",
        ),
        _ID: MailTemplate(
            "Masalah Anda sudah dijawab",
            "Laporan Anda tentang mutasi sebesar {{ amount }} sudah dijawab. Jawabannya ada di samping mutasi itu.",
        ),
    },
    "installment.reminder": {
        _EN: MailTemplate(
            "{{ due }} falls due on {{ day }}",
            "A part of {{ reference }}, {{ due }}, is collected on {{ day }}. Have it in the wallet by then.",
        ),
        _ID: MailTemplate(
            "{{ due }} jatuh tempo {{ day }}",
            "Cicilan {{ reference }} sebesar {{ due }} ditagih pada {{ day }}. Siapkan dananya di dompet.",
        ),
    },
    "installment.collection_failed": {
        _EN: MailTemplate(
            "{{ due }} could not be collected",
            "A part of {{ reference }}, {{ due }}, is due and was not there. Pay it soon; late fees may follow.",
        ),
        _ID: MailTemplate(
            "{{ due }} gagal ditagih",
            "Cicilan {{ reference }} sebesar {{ due }} jatuh tempo, dananya belum ada. Segera bayar agar tak didenda.",
        ),
    },
    "installment.late_fee_charged": {
        _EN: MailTemplate(
            "A late fee of {{ fee }}",
            "A part of {{ reference }} stayed unpaid, and {{ fee }} was added to it.",
        ),
        _ID: MailTemplate(
            "Denda keterlambatan {{ fee }}",
            "Cicilan {{ reference }} belum dibayar, dan dikenai denda {{ fee }}.",
        ),
    },
    "cashback.expiring": {
        _EN: MailTemplate(
            "{{ amount }} of cashback runs out",
            "Spend it by {{ day }}, or it is lost.",
        ),
        _ID: MailTemplate(
            "Cashback {{ amount }} segera hangus",
            "Pakai paling lambat {{ day }} agar tidak hangus.",
        ),
    },
    "stock.low": {
        _EN: MailTemplate(
            "A product runs low",
            "{{ left }} are available; it is time to buy again at {{ least }}.",
        ),
        _ID: MailTemplate(
            "Stok produk menipis",
            "Tersedia {{ left }}; saatnya membeli lagi pada {{ least }}.",
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
    thing = data.get("refund") or data.get("payout") or data.get("payment") or data.get("cashback") or data
    moved = data.get("dispute") or data.get("problem") or thing
    direction = str(data.get("direction", ""))
    day = data.get("expected_on") or data.get("due_on") or thing.get("expires_at") or ""
    return {
        "amount": amount_text(moved.get("amount") or data.get("balance"), language),
        "due": amount_text(data.get("due"), language),
        "fee": amount_text(data.get("fee"), language),
        "limit": amount_text(data.get("limit"), language),
        "direction": _DIRECTIONS[language].get(direction, direction),
        "reference": str(thing.get("reference", "")),
        "name": str(data.get("name", "")),
        "day": str(day)[:10],
        "left": str(data.get("available", "")),
        "least": str(data.get("reorder_at", "")),
        "what": str(data.get("kind", "")).replace("_", " "),
        "url": str(data.get("url", "")),
        "who": who,
    }
