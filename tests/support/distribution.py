"""Which process runs which tests, when several do."""

from xdist.scheduler import LoadScopeScheduling


class ByFile(LoadScopeScheduling):
    """One process runs a whole file, so that its database is made once; and all journeys, with one installation."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        folder = file.rpartition("/")[0]
        return folder if folder.endswith("journeys") else file
