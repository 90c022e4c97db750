"""An address that others can reach is never open to them, and a token that can be guessed is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.service.address import address_of


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "box.lan"])
def test_another_address_without_a_token_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(UsageError, match="needs a token"):
        address_of(host, 0, "", tmp_path)


@pytest.mark.parametrize("token", ["short", "with a blank in it", "with\nnewline-in-it", "ümläut-in-the-token"])
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(UsageError, match="at least 16"):
        address_of("127.0.0.1", 0, token, tmp_path)


def test_a_token_is_made_for_every_address_and_is_the_same_next_time(tmp_path: Path) -> None:
    made = address_of("0.0.0.0", 0, None, tmp_path).token
    assert made is not None
    assert len(made) > 40
    assert address_of("127.0.0.1", 0, None, tmp_path).token == made


def test_loopback_may_be_looked_at_without_a_token(tmp_path: Path) -> None:
    assert address_of("127.0.0.1", 0, "", tmp_path).token is None
