"""The installations that drills are held on, and why one cannot be held here."""

from collections.abc import Callable
from pathlib import Path

from specie.app.cli.assay_site import AssaySite
from specie.app.cli.drills import disk
from specie.app.cli.drills.disk import SmallDisk
from specie.app.cli.drills.fail_over import TwoServers

_SITES: dict[str, Callable[[Path, int], AssaySite]] = {
    "disk-full": SmallDisk,
    "fail-over": TwoServers,
}


def site_of(name: str, state: Path, seed: int, _old: Path | None) -> AssaySite:
    """The installation for a drill."""
    return _SITES[name](state, seed)


def obstacle(name: str, _old: Path | None) -> str | None:
    """Why the drill cannot be held on this machine; None when it can."""
    return disk.why_not() if name == "disk-full" else None
