"""Files of rows: what a spreadsheet saves comes through, what would take the process down or lose a cell does not."""

import io
import tracemalloc
import zipfile

import pytest
import xlsxwriter

from specie.platform.row_files import ImportRefused, Layout, read
from tests.support.workbooks import workbook, workbook_of

LAYOUT = Layout(columns=("name", "amount"), required=frozenset({"name"}), rows_called="lines", max_rows=20)
HEADER = "".join(
    ('<row r="1">', *(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("name", "amount")), "</row>")
)
FAR = "<c{}><v>1</v></c>"
SHARED = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{}</t></si></sst>'


def refusal(content: bytes) -> ImportRefused:
    with pytest.raises(ImportRefused) as refused:
        read(content, LAYOUT)
    return refused.value


def values(content: bytes) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, row.values) for row in read(content, LAYOUT)]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576">' + FAR.format(' r="XFD1048576"') + "</row>",
        '<row r="2">' + FAR.format(' r="XFD1048576"') + "</row>",
        '<row r="2">' + FAR.format(' r="AZ2"') + "</row>",
        '<row r="1048576">' + FAR.format("") + "</row>",
        '<row r="1048575"/><row>' + FAR.format("") + "</row>",
        '<row r="2"><c r="AX2"/>' + FAR.format("") + "</row>",
        '<row r="2">' + "<c/>" * 50 + FAR.format("") + "</row>",
        "<row/>" * 10_021 + "<row>" + FAR.format("") + "</row>",
    ],
)
def test_a_cell_in_a_far_corner_is_refused_before_it_is_given_room(rows: str) -> None:
    refused = refusal(workbook_of(HEADER + rows))
    assert (refused.code, refused.status, refused.param) == ("import_file_invalid", 422, "file")
    assert refused.detail.endswith("10021 rows and 50 columns are read")


def test_a_sheet_that_says_it_is_large_is_refused() -> None:
    content = workbook_of(HEADER, before='<dimension ref="A1:XFD1048576"/>')
    assert refusal(content).detail.startswith("a sheet reaches to row 1048576, column 16384")


def test_empty_cells_with_a_colour_take_no_place() -> None:
    filled = '<row r="2"><c r="A2" t="inlineStr"><is><t>Kopi</t></is></c><c r="XFD2" s="1"/></row>'
    content = workbook_of(HEADER + filled + '<row r="1048576"><c r="A1048576" s="1"/></row>')
    assert values(content) == [(2, {"name": "Kopi", "amount": ""})]


@pytest.mark.parametrize("place", ["A", "1A", "A-1", "ABCD1", "A99999999"])
def test_a_cell_in_no_place_is_refused(place: str) -> None:
    refusal(workbook_of(HEADER + f'<row r="2"><c r="{place}"><v>1</v></c></row>'))


def test_a_sheet_kept_in_another_part_is_looked_at_too() -> None:
    far = '<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    link = '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="{}"/></Relationships>'
    for part in ("xl/other/far.xml", "xl/far.bin", "far.xml"):
        target = "/" + part
        refusal(workbook_of(HEADER, more={part: far, "xl/_rels/workbook.xml.rels": link.format(target)}))


@pytest.mark.parametrize("name", ["content.xml", "xl/workbook.bin"])
def test_other_kinds_of_workbooks_are_not_read(name: str) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(name, "<office:document-content/>")
    assert refusal(target.getvalue()).detail == "the workbook cannot be read"


def test_a_part_that_defines_entities_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    refused = refusal(workbook_of(HEADER, more={"xl/sharedStrings.xml": bomb}))
    assert refused.detail == "the workbook defines words of its own"


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    content = workbook_of(HEADER, more={"xl/theme.xml": f"<a>{' ' * 100_000_000}</a>"})
    assert len(content) < 200_000
    assert refusal(content).detail == "the workbook unpacks to more than 100 MB"


def test_a_small_file_with_millions_of_cells_is_refused() -> None:
    content = workbook_of(HEADER + "<row>" + "<c/>" * 1_000_000 + "</row>")
    assert len(content) < 20_000
    assert refusal(content).detail.startswith("the workbook has too many cells")


def test_one_long_text_in_many_cells_is_refused_before_each_has_its_own() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 1_003))
    texts = {"xl/sharedStrings.xml": SHARED.format("x" * 50_000)}
    for others in ({}, {"xl/others.xml": SHARED.format("")}):
        refused = refusal(workbook_of(HEADER + rows, more=others | texts))
        assert refused.detail == "the cells hold more than 50 MB of text"


def test_what_a_program_writes_is_read() -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet()
    for number, row in enumerate([["Name", "Amount"], ["Kopi", 12.5], ["", ""], ["Teh", 3]]):
        sheet.write_row(number, 0, row, book.add_format({"bold": True}))
    book.add_worksheet("Notes").write(0, 0, "mine")
    book.close()
    expected = [(2, {"name": "Kopi", "amount": "12.5"}), (4, {"name": "Teh", "amount": "3"})]
    assert values(target.getvalue()) == expected


def test_texts_that_cells_share_are_read() -> None:
    rows = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><v>12.5</v></c></row>'
    content = workbook_of(HEADER + rows, more={"xl/sharedStrings.xml": SHARED.format("Kopi")})
    assert values(content) == [(2, {"name": "Kopi", "amount": "12.5"})]


def test_a_damaged_or_locked_archive_is_refused() -> None:
    content = workbook([["name"], ["Kopi"]])
    for broken in (
        content[:200],
        content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
    ):
        assert refusal(broken).detail == "the workbook cannot be read"


@pytest.mark.parametrize(
    "content",
    [
        b"name,amount\nKopi,1\nTeh,125,000,000.00\n",
        b"name,amount,,\nKopi,1,,\nTeh,125,000,000.00\n",
        workbook([["name", "amount"], ["Kopi", 1.0], ["Teh", 125.0, "", 0.0]]),
    ],
)
def test_a_cell_beyond_the_last_column_is_refused_with_its_line_and_never_cut_off(content: bytes) -> None:
    refused = refusal(content)
    assert (refused.code, refused.param, refused.facts) == ("import_file_invalid", "file", {"line": 3})
    assert refused.detail.startswith("line 3 has more cells than the first row names columns")


def test_empty_cells_beyond_the_last_column_are_passed_over() -> None:
    assert values(b"name,amount\nKopi,1, ,\n") == [(2, {"name": "Kopi", "amount": "1"})]
    assert values(b"name,amount,,\n\nKopi\n") == [(3, {"name": "Kopi"})]


def test_a_text_is_read_no_further_than_it_may_be_long() -> None:
    content = b"name,amount\n" + b"a,1\n" * 500_000
    tracemalloc.start()
    refused = refusal(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.detail == "a file has at most 20 lines"
    # The text itself, once or twice with its ends of lines, but no list of its rows.
    assert peak < 12_000_000


def test_empty_rows_are_passed_over_but_not_without_end() -> None:
    assert values(b"name\n" + b"\n" * 10_000 + b"Kopi\n") == [(10_002, {"name": "Kopi"})]
    assert refusal(b"name\n" + b"\n" * 10_021).detail == "a file has at most 10021 rows, counting the empty ones"
