"""The installations that drills are held on, and why one cannot be held here."""

from pathlib import Path

from specie.app.cli.assay_site import AssaySite
from specie.app.cli.drills import disk, upgrade
from specie.app.cli.drills.clocks import MovedClocks
from specie.app.cli.drills.disk import SmallDisk
from specie.app.cli.drills.fail_over import TwoServers
from specie.app.cli.drills.noise import NoisyTenant
from specie.app.cli.drills.restore import RestoredElsewhere
from specie.app.cli.drills.upgrade import OlderVersion

SITES: dict[str, type[AssaySite]] = {
    "disk-full": SmallDisk,
    "fail-over": TwoServers,
    "clock-jumps": MovedClocks,
    "backup": RestoredElsewhere,
    "rolling-upgrade": OlderVersion,
    "noisy-tenant": NoisyTenant,
}


def site_of(name: str, state: Path, seed: int, old: Path | None) -> AssaySite:
    """The installation for a drill, which `obstacle` has nothing against."""
    if old is not None and name == "rolling-upgrade":
        return OlderVersion(state, seed, old)
    return SITES[name](state, seed)


def obstacle(name: str, old: Path | None) -> str | None:
    """Why the drill cannot be held on this machine; None when it can."""
    if name == "disk-full":
        return disk.why_not()
    return upgrade.why_not(old) if name == "rolling-upgrade" else None
