"""The one list of modules (`tools/modules.toml`) and the import contracts generated from it.

`python -m tools.module_map --write` regenerates `.importlinter`; `--check` fails when it is out of date.
Only modules that exist as folders appear, so the list may name modules that are still to come.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# These have no anatomy and no front door: everyone imports their submodules directly.
OPEN_PACKAGES = frozenset({"app", "platform", "kernel"})

ANATOMY = (
    "(routes) | (jobs)",
    "(schemas)",
    "(service)",
    "(postings) | (store) | (invariants)",
    "(tables)",
    "(events)",
    "(model)",
    "(errors)",
)

HEADER = "# Generated from tools/modules.toml by `python -m tools.module_map --write`: do not edit."


def read_layers(root: Path = ROOT) -> list[list[str]]:
    """The layers as written in `tools/modules.toml`, high to low."""
    layers: list[list[str]] = tomllib.loads(_map_file(root).read_text())["layers"]
    return layers


def write_layers(layers: list[list[str]], root: Path = ROOT) -> None:
    """Replaces the list in `tools/modules.toml`, keeping the comment above it."""
    head = _map_file(root).read_text().split("layers = [")[0]
    lines = ["    [" + ", ".join(f'"{name}"' for name in layer) + "]," for layer in layers]
    _map_file(root).write_text(head + "layers = [\n" + "\n".join(lines) + "\n]\n")


def existing_layers(root: Path = ROOT) -> list[list[str]]:
    """The layers reduced to modules that exist as packages under `specie/`."""
    present = [[name for name in layer if _exists(root, name)] for layer in read_layers(root)]
    return [layer for layer in present if layer]


def unlisted_packages(root: Path = ROOT) -> list[str]:
    """Packages under `specie/` that the list does not know; import-linter would not watch them."""
    listed = {name for layer in read_layers(root) for name in layer}
    packages = {path.parent.name for path in (root / "specie").glob("*/__init__.py")}
    return sorted(packages - listed)


def render(root: Path = ROOT) -> str:
    """The text of `.importlinter`."""
    layers = existing_layers(root)
    modules = [name for layer in layers for name in layer if name not in OPEN_PACKAGES]
    parts = [HEADER, "[importlinter]\nroot_package = specie", _layers_contract(layers)]
    if modules:
        parts.append(_anatomy_contract(modules))
    parts += [_front_door_contract(name) for name in modules if _has_rooms(root, name)]
    return "\n\n".join(parts) + "\n"


def _layers_contract(layers: list[list[str]]) -> str:
    lines = "\n".join("    " + " | ".join(f"specie.{name}" for name in layer) for layer in layers)
    return (
        "[importlinter:contract:layers]\n"
        "name = Money flows down: higher modules know lower ones, never the reverse\n"
        f"type = layers\nlayers =\n{lines}"
    )


def _anatomy_contract(modules: list[str]) -> str:
    containers = "\n".join(f"    specie.{name}" for name in modules)
    layers = "\n".join(f"    {layer}" for layer in ANATOMY)
    return (
        "[importlinter:contract:anatomy]\n"
        "name = Inside a module the edge calls the service and the model calls nobody\n"
        f"type = layers\ncontainers =\n{containers}\nlayers =\n{layers}"
    )


def _front_door_contract(name: str) -> str:
    # One contract a module: a shared one would let the modules on its allow-list into each other's rooms.
    return (
        f"[importlinter:contract:front-door-{name}]\n"
        f"name = {name}: enter by the front door\n"
        f"type = protected\nprotected_modules =\n    specie.{name}.*\n"
        f"allowed_importers =\n    specie.{name}\n    specie.app"
    )


def _map_file(root: Path) -> Path:
    return root / "tools" / "modules.toml"


def _exists(root: Path, name: str) -> bool:
    return (root / "specie" / name / "__init__.py").is_file()


def _has_rooms(root: Path, name: str) -> bool:
    """Whether the package holds anything besides its front door; import-linter refuses an empty wildcard."""
    folder = root / "specie" / name
    rooms = (path for path in folder.iterdir() if path.name != "__init__.py")
    return any(path.suffix == ".py" or (path / "__init__.py").is_file() for path in rooms)


def main(arguments: list[str] | None = None) -> int:
    """Writes or checks `.importlinter`; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true")
    mode.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    target = ROOT / ".importlinter"
    if unlisted := unlisted_packages():
        print(f"not in tools/modules.toml: {', '.join(unlisted)}; give each its layer", file=sys.stderr)
        return 1
    if options.write:
        target.write_text(render())
        return 0
    if target.is_file() and target.read_text() == render():
        return 0
    print(".importlinter is out of date: run `python -m tools.module_map --write`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
