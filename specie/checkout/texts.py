"""The hosted page's words in every language it speaks, and how it writes amounts and moments."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.core import Locale, negotiate_locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, get_currency_symbol

from specie.checkout import order_texts
from specie.kernel.money import Money

_WRITTEN_WHOLE = frozenset({"IDR"})
"""Currencies whose minor unit nobody writes unless it is there."""

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}

_EN = {
    "test_mode": "Test mode: no real money moves",
    "pay_to": "You pay",
    "top_up_at": "You are topping up your own wallet at",
    "top_up_own": "You are topping up your own wallet",
    "for": "For",
    "reference": "Reference",
    "choose": "How would you like to pay?",
    "qr": "QR code",
    "qr_hint": "Scan with your banking or wallet app",
    "virtual_account": "Bank transfer",
    "virtual_account_hint": "Transfer to a number made for you",
    "ewallet": "E-wallet",
    "ewallet_hint": "Continue in your wallet app",
    "card": "Card",
    "card_hint": "Continue on the card page",
    "pay": "Pay",
    "scan": "Scan to pay",
    "copy_code": "Copy code",
    "save_image": "Save image",
    "copied": "Copied",
    "bank": "Bank",
    "account_number": "Account number",
    "copy_number": "Copy number",
    "exact_amount": "Transfer exactly this amount.",
    "continue": "Continue to pay",
    "time_left": "Time left",
    "expires": "Pay before",
    "waiting": "Waiting for your payment",
    "waiting_hint": "This page changes by itself as soon as the payment arrives.",
    "paid_already": "Already paid? Some banks need a minute. You can leave this page; nothing is charged twice.",
    "check_again": "Check again",
    "other_method": "Choose another way to pay",
    "confirming": "We are confirming with the provider",
    "confirming_hint": "Please do not pay again. We are asking the provider, and this page changes by itself.",
    "declined": "The payment did not go through",
    "declined_hint": "No money was taken. You can try again or choose another way.",
    "never_arrived": "The provider did not receive the order. No money was taken. You can try again.",
    "review": "Your payment is being looked at",
    "review_hint_top_up": "Your money is here and has to be checked. Please do not pay again; you will be contacted.",
    "review_hint": "Your money is here and has to be checked. Please do not pay again; the shop will contact you.",
    "paid": "Paid",
    "paid_hint": "Thank you. Your payment has arrived.",
    "paid_late": "It arrived after the time limit and was accepted.",
    "expired": "The time to pay is over",
    "expired_hint": "No money was taken. If you have paid in the meantime, it will show here.",
    "cancelled": "This payment was cancelled",
    "cancelled_hint": "No money was taken.",
    "back": "Back to the shop",
    "back_to_wallet": "Back to the wallet",
    "print": "Print receipt",
    "receipt_pdf": "Receipt as PDF",
    "receipt": "Receipt",
    "paid_at": "Paid on",
    "method": "Method",
    "simulate": "Open the simulator",
    "simulate_hint": "Stands in for the customer's bank in test mode",
    "language": "Language",
    "amount": "Amount",
    "amount_between": "Between {minimum} and {maximum}",
    "amount_from": "At least {minimum}",
    "amount_to": "At most {maximum}",
    "link_closed": "This link takes no payments",
    "link_closed_hint": "It was switched off, or its time is over. Ask the shop for a new one.",
    "missing": "There is no such page",
    "missing_hint": "Check the link, or ask the shop for a new one.",
    "bad_amount": "Please type an amount that fits.",
    "no_methods": "There is no way to pay here at the moment. No money was taken; please try again later.",
    "unavailable": "This way to pay is not available now. Please choose another one.",
    "busy": "That did not go through just now. Please try again.",
    "what_next": "What happens next",
}
_ID = {
    "test_mode": "Mode uji: tidak ada uang sungguhan",
    "pay_to": "Anda membayar",
    "for": "Untuk",
    "reference": "Referensi",
    "top_up_at": "Anda mengisi saldo dompet Anda sendiri di",
    "top_up_own": "Anda mengisi saldo dompet Anda sendiri",
    "choose": "Bagaimana Anda ingin membayar?",
    "qr": "Kode QR",
    "qr_hint": "Pindai dengan aplikasi bank atau dompet Anda",
    "virtual_account": "Transfer bank",
    "virtual_account_hint": "Transfer ke nomor khusus untuk Anda",
    "ewallet": "Dompet digital",
    "ewallet_hint": "Lanjutkan di aplikasi dompet Anda",
    "card": "Kartu",
    "card_hint": "Lanjutkan di halaman kartu",
    "pay": "Bayar",
    "scan": "Pindai untuk membayar",
    "copy_code": "Salin kode",
    "save_image": "Simpan gambar",
    "copied": "Tersalin",
    "bank": "Bank",
    "account_number": "Nomor rekening",
    "copy_number": "Salin nomor",
    "exact_amount": "Transfer tepat sejumlah ini.",
    "continue": "Lanjutkan pembayaran",
    "time_left": "Sisa waktu",
    "expires": "Bayar sebelum",
    "waiting": "Menunggu pembayaran Anda",
    "waiting_hint": "Halaman ini berubah sendiri begitu pembayaran diterima.",
    "paid_already": "Sudah membayar? Beberapa bank butuh satu menit. Anda tidak akan ditagih dua kali.",
    "check_again": "Periksa lagi",
    "other_method": "Pilih cara bayar lain",
    "confirming": "Kami sedang memastikan ke penyedia",
    "confirming_hint": "Mohon jangan membayar lagi. Kami sedang menanyakan; halaman ini berubah sendiri.",
    "declined": "Pembayaran tidak berhasil",
    "declined_hint": "Tidak ada uang yang diambil. Anda dapat mencoba lagi atau memilih cara lain.",
    "never_arrived": "Pesanan tidak sampai ke penyedia. Tidak ada uang yang diambil. Silakan coba lagi.",
    "review": "Pembayaran Anda sedang diperiksa",
    "review_hint_top_up": "Uang Anda diterima dan perlu diperiksa. Mohon jangan membayar lagi; Anda akan dihubungi.",
    "review_hint": "Uang Anda diterima dan perlu diperiksa. Mohon jangan membayar lagi; toko akan menghubungi Anda.",
    "paid": "Lunas",
    "paid_hint": "Terima kasih. Pembayaran Anda sudah diterima.",
    "paid_late": "Pembayaran tiba setelah batas waktu dan diterima.",
    "expired": "Waktu pembayaran habis",
    "expired_hint": "Tidak ada uang yang diambil. Jika Anda sudah membayar, akan tampil di sini.",
    "cancelled": "Pembayaran ini dibatalkan",
    "cancelled_hint": "Tidak ada uang yang diambil.",
    "back": "Kembali ke toko",
    "back_to_wallet": "Kembali ke dompet",
    "print": "Cetak bukti",
    "receipt_pdf": "Bukti pembayaran sebagai PDF",
    "receipt": "Bukti pembayaran",
    "paid_at": "Dibayar pada",
    "method": "Cara bayar",
    "simulate": "Buka simulator",
    "simulate_hint": "Menggantikan bank pelanggan dalam mode uji",
    "language": "Bahasa",
    "amount": "Jumlah",
    "amount_between": "Antara {minimum} dan {maximum}",
    "amount_from": "Minimal {minimum}",
    "amount_to": "Maksimal {maximum}",
    "link_closed": "Tautan ini tidak menerima pembayaran",
    "link_closed_hint": "Tautan dimatikan atau waktunya habis. Minta tautan baru ke toko.",
    "missing": "Halaman tidak ditemukan",
    "missing_hint": "Periksa tautannya, atau minta tautan baru ke toko.",
    "bad_amount": "Mohon isi jumlah yang sesuai.",
    "no_methods": "Saat ini belum ada cara membayar di sini. Tidak ada uang yang diambil; silakan coba lagi nanti.",
    "unavailable": "Cara bayar ini sedang tidak tersedia. Silakan pilih yang lain.",
    "busy": "Pembayaran belum berhasil diproses. Silakan coba lagi.",
    "what_next": "Selanjutnya",
}
TEXTS: dict[str, dict[str, str]] = {"en": _EN | order_texts.EN, "id": _ID | order_texts.ID}


def language_of(chosen: str | None, accepted: str) -> str:
    """The language chosen by hand, else the first of the browser's that we speak, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = [part.split(";")[0].strip() for part in accepted.split(",")[:20]]
    negotiated = negotiate_locale(
        [text for text in wanted if text.replace("-", "").isalnum()], list(LANGUAGES), sep="-"
    )
    return (negotiated or "en").split("-")[0]


def amount_text(money: Money, language: str) -> str:
    """An amount as people of that language write it; decimals that are usually left out appear only when not zero."""
    currency = money.currency
    is_whole = money.minor % 10**currency.exponent == 0
    digits = 0 if currency.code in _WRITTEN_WHOLE and is_whole else currency.exponent
    pattern = Locale.parse(language).currency_formats["standard"].pattern.split(";")[0]
    pattern = pattern.replace("0.00", "0." + "0" * digits if digits else "0")
    if get_currency_symbol(currency.code, language).isalpha():
        # Letters need air: IDR 15,000 and Rp 15.000, but $15.
        pattern = pattern.replace("¤#", "¤\u00a0#")
    return format_currency(money.major(), currency.code, pattern, locale=language, currency_digits=False)


def moment_text(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """A moment in the tenant's zone, which is named."""
    return format_datetime(moment, "d MMM y, HH:mm z", tzinfo=zone, locale=language)


def day_text(day: date, language: str) -> str:
    """A day of the calendar."""
    return format_date(day, "d MMM y", locale=language)
