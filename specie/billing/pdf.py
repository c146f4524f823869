"""A document of the house as a PDF. Text goes in as data, never as markup, so no name can change the layout."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import typst


def printed(told: dict[str, Any], colour: str, xml: bytes | None = None) -> bytes:
    """The document as PDF; needs a fraction of a second of the processor, so call it outside the event loop.

    It is PDF/UA, for readers of the screen, and PDF/A-3 where it carries XML, which only that lets it do; neither
    where a script has no font on this machine.
    """
    inputs = {"document": json.dumps(told), "colour": colour}
    standards: list[Any] = ["ua-1"]
    if xml is not None:
        inputs["xml"] = xml.decode()
        standards.append("a-3a")
    try:
        return bytes(typst.compile(_template(), format="pdf", sys_inputs=inputs, pdf_standards=standards))
    except typst.TypstError:
        return bytes(typst.compile(_template(), format="pdf", sys_inputs=inputs))


@cache
def _template() -> bytes:
    return files("specie.billing").joinpath("templates", "invoice.typ").read_bytes()
