"""Files of rows that people upload, CSV or XLSX, read into text by column name; what a row means is not decided here.

Reading is pure computing and may take a while: call `read` in a thread.
"""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from specie.kernel.errors import SpecieError
from specie.platform.workbooks import Bounds, WorkbookUnfit, checked

MAX_FILE_BYTES = 10_000_000
# A column of a workbook takes memory whether or not it is known; in text it is passed over.
_MAX_COLUMNS = 50
_BLANK_ROWS = 10_000
# What opening a damaged zip file, or one with a password, comes to.
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)


class ImportRefused(SpecieError):
    """The file is no CSV or XLSX file with the columns that are read, or it is too long."""

    code = "import_file_invalid"
    status = 422
    title = "The file cannot be read"


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row by column name; `number` is its line or row in the file, as a person counts."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a kind of file, those it cannot do without, other names for them, and how long it may be."""

    columns: Collection[str]
    required: frozenset[str]
    rows_called: str
    max_rows: int
    also: Mapping[str, str] = field(default_factory=dict)


def read(content: bytes, layout: Layout) -> list[FileRow]:
    """The rows of a file, empty ones left out. Raises ImportRefused for what is no such file."""
    return list(stream(content, layout))


def stream(content: bytes, layout: Layout) -> Iterator[FileRow]:
    """The same one after another, so that a long file takes no more memory than a short one does.

    Raises ImportRefused when it comes to what no such file has.
    """
    if len(content) > MAX_FILE_BYTES:
        raise ImportRefused("the file has more than 10 MB", param="file")
    most = 1 + layout.max_rows + _BLANK_ROWS
    rows = _workbook(content, most) if content.startswith(b"PK\x03\x04") else _text(content)
    numbered = _filled(rows, most)
    header = next(numbered, None)
    if header is None:
        raise ImportRefused("the file is empty", param="file")
    names = _columns(header[1], layout)
    for count, (number, row) in enumerate(numbered, start=1):
        if count > layout.max_rows:
            raise ImportRefused(f"a file has at most {layout.max_rows} {layout.rows_called}", param="file")
        yield _row(number, row, names)


def _filled(rows: Iterable[list[str]], most: int) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, numbered; no more are read than are needed, and empty ones only to a point."""
    for number, row in enumerate(rows, start=1):
        if number > most:
            raise ImportRefused(f"a file has at most {most} rows, counting the empty ones", param="file")
        if any(cell.strip() for cell in row):
            yield number, row


def _row(number: int, row: list[str], names: list[str]) -> FileRow:
    # 125,000.00 without quotes is two cells: left out, the second would make another amount of the first.
    if any(cell.strip() for cell in row[len(names) :]):
        words = "has more cells than the first row names columns; text with the separator in it stands in quotes"
        raise ImportRefused(f"line {number} {words}", param="file", line=number)
    return FileRow(number, {name: cell.strip() for name, cell in zip(names, row, strict=False) if name})


def _columns(header: list[str], layout: Layout) -> list[str]:
    """The known name of each column up to the last that has one; a column nobody knows is not read."""
    plain = [cell.strip().lower().replace(" ", "_") for cell in header]
    while not plain[-1]:
        plain.pop()
    meant = [layout.also.get(name, name) for name in plain]
    names = [name if name in layout.columns else "" for name in meant]
    missing = sorted(layout.required - set(names))
    if missing:
        raise ImportRefused(f"the first row names the columns; {' and '.join(missing)} is missing", param="file")
    known = [name for name in names if name]
    if len(set(known)) != len(known):
        raise ImportRefused("two columns have one name", param="file")
    return names


def _text(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused("the file is neither a workbook nor text in UTF-8", param="file") from None
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error as error:
        raise ImportRefused(f"the file is not CSV: {error}", param="file") from None


def _workbook(content: bytes, most_rows: int) -> Iterator[list[str]]:
    # The reader takes memory, which a process that imports nothing need not have.
    from python_calamine import CalamineError, load_workbook

    try:
        safe = checked(content, Bounds(most_rows, _MAX_COLUMNS))
        sheet = load_workbook(io.BytesIO(safe)).get_sheet_by_index(0)
    except WorkbookUnfit as unfit:
        raise ImportRefused(str(unfit), param="file") from None
    except (*_BROKEN, CalamineError, IndexError):
        raise ImportRefused("the workbook cannot be read", param="file") from None
    return ([_cell(cell) for cell in row] for row in sheet.iter_rows())


def _cell(value: object) -> str:
    """A cell as somebody sees it: a number that is whole has no decimals."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
