"""The house linter: rules of this code base that no general linter knows.

Each rule is a file in `rules/` with a CODE, a sentence saying what it demands, and `check`. Run it with
`python -m tools.houselint [paths]`; findings read `path:line: HLn message`.
"""

from tools.houselint.core import Finding, Project, SourceFile, lint, tracked_files

__all__ = ["Finding", "Project", "SourceFile", "lint", "tracked_files"]
