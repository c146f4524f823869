"""Settings: complete, explained, and unforgiving in production."""

import base64
import re
import stat
from pathlib import Path

import pytest

from specie.platform.config import Settings, SettingsInvalid, load_settings, variable_name

EXAMPLE = Path(__file__).parents[2] / ".env.example"
KEY = base64.b64encode(bytes(32)).decode()
PRODUCTION = {
    "environment": "production",
    "database_url": "postgresql://specie_app@db/specie",
    "base_url": "https://pay.example.com",
    "secret_key": "s" * 32,
    "master_key": KEY,
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from the machine the tests run on."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_name(field), raising=False)


def test_the_example_file_names_exactly_the_settings_there_are() -> None:
    named = re.findall(r"^#? ?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)
    assert sorted(named) == sorted(map(variable_name, Settings.model_fields))


def test_every_setting_is_explained_in_the_example_file() -> None:
    text = EXAMPLE.read_text()
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"# {field.description}\n" in text, name


def test_the_example_file_shows_the_defaults() -> None:
    shown = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    defaults = load_settings()
    assert shown["SPECIE_PORT"] == str(defaults.port)
    assert shown["SPECIE_RATE_LIMIT_LOGIN"] == str(defaults.rate_limit_login)
    assert shown["SPECIE_ENVIRONMENT"] == defaults.environment


def test_complete_production_settings_are_accepted() -> None:
    assert load_settings(**PRODUCTION).is_production


@pytest.mark.parametrize("missing", ["database_url", "base_url", "secret_key", "master_key"])
def test_production_refuses_to_start_without(missing: str) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(SettingsInvalid, match=f"production needs {variable_name(missing)}$"):
        load_settings(**given)


def test_a_secret_key_of_31_bytes_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="SPECIE_SECRET_KEY: must be at least 32 bytes"):
        load_settings(secret_key="s" * 31)


@pytest.mark.parametrize("key", ["not base64!", base64.b64encode(bytes(31)).decode()])
def test_a_master_key_that_is_not_32_bytes_is_refused(key: str) -> None:
    with pytest.raises(SettingsInvalid, match="SPECIE_MASTER_KEY: must be"):
        load_settings(master_key=key)


def test_production_is_served_over_https_only() -> None:
    with pytest.raises(SettingsInvalid, match="https://"):
        load_settings(**PRODUCTION | {"base_url": "http://pay.example.com"})


def test_production_never_calls_private_addresses() -> None:
    with pytest.raises(SettingsInvalid, match="SPECIE_PRIVATE_TARGETS"):
        load_settings(**PRODUCTION, private_targets=True)


def test_development_makes_its_keys_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    first, second = load_settings(state=tmp_path), load_settings(state=tmp_path)
    assert first.signing_key == second.signing_key
    assert len(first.sealing_key) == 32
    assert first.sealing_key == second.sealing_key
    for name in ("secret_key", "master_key"):
        assert stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) == 0o600


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECIE_PORT", "")
    assert load_settings().port == 8000


def test_trusted_proxies_are_networks_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECIE_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    assert [str(network) for network in load_settings().trusted_proxies] == ["10.0.0.0/8", "::1/128"]


def test_a_wrong_value_is_reported_with_the_name_of_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECIE_PORT", "eighty")
    with pytest.raises(SettingsInvalid, match=r"^SPECIE_PORT: "):
        load_settings()


def test_printing_the_settings_shows_no_password() -> None:
    shown = repr(load_settings(**PRODUCTION | {"database_url": "postgresql://specie_app:hush@db/specie"}))
    assert "hush" not in shown
    assert KEY not in shown
