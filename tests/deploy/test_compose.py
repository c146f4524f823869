"""The compose file, the images and the dev container agree with the settings and with one another."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from specie.platform.config import Settings, variable_name
from specie.platform.outbound import DEVELOPMENT, check_url
from specie.platform.postgres_roles import ROLES
from specie.providers.simulator.shop import PATH as SHOP_PATH

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (ROOT / "compose.yaml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE_TEXT)["services"]
ONE_SHOT = {"roles", "migrate", "demo"}
STRANGERS = {"postgres", "nginx", "prometheus"}
SETTINGS = {variable_name(field) for field in Settings.model_fields}


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def healthcheck(service: dict[str, Any]) -> Any:
    """The check written in the compose file, else the one of the service's own image."""
    if "healthcheck" in service:
        return service["healthcheck"].get("test")
    dockerfile = ROOT / service["build"]["dockerfile"]
    return re.search(r"HEALTHCHECK.*?CMD (\[.*\])", dockerfile.read_text(), re.DOTALL)


def test_the_services_of_one_machine_are_there() -> None:
    assert SERVICES.keys() == {
        *("postgres", "roles", "migrate", "demo", "api", "worker", "simulator", "nginx", "prometheus")
    }


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONE_SHOT))
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    assert healthcheck(SERVICES[name])


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - STRANGERS - {"roles"}))
def test_every_variable_given_to_the_platform_is_a_setting(name: str) -> None:
    assert SERVICES[name]["environment"].keys() - SETTINGS == set()


def test_every_variable_of_the_image_is_a_setting() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert set(re.findall(r"\b(SPECIE_[A-Z_]+)=", dockerfile)) - SETTINGS == set()


def test_the_generated_env_file_has_every_variable_compose_asks_for() -> None:
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE_TEXT))
    asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT))
    given = load("deploy/new_env.py").settings().keys()
    assert needed <= given <= asked | {"COMPOSE_PROFILES"}


def test_the_generated_env_file_makes_valid_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    made = load("deploy/new_env.py").settings()
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    assert settings.signing_key == made["SPECIE_SECRET_KEY"].encode()
    assert len(settings.sealing_key) == 32


def test_two_generated_env_files_share_no_secret() -> None:
    module = load("deploy/new_env.py")
    first, second = module.settings(), module.settings()
    assert {name for name in first if first[name] == second[name]} == module.PLAIN.keys()


def test_no_secret_has_a_default() -> None:
    assert re.findall(r"\$\{\w*(?:PASSWORD|KEY)(?!\w*:\?)\w*[^}]*\}", COMPOSE_TEXT) == []


def test_the_preparation_gives_every_role_its_password() -> None:
    given = SERVICES["roles"]["environment"].keys()
    assert {f"{role.upper()}_PASSWORD" for role in ROLES} <= given


def test_only_the_preparation_knows_the_superuser_and_only_the_migration_the_owner() -> None:
    def users_of(word: str) -> set[str]:
        return {name for name, service in SERVICES.items() if word in str(service.get("environment", {}))}

    assert users_of("specie_super") == {"postgres", "roles"}
    assert users_of("specie_owner:") == {"migrate"}


def test_nothing_serves_before_the_migrations_and_the_demo_data_are_done() -> None:
    done = {"condition": "service_completed_successfully"}
    assert SERVICES["demo"]["depends_on"] == {"migrate": done}
    for name in ("api", "worker", "simulator"):
        # Where no demo data are wanted there is nothing to wait for.
        assert SERVICES[name]["depends_on"] == {"migrate": done, "demo": done | {"required": False}}


def test_demo_data_and_simulator_come_with_one_line_of_the_env_file() -> None:
    assert load("deploy/new_env.py").settings()["COMPOSE_PROFILES"] == "demo"
    assert {name for name, service in SERVICES.items() if "demo" in service.get("profiles", ())} == {
        *("demo", "simulator")
    }
    assert SERVICES["demo"]["command"] == ["specie", "demo", "--fill"]


def test_webhooks_reach_the_simulated_shop_where_the_demo_registers_it() -> None:
    address = SERVICES["demo"]["environment"]["SPECIE_SIMULATOR_URL"]
    check_url(address + SHOP_PATH, DEVELOPMENT)
    aliases = SERVICES["simulator"]["networks"]["inside"]["aliases"]
    assert aliases == [urlsplit(address).hostname]
    assert load("deploy/new_env.py").settings()["SPECIE_PRIVATE_TARGETS"] == "true"


def test_only_the_proxy_is_reachable_from_outside() -> None:
    published = {name: service["ports"][0] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"nginx", "prometheus"}
    assert published["prometheus"].startswith("127.0.0.1:")


def test_prometheus_reads_every_process_that_shows_metrics() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())
    (read,) = config["scrape_configs"][0]["dns_sd_configs"]
    assert set(read["names"]) == {"api", "worker"}
    for name in read["names"]:
        given = SERVICES[name]["environment"]
        assert (given["SPECIE_METRICS_HOST"], given["SPECIE_METRICS_PORT"]) == ("0.0.0.0", read["port"])


def test_the_workers_health_is_what_the_worker_says_of_itself() -> None:
    # tests/app/test_worker.py runs this very command.
    assert SERVICES["worker"]["healthcheck"]["test"] == ["CMD", "specie", "worker", "--check"]


def test_the_images_do_not_run_as_root() -> None:
    last_stage = (ROOT / "deploy" / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.search(r"^USER specie$", last_stage, re.MULTILINE)
    assert "FROM nginxinc/nginx-unprivileged:" in (ROOT / "deploy" / "nginx" / "Dockerfile").read_text()


def test_every_file_the_images_copy_exists() -> None:
    for dockerfile in ("deploy/Dockerfile", "deploy/nginx/Dockerfile"):
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / dockerfile).read_text(), re.MULTILINE):
            assert [source for source in sources.split() if not (ROOT / source).exists()] == []


def test_the_dev_container_sets_up_the_project() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert "make setup" in container["postCreateCommand"]
