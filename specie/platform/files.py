"""Uploaded files made harmless: JPEG and PNG are decoded and written anew, PDF is searched for anything active.

What a file is, its bytes decide; the name must agree. The work is pure computing and may take a second: call
`sanitise` in a thread.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from specie.kernel.errors import SpecieError

MAX_FILE_BYTES = 10_000_000
_MAX_NAME = 120

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
    # The decoders take sixteen megabytes, which a process that reads no files need not have.
    from specie.platform import file_contents

    if len(data) > MAX_FILE_BYTES:
        raise FileTooLarge(param="file")
    media_type = next((media for magic, media in _MEDIA_BY_MAGIC.items() if data.startswith(magic)), None)
    if media_type is None:
        raise refused("only JPEG, PNG and PDF files are accepted")
    _check_suffix(declared_name, media_type)
    if media_type == "application/pdf":
        file_contents.check_pdf(data)
        clean = data
    else:
        clean = file_contents.redrawn(data, "JPEG" if media_type == "image/jpeg" else "PNG")
    return CleanFile(media_type, clean, display_name(declared_name))


def display_name(declared_name: str) -> str:
    """The user's file name as harmless text of at most 120 characters: no folders, no control or direction marks."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", declared_name))[-1]
    shown = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip()
    return shown[:_MAX_NAME].strip() or "file"


def refused(reason: str) -> FileRefused:
    """The refusal of an upload, with a sentence for the user."""
    return FileRefused(reason, param="file")


def _check_suffix(name: str, media_type: str) -> None:
    _, dot, suffix = display_name(name).rpartition(".")
    if dot and _MEDIA_BY_SUFFIX.get(suffix.lower()) != media_type:
        raise refused("the file's name does not fit its content")
