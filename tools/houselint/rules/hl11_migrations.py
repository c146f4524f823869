"""HL11: migrations keep tenants apart and never stop the traffic."""

import ast
import re
from collections.abc import Iterator

from tools.houselint.core import Project, SourceFile, method

CODE = "HL11"
CREATE_TABLE = re.compile(r"create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?([\w.]+)\s*\(", re.IGNORECASE)
DML = re.compile(r"(?:^|;)\s*(?:insert\s+into|update|delete\s+from)\s+(?:only\s+)?([\w.]+)", re.IGNORECASE)
FUNCTION_BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
SQL_COMMENT = re.compile(r"--[^\n]*")
NAIVE_TIME = re.compile(
    r"\btimestamp\b(?!\s+with\s+time\s+zone)(?=\s*(\(\d\))?\s*(,|\)|not|null|default|$))", re.IGNORECASE
)
FLOAT = re.compile(
    r"\b(real|float[48]?|double\s+precision)\b(?=\s*(,|\)|not|null|default|$))", re.IGNORECASE | re.MULTILINE
)


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds unprotected tenant tables, writes without a tenant, risky types and a missing lock timeout."""
    versions = list(project.python("migrations/versions/*"))
    tenant_tables = {name for file in versions for _, name in _tenant_tables(file)}
    for file in versions:
        yield from _unprotected(file)
        yield from _writes_without_tenant(file, tenant_tables)
        for line, sql in _statements(file):
            if NAIVE_TIME.search(sql):
                yield file.path, line, "timestamp without a zone: use timestamptz"
            if FLOAT.search(sql):
                yield file.path, line, "a floating-point column: use bigint minor units or numeric"
    for file in project.python("migrations/env.py"):
        if "lock_timeout" not in file.text:
            yield file.path, 1, "no lock_timeout: a waiting migration would queue all traffic behind it"


def _unprotected(file: SourceFile) -> Iterator[tuple[str, int, str]]:
    protected = _protected(file)
    for line, table in _tenant_tables(file):
        if table not in protected:
            yield file.path, line, f"{table} carries tenant_id: call protect({table!r}) in this file"


def _protected(file: SourceFile) -> set[str]:
    """Names given to protect(), directly or by a loop over literals in the same file."""
    names: set[str] = set()
    for call in file.calls():
        if method(call) == "protect" and call.args:
            first = call.args[0]
            if isinstance(first, ast.Constant):
                names.add(str(first.value))
            else:
                names.update(text for _, text in file.strings() if re.fullmatch(r"\w+", text))
    return names


def _tenant_tables(file: SourceFile) -> Iterator[tuple[int, str]]:
    for line, sql in _statements(file):
        for found in CREATE_TABLE.finditer(sql):
            if re.search(r"\btenant_id\b\s+uuid", _balanced(sql, found.end()), re.IGNORECASE):
                yield line + sql.count("\n", 0, found.start()), _bare(found[1])


def _writes_without_tenant(file: SourceFile, tenant_tables: set[str]) -> Iterator[tuple[str, int, str]]:
    scoped = {
        id(node)
        for call in file.calls()
        if method(call) == "for_each_tenant"
        for node in ast.walk(call)
        if isinstance(node, ast.Constant)
    }
    for node in file.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) in scoped or node in file.docstrings:
            continue
        for found in DML.finditer(_plain(node.value)):
            if _bare(found[1]) in tenant_tables:
                message = f"row security hides {found[1]} from the owner: write through for_each_tenant"
                yield file.path, node.lineno, message


def _statements(file: SourceFile) -> Iterator[tuple[int, str]]:
    return ((line, _plain(text)) for line, text in file.strings())


def _plain(sql: str) -> str:
    """The statement without comments, function bodies keeping only their line breaks."""
    without_bodies = FUNCTION_BODY.sub(lambda found: "\n" * found[0].count("\n"), sql)
    return SQL_COMMENT.sub("", without_bodies)


def _balanced(sql: str, start: int) -> str:
    """The text from `start` to the parenthesis that closes the one just before it."""
    depth = 1
    for position in range(start, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[position], 0)
        if depth == 0:
            return sql[start:position]
    return sql[start:]


def _bare(table: str) -> str:
    return table.rpartition(".")[2].lower()
