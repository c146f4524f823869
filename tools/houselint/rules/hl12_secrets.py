"""HL12: nothing in the repository that belongs to one machine or to one person."""

import re
from collections.abc import Iterator

from tools.houselint.core import Project

CODE = "HL12"
# Written in pieces, so that the rule does not find itself.
HOSTS = (
    "pypi" + r"\.org",
    "pythonhosted" + r"\.org",
    "registry\\." + r"(npmjs\.org|yarnpkg\.com)",
    "npm" + r"mirror\.com",
)
FORBIDDEN = (
    (re.compile(r"spc_(live|test)_[0-9A-Za-z]{49}"), "looks like an API key: make one at run time"),
    (re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"), "is a private key: make one at run time"),
    (
        re.compile(rf"\b(?:{'|'.join(HOSTS)})\b"),
        "names a package registry: locks and builds use the client's default",
    ),
    (re.compile(r"(?<![\w.~-])/(?:root|work)/"), "is a path of one machine: make it relative or a setting"),
)


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds keys, registry addresses and absolute machine paths in any text file."""
    for file in project.files:
        for pattern, why in FORBIDDEN:
            for found in pattern.finditer(file.text):
                line = file.text.count("\n", 0, found.start()) + 1
                yield file.path, line, f"{found[0][:24]!r} {why}"
