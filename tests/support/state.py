"""State folders for servers that tests start themselves."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder that the server's unprivileged account can reach, unlike pytest's own; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="specie-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
