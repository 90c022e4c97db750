from __future__ import annotations

from typing import get_args

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.provider.wires import WIRES, wire_of
from asyncsynth.values import Api


def test_every_api_has_a_wire_of_its_own() -> None:
    assert set(WIRES) <= set(get_args(Api))
    paths = {wire_of(api, "m", {}).path for api in WIRES}
    assert len(paths) == len(WIRES)
    assert {wire_of(api, "gpt-x", {}).model for api in WIRES} == {"gpt-x"}


def test_an_api_that_is_not_spoken_yet_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncsynth.provider.wires.WIRES", {"chat": WIRES["chat"]})
    with pytest.raises(UsageError, match="gemini is not spoken yet"):
        wire_of("gemini", "m", {})
