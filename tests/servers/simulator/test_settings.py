from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config import SimulatorSection
from asyncsynth.costs import Price
from asyncsynth.servers.simulator import Settings, Spell


@pytest.mark.parametrize(
    "wrong",
    [
        {"faults": 1.1},
        {"faults": 0.5, "fault_shares": {"html": 0.6}},
        {"fault_shares": {"htlm": 0.1}},
        {"spells": (Spell(0, 1, "no such kind"),)},
        {"spells": (Spell(0, 1, "html", -0.1),)},
        {"latency_s": -1},
        {"bucket_s": 0},
        {"completion_tokens": 0},
        {"requests_per_minute": 0},
        {"capacity_changes": ((1.0, 0),)},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"shares|latency|limits|is not a valid FaultKind"):
        Settings(**wrong)


def test_a_config_section_becomes_settings() -> None:
    section = SimulatorSection(latency_s=0.2, faults=0.1, requests_per_minute=60, tokens_per_minute=900, seed=3)
    assert Settings.of(section, Price(1, 2)) == Settings(
        latency_s=0.2, faults=0.1, requests_per_minute=60, tokens_per_minute=900, seed=3, price=Price(1, 2)
    )


def test_capacity_changes_at_its_time() -> None:
    settings = Settings(capacity=8, capacity_changes=((10.0, 4), (20.0, 16)))
    assert [settings.capacity_at(seconds) for seconds in (0, 9.9, 10, 19, 20, 99)] == [8, 8, 4, 4, 16, 16]


def test_a_spell_lasts_from_its_start_until_before_its_end() -> None:
    settings = Settings(spells=(Spell(10, 20, "html"), Spell(15, 20, "slow", 0.5)))
    shares = [settings.shares_at(seconds) for seconds in (9.9, 10, 15, 20)]
    assert shares == [None, {"html": 1.0}, {"html": 1.0, "slow": 0.5}, None]
