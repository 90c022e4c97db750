from __future__ import annotations

import stat
from pathlib import Path

import orjson
import pytest

from asyncsynth.errors import UsageError
from asyncsynth.servers.simulator import FaultKind, Outcome
from asyncsynth.servers.simulator.ledger import Ledger


def test_lines_are_on_disk_at_once_and_appended_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    for number in range(2):
        with Ledger(path) as ledger:
            ledger.append({"at": number, "outcome": Outcome.FAULT, "fault": FaultKind.HTML})
            assert len(path.read_bytes().splitlines()) == number + 1
    last = orjson.loads(path.read_bytes().splitlines()[-1])
    assert last == {"at": 1, "outcome": "fault", "fault": "html"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_ledger_that_cannot_be_opened_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be opened: No such file"):
        Ledger(tmp_path / "missing" / "ledger.jsonl")
