"""HL7: short functions, short files. Old offenders in `ratchet.toml` may shrink, never grow."""

import tomllib
from collections.abc import Iterator

from tools.houselint.core import Project

CODE = "HL7"
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
RATCHET = "tools/houselint/ratchet.toml"


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds functions over 70 and files over 500 lines, and ratchet entries that no longer fit."""
    allowed = _ratchet(project)
    seen = set()
    for key, path, line, length, ceiling in _lengths(project):
        limit = allowed.get(key, ceiling)
        seen.add(key)
        if length > limit:
            yield path, line, f"{key} has {length} lines, at most {limit}: split it by what it does"
        elif key in allowed and length < limit:
            yield RATCHET, 1, f"{key} shrank to {length} lines: lower or remove its entry so that it stays so"
    for key in sorted(allowed.keys() - seen):
        yield RATCHET, 1, f"{key} does not exist: remove its entry"


def _lengths(project: Project) -> Iterator[tuple[str, str, int, int, int]]:
    for file in project.python("specie/*", "tools/*", "tests/*", "benchmarks/*", "migrations/*"):
        yield file.path, file.path, 1, file.text.count("\n"), FILE_LINES_MAX
        # A migration is one long list of statements by nature.
        for function in () if file.matches("migrations/versions/*") else file.functions():
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            yield f"{file.path}::{function.name}", file.path, function.lineno, length, FUNCTION_LINES_MAX


def _ratchet(project: Project) -> dict[str, int]:
    path = project.root / RATCHET
    entries: dict[str, int] = tomllib.loads(path.read_text())["lines"] if path.is_file() else {}
    return entries
