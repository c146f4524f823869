"""The documentation: every link leads somewhere, every list is complete, what is generated is current."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), DOCS / "llms.txt", *ROOT.glob("*.md")])
MOST_PICTURE_BYTES = 2_000_000
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<(?:img|source)[^>]+(?:src|srcset)=\"([^\"]+)\"")


def targets(page: Path) -> list[str]:
    """Relative links of a page, outside of code blocks."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = [first or second for first, second in LINK.findall(text)]
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """The anchors that headings get on GitHub."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in targets(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.relative_to(ROOT)} links to {target}"
        assert file.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors(file), f"{page.relative_to(ROOT)} links to {target}"


@pytest.mark.parametrize("index", ["index.md", "llms.txt"])
def test_every_page_can_be_reached(index: str) -> None:
    seen: set[Path] = set()
    waiting = [DOCS / index]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        waiting += [(page.parent / target.partition("#")[0]).resolve() for target in targets(page) if ".md" in target]
    missed = set(DOCS.rglob("*.md")) - seen if index == "index.md" else set()
    assert missed == set()


def test_whatever_is_asked_of_a_list_is_a_parameter_of_it() -> None:
    served = json.loads((DOCS / "reference" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    asked = [(page.name, *call) for page in PAGES for call in _queries(page.read_text(encoding="utf-8"))]
    unknown = [call for call in asked if call[2] not in _parameters(served.get(f"/api/v1{call[1]}", {}))]
    assert (len(asked) > 3, unknown) == (True, [])


def _queries(text: str) -> list[tuple[str, str]]:
    """The path and the name of every parameter that a page's commands give to a list."""
    calls = re.findall(r"specie get (/[\w/-]+)((?: \w+=\S+)+)|/api/v1(/[\w/-]+)\?([^\s\"'`)]+)", text)
    given = [(told or asked, re.split("[ &]", words or query)) for told, words, asked, query in calls]
    return [(path, word.partition("=")[0]) for path, words in given for word in words if word]


def _parameters(path: dict[str, Any]) -> set[str]:
    return {parameter["name"] for method in path.values() for parameter in method.get("parameters", [])}


def test_the_list_of_decisions_is_complete_and_in_order() -> None:
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (DOCS / "adr" / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in (DOCS / "adr").glob("0*.md"))


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("0*.md")), ids=lambda page: page.stem)
def test_a_decision_has_its_three_parts_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert text.startswith(f"# {page.name[:4]}. ")
    assert len(text.splitlines()) <= 60


def test_generated_pages_are_those_of_this_program() -> None:
    # A process of its own: the tests around this one register refusals and events too.
    command = [sys.executable, "-m", "docs.generate", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run python -m docs.generate: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("picture", sorted((DOCS / "images").iterdir()), ids=lambda picture: picture.name)
def test_a_picture_is_small_enough_for_a_page_that_everybody_loads(picture: Path) -> None:
    assert picture.stat().st_size < MOST_PICTURE_BYTES
