"""What people choose by has a name and an explanation on the page."""

import re
from pathlib import Path

from specie.notifications.model import KINDS

PAGE = Path(__file__).parents[2] / "web" / "src" / "features" / "notices" / "choices-page.tsx"


def test_every_kind_of_notice_is_explained_where_it_is_chosen() -> None:
    explained = set(re.findall(r"^  (\w+): \[\"[A-Z][^\"]+\", \"[A-Z][^\"]+\"\],$", PAGE.read_text(), re.MULTILINE))

    assert explained == set(KINDS)
