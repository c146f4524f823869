"""Uploaded files made harmless: JPEG and PNG are decoded and written anew, PDF is searched for anything active.

What a file is, its bytes decide; the name must agree. The work is pure computing and may take a second: call
`sanitise` in a thread.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, ClassVar

from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from specie.kernel.errors import SpecieError

MAX_FILE_BYTES = 10_000_000
MAX_PIXELS = 25_000_000
_MAX_NAME = 120
_MAX_PDF_OBJECTS = 50_000
_MAX_PDF_PAGES = 200

_MEDIA_BY_MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
_MEDIA_BY_SUFFIX = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpe": "image/jpeg",
    "jfif": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
}
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


class FileRefused(SpecieError):
    """The file is not a plain JPEG, PNG or PDF, or its name says otherwise."""

    code: ClassVar[str] = "file_type"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "This file cannot be accepted"


class FileTooLarge(SpecieError):
    """The file has more than 10 MB."""

    code: ClassVar[str] = "file_too_large"
    status: ClassVar[int] = 413
    title: ClassVar[str] = "The file is too large"


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A harmless file. `display_name` is text to show, never part of a path."""

    media_type: str
    data: bytes
    display_name: str


def sanitise(data: bytes, declared_name: str) -> CleanFile:
    """Check and clean an upload. Raises FileTooLarge above 10 MB and FileRefused for all but plain JPEG, PNG, PDF."""
    if len(data) > MAX_FILE_BYTES:
        raise FileTooLarge(param="file")
    media_type = next((media for magic, media in _MEDIA_BY_MAGIC.items() if data.startswith(magic)), None)
    if media_type is None:
        raise _refused("only JPEG, PNG and PDF files are accepted")
    _check_suffix(declared_name, media_type)
    if media_type == "application/pdf":
        _check_pdf(data)
        clean = data
    else:
        clean = _redrawn(data, "JPEG" if media_type == "image/jpeg" else "PNG")
    return CleanFile(media_type, clean, display_name(declared_name))


def display_name(declared_name: str) -> str:
    """The user's file name as harmless text of at most 120 characters: no folders, no control or direction marks."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", declared_name))[-1]
    shown = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip()
    return shown[:_MAX_NAME].strip() or "file"


def _refused(reason: str) -> FileRefused:
    return FileRefused(reason, param="file")


def _check_suffix(name: str, media_type: str) -> None:
    _, dot, suffix = display_name(name).rpartition(".")
    if dot and _MEDIA_BY_SUFFIX.get(suffix.lower()) != media_type:
        raise _refused("the file's name does not fit its content")


def _redrawn(data: bytes, form: str) -> bytes:
    """The picture alone, upright, written by us: metadata, trailing bytes and further frames stay behind."""
    try:
        with Image.open(BytesIO(data), formats=[form]) as source:
            # The header says the size; nothing is decoded before it is known to be bearable.
            if source.width * source.height > MAX_PIXELS:
                raise _refused("the image has more than 25 megapixels")
            source.load()
            picture = ImageOps.exif_transpose(source).convert(_plain_mode(source, form))
        picture.info.clear()
        out = BytesIO()
        picture.save(out, form, **({"quality": 90} if form == "JPEG" else {}))
    except FileRefused:
        raise
    except Exception as error:
        # Decoders fail in many ways on hostile bytes; each of them means that this is no good image.
        raise _refused("the image cannot be decoded") from error
    return out.getvalue()


def _plain_mode(picture: Image.Image, form: str) -> str:
    if picture.mode in {"1", "L", "I;16", "I"}:
        return "L"
    has_alpha = picture.mode in {"LA", "RGBA", "PA"} or "transparency" in picture.info
    return "RGBA" if form == "PNG" and has_alpha else "RGB"


def _check_pdf(data: bytes) -> None:
    if not _TAIL.search(data[-1024:]):
        raise _refused("the PDF does not end where it should")
    if _ACTIVE_BYTES.search(_unescaped_names(data)):
        raise _refused("the PDF holds scripts, actions or other files")
    try:
        _check_pdf_objects(PdfReader(BytesIO(data)))
    except FileRefused:
        raise
    except Exception as error:
        # The reader raises whatever the broken structure led it into, down to a recursion error.
        raise _refused("the PDF cannot be read") from error


def _check_pdf_objects(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise _refused("the PDF is encrypted")
    if not 0 < len(reader.pages) <= _MAX_PDF_PAGES:
        raise _refused(f"the PDF has no page, or more than {_MAX_PDF_PAGES}")
    for number in _object_numbers(reader):
        _check_pdf_value(number.get_object())
    _check_pdf_value(reader.trailer)


def _object_numbers(reader: PdfReader) -> Iterator[IndirectObject]:
    plain = [(number, generation) for generation, table in reader.xref.items() for number in table]
    packed = [(number, 0) for number in reader.xref_objStm]
    if len(plain) + len(packed) > _MAX_PDF_OBJECTS:
        raise _refused("the PDF has too many objects")
    return (IndirectObject(number, generation, reader) for number, generation in plain + packed)


def _check_pdf_value(value: Any) -> None:
    # References are not followed: each object is visited by its own number. Only a type is looked up, because it
    # may hide behind one.
    if isinstance(value, DictionaryObject):
        for key, item in value.items():
            if key in _ACTIVE_KEYS or (key in _TYPE_KEYS and item.get_object() in _ACTIVE_TYPES):
                raise _refused("the PDF holds scripts, actions or other files")
            _check_pdf_value(item)
    elif isinstance(value, ArrayObject):
        for item in value:
            _check_pdf_value(item)


def _unescaped_names(data: bytes) -> bytes:
    """The bytes with `#xx` of PDF names resolved, which otherwise would hide /JavaScript as /J#61vaScript."""
    return _NAME_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)
