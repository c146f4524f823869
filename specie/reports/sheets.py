"""A table as a file: the same rows as CSV and as XLSX."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from specie.kernel.money import Money
from specie.platform.spreadsheets import harmless

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cell = str | date | Money | None


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. Money is one cell with its exact decimal; its currency has a column of its own.

    `opens` says, row by row and cell by cell, what an amount is made of: the beginning of account codes, or an id.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    opens: Sequence[Sequence[str | None]] = ()


def csv_of(table: Table) -> bytes:
    """RFC 4180 with a header, as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.header)
    writer.writerows([[_written(cell) for cell in row] for row in table.rows])
    return out.getvalue().encode()


def xlsx_of(table: Table) -> bytes:
    """One sheet; amounts are numbers with as many decimals as their currency has, dates are dates."""
    # The library takes megabytes which a process that makes no sheets need not have.
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(table.title[:31])
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    money: dict[int, object] = {}
    sheet.write_row(0, 0, table.header, bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(table.header) - 1, 20)
    for number, row in enumerate(table.rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, Money):
                exponent = cell.currency.exponent
                if exponent not in money:
                    pattern = "#,##0" + ("." + "0" * exponent if exponent else "")
                    money[exponent] = book.add_format({"num_format": pattern})
                sheet.write_number(number, column, cell.major(), money[exponent])
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, cell, day)
            elif cell is not None:
                sheet.write_string(number, column, cell)
    book.close()
    return out.getvalue()


def file_answer(table: Table, name: str, wanted: str) -> Response:
    """A table as a download, `csv` or `xlsx`."""
    content = csv_of(table) if wanted == "csv" else xlsx_of(table)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{wanted}"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type=_MEDIA[wanted])


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return f"{cell.major():f}"
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(cell)
