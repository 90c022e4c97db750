from __future__ import annotations

import json

import pytest

from asyncsynth.store.sealed import intact, seal


@pytest.mark.parametrize("value", [{"a": 1}, {"text": 'a "quoted" \\ \n line'}, {"text": "\ud83d", "n": 2**70}])
def test_a_sealed_line_is_json_that_says_its_own_checksum(value: dict[str, object]) -> None:
    line = seal(value)
    assert line.endswith(b'"}\n')
    assert line.count(b"\n") == 1
    read = json.loads(line)
    assert list(read)[-1] == "crc"
    assert read.keys() - value.keys() == {"crc"}
    assert intact(line[:-1])


def test_promise_3_every_flipped_bit_of_a_line_is_noticed() -> None:
    line = seal({"key": "k", "text": "some text that was paid for"})[:-1]
    for bit in range(8 * len(line)):
        spoilt = bytearray(line)
        spoilt[bit // 8] ^= 1 << bit % 8
        assert not intact(bytes(spoilt)), bit


@pytest.mark.parametrize("line", [b"", b"{}", b'"crc":"00000000"}', b',"crc":"00000000', b"x" * 100])
def test_what_was_never_sealed_is_not_intact(line: bytes) -> None:
    assert not intact(line)


def test_a_line_that_is_cut_or_longer_is_not_intact() -> None:
    line = seal({"a": 1})
    for changed in (line, line[:-2], line[1:-1], b" " + line[:-1]):
        assert not intact(changed)
