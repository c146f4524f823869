"""The static console: pages by path, pages for any id, a policy made of hashes, and nothing outside its folder."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from specie.app.console import Console

SCRIPT = "self.__next_f.push([1])"


@pytest.fixture
def console(tmp_path: Path) -> TestClient:
    pages = {
        "index.html": f"<script>{SCRIPT}</script><script src='/_next/a.js'>x</script>home",
        "404.html": "not here",
        "wallets/index.html": "wallets",
        "accounts/_/index.html": "any account",
        "accounts/_/index.txt": "payload",
        "_next/static/a.js": "1",
        "checkout/index.html": "checkout",
    }
    out = tmp_path / "out"
    for name, text in pages.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    return TestClient(Console(out))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/wallets/", "wallets"),
        ("/wallets", "wallets"),
        ("/accounts/acct_1/", "any account"),
        ("/accounts/acct_1/index.txt", "payload"),
    ],
)
def test_a_deep_link_finds_its_page(console: TestClient, path: str, text: str) -> None:
    answer = console.get(path)
    assert (answer.status_code, answer.text) == (200, text)


def test_an_unknown_path_gets_the_404_page(console: TestClient) -> None:
    answer = console.get("/nowhere/at/all")
    assert (answer.status_code, answer.text) == (404, "not here")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/wallets/..%2f..%2fsecret.txt", "//", "/%00"]
)
def test_nothing_outside_the_export_is_served(console: TestClient, path: str) -> None:
    assert "secret" not in console.get(path).text


def test_the_policy_allows_exactly_the_inline_scripts_of_the_page(console: TestClient) -> None:
    policy = console.get("/").headers["content-security-policy"]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_changed_page_gets_a_new_policy(console: TestClient, tmp_path: Path) -> None:
    before = console.get("/").headers["content-security-policy"]
    (tmp_path / "out" / "index.html").write_text("<script>other()</script>")
    assert console.get("/").headers["content-security-policy"] != before


def test_hashed_files_are_kept_for_ever_and_pages_are_asked_for_again(console: TestClient) -> None:
    assert "immutable" in console.get("/_next/static/a.js").headers["cache-control"]
    assert console.get("/wallets/").headers["cache-control"] == "no-cache"


def test_a_checkout_tells_nobody_where_it_was(console: TestClient) -> None:
    assert console.get("/checkout/").headers["referrer-policy"] == "no-referrer"


def test_pages_are_only_read(console: TestClient) -> None:
    answer = console.post("/wallets/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_without_an_export_there_is_a_plain_answer(tmp_path: Path) -> None:
    answer: Any = TestClient(Console(tmp_path / "none")).get("/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
