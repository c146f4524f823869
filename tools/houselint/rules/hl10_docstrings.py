"""HL10: what others may call says what it promises."""

import ast
from collections.abc import Iterator

from tools.houselint.core import FUNCTION_TYPES, Project

CODE = "HL10"


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds public functions and classes of modules in specie/ that have no docstring."""
    for file in project.python("specie/*"):
        for node in file.tree.body:
            if not isinstance(node, (*FUNCTION_TYPES, ast.ClassDef)) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                message = f"{node.name} has no docstring: say its promise, its units and what it raises"
                yield file.path, node.lineno, message
