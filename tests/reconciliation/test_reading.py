"""Statement files: read exactly, or refused whole with the line and the reason."""

import datetime
from dataclasses import replace

import pytest

from specie.kernel.money import Currency, Money
from specie.reconciliation.errors import StatementRefused
from specie.reconciliation.files import check, read_file
from specie.reconciliation.model import CsvMapping, Format, StatementFile

EUR, JPY = Currency.of("EUR"), Currency.of("JPY")
MAPPING = CsvMapping(
    date="Date", amount="Gross", fee="Fee", balance="Balance", reference="Ref", currency="Ccy", account="Account"
)
CSV = (
    "Date,Ref,Gross,Fee,Balance,Ccy,Account\n"
    '2026-11-20,A-1,"1,000.50",0.50,1100.00,EUR,DE02\n'
    "2026-11-21,A-2,-20.00,,1080.00,EUR,DE02\n"
)
SWIFT = (
    ":20:START\n:25:DE02100100100006820101\n:28C:7/1\n:60F:C261119EUR100,00\n"
    ":61:2611201120C1000,00NTRFA-1//BANK-1\n:86:Settlement STL-7\n"
    ":61:2611211121D20,00NMSCNONREF\n:86:Bank fee\n"
    ":62F:C261121EUR1080,00\n-\n"
)
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>2026-7</Id>
<Acct><Id><IBAN>DE02100100100006820101</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1080.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>A-1</EndToEndId></Refs><RmtInf><Ustrd>Settlement STL-7</Ustrd></RmtInf></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-21</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2026-11-21</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""
FILES = {Format.CSV: CSV, Format.MT940: SWIFT, Format.CAMT053: CAMT}


def taken(
    kind: Format, text: str | bytes, *, account: str = "", currency: Currency = EUR, mapping: CsvMapping = MAPPING
) -> StatementFile:
    content = text.encode() if isinstance(text, str) else text
    file = read_file(content, "statement", kind, currency, mapping)
    check(file, currency, account)
    return file


def refusal(kind: Format, text: str | bytes, **more: object) -> tuple[str, int | None]:
    with pytest.raises(StatementRefused) as refused:
        taken(kind, text, **more)  # type: ignore[arg-type]
    assert refused.value.code == "statement_refused"
    return refused.value.facts["reason"], refused.value.facts["line"]


@pytest.mark.parametrize("kind", FILES)
def test_the_same_statement_reads_the_same_in_every_format(kind: Format) -> None:
    [statement] = taken(kind, FILES[kind]).statements

    assert [(line.amount.minor, line.booked_on, line.reference) for line in statement.lines] == [
        (100_000, datetime.date(2026, 11, 20), "A-1"),
        (-2_000, datetime.date(2026, 11, 21), "A-2" if kind is Format.CSV else ""),
    ]
    assert statement.opening == Money(10_000, EUR)
    assert statement.closing == Money(108_000, EUR)


def test_a_statement_number_of_mt940_counts_within_its_year() -> None:
    assert taken(Format.MT940, SWIFT).statements[0].number == "2026:7/1"
    assert taken(Format.CAMT053, CAMT).statements[0].number == "2026-7"


def test_a_file_with_two_statements_gives_both() -> None:
    second = SWIFT.replace(":28C:7/1", ":28C:8/1")

    assert [each.number for each in taken(Format.MT940, SWIFT + second).statements] == ["2026:7/1", "2026:8/1"]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_cut_off_anywhere_is_refused(kind: Format) -> None:
    text = FILES[kind]
    # Nothing is missing once the closing balance is told; what follows it only ends the file.
    whole = text.index("EUR1080") + len("EUR1080") if kind is Format.MT940 else len(text) - 1
    first = text.index("\n", text.index("\n") + 1)
    for end in range(first + 2, whole):
        reason, line = refusal(kind, text[:end])
        assert reason in {"truncated", "unreadable", "does_not_add_up", "other_account"}, end
        assert line is None or line <= text.count("\n") + 1


@pytest.mark.parametrize("kind", FILES)
def test_a_last_line_that_does_not_end_is_a_line_like_the_others(kind: Format) -> None:
    ended, open_ended = (taken(kind, text).statements for text in (FILES[kind], FILES[kind].rstrip("-\n")))

    assert open_ended == ended


def test_a_cut_is_named_with_its_line() -> None:
    assert refusal(Format.CSV, CSV[:-12]) == ("truncated", 3)
    assert refusal(Format.CSV, CSV[:-2]) == ("other_account", 3)
    assert refusal(Format.CSV, CSV.replace(",1080.00,EUR,DE02", "")) == ("truncated", 3)
    assert refusal(Format.MT940, SWIFT[: SWIFT.index(":62F:")]) == ("truncated", 9)
    assert refusal(Format.CAMT053, CAMT[: CAMT.index("<Ntry>")]) == ("truncated", 6)
    assert refusal(Format.CSV, "\n") == ("truncated", None)


@pytest.mark.parametrize("kind", [Format.CSV, Format.MT940])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_a_file_as_banks_and_spreadsheets_write_it_is_read(kind: Format, encoding: str) -> None:
    broken = {Format.CSV: CSV.replace("A-2", "Café"), Format.MT940: SWIFT.replace("Bank fee", "Café")}[kind]
    mapping = replace(MAPPING, text="Ref")

    lines = taken(kind, broken.encode(encoding), mapping=mapping).lines()

    assert lines[1].text.endswith("Café")
    assert lines[1].amount.minor == -2_000


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16"])
def test_xml_that_names_its_encoding_is_read(encoding: str) -> None:
    told = CAMT.replace("STL-7", "Café").replace('"UTF-8"', f'"{encoding}"')

    assert taken(Format.CAMT053, told.encode(encoding)).lines()[0].text.endswith("Café")


def test_an_encoding_nobody_meant_is_refused_with_its_line() -> None:
    camt = CAMT.replace("STL-7", "Café")
    expected = camt[: camt.index("Café")].count("\n") + 1

    assert refusal(Format.CAMT053, camt.encode("windows-1252")) == ("encoding", expected)
    # 0x81 is a letter neither in UTF-8 nor in Windows-1252.
    assert refusal(Format.CSV, CSV.encode().replace(b"A-2", b"Caf\x81")) == ("encoding", 3)
    assert refusal(Format.MT940, SWIFT.encode().replace(b"Bank fee", b"Caf\x81")) == ("encoding", 8)


def test_utf_16_that_breaks_off_or_does_not_say_that_it_is_is_refused() -> None:
    assert refusal(Format.CSV, CSV.encode("utf-16")[:-1]) == ("encoding", 3)
    assert refusal(Format.CSV, CSV.encode("utf-16-le")) == ("encoding", 1)


@pytest.mark.parametrize("kind", FILES)
def test_a_statement_of_another_account_is_refused(kind: Format) -> None:
    assert refusal(kind, FILES[kind], account="DE99 1001")[0] == "other_account"
    own = "DE02" if kind is Format.CSV else "DE02 1001 0010 0006 8201 01"
    assert taken(kind, FILES[kind], account=own).lines()


@pytest.mark.parametrize(
    ("kind", "old", "new", "line"),
    [
        (Format.CSV, "-20.00", "-21.00", 3),
        (Format.MT940, "D20,00", "D21,00", 7),
        (Format.CAMT053, ">20.00<", ">21.00<", 9),
    ],
)
def test_lines_that_do_not_lead_to_the_closing_balance_are_refused(kind: Format, old: str, new: str, line: int) -> None:
    assert refusal(kind, FILES[kind].replace(old, new)) == ("does_not_add_up", line)


def test_mixed_currencies_are_refused() -> None:
    assert refusal(Format.CSV, CSV.replace("1080.00,EUR", "1080.00,USD")) == ("mixed_currencies", 3)
    assert refusal(Format.CAMT053, CAMT.replace('Ccy="EUR">20.00', 'Ccy="USD">20.00')) == ("mixed_currencies", 9)
    assert refusal(Format.MT940, SWIFT.replace("EUR1080", "USD1080"))[0] == "mixed_currencies"
    assert refusal(Format.MT940, SWIFT, currency=JPY)[0] in {"mixed_currencies", "amount_inexact"}


def test_amounts_finer_than_the_currency_are_refused() -> None:
    assert refusal(Format.CSV, CSV.replace("-20.00,", "-20.005,")) == ("amount_inexact", 3)
    assert refusal(Format.CAMT053, CAMT.replace(">20.00<", ">20.001<")) == ("amount_inexact", 9)
    assert refusal(Format.MT940, SWIFT.replace("D20,00", "D20,001")) == ("amount_inexact", 7)


def test_decimals_written_the_other_way_round_are_refused_and_not_misread() -> None:
    german = replace(MAPPING, fee="", balance="", decimal=",")
    head = "Date,Ref,Gross,Fee,Balance,Ccy,Account\n"

    assert refusal(Format.CSV, head + "2026-11-20,A,12.50,,,EUR,DE02\n", mapping=german) == ("unreadable", 2)
    [line] = taken(Format.CSV, head + '2026-11-20,A,"1.012,50",,,EUR,DE02\n', mapping=german).lines()
    assert line.amount.minor == 101_250


def test_xml_with_a_document_type_is_refused_before_any_entity_is_read() -> None:
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<a>&b;</a>\n'

    assert refusal(Format.CAMT053, bomb) == ("unreadable", 2)


def test_xml_nested_without_end_is_refused() -> None:
    assert refusal(Format.CAMT053, "<a>" * 100_000) == ("unreadable", 1)


@pytest.mark.parametrize("encoding", ["nobody-knows", "shift_jis", "utf-7", "punycode"])
def test_xml_in_an_encoding_that_is_not_read_is_refused(encoding: str) -> None:
    assert refusal(Format.CAMT053, CAMT.replace("UTF-8", encoding))[0] == "encoding"


def test_a_line_of_mt940_that_only_the_library_takes_for_one_is_refused() -> None:
    odd = SWIFT.replace(":61:", ":\n61:")

    assert refusal(Format.MT940, odd)[0] == "unreadable"


@pytest.mark.parametrize(
    ("told", "booked_on"),
    [
        ("2611201121", datetime.date(2026, 11, 21)),
        ("2611211120", datetime.date(2026, 11, 20)),
        ("261120", datetime.date(2026, 11, 20)),
        ("2701021230", datetime.date(2026, 12, 30)),
        ("2612300102", datetime.date(2027, 1, 2)),
        ("2611150105", datetime.date(2027, 1, 5)),
        ("2802280229", datetime.date(2028, 2, 29)),
    ],
    ids=[
        "later",
        "earlier",
        "not told",
        "valued in the next year",
        "booked in the next year",
        "long after",
        "leap day",
    ],
)
def test_a_line_of_mt940_counts_on_the_day_it_was_booked(told: str, booked_on: datetime.date) -> None:
    [statement] = taken(Format.MT940, SWIFT.replace("2611201120", told)).statements

    assert statement.lines[0].booked_on == booked_on


def test_a_credit_that_mt940_takes_back_leaves_the_account_and_a_debit_taken_back_returns() -> None:
    reversed_lines = SWIFT.replace("1120C1000", "1120RD1000").replace("1121D20", "1121RC20")

    [statement] = taken(Format.MT940, reversed_lines).statements

    assert [line.amount.minor for line in statement.lines] == [100_000, -2_000]


@pytest.mark.parametrize(
    ("told", "reference"),
    [("A-1", "A-1"), ("NONREF", "K-1")],
    ids=["of the line", "of its text"],
)
def test_a_structured_text_of_mt940_is_read_and_takes_no_reference_away(told: str, reference: str) -> None:
    parts = "?20EREF+E-1?21KREF+K-1?22SVWZ+Settlement STL-7?30BANKDEFF?32Somebody"
    structured = SWIFT.replace("Settlement STL-7", f"166?00SEPA{parts}").replace("NTRFA-1", f"NTRF{told}")

    [line, _] = taken(Format.MT940, structured).statements[0].lines

    assert (line.reference, line.text) == (reference, "Settlement STL-7 Somebody")
