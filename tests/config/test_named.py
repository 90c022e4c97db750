"""[endpoints.NAME] says what is different from [endpoint], and nothing of one service reaches another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config import Config, read
from asyncsynth.config.named import limits_of
from asyncsynth.errors import ConfigError

CONFIG = """
[axes]
genre = ["horror", "mystery"]
[prompt]
request = "{{ uuid }} A {{ genre }} plot."
endpoint = ["near", "far"]
[record]
prompt = "{{ genre }}"
[endpoint]
provider = "openai"
base_url = "https://one.test/v1"
api_key_env = "ONE_KEY"
model = "m"
timeout_s = 60
parameters = { max_tokens = 100, temperature = 0.7 }
price = { input = 1.0, output = 2.0 }
[endpoints.near]
base_url = "https://two.test/v1"
concurrency = 3
[endpoints.far]
provider = "groq"
parameters = { max_tokens = 50 }
requests_per_minute = 60
[limits]
concurrency = 16
tokens_per_minute = 1000
[output]
directory = "out"
"""


def config(tmp_path: Path, text: str = CONFIG, settings: tuple[str, ...] = ()) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return read(path, settings).config()


def mistakes(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        config(tmp_path, text)
    return str(refused.value)


def test_what_it_leaves_out_is_as_in_endpoint(tmp_path: Path) -> None:
    near = config(tmp_path).endpoints["near"]
    assert (near.provider, near.model, near.timeout_s, near.api_key_env) == ("openai", "m", 60, "ONE_KEY")
    assert near.base_url == "https://two.test/v1"


def test_promise_12_another_provider_gets_no_address_and_no_key_of_the_first(tmp_path: Path) -> None:
    far = config(tmp_path).endpoints["far"]
    assert (far.base_url, far.api_key_env, far.price) == (None, None, None)


def test_another_model_has_no_price_of_the_first(tmp_path: Path) -> None:
    text = CONFIG.replace("concurrency = 3", 'concurrency = 3\nmodel = "n"')
    assert config(tmp_path, text).endpoints["near"].price is None
    assert config(tmp_path).endpoints["near"].price is not None


def test_parameters_are_put_together_one_by_one(tmp_path: Path) -> None:
    assert config(tmp_path).endpoints["far"].parameters == {"max_tokens": 50, "temperature": 0.7}


def test_its_own_limits_stand_in_the_place_of_the_common_ones(tmp_path: Path) -> None:
    found = config(tmp_path)
    near, far = (limits_of(found.endpoints[name], found.limits) for name in ("near", "far"))
    assert (near.concurrency, near.requests_per_minute, near.tokens_per_minute) == (3, None, 1000)
    assert (far.concurrency, far.requests_per_minute, far.tokens_per_minute) == (16, 60, 1000)


def test_those_that_are_asked_are_in_the_order_of_the_names(tmp_path: Path) -> None:
    assert list(config(tmp_path).asked) == ["near", "far"]
    assert list(config(tmp_path, CONFIG.replace('["near", "far"]', '"far"')).asked) == ["far"]
    assert list(config(tmp_path, CONFIG.replace('endpoint = ["near", "far"]', "")).asked) == [""]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('["near", "far"]', '["near", "fra"]', "prompt.endpoint: there is no [endpoints.fra]; did you mean far?"),
        ('["near", "far"]', '["near", "near"]', "names an endpoint twice"),
        ('["near", "far"]', "[]", "prompt.endpoint: must not be empty"),
        ("concurrency = 3", "concurrency = 0", "endpoints.near.concurrency: must be a whole number from 1"),
        ("concurrency = 3", "concurency = 3", "endpoints.near.concurency: unknown option; did you mean concurrency?"),
        ("concurrency = 3", '"timeout.s" = 3', "endpoints.near.timeout.s: unknown option; did you mean timeout_s?"),
        ("[endpoints.near]", '[endpoints."ne ar"]', "is not a name: use letters, digits"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert told in mistakes(tmp_path, CONFIG.replace(before, after))


def test_a_mistake_in_endpoint_is_told_once(tmp_path: Path) -> None:
    told = mistakes(tmp_path, CONFIG.replace("timeout_s = 60", "timeout_s = -1"))
    assert told.count("timeout_s") == 1


@pytest.mark.parametrize("provider", ["simulator", "local"])
def test_promise_14_a_rehearsal_by_the_command_line_makes_rehearsals_of_all(tmp_path: Path, provider: str) -> None:
    found = config(tmp_path, settings=(f"endpoint.provider={provider}",))
    sections: list[Any] = [found.endpoint, *found.endpoints.values()]
    assert {section.provider for section in sections} == {provider}
    assert {section.base_url for section in sections} == {None}
    assert any("endpoints.far.provider is ignored" in note for note in found.notes)
