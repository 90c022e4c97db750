"""Where the line of a key stands is known, of a set of keys and of ever more of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.store.key_places import GrowingPlaces, KeyPlaces
from asyncsynth.store.keys import KeySet

# Few distinct bytes, so that keys share a shelf, and look like parts of each other and of places.
raw_keys = st.lists(st.sampled_from([b"\0", b"\1"]), min_size=16, max_size=16).map(b"".join)
places = st.sampled_from([0, 1, 0x0101_0101_0101, 0x0100_0000_0001, (1 << 48) - 2])


@given(st.sets(raw_keys), st.lists(st.tuples(raw_keys, places), max_size=60))
def test_the_last_place_of_each_key_of_the_set_is_known(there: set[bytes], puts: list[tuple[bytes, int]]) -> None:
    keys, model = KeySet(), dict[str, int]()
    keys.add_new(b"".join(there))
    known = KeyPlaces(keys)
    for raw, place in puts:
        known.put(raw.hex(), place)
        if raw in there:
            model[raw.hex()] = place
    for raw, _ in puts:
        for key in (raw.hex(), raw[::-1].hex()):
            assert known.get(key) == model.get(key)


@given(st.dictionaries(raw_keys, places, max_size=40), st.lists(raw_keys, max_size=5))
def test_each_added_key_has_its_place_and_others_have_none(there: dict[bytes, int], others: list[bytes]) -> None:
    known = GrowingPlaces()
    for raw, place in there.items():
        known.add([raw.hex()], [b"a line\n"], place)
    for raw in (*there, *others):
        assert known.get(raw.hex()) == there.get(raw)


def test_lines_stand_one_behind_the_other() -> None:
    known, keys = GrowingPlaces(), ["00" * 16, "01" * 16, "02" * 16]
    known.add(keys, [b"one\n", b"two two\n", b"three\n"], 100)
    assert [known.get(key) for key in keys] == [100, 104, 112]


def test_a_place_beyond_281_terabytes_is_refused() -> None:
    keys = KeySet()
    keys.add("00" * 16)
    with pytest.raises(OverflowError):
        KeyPlaces(keys).put("00" * 16, 1 << 48)
    with pytest.raises(OverflowError):
        GrowingPlaces().add(["00" * 16], [b"\n"], 1 << 48)
