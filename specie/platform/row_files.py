"""Files of rows that people upload, CSV or XLSX, read into text by column name; what a row means is not decided here.

Reading is pure computing and may take a while: call `read` in a thread.
"""

import csv
import io
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from specie.kernel.errors import SpecieError

MAX_FILE_BYTES = 10_000_000
# A workbook is a zip file: what it unpacks to is known before anything is unpacked.
_MAX_UNPACKED = 200_000_000
_MAX_COLUMNS = 50


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
    rows = _workbook(content) if content.startswith(b"PK\x03\x04") else _text(content)
    numbered = ((number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row))
    header = next(numbered, None)
    if header is None:
        raise ImportRefused("the file is empty", param="file")
    names = _columns(header[1], layout)
    for count, (number, row) in enumerate(numbered, start=1):
        if count > layout.max_rows:
            raise ImportRefused(f"a file has at most {layout.max_rows} {layout.rows_called}", param="file")
        yield FileRow(number, {name: cell.strip() for name, cell in zip(names, row, strict=False) if name})


def _columns(header: list[str], layout: Layout) -> list[str]:
    """The known name of each column; a column nobody knows is not read."""
    plain = [cell.strip().lower().replace(" ", "_") for cell in header[:_MAX_COLUMNS]]
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


def _workbook(content: bytes) -> Iterator[list[str]]:
    # The reader takes memory, which a process that imports nothing need not have.
    from python_calamine import CalamineError, load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > _MAX_UNPACKED:
            raise ImportRefused("the workbook unpacks to more than 200 MB", param="file")
        sheet = load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
        yield from ([_cell(cell) for cell in row] for row in sheet.iter_rows())
    except (zipfile.BadZipFile, CalamineError, IndexError):
        raise ImportRefused("the workbook cannot be read", param="file") from None


def _cell(value: object) -> str:
    """A cell as somebody sees it: a number that is whole has no decimals."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
