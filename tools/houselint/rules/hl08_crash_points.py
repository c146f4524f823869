"""HL8: a fault can be injected next to every commit and every call that leaves the process."""

import ast
import re
from collections.abc import Iterator

from tools.houselint.core import Function, Project, SourceFile, dotted, method, receiver

CODE = "HL8"
NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
# `Database.run` puts a crash point before and after its commit, named after its label.
UNIT_OF_WORK = ("specie/platform/db.py",)
OUTSIDE_CALLS = {
    "outbound": ("request", "send", "get", "post", "put", "patch", "delete"),
    "client": ("request", "send"),
    "provider": ("request", "send"),
    "adapter": ("request", "send"),
    "mail": ("send",),
}


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds commits and outside calls without a crash point in their function, and names used twice."""
    places: dict[str, str] = {}
    for file in project.python("specie/*"):
        if not file.matches(*UNIT_OF_WORK):
            yield from _unguarded(file)
        # The platform names its points after the route or job it is working for.
        if not file.matches("specie/platform/*"):
            yield from _names(file, places)


def _unguarded(file: SourceFile) -> Iterator[tuple[str, int, str]]:
    guarded = {id(node) for function in file.functions() if _has_crash_point(function) for node in ast.walk(function)}
    for call in file.calls():
        if id(call) not in guarded and (what := _fault_site(call)):
            message = f'{what} needs crash_point("module.step") before or after it in the same function'
            yield file.path, call.lineno, message


def _fault_site(call: ast.Call) -> str | None:
    name, on = method(call), receiver(call)
    if name == "commit" and on:
        return "a commit"
    if name in ("begin", "system") and on in ("db", "database"):
        return f"the commit at the end of {on}.{name}()"
    matching = (methods for suffix, methods in OUTSIDE_CALLS.items() if on == suffix or on.endswith(f"_{suffix}"))
    return f"the outside call {on}.{name}()" if any(name in methods for methods in matching) else None


def _has_crash_point(function: Function) -> bool:
    return any(isinstance(node, ast.Call) and method(node) == "crash_point" for node in ast.walk(function))


def _names(file: SourceFile, places: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    for call in sorted(file.calls(), key=lambda call: call.lineno):
        for name in _declared(call):
            if not isinstance(name, ast.Constant) or not NAME.fullmatch(str(name.value)):
                yield (
                    file.path,
                    call.lineno,
                    'a crash point is named by a literal "module.step" in lower case',
                )
                continue
            place = f"{file.path}:{call.lineno}"
            first = places.setdefault(str(name.value), place)
            if first != place:
                yield (
                    file.path,
                    call.lineno,
                    f"{name.value!r} is taken by {first}: every crash point has its own name",
                )


def _declared(call: ast.Call) -> list[ast.expr]:
    """The expression naming a crash point: the argument of crash_point, or the label of a unit of work."""
    if dotted(call.func).endswith("crash_point"):
        return call.args[:1]
    if method(call) == "run" and receiver(call) in ("db", "database"):
        return [keyword.value for keyword in call.keywords if keyword.arg == "label"]
    return []
