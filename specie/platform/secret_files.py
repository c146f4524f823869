"""Secrets an installation makes for itself: one file each, readable by its owner alone."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def secret_file(path: Path, make: Callable[[], str]) -> str:
    """Return the secret kept at `path`, made on first use in a file of mode 0600.

    Of two processes that start at once one wins and both return the same secret.
    """
    # Passable on the way down, because the embedded server's account must reach its own folder.
    path.parent.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        _write_once(path, make())
    return path.read_text()


def _write_once(path: Path, value: str) -> None:
    # Written aside and linked, so that nobody ever reads half a secret.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
