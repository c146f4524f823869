"""`specie` with a wall clock that a drill moves: how far it is off is read from a small file that the drill writes."""

import mmap
import os
import struct
from pathlib import Path

from specie.app.cli import main
from specie.kernel import clock

VARIABLE = "DRILL_CLOCK"
_NANOSECONDS = struct.Struct("<q")


def set_clock(file: Path, seconds: float) -> None:
    """From now on the processes that look at this file are so many seconds ahead."""
    file.touch()
    with file.open("r+b") as written:
        written.write(_NANOSECONDS.pack(int(seconds * 1e9)))


def follow(file: Path) -> None:
    """Let this process's clock follow the file."""
    with file.open("rb") as read:
        shared = mmap.mmap(read.fileno(), _NANOSECONDS.size, access=mmap.ACCESS_READ)

    def off_by() -> int:
        return int(_NANOSECONDS.unpack_from(shared)[0])

    clock.shift_by(off_by)


if __name__ == "__main__":
    follow(Path(os.environ[VARIABLE]))
    main()
