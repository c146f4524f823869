"""One document in a form that others read, fetched over the API: an invoice as UBL, a statement as camt.053."""

from pathlib import Path

from specie.app.cli.client import Client

# What each form is made of, and where the API gives it.
DOCUMENTS = {
    "ubl": ("inv_…", "/billing/invoices/{id}/ubl"),
    "camt053": ("stm_…", "/statements/{id}/file?format=camt053"),
}


def fetched(form: str, document: str, url: str, key: str) -> bytes:
    """The file, byte for byte as the API answered it. Raises Refused or Unreachable."""
    with Client(url, key) as client:
        content: bytes = client.answered("GET", DOCUMENTS[form][1].format(id=document)).content
    return content


def keep(content: bytes, out: Path) -> None:
    """Write it under its name once it is complete."""
    unfinished = out.with_name(f".{out.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(out)
