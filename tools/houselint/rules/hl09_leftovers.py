"""HL9: nothing left lying about: no notes to self, no prints, no swallowed exceptions."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tools.houselint.core import Project, SourceFile, dotted

CODE = "HL9"
NOTE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SCRIPT_COMMENT = re.compile(r"(//|/\*|\{/\*).*")
MAY_PRINT = ("specie/app/cli*",)


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds leftover notes in comments, print() in the product, and handlers that swallow everything."""
    for file in project.files:
        for line, comment in _comments(file):
            if found := NOTE.search(comment):
                yield file.path, line, f"{found[0]} left behind: do it now or write it down as an issue"
    for file in project.python("specie/*"):
        if not file.matches(*MAY_PRINT):
            for call in file.calls():
                if dotted(call.func) == "print":
                    yield file.path, call.lineno, "print() in the product: use structlog, or specie.app.cli"
    for file in project.python("*"):
        yield from _swallowed(file)


def _comments(file: SourceFile) -> Iterator[tuple[int, str]]:
    if file.path.endswith(".py"):
        for token in tokenize.generate_tokens(io.StringIO(file.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    elif file.path.endswith((".ts", ".tsx", ".mjs", ".css")):
        for number, line in enumerate(file.text.splitlines(), 1):
            if found := SCRIPT_COMMENT.search(line):
                yield number, found[0]


def _swallowed(file: SourceFile) -> Iterator[tuple[str, int, str]]:
    for node in file.nodes:
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = dotted(node.type) if node.type else ""
        if node.type is None:
            yield file.path, node.lineno, "bare except: name the exceptions expected here"
        elif caught in ("Exception", "BaseException") and all(isinstance(s, ast.Pass) for s in node.body):
            yield file.path, node.lineno, f"except {caught}: pass hides every fault: handle or log it"
