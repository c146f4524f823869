"""Which schema this program was written for, told by the files of its migrations, without loading the migrator."""

from pathlib import Path


def migrations_folder() -> Path:
    """Return the folder of the migrations: packed into the installed package, else of this checkout."""
    package = Path(__file__).parents[1]
    packed = package / "_migrations"
    return packed if packed.exists() else package.parent / "migrations"


def newest_revision() -> str:
    """The revision this program was written for."""
    return max(file.name.partition("_")[0] for file in migrations_folder().glob("versions/[0-9]*_*.py"))
