"""Sealing: what opens, and everything that does not."""

from dataclasses import replace

import pytest

from specie.platform.vault import (
    KeyRing,
    Place,
    Unsealable,
    blind_index,
    key_version,
    new_key,
    open_sealed,
    seal,
)

PLACE = Place("ten_1", "party", "pty_1", "name")


def test_a_sealed_value_opens_at_its_place() -> None:
    key = new_key()
    assert open_sealed(key, seal(key, b"Siti", PLACE), PLACE) == b"Siti"


def test_the_same_value_seals_to_another_blob_each_time() -> None:
    key = new_key()
    assert len({seal(key, b"Siti", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("part", ["tenant", "table", "row", "column"])
def test_a_value_moved_to_another_place_does_not_open(part: str) -> None:
    key = new_key()
    with pytest.raises(Unsealable):
        open_sealed(key, seal(key, b"Siti", PLACE), replace(PLACE, **{part: "other"}))


def test_two_places_with_the_same_letters_are_different() -> None:
    assert Place("a", "bc", "d", "e").bytes() != Place("ab", "c", "d", "e").bytes()


def test_any_changed_byte_is_noticed() -> None:
    key = new_key()
    blob = seal(key, b"Siti", PLACE)
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 1
        with pytest.raises(Unsealable):
            open_sealed(key, bytes(changed), PLACE)


@pytest.mark.parametrize("length", range(35))
def test_a_truncated_blob_is_refused(length: int) -> None:
    key = new_key()
    with pytest.raises(Unsealable):
        open_sealed(key, seal(key, b"Siti", PLACE)[:length], PLACE)


def test_another_key_does_not_open() -> None:
    with pytest.raises(Unsealable):
        open_sealed(new_key(), seal(new_key(), b"Siti", PLACE), PLACE)


def test_a_wrapped_key_unwraps_under_both_master_keys_while_they_rotate() -> None:
    old, new, key = new_key(), new_key(), new_key()
    wrapped = KeyRing({1: old}, 1).wrap(key, PLACE)
    both = KeyRing({1: old, 2: new}, 2)
    rewrapped = both.rewrap(wrapped, PLACE)
    assert (key_version(wrapped), key_version(rewrapped)) == (1, 2)
    assert both.unwrap(wrapped, PLACE) == both.unwrap(rewrapped, PLACE) == key
    assert KeyRing({2: new}, 2).unwrap(rewrapped, PLACE) == key
    with pytest.raises(Unsealable):
        KeyRing({2: new}, 2).unwrap(wrapped, PLACE)


def test_a_key_already_under_the_current_master_key_is_left_as_it_is() -> None:
    ring = KeyRing({1: new_key()}, 1)
    wrapped = ring.wrap(new_key(), PLACE)
    assert ring.rewrap(wrapped, PLACE) == wrapped


def test_a_destroyed_key_leaves_nothing_to_unwrap() -> None:
    with pytest.raises(Unsealable):
        KeyRing({1: new_key()}, 1).unwrap(None, PLACE)


def test_the_version_in_the_blob_cannot_be_changed_unnoticed() -> None:
    key = new_key()
    ring = KeyRing({1: key, 2: key}, 1)
    wrapped = bytearray(ring.wrap(new_key(), PLACE))
    wrapped[2] = 2
    with pytest.raises(Unsealable):
        ring.unwrap(bytes(wrapped), PLACE)


def test_equal_values_index_alike_only_under_the_same_key() -> None:
    key = new_key()
    assert blind_index(key, "siti@example.com") == blind_index(key, "siti@example.com")
    assert blind_index(key, "siti@example.com") != blind_index(key, "budi@example.com")
    assert blind_index(key, "siti@example.com") != blind_index(new_key(), "siti@example.com")


def test_a_ring_never_shows_its_keys() -> None:
    assert "\\x" not in repr(KeyRing({1: b"\xff" * 32}, 1))


@pytest.mark.parametrize(("keys", "current"), [({}, 1), ({1: b"short"}, 1), ({0: bytes(32)}, 0), ({1: bytes(32)}, 2)])
def test_an_incomplete_ring_is_refused(keys: dict[int, bytes], current: int) -> None:
    with pytest.raises(ValueError, match="master key"):
        KeyRing(keys, current)
