from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.store.keys import KeySet

# Few distinct bytes, so that keys share buckets and overlap across their borders.
raw_keys = st.lists(st.sampled_from([b"\0", b"\1"]), min_size=16, max_size=16).map(b"".join)


@given(st.lists(st.tuples(st.sampled_from(["add", "discard", "add_new"]), raw_keys), max_size=60))
def test_behaves_as_a_set(steps: list[tuple[str, bytes]]) -> None:
    keys, model = KeySet(), set[str]()
    for step, raw in steps:
        if step == "add":
            assert keys.add(raw.hex()) == (raw.hex() not in model)
            model.add(raw.hex())
        elif step == "add_new":
            new = [one for one in dict.fromkeys([raw, raw[::-1]]) if one.hex() not in model]
            keys.add_new(b"".join(new))
            model.update(one.hex() for one in new)
        else:
            assert keys.discard(raw.hex()) == (raw.hex() in model)
            model.discard(raw.hex())
        assert len(keys) == len(model)
        assert (raw.hex() in keys) == (raw.hex() in model)
    assert sorted(keys) == sorted(model)


def test_a_match_across_two_keys_is_none() -> None:
    keys = KeySet()
    first, second = b"\1" * 2 + b"\2" * 14, b"\1" * 2 + b"\3" * 14
    keys.add(first.hex())
    keys.add(second.hex())
    # The bucket holds what follows the first two bytes of each key.
    assert (b"\1" * 2 + b"\2" * 7 + b"\3" * 7).hex() not in keys
    assert first.hex() in keys
    assert second.hex() in keys
    across = KeySet()
    across.add("01" * 15 + "00")
    across.add("01" * 16)
    assert "0101" + "00" + "01" * 13 not in across


def test_keys_are_found_by_their_beginning() -> None:
    keys, hashes = KeySet(), [hashlib.sha256(b"%d" % number).hexdigest()[:32] for number in range(300)]
    keys.add_new(bytes.fromhex("".join(hashes)))
    keys.add("12340" + "f" * 27)
    keys.add("1234" + "a" * 28)
    assert sorted(keys.beginning("1234")) == ["12340" + "f" * 27, "1234" + "a" * 28]
    assert keys.beginning("12340") == ["12340" + "f" * 27]
    assert keys.beginning("1234b") == []
    assert [keys.beginning(key[:20]) for key in hashes] == [[key] for key in hashes]


def test_keys_added_in_bulk_are_found_among_those_that_came_one_by_one() -> None:
    keys, hashes = KeySet(), [hashlib.sha256(b"%d" % number).digest()[:16] for number in range(3000)]
    for start in range(0, 3000, 100):
        keys.add_new(b"".join(hashes[start : start + 60]))
        assert keys.add(hashes[start + 60].hex())
        assert not keys.add(hashes[start].hex())
        keys.discard(hashes[start + 1].hex())
    expected = {each.hex() for place, each in enumerate(hashes) if place % 100 <= 60 and place % 100 != 1}
    assert len(keys) == len(expected)
    assert set(keys) == expected
    assert [each.hex() in keys for each in hashes] == [each.hex() in expected for each in hashes]


@pytest.mark.parametrize("other", ["abcd", "", "ab" * 17, "z" * 32, 5, None, ["ab"]])
def test_what_is_no_key_is_not_there_and_can_not_be_added(other: object) -> None:
    assert other not in KeySet()
    with pytest.raises((ValueError, TypeError)):
        KeySet().add(other)  # type: ignore[arg-type] # on purpose
