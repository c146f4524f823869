"""The smallest workbooks, written by hand so that they can also be what no program writes."""

import io
import zipfile
from collections.abc import Mapping, Sequence

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def workbook(rows: Sequence[Sequence[str | float]]) -> bytes:
    """A workbook of one sheet with text in its cells, or numbers; no cell says where it is."""
    return workbook_of("".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows))


def workbook_of(body: str, before: str = "", more: Mapping[str, str] | None = None) -> bytes:
    """A workbook of one sheet with this XML for its rows, some before them, and more parts, or other ones."""
    link = f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    root = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    around = '<Relationships xmlns="' + _PACKAGE + '/relationships">{}</Relationships>'
    sheets = '<sheets><sheet name="P" sheetId="1" r:id="r1"/></sheets>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": around.format(root),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": around.format(link),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{body}</sheetData></worksheet>',
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in (parts | dict(more or {})).items():
            archive.writestr(name, xml)
    return target.getvalue()


def _cell(value: str | float) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>' if isinstance(value, str) else f"<c><v>{value}</v></c>"
