"""Creates a module with the usual anatomy: `make new-module NAME=loyalty BESIDE=cashback`.

The module is registered in `tools/modules.toml` (on the line of BESIDE, else directly under `app`) and the
import contracts are regenerated. Delete the files the module turns out not to need.
"""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from pathlib import Path

from tools import module_map

ANATOMY_FILES = {
    "errors.py": "Every refusal of {name}: code, HTTP status, facts.",
    "model.py": "Frozen values, transition tables and pure decisions of {name}; no I/O and no clock.",
    "events.py": "Facts {name} publishes, each with its version.",
    "tables.py": "The tables {name} owns.",
    "store.py": "Every SQL statement of {name}.",
    "postings.py": "The recipes that turn decisions of {name} into postings.",
    "invariants.py": "Queries over the tables of {name} that must return no rows.",
    "service.py": "The use cases of {name}, one function each.",
    "schemas.py": "The wire shapes of {name}.",
    "routes.py": "The HTTP edge of {name}.",
    "jobs.py": "The background edge of {name}.",
}

FRONT_DOOR = '''"""{title}: say in one paragraph which facts and tables this module owns.

Other modules import only what is re-exported here.
"""

__all__: list[str] = []
'''

TEST = '''"""The front door of {name}."""

from specie import {name}


def test_every_name_on_the_front_door_of_{name}_exists() -> None:
    assert [export for export in {name}.__all__ if not hasattr({name}, export)] == []
'''


class ModuleRefused(Exception):
    """The name cannot become a module; the text says why."""


def create(name: str, beside: str | None = None, root: Path = module_map.ROOT) -> list[Path]:
    """Creates the module and returns the files written. Raises ModuleRefused, having written nothing."""
    layers = _layers_with(name, beside, root)
    files = _files(name, root)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    module_map.write_layers(layers, root)
    (root / ".importlinter").write_text(module_map.render(root))
    return list(files)


def _layers_with(name: str, beside: str | None, root: Path) -> list[list[str]]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise ModuleRefused(f"{name!r} is not a module name: lower-case letters, digits and underscores")
    if (root / "specie" / name).exists():
        raise ModuleRefused(f"specie/{name} exists already")
    layers = module_map.read_layers(root)
    known = {module for layer in layers for module in layer}
    if beside is not None and (beside not in known or beside in module_map.OPEN_PACKAGES):
        raise ModuleRefused(f"{beside!r} has no line a module could join in tools/modules.toml")
    if name in known:
        return layers
    line = next((layer for layer in layers if beside in layer), layers[1])
    line.append(name)
    return layers


def _files(name: str, root: Path) -> dict[Path, str]:
    package = root / "specie" / name
    title = name.replace("_", " ").capitalize()
    files = {package / "__init__.py": FRONT_DOOR.format(title=title)}
    for file_name, holds in ANATOMY_FILES.items():
        files[package / file_name] = f'"""{holds.format(name=name)}"""\n'
    files[root / "tests" / name / f"test_{name}_front_door.py"] = TEST.format(name=name)
    files[root / "web" / "src" / "features" / name / "index.ts"] = (
        f"// The screens of {name}; routes under src/app import them from here.\nexport {{}};\n"
    )
    return files


def main(arguments: list[str] | None = None) -> int:
    """Creates the module named on the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--beside", help="a module whose layer the new one joins")
    options = parser.parse_args(arguments)
    try:
        files = create(options.name, options.beside or None)
    except ModuleRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    for path in files:
        print(path.relative_to(module_map.ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
