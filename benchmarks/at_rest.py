"""An installation that has just been started: the time to its first answer, and the memory it rests with."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil

from benchmarks.growth import pss_megabytes

_SETTLE_SECONDS = 10.0
_LONGEST_START = 120.0


@dataclass(frozen=True, slots=True)
class AtRest:
    """Seconds to the first answered request, of an empty and of an existing installation; megabytes (PSS) by part."""

    first_start_seconds: float
    next_start_seconds: float
    megabytes: dict[str, float]


def at_rest() -> AtRest:
    """Start `specie up` twice in a folder of its own and look at its processes the second time."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="specie-rest-") as folder:
        Path(folder).chmod(0o711)
        first, _ = _started(folder)
        second, megabytes = _started(folder)
    return AtRest(first, second, megabytes)


def _started(folder: str) -> tuple[float, dict[str, float]]:
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPECIE_", "DATABASE_"))}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "specie.app.cli", "up"],
        env=environment | {"SPECIE_STATE": folder, "SPECIE_PORT": str(port), "SPECIE_LOG_LEVEL": "warning"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/health/live", process)
        seconds = time.perf_counter() - started
        time.sleep(_SETTLE_SECONDS)
        return seconds, _memory(psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + _LONGEST_START
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the installation does not answer")


def _memory(supervisor: psutil.Process) -> dict[str, float]:
    found = {"supervisor": pss_megabytes(supervisor)}
    for child in supervisor.children(recursive=True):
        # PostgreSQL starts helpers for a moment (autovacuum); one that ends while it is looked at rests nowhere.
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            part = _part(child)
            if part is not None:
                found[part] = found.get(part, 0.0) + pss_megabytes(child)
    return found


def _part(child: psutil.Process) -> str | None:
    # A child's title is one text; the fork server and its helper have the arguments that Python gave them.
    words = " ".join(child.cmdline()).split()
    for name in ("api", "worker", "simulator"):
        if name in words:
            return name
    if any("multiprocessing" in word for word in words):
        return "fork server"
    return "PostgreSQL" if "postgres" in child.name() else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
