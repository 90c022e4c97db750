"""From what the user wrote to a checked config, its recipe, price and key: all mistakes at once, and what wins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from asyncsynth.app.load import access_for, config_of, directory_of, load_config, price_for, recipe_of
from asyncsynth.config import Config
from asyncsynth.costs import Price
from asyncsynth.errors import ConfigError, UsageError
from asyncsynth.provider.access import Access

GOOD = """
[axes]
genre = ["horror", "mystery"]
[combinations]
limit = 1
[prompt]
request = "{{ uuid }} {{ genre }}"
[record]
prompt = "{{ genre }}: "
[endpoint]
provider = "openai"
base_url = "https://api.example.test/v1"
model = "m"
parameters = { max_tokens = 10 }
[limits]
concurrency = 2
[output]
directory = "runs/a"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(GOOD)
    return path


def access_of(path: Path, *settings: str) -> Access:
    config = load_config(path, settings)
    return access_for(config.endpoint, config.folder)


def test_the_file_is_what_counts_where_nothing_is_over_it(path: Path) -> None:
    config = load_config(path)
    assert (config.combinations.limit, config.limits.concurrency) == (1, 2)
    assert config.output.directory == str(path.parent / "runs/a")


def test_named_options_win_over_settings_which_win_over_the_file(path: Path) -> None:
    settings = ["combinations.limit=3", "limits.concurrency=4", "limits.requests_per_minute=60"]
    config = load_config(path, settings, limit=5, concurrency="auto", output=Path("elsewhere"))
    assert config.combinations.limit == 5
    assert (config.limits.concurrency, config.limits.requests_per_minute) == ("auto", 60)
    assert config.output.directory == "elsewhere"


def test_zero_is_given_too(path: Path) -> None:
    assert load_config(path, limit=0).combinations.limit == 0


def test_sections_of_plain_values_go_over_the_file(path: Path) -> None:
    config = load_config(path, sections={"limits": {"concurrency": 64}, "endpoint": {"model": "n"}})
    assert (config.limits.concurrency, config.endpoint.model) == (64, "n")
    assert config.endpoint.base_url == "https://api.example.test/v1"


def test_a_number_of_calls_that_is_none_is_told(path: Path) -> None:
    for given in ("0", "-1", "1.5", "many", "٣"):
        with pytest.raises(ConfigError, match=r"limits\.concurrency"):
            load_config(path, concurrency=given)


def test_mistakes_of_sections_templates_and_the_table_of_services_are_told_at_once(path: Path) -> None:
    path.write_text(GOOD.replace("{{ genre }}: ", "{{ gendre }}").replace("concurrency = 2", "concurency = 2"))
    with pytest.raises(ConfigError) as refusal:
        load_config(path, ["endpoint.provider=opnai"])
    told = str(refusal.value)
    for place in ("limits.concurency", "record.prompt", "endpoint.provider"):
        assert place in told
    assert "did you mean genre" in told


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ('sub = { by = "gnre", horror = ["a"] }', 'axes.sub.by: there is no axis "gnre"; did you mean genre?'),
        ('sub = { by = "genre", horor = ["a"] }', 'axes.sub.horor: genre has no value "horor"; did you mean horror?'),
        ('sub = { by = "sub", a = ["a"] }', "axes.sub.by: goes round in a circle: no axis can depend on itself"),
        ('sub = { by = "genre", horor = ["a"] }\nsubsub = { by = "sub", a = ["b"] }', "axes.sub.horor: genre has no"),
        ('sub = { by = "genre" }', "axes.sub: needs a list of values for a value of genre"),
        ('sub = { by = "genre", horror = [[]] }', "axes.sub.horror[0]: must be a string"),
    ],
)
def test_a_wrong_axis_is_one_mistake_whatever_templates_and_exclude_say_of_it(
    path: Path, axes: str, message: str
) -> None:
    text = GOOD.replace("[combinations]", f'{axes}\n[combinations]\nexclude = [{{ sub = "a" }}]')
    path.write_text(text.replace("{{ uuid }}", "{{ uuid }} {{ sub }} {{ sub.name }}"))
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert [str(problem)[: len(message)] for problem in refused.value.problems] == [message]


@pytest.mark.parametrize("section", ["axes", "prompt", "record", "endpoint", "limits", "output", "combinations"])
def test_a_misspelt_section_is_one_mistake(path: Path, section: str) -> None:
    path.write_text(GOOD.replace(f"[{section}]", f"[{section[:2]}{section[3:]}]"))
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert [problem.nearest for problem in refused.value.problems] == [section]


def test_a_name_in_single_braces_is_told_before_anything_is_spent(path: Path) -> None:
    path.write_text(GOOD.replace('prompt = "{{ genre }}: "', 'prompt = "{genre}: {other} {{genre}}"'))
    assert load_config(path).notes == ("record.prompt: {genre} stays as it stands; for its value write {{ genre }}",)
    path.write_text(GOOD.replace('"{{ uuid }} {{ genre }}"', '"{{ uuid }} {genre}"'))
    with pytest.raises(ConfigError, match=r"axes.genre: no request uses it.*write {{ genre }}"):
        load_config(path)


def test_a_recipe_without_samples_is_told(path: Path) -> None:
    exclude = {"exclude": [{"genre": "horror"}, {"genre": "mystery"}]}
    with pytest.raises(UsageError, match="leaves nothing to make"):
        recipe_of(load_config(path, sections={"combinations": exclude}))


def price_of(config: Config) -> Price | None:
    return price_for("", config.endpoint, config)


def test_a_price_in_the_config_is_exact_and_one_that_nobody_knows_is_none(path: Path) -> None:
    assert price_of(load_config(path)) is None
    priced = load_config(path, ["endpoint.price={input=0.15, output=0.6}"])
    assert price_of(priced) == Price(150_000, 600_000)


def test_a_cap_on_a_price_that_nobody_knows_is_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match="m has none"):
        price_of(load_config(path, max_cost=1.0))


def test_a_tier_changes_no_key(path: Path) -> None:
    keys = [
        [sample.key for sample in recipe_of(load_config(path, [f"endpoint.parameters={{{parameters}}}"])).samples()]
        for parameters in ("max_tokens = 9", 'max_tokens = 9, service_tier = "flex"', "max_tokens = 8")
    ]
    assert keys[0] == keys[1] != keys[2]


def test_promise_11_a_tier_that_may_cost_more_has_no_price_but_the_configs_own(path: Path) -> None:
    service = ["endpoint.base_url=https://api.openai.com/v1", "endpoint.model=gpt-4o-mini"]
    flex, priority = ([*service, f'endpoint.parameters={{service_tier = "{tier}"}}'] for tier in ("flex", "priority"))
    assert price_of(load_config(path, flex)) is not None
    assert price_of(load_config(path, priority)) is None
    assert price_of(load_config(path, [*priority, "endpoint.price={input=2, output=3}"])) == Price(2_000_000, 3_000_000)
    with pytest.raises(ConfigError, match="gpt-4o-mini in tier priority has none"):
        price_of(load_config(path, [*priority, "endpoint.parameters.max_tokens=9"], max_cost=1.0))


def test_a_key_is_in_the_environment_or_in_a_file_beside_the_config_which_no_child_inherits(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        access_of(path)
    (path.parent / ".env").write_text("OPENAI_API_KEY=from-the-file\n")
    assert access_of(path).headers() == {"Authorization": "Bearer from-the-file"}
    assert "OPENAI_API_KEY" not in os.environ
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    assert access_of(path).headers() == {"Authorization": "Bearer from-the-environment"}


def test_a_rehearsal_takes_no_key(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    assert access_of(path, "endpoint.provider=simulator").headers() == {}


def test_sections_alone_make_a_config_too() -> None:
    sections = {
        "axes": {"genre": ["horror"]},
        "prompt": {"request": "{{ genre }}"},
        "record": {"prompt": "{{ genre }}"},
        "endpoint": {"provider": "simulator"},
    }
    with pytest.raises(ConfigError, match=r"output\.directory"):
        config_of(dict(sections), "the recipe")
    config = config_of(sections, "the recipe", output=Path("here"))
    assert isinstance(config, Config)
    assert (config.source, config.output.directory) == ("the recipe", "here")


@pytest.mark.parametrize(
    ("provider", "parameters", "spoken"),
    [
        ("anthropic", "{ max_tokens = 9 }", "anthropic"),
        ("gemini", "{ maxOutputTokens = 9 }", "gemini"),
        ("groq", "{ max_tokens = 9 }", "chat"),
    ],
)
def test_a_rehearsal_speaks_what_the_service_does_with_the_same_parameters(
    path: Path, provider: str, parameters: str, spoken: str
) -> None:
    text = GOOD.replace('provider = "openai"\nbase_url = "https://api.example.test/v1"', f'provider = "{provider}"')
    path.write_text(text.replace("{ max_tokens = 10 }", parameters))
    rehearsal = load_config(path, ["endpoint.provider=simulator"])
    assert (rehearsal.endpoint.provider, rehearsal.endpoint.api) == ("simulator", spoken)
    if spoken != "gemini":  # whose parameters others do not have
        assert load_config(path, ["endpoint.provider=local"]).endpoint.api is None
        completed = load_config(path, ["endpoint.provider=simulator", "endpoint.api=completions"])
        assert completed.endpoint.api == "completions"


def test_a_directory_that_is_named_needs_no_config(tmp_path: Path) -> None:
    assert directory_of(tmp_path / "config.toml", output=tmp_path / "a") == tmp_path / "a"
    assert directory_of(tmp_path / "config.toml", output=Path("~")) == Path.home()
    with pytest.raises(UsageError, match="no such config"):
        directory_of(tmp_path / "config.toml")


def test_an_order_that_a_recipe_of_steps_does_not_know_is_told(path: Path) -> None:
    prefix = ["combinations.order=prefix"]
    assert load_config(path, prefix).notes == ()
    assert "combinations.order" in load_config(path, [*prefix, "prompt.gates={words={min=1}}"]).notes[0]
