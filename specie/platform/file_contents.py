"""The insides of pictures and PDFs: pictures are drawn anew, PDFs searched for anything active."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from specie.platform.files import FileRefused, refused

MAX_PIXELS = 25_000_000
_MAX_PDF_OBJECTS = 50_000
_MAX_PDF_PAGES = 200

_ACTIVE_KEYS = frozenset({"/JavaScript", "/JS", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/Encrypt"})
_TYPE_KEYS = frozenset({"/S", "/Type", "/Subtype"})
_ACTIVE_TYPES = frozenset(
    {"/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE"}
    | {"/Rendition", "/Movie", "/Sound", "/Screen", "/FileAttachment", "/3D"}
)
# A tolerant viewer may find objects that the cross-reference table leaves out, so the raw bytes are searched as
# well; and a file that is a web page or an archive too would be read as that by another program.
_ACTIVE_BYTES = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA)\b|<script|<html|<!doctype|PK\x05\x06", re.IGNORECASE
)
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_TAIL = re.compile(rb"%%EOF\s*\Z")


def redrawn(data: bytes, form: str) -> bytes:
    """The picture alone, upright, written by us: metadata, trailing bytes and further frames stay behind.

    Raises FileRefused for what is no picture of this form, or too large a one.
    """
    try:
        with Image.open(BytesIO(data), formats=[form]) as source:
            # The header says the size; nothing is decoded before it is known to be bearable.
            if source.width * source.height > MAX_PIXELS:
                raise refused("the image has more than 25 megapixels")
            source.load()
            picture = ImageOps.exif_transpose(source).convert(_plain_mode(source, form))
        picture.info.clear()
        out = BytesIO()
        picture.save(out, form, **({"quality": 90} if form == "JPEG" else {}))
    except FileRefused:
        raise
    except Exception as error:
        # Decoders fail in many ways on hostile bytes; each of them means that this is no good image.
        raise refused("the image cannot be decoded") from error
    return out.getvalue()


def _plain_mode(picture: Image.Image, form: str) -> str:
    if picture.mode in {"1", "L", "I;16", "I"}:
        return "L"
    has_alpha = picture.mode in {"LA", "RGBA", "PA"} or "transparency" in picture.info
    return "RGBA" if form == "PNG" and has_alpha else "RGB"


def check_pdf(data: bytes) -> None:
    """Raise FileRefused unless the PDF is whole, readable and holds nothing active."""
    if not _TAIL.search(data[-1024:]):
        raise refused("the PDF does not end where it should")
    if _ACTIVE_BYTES.search(_unescaped_names(data)):
        raise refused("the PDF holds scripts, actions or other files")
    try:
        _check_pdf_objects(PdfReader(BytesIO(data)))
    except FileRefused:
        raise
    except Exception as error:
        # The reader raises whatever the broken structure led it into, down to a recursion error.
        raise refused("the PDF cannot be read") from error


def _check_pdf_objects(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise refused("the PDF is encrypted")
    if not 0 < len(reader.pages) <= _MAX_PDF_PAGES:
        raise refused(f"the PDF has no page, or more than {_MAX_PDF_PAGES}")
    for number in _object_numbers(reader):
        _check_pdf_value(number.get_object())
    _check_pdf_value(reader.trailer)


def _object_numbers(reader: PdfReader) -> Iterator[IndirectObject]:
    plain = [(number, generation) for generation, table in reader.xref.items() for number in table]
    packed = [(number, 0) for number in reader.xref_objStm]
    if len(plain) + len(packed) > _MAX_PDF_OBJECTS:
        raise refused("the PDF has too many objects")
    return (IndirectObject(number, generation, reader) for number, generation in plain + packed)


def _check_pdf_value(value: Any) -> None:
    # References are not followed: each object is visited by its own number. Only a type is looked up, because it
    # may hide behind one.
    if isinstance(value, DictionaryObject):
        for key, item in value.items():
            if key in _ACTIVE_KEYS or (key in _TYPE_KEYS and item.get_object() in _ACTIVE_TYPES):
                raise refused("the PDF holds scripts, actions or other files")
            _check_pdf_value(item)
    elif isinstance(value, ArrayObject):
        for item in value:
            _check_pdf_value(item)


def _unescaped_names(data: bytes) -> bytes:
    """The bytes with `#xx` of PDF names resolved, which otherwise would hide /JavaScript as /J#61vaScript."""
    return _NAME_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)
