from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.store.keys import KeySet

# Few distinct bytes, so that keys share buckets and overlap across their borders.
raw_keys = st.lists(st.sampled_from([b"\0", b"\1"]), min_size=16, max_size=16).map(b"".join)


@given(st.lists(st.tuples(st.sampled_from(["add", "discard", "add_all"]), raw_keys), max_size=60))
def test_behaves_as_a_set(steps: list[tuple[str, bytes]]) -> None:
    keys, model = KeySet(), set[str]()
    for step, raw in steps:
        if step == "add":
            assert keys.add(raw.hex()) == (raw.hex() not in model)
            model.add(raw.hex())
        elif step == "add_all":
            keys.add_all(raw + raw + raw[::-1])
            model |= {raw.hex(), raw[::-1].hex()}
        else:
            keys.discard(raw.hex())
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


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        KeySet().add("abcd")
    with pytest.raises(ValueError, match="16 bytes"):
        _ = "abcd" in KeySet()
