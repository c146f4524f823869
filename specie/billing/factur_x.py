"""Factur-X (ZUGFeRD): the printed invoice for people, with the same invoice for programs inside it.

The PDF is PDF/A-3, as the printer makes it. What it says of itself has to name Factur-X, in words of a schema that a
PDF/A file has to explain in place, so both are written into it afterwards.
"""

import io
from functools import cache
from importlib.resources import files
from typing import Any, cast

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from specie.billing.pdf import printed

_HEADER = "%PDF-1.7"
_SCHEMAS_END = "</rdf:Bag></pdfaExtension:schemas>"
_END = "</rdf:Description></rdf:RDF>"


def factur_x(told: dict[str, Any], colour: str, xml: bytes) -> bytes:
    """The invoice as PDF with its XML; takes a fraction of a second, so call it outside the event loop."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(printed(told, colour, xml))))
    writer.pdf_header = _HEADER
    metadata = cast(StreamObject, writer.root_object[NameObject("/Metadata")].get_object())
    metadata.set_data(_described(metadata.get_data().decode()).encode())
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def _described(said: str) -> str:
    schema, properties = _words()
    # Without the first marker the printer made no PDF/A, for want of a font: then nothing has to be explained.
    return said.replace(_SCHEMAS_END, schema + _SCHEMAS_END).replace(_END, properties + _END)


@cache
def _words() -> tuple[str, str]:
    """What explains the schema, and what is said in its words; a blank line stands between them."""
    text = files("specie.billing").joinpath("templates", "factur-x.xmp").read_text()
    schema, _, properties = text.partition("\n\n")
    return schema, properties
