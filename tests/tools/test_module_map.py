"""The import contracts: up to date, and each kind catches what it is there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import module_map, new_module

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with three modules of the real map, two layers apart, and no imports between them."""
    (tmp_path / "tools").mkdir()
    shutil.copy(module_map.ROOT / "tools" / "modules.toml", tmp_path / "tools")
    for module in ("app", "payments", "wallets", "ledger", "kernel"):
        package = tmp_path / "specie" / module
        package.mkdir(parents=True)
        for name in ("__init__", "model", "store", "service", "routes"):
            (package / f"{name}.py").write_text('"""A room."""\n')
    (tmp_path / "specie" / "__init__.py").write_text("")
    return tmp_path


def broken_contracts(project: Path) -> str:
    (project / ".importlinter").write_text(module_map.render(project))
    command = [LINT_IMPORTS, "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return "\n".join(line for line in done.stdout.splitlines() if line.endswith("BROKEN"))


def plant(project: Path, file: str, line: str) -> None:
    (project / "specie" / file).write_text(f'"""A room."""\n\n{line}\n')


def test_the_contracts_are_generated_from_the_current_map() -> None:
    assert (module_map.ROOT / ".importlinter").read_text() == module_map.render()


def test_every_package_stands_in_the_map() -> None:
    assert module_map.unlisted_packages() == []


def test_a_clean_project_breaks_no_contract(project: Path) -> None:
    plant(project, "wallets/service.py", "from specie import ledger")
    plant(project, "app/wiring.py", "from specie.wallets import routes")
    assert broken_contracts(project) == ""


def test_a_low_module_may_not_see_a_high_one(project: Path) -> None:
    plant(project, "ledger/service.py", "from specie import wallets")
    assert "Money flows down" in broken_contracts(project)


def test_neighbours_on_one_line_are_strangers(project: Path) -> None:
    shutil.copytree(project / "specie" / "payments", project / "specie" / "catalogue")
    plant(project, "payments/service.py", "from specie import catalogue")
    assert "Money flows down" in broken_contracts(project)


def test_a_model_may_not_call_the_store(project: Path) -> None:
    plant(project, "wallets/model.py", "from specie.wallets import store")
    assert "Inside a module" in broken_contracts(project)


def test_a_module_is_entered_by_its_front_door(project: Path) -> None:
    plant(project, "wallets/service.py", "from specie.ledger import store")
    assert broken_contracts(project) == "ledger: enter by the front door BROKEN"


def test_a_folder_inside_a_module_is_behind_the_front_door_too(project: Path) -> None:
    shutil.copytree(project / "specie" / "kernel", project / "specie" / "ledger" / "batches")
    plant(project, "wallets/service.py", "from specie.ledger.batches import store")
    assert broken_contracts(project) == "ledger: enter by the front door BROKEN"


@pytest.fixture
def with_loyalty(project: Path) -> Path:
    new_module.create("loyalty", "wallets", project)
    return project


def test_a_new_module_joins_the_layer_of_its_neighbour(with_loyalty: Path) -> None:
    assert ["wallets", "loyalty"] in module_map.read_layers(with_loyalty)


def test_a_new_module_has_its_anatomy_its_test_and_its_web_folder(with_loyalty: Path) -> None:
    made = {path.name for path in (with_loyalty / "specie" / "loyalty").iterdir()}
    assert made == {"__init__.py", *new_module.ANATOMY_FILES}
    assert (with_loyalty / "tests" / "loyalty" / "test_loyalty_front_door.py").is_file()
    assert (with_loyalty / "web" / "src" / "features" / "loyalty" / "index.ts").is_file()


def test_a_new_module_is_held_to_the_contracts(with_loyalty: Path) -> None:
    plant(with_loyalty, "payments/service.py", "from specie.loyalty import store")
    assert broken_contracts(with_loyalty) == "loyalty: enter by the front door BROKEN"


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("Loyalty", None),
        ("class", None),
        ("", None),
        ("../x", None),
        ("wallets", None),
        ("loyalty", "kernel"),
    ],
)
def test_an_impossible_module_is_refused_and_nothing_is_written(project: Path, name: str, beside: str | None) -> None:
    before = sorted(project.rglob("*"))
    with pytest.raises(new_module.ModuleRefused):
        new_module.create(name, beside, project)
    assert sorted(project.rglob("*")) == before
