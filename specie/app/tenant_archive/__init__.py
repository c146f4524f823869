"""One tenant with its sandbox as one file: everything it owns, written at one moment, taken into an empty installation.

`form` says what the file looks like, `writing` and `taking_in` go one way each, `archive_store` has the SQL.
"""

from specie.app.tenant_archive.form import ArchiveRefused, Head
from specie.app.tenant_archive.taking_in import Taken, take_in
from specie.app.tenant_archive.writing import Written, write_archive

__all__ = ["ArchiveRefused", "Head", "Taken", "Written", "take_in", "write_archive"]
