"""Cursors come back as they were made, and only to the list that made them."""

import pytest

from specie.kernel.pagination import CursorSigner, InvalidCursor, Page

SIGNER = CursorSigner(b"secret")


def test_a_cursor_reads_back() -> None:
    key = ("2026-03-01T00:00:00+00:00", 17, None)
    assert SIGNER.decode("payments", SIGNER.encode("payments", key)) == key


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        SIGNER.decode("payouts", SIGNER.encode("payments", (1,)))


def test_a_cursor_of_another_installation_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        CursorSigner(b"other").decode("payments", SIGNER.encode("payments", (1,)))


@pytest.mark.parametrize("text", ["", "a", "%%%", "é", "QUJD", "A" * 10_000])
def test_made_up_cursors_are_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        SIGNER.decode("payments", text)


def test_a_page_knows_whether_more_follows() -> None:
    assert Page.cut([1, 2, 3], 2, lambda n: (n,)) == Page([1, 2], (2,))
    assert Page.cut([1, 2], 2, lambda n: (n,)) == Page([1, 2], None)
