"""HL6: a Scope is minted by identity and by nobody else."""

from collections.abc import Iterator

from tools.houselint.core import Project, dotted, method

CODE = "HL6"
ALLOWED = ("specie/identity/*", "specie/kernel/scope.py")


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds scopes constructed, or copied with other rights, outside identity."""
    for file in project.python("specie/*"):
        if file.matches(*ALLOWED):
            continue
        for call in file.calls():
            copied = method(call) == "replace" and call.args and dotted(call.args[0]).endswith("scope")
            if method(call) == "Scope" or copied:
                yield (
                    file.path,
                    call.lineno,
                    "a Scope is proof of access: get it from identity, do not make one",
                )
