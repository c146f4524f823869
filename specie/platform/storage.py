"""Files outside the database: a folder on disk or an S3 bucket, chosen by a setting. Callers seal what they store."""

import errno
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar, TypeVar
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from specie.kernel.errors import NotFound, SpecieError, StorageFull, Unavailable
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork, refuse_inside_unit_of_work

# Keys are made by us from ids, never from a user's file name; the form leaves no way out of the folder.
_KEY = re.compile(r"[a-z0-9_-]+(?:/[a-z0-9_-]+)*")
_MAX_KEY = 200
_FULL = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))

T = TypeVar("T")
Row = TypeVar("Row")
Note = Callable[[UnitOfWork], Awaitable[Row]]
Write = Callable[[Note[Row]], Awaitable[T]]


class FileMissing(NotFound):
    """Nothing is stored under the key."""

    code: ClassVar[str] = "file_missing"
    title: ClassVar[str] = "The file is not there"


class StorageUnavailable(Unavailable):
    """The disk or the bucket did not do what was asked; whether a write has happened is unknown."""

    code: ClassVar[str] = "storage_unavailable"
    title: ClassVar[str] = "File storage is unavailable"


class FileStorage:
    """Bytes by key. Use it outside a unit of work: store the file first, then commit the row that names it."""

    def __init__(self, store: LocalStore | S3Store, root: Path | None = None) -> None:
        self._store = store
        self._root = root

    async def put(self, key: str, data: bytes) -> None:
        """Store the bytes, replacing what was there.

        Raises ValueError for a malformed key, StorageFull or StorageUnavailable.
        """
        self._ready(key)
        crash_point("storage.put.before")
        try:
            await self._store.put_async(key, data)
        except BaseError as error:
            raise _refusal(error) from error
        if self._root is not None:
            (self._root / key).chmod(0o600)
        crash_point("storage.put.after")

    async def put_with_row(self, key: str, data: bytes, note: Note[Row], write: Write[Row, T]) -> T:
        """Store a file, then let `write` commit what `note` does, which is the row that names it.

        A file that no row names is taken away again: also one whose request turns out to have been answered before.
        """
        await self.put(key, data)
        is_named = False

        async def noted(uow: UnitOfWork) -> Row:
            nonlocal is_named
            row = await note(uow)
            is_named = True
            return row

        try:
            return await write(noted)
        except SpecieError as refusal:
            # Whether a row names the file is only unknown when the commit's outcome is.
            is_named = is_named and refusal.retryable
            raise
        finally:
            if not is_named:
                await self.delete(key)

    async def get(self, key: str) -> bytes:
        """The stored bytes. Raises FileMissing, ValueError for a malformed key, StorageUnavailable."""
        self._ready(key)
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            raise FileMissing() from None
        except BaseError as error:
            raise StorageUnavailable() from error

    async def delete(self, key: str) -> None:
        """Remove the bytes; nothing there is fine. Raises ValueError for a malformed key, StorageUnavailable."""
        self._ready(key)
        crash_point("storage.delete.before")
        try:
            await self._store.delete_async(key)
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise StorageUnavailable() from error
        crash_point("storage.delete.after")

    def _ready(self, key: str) -> None:
        refuse_inside_unit_of_work("file storage")
        if len(key) > _MAX_KEY or not _KEY.fullmatch(key):
            raise ValueError("a storage key is made of a-z, 0-9, _ and -, in parts separated by /")


def _refusal(error: BaseError) -> Unavailable:
    # The library passes the system's words on, and not its number.
    if any(word in str(error) for word in _FULL):
        return StorageFull("the disk of the files is full; nothing was kept and no money moved", retry_after=30)
    return StorageUnavailable()


def open_storage(location: str, *, endpoint: str = "") -> FileStorage:
    """Open a folder (a path or file:/// URL; created, readable by us alone) or s3://bucket/prefix.

    `endpoint` names another S3 server than Amazon's. Credentials and region come from the usual AWS_ variables.
    Raises ValueError for another scheme.
    """
    url = urlsplit(location)
    if url.scheme == "s3":
        return FileStorage(_bucket(url.netloc, url.path.strip("/"), endpoint))
    if url.scheme not in {"", "file"}:
        raise ValueError("storage is a folder or s3://bucket/prefix")
    root = Path(unquote(url.path)).absolute()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    root.chmod(0o700)
    return FileStorage(LocalStore(root), root)


def _bucket(name: str, prefix: str, endpoint: str) -> S3Store:
    if not endpoint:
        return S3Store(name, prefix=prefix or None)
    plain = endpoint.startswith("http://")
    return S3Store(name, prefix=prefix or None, endpoint=endpoint, client_options={"allow_http": plain})
