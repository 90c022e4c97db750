"""`asyncsynth serve` as a person starts it: it tells its address, or why it has none, and ends by Ctrl-C."""

from __future__ import annotations

import json
import signal
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.cli.conftest import House, ended_by
from tests.patience import LONGEST_S


def test_another_address_without_a_token_is_refused(house: House) -> None:
    refused = house.run("serve", "--host", "0.0.0.0", "--token", "")

    assert refused.returncode == 2
    assert refused.stderr.startswith("asyncsynth: 0.0.0.0: others can reach it, so it needs a token\n-> ")


def test_it_tells_its_address_with_the_token_and_ends_by_ctrl_c(house: House) -> None:
    serving = house.start("serve", "--port", "0")
    assert serving.stdout is not None
    url, _, token = serving.stdout.readline().removeprefix("listening: ").strip().partition("#token=")

    with pytest.raises(HTTPError, match="401"):
        urlopen(url + "api/runs", timeout=LONGEST_S)
    with urlopen(Request(url + "api/runs", headers={"Authorization": f"Bearer {token}"}), timeout=LONGEST_S) as reply:
        assert json.load(reply) == {"runs": []}

    second = house.run("serve", "--port", "0")
    assert second.returncode == 2
    assert "another asyncsynth serve is working on" in second.stderr
    assert ended_by(serving, signal.SIGINT) == (0, "")
