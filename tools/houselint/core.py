"""What every rule works on: source files of one project, their syntax trees and findings."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Protocol

FUNCTION_TYPES = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Finding:
    """One breach of one rule at one place."""

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code} {self.message}"


@dataclass(frozen=True)
class SourceFile:
    """A text file of the project, its path relative to the root with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises SyntaxError for a file that is not Python."""
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree; empty for a file that is not Python."""
        return list(ast.walk(self.tree)) if self.path.endswith(".py") else []

    @cached_property
    def docstrings(self) -> set[ast.AST]:
        """The constants that are docstrings: prose, not data."""
        owners = (n for n in self.nodes if isinstance(n, (*FUNCTION_TYPES, ast.ClassDef, ast.Module)))
        heads = (owner.body[0] for owner in owners if owner.body)
        return {head.value for head in heads if isinstance(head, ast.Expr)}

    def matches(self, *patterns: str) -> bool:
        """Whether the path fits one of the patterns; `*` also crosses folders."""
        return any(fnmatch(self.path, pattern) for pattern in patterns)

    def of_type(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """The nodes of these kinds, in no promised order."""
        return (node for node in self.nodes if isinstance(node, kinds))

    def calls(self) -> Iterator[ast.Call]:
        """Every call in the file."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def functions(self) -> Iterator[Function]:
        """Every function and method in the file, nested ones included."""
        return (node for node in self.nodes if isinstance(node, FUNCTION_TYPES))

    def strings(self) -> Iterator[tuple[int, str]]:
        """Line and text of every string literal that is not a docstring; f-strings give their fixed parts."""
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in self.docstrings:
                yield node.lineno, node.value

    def imported_modules(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of every import; `from a import b` gives both `a` and `a.b`."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.lineno, node.module
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@dataclass(frozen=True)
class Project:
    """All files under lint, for rules that look across them."""

    root: Path
    files: list[SourceFile] = field(default_factory=list)

    def python(self, *patterns: str) -> Iterator[SourceFile]:
        """The Python files whose path fits one of the patterns."""
        return (file for file in self.files if file.path.endswith(".py") and file.matches(*patterns))


class Rule(Protocol):
    """A module in `tools/houselint/rules`."""

    CODE: str

    def check(self, project: Project) -> Iterator[tuple[str, int, str]]:
        """Yields path, line and message of every breach."""
        ...


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a name or attribute chain, calls in between left out; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else node.attr
    return dotted(node.func) if isinstance(node, ast.Call) else ""


def receiver(call: ast.Call) -> str:
    """The last name before the method: `db` in `edge.db.begin(...)`; empty for a plain function call."""
    if not isinstance(call.func, ast.Attribute):
        return ""
    return dotted(call.func.value).rpartition(".")[2].lstrip("_")


def method(call: ast.Call) -> str:
    """The name called: `begin` in `edge.db.begin(...)`."""
    return dotted(call.func).rpartition(".")[2]


def lint(root: Path, paths: Iterable[Path]) -> list[Finding]:
    """Every finding of every rule in these files, sorted."""
    from tools.houselint.rules import RULES

    project = Project(root, [file for path in paths if (file := _load(root, path))])
    return sorted(
        Finding(path, line, rule.CODE, message) for rule in RULES for path, line, message in rule.check(project)
    )


def tracked_files(root: Path) -> list[Path]:
    """Files git knows or would add; what is ignored is nobody's source."""
    # Continuous integration often works as root on a clone that somebody else owns.
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listing = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    return sorted({root / name for name in listing.split("\0") if name})


def _load(root: Path, path: Path) -> SourceFile | None:
    """Nothing for binaries and for files that were deleted but not yet from the index."""
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return None
    return SourceFile(path.relative_to(root).as_posix(), text)
