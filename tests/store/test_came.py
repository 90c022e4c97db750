"""Where a run wrote an answer is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.store.came import Came

# Few distinct bytes, so that keys share a shelf, and look like parts of each other and of places.
raw_keys = st.lists(st.sampled_from([b"\0", b"\1"]), min_size=16, max_size=16).map(b"".join)
places = st.sampled_from([0, 1, 0x0101_0101_0101, 0x0100_0000_0001])


@given(st.dictionaries(raw_keys, places, max_size=40), st.lists(raw_keys, max_size=5))
def test_each_answer_has_its_place_and_others_have_none(there: dict[bytes, int], others: list[bytes]) -> None:
    came = Came()
    for raw, place in there.items():
        came.add([raw.hex()], [b"a line\n"], place)
    for raw in (*there, *others):
        assert came.get(raw.hex()) == there.get(raw)


def test_lines_stand_one_behind_the_other() -> None:
    came, keys = Came(), ["00" * 16, "01" * 16, "02" * 16]
    came.add(keys, [b"one\n", b"two two\n", b"three\n"], 100)
    assert [came.get(key) for key in keys] == [100, 104, 112]


def test_a_place_beyond_281_terabytes_is_refused() -> None:
    with pytest.raises(OverflowError):
        Came().add(["00" * 16], [b"\n"], 1 << 48)
