"""Checks the lock files: complete, hashed, free of addresses, and in step with what they lock.

An address in a lock would tie every later build to one machine's registry, so locks hold none.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
NPM_FOLDERS = ("web", "sdks/typescript")
ADDRESS = re.compile(r"\b(https?|git|ssh|file)(\+\w+)?://")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


def python_faults(lock: str, pyproject: str) -> Iterator[str]:
    """What is wrong with requirements.lock, given the text of both files."""
    yield from (f"line {n}: an address" for n, line in enumerate(lock.splitlines(), 1) if ADDRESS.search(line))
    pins: dict[str, list[str]] = {}
    for block in re.split(r"\n(?=\S)", lock.strip()):
        pin = PIN.match(block)
        if pin is None:
            yield f"not a pinned requirement: {block.splitlines()[0]!r}"
            continue
        pins.setdefault(canonicalize_name(pin[1]), []).append(pin[2])
        if "--hash=sha256:" not in block:
            yield f"{pin[1]} has no hash"
    for requirement in _wanted(pyproject):
        locked = pins.get(canonicalize_name(requirement.name), [])
        if not any(requirement.specifier.contains(version, prereleases=True) for version in locked):
            yield f"{requirement} is not met by the lock ({', '.join(locked) or 'absent'})"


def npm_faults(lock: dict[str, Any], package: dict[str, Any]) -> Iterator[str]:
    """What is wrong with package-lock.json, given both files parsed."""
    packages = lock["packages"]
    for kind in ("dependencies", "devDependencies"):
        if packages[""].get(kind, {}) != package.get(kind, {}):
            yield f"{kind} differ from package.json"
    for place, entry in packages.items():
        name = place.rpartition("node_modules/")[2]
        if ADDRESS.match(entry.get("resolved", "")):
            yield f"{name} records an address"
        if place and not entry.get("link") and not entry.get("integrity") and not entry.get("inBundle"):
            yield f"{name} has no integrity"
        # npm leaves out platform packages its registry lacks, and `npm ci` then fails on every machine.
        for optional in entry.get("optionalDependencies", {}):
            if not any(f"/{other}".endswith(f"/node_modules/{optional}") for other in packages):
                yield f"{name} lacks its platform package {optional}: pin a slightly older version"


def _wanted(pyproject: str) -> list[Requirement]:
    document = tomllib.loads(pyproject)
    texts = [*document["project"]["dependencies"], *document.get("dependency-groups", {}).get("dev", [])]
    return [Requirement(text) for text in texts]


def main() -> int:
    """Prints the faults of all locks; returns 1 if there are any."""
    lock, pyproject = (ROOT / name for name in ("requirements.lock", "pyproject.toml"))
    faults = [f"requirements.lock: {fault}" for fault in python_faults(lock.read_text(), pyproject.read_text())]
    for folder in NPM_FOLDERS:
        npm = (json.loads((ROOT / folder / name).read_text()) for name in ("package-lock.json", "package.json"))
        faults += [f"{folder}/package-lock.json: {fault}" for fault in npm_faults(*npm)]
    for fault in faults:
        print(fault)
    if faults:
        print("`make lock` writes the locks anew", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
