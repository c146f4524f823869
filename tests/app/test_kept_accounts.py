"""Every account that a module opens says who keeps it, and whether anybody may post to it by hand."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import specie
from docs.generate import import_everything
from specie import ledger

ROOT = Path(specie.__file__).parent
CODE = re.compile(r"(asset|liability|equity|income|expense|memo)(:[a-z0-9_.-]+)+:?")
# What stands for whatever a code has in braces: an id, a name.
SOME = "x1"

OWN = {
    "asset:bank:main": "an example of a bank account",
    f"asset:bank:{SOME}": "a bank account is the tenant's, whoever reads its statements",
    "asset:clearing:simulator": "an example in the description of the API",
    "asset:payables:tax": "what a report calls all accounts below it",
    "asset:stock": "what a report calls all accounts below it",
    f"expense:assay:{SOME}": "the assay plays a tenant who opens accounts of its own",
    f"expense:assay:{SOME}:{SOME}": "the assay plays a tenant who opens accounts of its own",
    "expense:office": "an example in the description of the API",
    "expense:rent": "an example in the description of the API",
    "liability:billing:tax": "what a report calls all accounts below it",
}
"""The codes in the program whose accounts no module keeps, and why."""

Texts = Mapping[str, str]


def test_every_code_in_the_program_has_a_keeper_or_a_reason_for_having_none() -> None:
    import_everything()
    written = {code: place for path in sorted(ROOT.rglob("*.py")) for code, place in _codes(path)}
    assert len(written) > 80
    missing = {code: place for code, place in written.items() if code not in OWN and not _is_kept(code)}
    assert missing == {}
    assert OWN.keys() <= written.keys()


def test_what_is_declared_is_opened_somewhere() -> None:
    import_everything()
    # A purse of cashback is a wallet whose purpose is said where it is opened.
    written = {code for path in ROOT.rglob("*.py") for code, _ in _codes(path)} | {
        "liability:wallets:x1:cashback:available"
    }
    unused = [keeper.codes for keeper in ledger.keepers() if not any(_fits(keeper.codes, code) for code in written)]
    assert unused == []


def _is_kept(code: str) -> bool:
    if code.endswith(":"):
        return any(keeper.codes.startswith(code) for keeper in ledger.keepers())
    return ledger.keeper_of(code) is not None


def _fits(codes: str, code: str) -> bool:
    return re.fullmatch(codes.replace("*", "[^:]+") + (".*" if codes.endswith(":") else ""), code) is not None


def _codes(path: Path) -> Iterator[tuple[str, str]]:
    """Every code that a file writes down, with the line where it stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    shared = _texts(tree.body, {})
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    seen: set[int] = set()
    for place, known in [*((each, _texts(each.body, shared)) for each in functions), (tree, shared)]:
        nodes = [node for node in ast.walk(place) if id(node) not in seen]
        seen |= {id(node) for node in nodes}
        parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in nodes:
            code = _text(node, known) if isinstance(node, ast.JoinedStr | ast.Constant) else None
            if code is not None and CODE.fullmatch(code) and id(node) not in parts:
                yield code, f"{path.relative_to(ROOT)}:{node.lineno}"  # type: ignore[attr-defined]


def _texts(body: list[ast.stmt], known: Texts) -> dict[str, str]:
    """The names that a body gives to texts, with what they stand for."""
    found = dict(known)
    for statement in body:
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            pairs = [(target, statement.value)]
            if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                pairs = list(zip(target.elts, statement.value.elts, strict=True))
            for name, value in pairs:
                text = _text(value, found)
                if isinstance(name, ast.Name) and text is not None:
                    found[name.id] = text
    return found


def _text(node: ast.AST, known: Texts) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, known) or SOME for part in node.values)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
        return known.get(node.value.id, SOME)
    return None
