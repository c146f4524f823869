"""What people send as files, at the edge: how a file is called, and how it is given back without running anything."""

from starlette.responses import Response

from specie.kernel.ids import PrefixedId


def name_of(sent: str | None, most: int, otherwise: str) -> str:
    """The file's name as it can be shown: what prints of it, `most` characters long, or `otherwise`."""
    return "".join(each for each in sent or "" if each.isprintable()).strip()[:most] or otherwise


def download(file_id: PrefixedId, media_type: str, content: bytes) -> Response:
    """A kept file as an attachment named after its id: nothing in it runs, and no cache keeps it."""
    suffix = media_type.rsplit("/", 1)[1]
    headers = {
        "Content-Disposition": f'attachment; filename="{file_id}.{suffix}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, headers=headers, media_type=media_type)
