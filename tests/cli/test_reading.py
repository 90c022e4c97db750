"""What a command reads that only looks at a directory, and by which recipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.app.job import job_of
from asyncsynth.app.load import load_config
from asyncsynth.cli.options import DEFAULT_CONFIG
from asyncsynth.cli.reading import Read, what_to_read
from asyncsynth.errors import UsageError
from tests.app.jobs import run
from tests.app.test_steps import Model

CONFIG = """
axes.genre = ["horror", "mystery"]
prompt.request = "{request} {{{{ genre }}}}"
record.prompt = "{{{{ genre }}}}: "
endpoint.provider = "openai"
endpoint.base_url = "https://nobody.test/v1"
endpoint.model = "m"
endpoint.price = {{ input = 1.0, output = 1.0 }}
endpoint.parameters.max_tokens = 10
limits.max_cost_usd = 1.0
output.directory = "elsewhere"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(request: str, path: Path = DEFAULT_CONFIG) -> None:
    path.write_text(CONFIG.format(request=request))


def test_a_directory_that_is_named_needs_no_config_where_nobody_named_one(here: Path) -> None:
    assert what_to_read(DEFAULT_CONFIG, None, here / "out") == Read(here / "out")
    with pytest.raises(UsageError, match="no such config"):
        what_to_read(Path("typo.toml"), None, here / "out")
    with pytest.raises(UsageError, match="no such config"):
        what_to_read(DEFAULT_CONFIG, None, None)


async def test_a_directory_of_another_recipe_is_read_by_that_one_unless_a_config_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("Tell of")
    await run(job_of(load_config(DEFAULT_CONFIG, output=here / "out")), outside=Model().outside)
    told = what_to_read(DEFAULT_CONFIG, None, here / "out")
    assert told.recipe is not None
    assert told.cap_usd == 1.0
    write("Something else of")
    assert what_to_read(DEFAULT_CONFIG, None, here / "out") == Read(here / "out")
    assert "config.toml makes none of what is in" in capsys.readouterr().err
    write("Something else of", Path("named.toml"))
    assert what_to_read(Path("named.toml"), None, here / "out").recipe is not None
    assert what_to_read(DEFAULT_CONFIG, ["combinations.repeats=2"], here / "out").recipe is not None
    assert what_to_read(DEFAULT_CONFIG, None, here / "empty").recipe is not None
