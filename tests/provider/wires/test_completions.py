from __future__ import annotations

import json

from asyncsynth.provider.wires.completions import Completions
from tests.provider.scripted import request


def test_a_body_has_the_system_text_above_the_request() -> None:
    wire = Completions("m", {"max_tokens": 5})
    assert wire.path == "/completions"
    assert json.loads(wire.body(request("hi"))) == {"model": "m", "stream": False, "max_tokens": 5, "prompt": "hi"}
    assert json.loads(wire.body(request("hi", system="Be brief.")))["prompt"] == "Be brief.\n\nhi"


def test_what_json_can_not_hold_is_escaped() -> None:
    assert json.loads(Completions("m", {}).body(request("half \ud83d pair")))["prompt"] == "half \ud83d pair"
