"""Strict JSON: the short look at a text never lets through what the long look at its values refuses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specie.kernel.errors import SpecieError
from specie.platform import strict_json
from specie.platform.strict_json import MAX_DEPTH, CardNumberRefused, JsonInvalid, JsonTooDeep, loads

CARD = "4111111111111111"
_texts = st.text(max_size=30) | st.sampled_from(
    [CARD, f"my card {CARD}", "4111 1111 1111 1111", "\0", "\ud800", "ordinary", "2026-11-22T00:41:31.123456Z"]
)
_documents = st.recursive(
    st.none() | st.booleans() | st.integers() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=12,
)


@given(_documents, st.integers(0, MAX_DEPTH + 2), st.booleans())
def test_a_document_is_refused_exactly_when_a_value_in_it_must_be(document: Any, levels: int, escaped: bool) -> None:
    for _ in range(levels):
        document = [document]
    body = json.dumps(document, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert _outcome(lambda: loads(body)) == _outcome(lambda: _looked_at(body))


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (json.dumps({"note": CARD}), CardNumberRefused),
        (json.dumps({CARD: 1}), CardNumberRefused),
        ('{"note": "4111\\u0020111111111111"}', CardNumberRefused),
        ('{"note": "\\u0000"}', JsonInvalid),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), JsonTooDeep),
    ],
)
def test_what_is_refused_is_named(body: str, refusal: type[SpecieError]) -> None:
    with pytest.raises(refusal):
        loads(body.encode())


@pytest.mark.parametrize("text", [CARD, "\0", "\ud800"])
def test_a_text_that_cannot_be_kept_is_refused_by_the_name_of_its_field(text: str) -> None:
    with pytest.raises((JsonInvalid, CardNumberRefused)) as refused:
        loads(json.dumps({"lines": [{"note": "kept"}, {"note": text}]}).encode())
    assert refused.value.param == "lines.1.note"


def test_bytes_that_are_no_utf_8_are_told_from_numbers_that_are_none() -> None:
    with pytest.raises(JsonInvalid, match="not UTF-8 at byte 7"):
        loads(b'{"a": "\xff"}')
    with pytest.raises(JsonInvalid, match="holds NaN"):
        loads(b'{"a": NaN}')


def _looked_at(body: bytes) -> Any:
    document = json.loads(body.decode())
    strict_json._inspect(document, 1, "")
    return document


def _outcome(read: Any) -> Any:
    try:
        return read()
    except (SpecieError, ValueError) as error:
        return JsonInvalid if isinstance(error, ValueError) else type(error)
