from __future__ import annotations

import subprocess
import sys
from typing import get_args

from asyncsynth.provider.wires import WIRES, wire_of
from asyncsynth.values import Api


def test_every_api_has_a_wire_of_its_own() -> None:
    assert set(WIRES) == set(get_args(Api))
    paths = {wire_of(api, "m", {}).path for api in WIRES}
    assert len(paths) == len(WIRES)
    assert {wire_of(api, "gpt-x", {}).model for api in WIRES} == {"gpt-x"}


def test_a_run_loads_no_format_but_its_own() -> None:
    code = "import sys, asyncsynth.app.endpoints as a; a.wire_of('chat', 'm', {}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    ours = {name for name in loaded if name.startswith("asyncsynth.provider.wires.")}
    assert {name.rpartition(".")[2] for name in ours} & {module for module, _ in WIRES.values()} == {"chat"}
