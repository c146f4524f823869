"""Taking an archive in: one transaction, committed only when everything is what was written and the books are sound."""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Self

from specie.app.proving import PURPOSE as CHECKPOINTS
from specie.app.tenant_archive import archive_store as store
from specie.app.tenant_archive import form
from specie.app.tenant_archive.form import ArchiveRefused, Head
from specie.app.verify import Report, check
from specie.kernel.ids import TenantId
from specie.platform.config import Settings, SettingsInvalid
from specie.platform.db import Database, UnitOfWork
from specie.platform.signing import Signer, is_signed
from specie.platform.storage import FileMissing, FileStorage, open_storage

_PIECE = 1_000_000
_SMALL = 64_000


@dataclass(frozen=True, slots=True)
class _Part:
    """One part as it stands in the file; it is read once, and before the next one."""

    name: str
    size: int
    content: IO[bytes]

    def whole(self) -> bytes:
        """All of it. Raises ArchiveRefused for more than is ever written at once."""
        if self.size > form.MOST_BYTES:
            raise ArchiveRefused(f"{self.name} has {self.size} bytes, an archive's parts have {form.MOST_BYTES}")
        return self.content.read()

    def pieces(self) -> Iterator[bytes]:
        """The rest of it, a piece at a time."""
        while piece := self.content.read(_PIECE):
            yield piece


class _Entry(tarfile.TarInfo):
    """A name in the file. Only plain parts, and the short notes that long names need, are even looked at."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        found = super().frombuf(buf, encoding, errors)
        if not found.isreg() and (found.type != tarfile.XHDTYPE or found.size > _SMALL):
            raise ArchiveRefused(f"{found.name} is no part of an archive")
        return found


@dataclass(frozen=True, slots=True)
class Taken:
    """What came in, and the proof of it."""

    head: Head
    rows: dict[str, int]
    files: int
    report: Report


@dataclass(slots=True)
class _Seen:
    """What has come by so far, as the manifest will have to say."""

    head: bytes = b""
    manifest: bytes = b""
    signature: bytes = b""
    files: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)


async def take_in(settings: Settings, url: str, source: Path) -> Taken:
    """Take a tenant and its sandbox into an installation without tenants, or leave everything as it was.

    `url` names a superuser of a database that is migrated. Raises ArchiveRefused that says what is wrong,
    SettingsInvalid for another role.
    """
    storage = open_storage(settings.files)
    new_files: list[str] = []
    try:
        with tarfile.open(source, mode="r|gz", tarinfo=_Entry) as tar:
            taker = _Taker(settings, storage, _parts(tar), new_files)
            await taker.begin()
            return await taker.finish(url)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        await _undo(storage, new_files)
        raise ArchiveRefused(f"the file cannot be read to its end: {error}") from error
    except BaseException:
        await _undo(storage, new_files)
        raise


async def _undo(storage: FileStorage, new_files: list[str]) -> None:
    for key in new_files:
        await storage.delete(key)


def _parts(tar: tarfile.TarFile) -> Iterator[_Part]:
    """The parts in their order; nothing is ever written where a name in the file says."""
    while (about := tar.next()) is not None:
        # Otherwise every name that has gone by is remembered.
        tar.members.clear()  # type: ignore[attr-defined]
        content = tar.extractfile(about)
        if content is None:
            raise ArchiveRefused(f"{about.name} is no part of an archive")
        yield _Part(about.name, about.size, content)


class _Taker:
    def __init__(self, settings: Settings, storage: FileStorage, parts: Iterator[_Part], new_files: list[str]) -> None:
        self._settings, self._storage, self._parts, self._new_files = settings, storage, parts, new_files
        self._seen = _Seen()
        self._next: _Part | None = None

    async def begin(self) -> None:
        """The head and the files: these are stored before the rows that name them."""
        first = next(self._parts, None)
        if first is None or first.name != form.HEAD:
            raise ArchiveRefused(f"this is no archive of a tenant: it does not begin with {form.HEAD}")
        self._seen.head = first.whole()
        self.head = Head.read(self._seen.head)
        for part in self._parts:
            if not part.name.startswith(form.FILES):
                self._next = part
                return
            await self._file(part.name.removeprefix(form.FILES), part.whole())

    async def _file(self, key: str, data: bytes) -> None:
        try:
            if await self._storage.get(key) != data:
                raise ArchiveRefused(f"another file is kept here under {key}")
        except FileMissing:
            self._new_files.append(key)
            await self._storage.put(key, data)
        self._seen.files[key] = sha256(data).hexdigest()

    async def finish(self, url: str) -> Taken:
        """The rows, and the proof that they are what was written."""
        database = Database(url, pool_size=1)
        try:
            return await database.run(None, self._rows, label="tenant_archive.take_in")
        except store.RowsUnfit as error:
            raise ArchiveRefused(f"the rows do not fit {error}") from error
        finally:
            await database.close()

    async def _rows(self, uow: UnitOfWork) -> Taken:
        connection = await uow.raw()
        await store.settle(connection)
        await self._require_fit(connection)
        await store.leave_triggers_out(connection)
        await self._copy(connection)
        manifest = self._manifest()
        await self._compare(connection, manifest)
        await store.go_on_numbering(connection)
        if broken := await store.dangling(connection):
            raise ArchiveRefused(f"a reference leads nowhere: {broken}")
        report = await check(uow, Signer(self._settings.sealing_key, CHECKPOINTS).public_key)
        if not report.is_sound:
            raise ArchiveRefused(f"the books are not sound: {report.findings[0].sentence}")
        rows = {name: told["rows"] for name, told in manifest["tables"].items()}
        return Taken(self.head, rows, len(self._seen.files), report)

    async def _require_fit(self, connection: store.Books) -> None:
        if not await store.sees_everything(connection):
            raise SettingsInvalid("SPECIE_BACKUP_URL: the role must be a superuser to take a tenant in")
        if (here := await store.revision(connection)) != self.head.revision:
            said = f"revision {self.head.revision} (Specie {self.head.specie})"
            raise ArchiveRefused(f"the archive is of {said}, this installation of {here}; upgrade the older one first")
        if not await store.is_empty(connection):
            raise ArchiveRefused("this installation has tenants already; an archive goes into an empty one")
        if {table.name: table.columns for table in await store.owned_tables(connection)} != self.head.tables:
            raise ArchiveRefused("the archive has other tables than this installation")

    async def _copy(self, connection: store.Books) -> None:
        """Every part of a table goes to the database as it comes; what follows is kept for the comparison."""
        while (part := self._next or next(self._parts, None)) is not None:
            self._next = None
            if part.name == form.MANIFEST:
                self._seen.manifest = part.whole()
            elif part.name == form.SIGNATURE:
                self._seen.signature = part.whole()
            else:
                await self._table_part(connection, part)

    async def _table_part(self, connection: store.Books, part: _Part) -> None:
        table = part.name.removeprefix(form.TABLES).rpartition("/")[0]
        columns = self.head.tables.get(table) if part.name.startswith(form.TABLES) else None
        names = form.names_line(columns or [])
        if columns is None or part.content.read(len(names)) != names:
            raise ArchiveRefused(f"{part.name} is no part of an archive")
        digest = self._seen.tables.setdefault(table, sha256())
        await store.copy_in(connection, table, columns, _noted(part.pieces(), digest))

    def _manifest(self) -> form.Manifest:
        seen, signer = self._seen, Signer(self._settings.sealing_key, form.PURPOSE)
        signed = form.signed_over(seen.head, seen.manifest)
        if not seen.manifest or not is_signed(signer.public_key, seen.signature, signed):
            raise ArchiveRefused("the manifest is not signed by an installation with this master key")
        manifest: form.Manifest = json.loads(seen.manifest)
        return manifest

    async def _compare(self, connection: store.Books, manifest: form.Manifest) -> None:
        """What came, and what is in the database now, read as it was read when it was written.

        Both, because reading back sees rows of the archive's tenants alone: one of somebody else's would stay unseen.
        """
        tenants = [TenantId.parse(each["id"]).uuid for each in self.head.tenants]
        tables = await store.owned_tables(connection)
        for table in tables:
            digest, rows = sha256(), 0
            async for line in store.lines(connection, table, tenants):
                digest.update(line)
                rows += 1
            came = self._seen.tables.get(table.name, sha256()).hexdigest()
            told = {"rows": rows, "sha256": digest.hexdigest()}
            if told != manifest["tables"].get(table.name) or came != told["sha256"]:
                raise ArchiveRefused(f"{table.name} is not what was written")
        ends = await store.ends(connection, tenants)
        if ends != {name: manifest[name] for name in ends}:
            raise ArchiveRefused("the chains or the feeds end elsewhere")
        named = await store.file_keys(connection, tables, tenants)
        if self._seen.files != manifest["files"] or sorted(self._seen.files) != named:
            raise ArchiveRefused("the files are not those that were written")


def _noted(pieces: Iterator[bytes], digest: Any) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece
