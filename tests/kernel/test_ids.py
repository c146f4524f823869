"""Ids carry their kind, sort by time, and refuse anything else."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specie.kernel.ids import InvalidId, PaymentId, WalletId, uuid7


def test_an_id_reads_back_from_its_text() -> None:
    payment = PaymentId.new()
    assert PaymentId.parse(str(payment)) == payment
    assert str(payment).startswith("pay_")


@given(st.uuids())
def test_every_uuid_has_one_text(value: UUID) -> None:
    assert PaymentId.parse(str(PaymentId(value))).uuid == value


def test_ids_grow_within_a_process_and_their_texts_sort_alike() -> None:
    made = [PaymentId.new() for _ in range(5000)]
    assert made == sorted(made)
    assert [str(i) for i in made] == sorted(str(i) for i in made)


def test_ids_are_version_7() -> None:
    value = uuid7()
    assert value.version == 7
    assert value.variant == "specified in RFC 4122"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pay_",
        "pay",
        "wal_01jx3s5v0q8e5t9m2w4r6y8zab",
        "pay_01JX3S5V0Q8E5T9M2W4R6Y8ZAB",
        "pay_" + "z" * 26,
        "pay_é" + "0" * 25,
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        PaymentId.parse(text)


def test_two_kinds_with_one_value_are_not_equal() -> None:
    value = uuid7()
    assert PaymentId(value) != WalletId(value)
