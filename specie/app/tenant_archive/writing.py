"""Writing an archive: one moment of the database, while the platform works on, in parts that fit into memory."""

import asyncio
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

from specie.app.tenant_archive import archive_store as store
from specie.app.tenant_archive import form
from specie.app.tenant_archive.archive_store import Owned
from specie.app.tenant_archive.form import ArchiveRefused, Head
from specie.kernel.clock import machine_now
from specie.kernel.errors import NotFound
from specie.kernel.ids import TenantId
from specie.platform.config import Settings, SettingsInvalid
from specie.platform.crashpoints import crash_point
from specie.platform.signing import Signer
from specie.platform.storage import open_storage


@dataclass(frozen=True, slots=True)
class Written:
    """What went into an archive."""

    head: Head
    rows: dict[str, int]
    files: int


def write_archive(settings: Settings, url: str, slug: str, target: Path) -> Written:
    """Write a tenant and its sandbox; the file appears under its name when it is complete.

    `url` names a superuser. Raises SettingsInvalid for another role or a file that exists, NotFound for no such
    tenant, FileMissing for a file that was taken away meanwhile, ArchiveRefused for one too large to take along.
    """
    if target.exists():
        raise SettingsInvalid(f"{target} exists already; name a new file")
    unfinished = target.with_name(f".{target.name}.part")
    try:
        unfinished.touch(mode=0o600)
        with unfinished.open("wb") as raw, tarfile.open(fileobj=raw, mode="w|gz") as tar:
            written = asyncio.run(_Writer(settings, tar).write(url, slug))
        crash_point("tenant_archive.written")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


class _Writer:
    def __init__(self, settings: Settings, tar: tarfile.TarFile) -> None:
        self._settings, self._tar = settings, tar

    async def write(self, url: str, slug: str) -> Written:
        async with store.moment(url) as connection:
            if not await store.sees_everything(connection):
                raise SettingsInvalid("SPECIE_BACKUP_URL: the role must be a superuser to see every row")
            return await self._everything(connection, slug)

    async def _everything(self, connection: store.Books, slug: str) -> Written:
        found = await store.tenants_named(connection, slug)
        if not found:
            raise NotFound(f"there is no tenant {slug}")
        ids = [each["id"] for each in found]
        tables = await store.owned_tables(connection)
        head = Head(
            format=form.FORMAT,
            version=form.VERSION,
            specie=version("specie"),
            revision=await store.revision(connection),
            made_at=machine_now().isoformat(),
            tenants=[each | {"id": str(TenantId(each["id"]))} for each in found],
            tables={table.name: table.columns for table in tables},
        )
        self._add(form.HEAD, head.text())
        manifest: form.Manifest = {
            "files": await self._files(await store.file_keys(connection, tables, ids)),
            "tables": {table.name: await self._rows(connection, table, ids) for table in tables},
            **await store.ends(connection, ids),
        }
        self._seal(head.text(), json.dumps(manifest, indent=2).encode())
        rows = {name: told["rows"] for name, told in manifest["tables"].items()}
        return Written(head, rows, len(manifest["files"]))

    async def _files(self, keys: Sequence[str]) -> dict[str, str]:
        storage = open_storage(self._settings.files)
        digests = {}
        for key in keys:
            data = await storage.get(key)
            if len(data) > form.MOST_BYTES:
                raise ArchiveRefused(f"the file {key} has {len(data)} bytes; an archive takes {form.MOST_BYTES}")
            self._add(form.FILES + key, data)
            digests[key] = sha256(data).hexdigest()
        return digests

    async def _rows(self, connection: store.Books, table: Owned, tenants: Sequence[UUID]) -> dict[str, Any]:
        part, number, rows, digest = bytearray(), 0, 0, sha256()
        async for line in store.lines(connection, table, tenants):
            digest.update(line)
            part += line
            rows += 1
            if len(part) >= form.PART_BYTES:
                number += 1
                self._part(table, number, part)
        if part:
            self._part(table, number + 1, part)
        return {"rows": rows, "sha256": digest.hexdigest()}

    def _part(self, table: Owned, number: int, part: bytearray) -> None:
        self._add(form.table_part(table.name, number), form.names_line(table.columns) + bytes(part))
        part.clear()

    def _seal(self, head: bytes, manifest: bytes) -> None:
        signer = Signer(self._settings.sealing_key, form.PURPOSE)
        self._add(form.MANIFEST, manifest)
        self._add(form.SIGNATURE, signer.sign(form.signed_over(head, manifest)))

    def _add(self, name: str, data: bytes) -> None:
        about = tarfile.TarInfo(name)
        about.size, about.mode = len(data), 0o600
        self._tar.addfile(about, io.BytesIO(data))
