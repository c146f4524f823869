"""HL2: no binary fractions in code that handles money."""

import ast
from collections.abc import Iterator

from tools.houselint.core import FUNCTION_TYPES, Project, SourceFile, dotted

CODE = "HL2"
MONEY_CODE = (
    "specie/kernel/money.py",
    "specie/ledger/*",
    "specie/wallets/*",
    "specie/payments/*",
    "specie/*/postings.py",
    "specie/*/model.py",
)
ADVICE = "use integer minor units, Money.allocate, or Decimal with a rounding mode"


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds float literals, float() and true division in money code, and on `*_minor` names anywhere."""
    for file in project.python("specie/*"):
        money_code = file.matches(*MONEY_CODE)
        timings = _timings(file) if money_code else set()
        for node in file.nodes:
            if (money_code and node not in timings and _is_fraction(node)) or _touches_minor(node):
                yield file.path, getattr(node, "lineno", 1), f"a binary fraction near money: {ADVICE}"


def _is_fraction(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Div)
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, ast.Div)
    return isinstance(node, ast.Name) and node.id == "float"


def _touches_minor(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _is_minor(node.left) or _is_minor(node.right)
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
        return _is_minor(node.target)
    is_float_call = isinstance(node, ast.Call) and dotted(node.func) == "float"
    return is_float_call and any(_is_minor(argument) for argument in node.args)  # type: ignore[attr-defined]


def _is_minor(node: ast.AST) -> bool:
    return dotted(node).endswith("_minor")


def _timings(file: SourceFile) -> set[ast.AST]:
    """Nodes that give or annotate a duration: names ending in `_seconds`, and the argument of a sleep."""
    found: set[ast.AST] = set()
    for node in file.nodes:
        for part in _timing_parts(node):
            found.update(ast.walk(part))
    return found


def _timing_parts(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Assign) and all(_is_duration(dotted(target)) for target in node.targets):
        return [node.value]
    if isinstance(node, ast.AnnAssign) and _is_duration(dotted(node.target)):
        return [part for part in (node.value, node.annotation) if part]
    if isinstance(node, ast.keyword) and _is_duration(node.arg or ""):
        return [node.value]
    if isinstance(node, ast.Call) and dotted(node.func).endswith("sleep"):
        return list(node.args)
    if isinstance(node, FUNCTION_TYPES) and _is_duration(node.name) and node.returns:
        return [node.returns]
    if isinstance(node, ast.arguments):
        return _timing_arguments(node)
    return []


def _timing_arguments(arguments: ast.arguments) -> list[ast.AST]:
    plain = [*arguments.posonlyargs, *arguments.args]
    with_default = list(zip(reversed(plain), reversed(arguments.defaults), strict=False))
    with_default += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d]
    parts: list[ast.AST] = [default for argument, default in with_default if _is_duration(argument.arg)]
    every = [*plain, *arguments.kwonlyargs]
    return parts + [a.annotation for a in every if a.annotation and _is_duration(a.arg)]


def _is_duration(name: str) -> bool:
    return name.lower().endswith(("_seconds", "timeout"))
