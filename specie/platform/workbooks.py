"""Workbooks that people upload, made safe for the reader of their cells.

The reader lays a sheet out as a grid that ends at its last cell, and gives every cell a text of its own: one cell in
the far corner, or one long text that many cells share, asks for more memory than there is, which ends the process and
not only the request. So every part is first read here as a stream, and the reader gets a copy of what was read and of
nothing else: it cannot find a part that was not looked at, or take one for longer than it was.
"""

import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

_MAX_UNPACKED = 100_000_000
_MAX_TEXT = 50_000_000
# A row of ten cells has thirty with its texts; styles and the like have some thousands in any workbook.
_ELEMENTS_A_ROW, _OTHER_ELEMENTS = 30, 100_000
_CHUNK = 65_536
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_PLACES = ("_rels/", "xl/", "[content_types].xml")
_KINDS = (".xml", ".rels")


class WorkbookUnfit(Exception):
    """A workbook that is not given to the reader, with words for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The last row and column, counted from one, in which a cell may say something."""

    rows: int
    columns: int

    @property
    def elements(self) -> int:
        """How many elements all parts may have: each takes a moment, and a small file can have millions."""
        return self.rows * _ELEMENTS_A_ROW + _OTHER_ELEMENTS


def checked(content: bytes, bounds: Bounds) -> bytes:
    """A copy of a workbook's parts that are XML, each of them read. Raises WorkbookUnfit and what zipfile raises."""
    target = io.BytesIO()
    tally = _Tally(bounds.elements)
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w") as copy:
        parts = [part for part in archive.infolist() if _is_read(part.filename.lower())]
        if len({part.filename.lower() for part in parts}) != len(parts):
            raise WorkbookUnfit("the workbook has two parts of one name")
        left = _MAX_UNPACKED
        for part in parts:
            xml = _unpacked(archive, part, left)
            left -= len(xml)
            _Part(bounds, tally).read(xml)
            copy.writestr(part.filename, xml)
    tally.require_few_texts()
    return target.getvalue()


def _is_read(name: str) -> bool:
    return name.startswith(_PLACES) and name.endswith(_KINDS)


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(part) as source:
        xml = source.read(most + 1)
    if len(xml) > most:
        raise WorkbookUnfit(f"the workbook unpacks to more than {_MAX_UNPACKED // 1_000_000} MB")
    return xml


@dataclass(slots=True)
class _Tally:
    """What all parts come to: how long the texts are that cells share, in each part, and how often each is used."""

    elements_left: int
    lengths: list[list[int]] = field(default_factory=list)
    uses: Counter[int] = field(default_factory=Counter)

    def add_element(self) -> None:
        """Raise WorkbookUnfit for one too many."""
        self.elements_left -= 1
        if self.elements_left < 0:
            raise WorkbookUnfit("the workbook has too many cells; keep the sheet that is meant and what is filled in")

    def require_few_texts(self) -> None:
        """Raise WorkbookUnfit when the cells would hold too much once each has its own."""
        # The reader takes one part's texts; whichever it is, they are few enough.
        if any(sum(self.uses[n] * length for n, length in enumerate(each)) > _MAX_TEXT for each in self.lengths):
            raise WorkbookUnfit(f"the cells hold more than {_MAX_TEXT // 1_000_000} MB of text")


class _Part:
    """Reads one part of a workbook: where its cells lie, if it is a sheet, and its texts, if it has those."""

    def __init__(self, bounds: Bounds, tally: _Tally) -> None:
        self._bounds, self._tally = bounds, tally
        self._row = self._column = 0
        self._cell: tuple[int, int] | None = None
        self._is_shared = self._is_text = False
        self._lengths: list[int] = []
        self._index: str | None = None

    def read(self, xml: bytes) -> None:
        """Read the whole part. Raises WorkbookUnfit."""
        # Whatever encoding a part names, the reader of cells takes it for UTF-8.
        parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            for at in range(0, len(xml), _CHUNK):
                parser.Parse(xml[at : at + _CHUNK], False)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise WorkbookUnfit("the workbook cannot be read") from None
        if self._lengths:
            self._tally.lengths.append(self._lengths)

    def _doctype(self, *_: object) -> None:
        raise WorkbookUnfit("the workbook defines words of its own")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._tally.add_element()
        local = name.rpartition(":")[2]
        if local == "row":
            self._row = _number(attributes["r"]) if "r" in attributes else self._row + 1
            self._column, self._cell = 0, None
        elif local == "c":
            self._cell = _place(attributes["r"]) if "r" in attributes else (self._row, self._column + 1)
            self._column, self._is_shared = self._cell[1], attributes.get("t") == "s"
        elif local == "dimension":
            self._require_within(_place(attributes.get("ref", "A1").rpartition(":")[2]))
        elif local == "si":
            self._lengths.append(0)
            self._is_text = True
        elif self._cell is not None:
            # An empty cell, which may only have a colour, takes no place.
            self._require_within(self._cell)
            self._index = "" if local == "v" and self._is_shared else None

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "v" and self._index is not None:
            if self._index.strip().isdecimal():
                self._tally.uses[_number(self._index.strip())] += 1
            self._index = None
        elif local == "c":
            self._cell = None
        elif local == "si":
            self._is_text = False

    def _text(self, text: str) -> None:
        if self._is_text:
            self._lengths[-1] += len(text)
        elif self._index is not None:
            self._index += text

    def _require_within(self, place: tuple[int, int]) -> None:
        rows, columns = self._bounds.rows, self._bounds.columns
        if place[0] > rows or place[1] > columns:
            raise WorkbookUnfit(
                f"a sheet reaches to row {place[0]}, column {place[1]}; {rows} rows and {columns} columns are read"
            )


def _number(text: str) -> int:
    if len(text) > 9 or not (text.isascii() and text.isdecimal()):
        raise WorkbookUnfit("the workbook cannot be read")
    return int(text)


def _place(text: str) -> tuple[int, int]:
    """The row and column of a name like B12, counted from one."""
    found = _CELL.fullmatch(text)
    if found is None:
        raise WorkbookUnfit("the workbook cannot be read")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column
