"""What a file, overrides and options say together is read as it stands; what can't be read is told clearly."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.config.read import read
from asyncsynth.errors import ConfigError, UsageError

GOOD = """
[axes]
genre = ["horror", "mystery"]
[prompt]
request = "{{ genre }}"
[record]
prompt = "{{ genre }}: "
[endpoint]
provider = "openai"
base_url = "https://api.example.com/v1"
[output]
directory = "runs/a"
"""


def written(folder: Path, text: str = GOOD) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such config"):
        read(tmp_path / "none.toml")


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[axes\n")
    with pytest.raises(ConfigError, match="line 1"):
        read(path)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(GOOD, encoding="utf-8-sig")

    assert read(path).config().axes["genre"] == ("horror", "mystery")


def test_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(GOOD, encoding="utf-16")

    with pytest.raises(UsageError, match="is not UTF-8"):
        read(path)


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, f"a = {'1' * 5000}"], ids=["deep", "digits"])
def test_what_the_reader_of_toml_can_not_take_is_told(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="TOML"):
        read(written(tmp_path, text))


def test_options_win_over_overrides_and_those_over_the_file(tmp_path: Path) -> None:
    checked = read(
        written(tmp_path),
        ["limits.concurrency=3", "limits.max_attempts=3"],
        {"limits.concurrency": 4, "limits.max_reasks": None},
    )
    config = checked.config()

    assert (config.limits.concurrency, config.limits.max_attempts, config.limits.max_reasks) == (4, 3, 0)


@pytest.mark.parametrize("name", ["😀", 'a"b', "a\\b", "a'b", "true", "1990", "a\nb", "[x]"])
def test_an_option_is_taken_as_it_stands(name: str, tmp_path: Path) -> None:
    assert read(written(tmp_path), [], {"output.directory": name}).config().output.directory == name


def test_a_path_in_the_file_is_relative_to_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert read(path).config().output.directory == str(tmp_path / "runs/a")
    assert read(Path("config.toml")).config().output.directory == "runs/a"
    assert read(path, ["output.directory=runs/b"]).config().output.directory == "runs/b"
    assert read(path, [], {"output.directory": "runs/b"}).config().output.directory == "runs/b"
    assert read(path, [], {"output.directory": "/tmp/b"}).config().output.directory == "/tmp/b"


@pytest.mark.parametrize("override", ["", "output.directory=~/runs", "output.directory='~/runs'"])
def test_a_tilde_is_the_home_directory(override: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    path = written(tmp_path, GOOD.replace("runs/a", "~/runs"))

    assert read(path, [override] if override else []).config().output.directory == "/home/somebody/runs"


def test_a_home_directory_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'output\.directory: "~nobody-at-all/runs": there is no such home directory'):
        read(written(tmp_path), [], {"output.directory": "~nobody-at-all/runs"}).config()


def test_a_local_model_file_is_relative_to_the_configs_folder_and_another_model_is_no_path(tmp_path: Path) -> None:
    local = GOOD.replace('provider = "openai"\nbase_url = "https://api.example.com/v1"', 'model = "models/a.gguf"')
    named = GOOD.replace("[output]", 'model = "vendor/model.gguf"\n[output]')

    assert read(written(tmp_path, local)).config().endpoint.model == str(tmp_path / "models/a.gguf")
    assert read(written(tmp_path, named)).config().endpoint.model == "vendor/model.gguf"


@pytest.mark.parametrize("provider", ["simulator", "local"])
def test_a_rehearsal_from_the_command_line_ignores_the_base_url_of_the_file_with_a_word(
    provider: str, tmp_path: Path
) -> None:
    config = read(written(tmp_path), [f"endpoint.provider={provider}"]).config()

    assert config.endpoint.base_url is None
    assert config.notes == (
        f"endpoint.base_url is ignored: the provider is {provider}, and nothing is sent to any other machine",
    )
    assert read(written(tmp_path)).config().notes == ()


def test_a_base_url_beside_a_rehearsal_in_one_place_is_left_for_the_table_of_services_to_judge(tmp_path: Path) -> None:
    settings = ["endpoint.provider=simulator", "endpoint.base_url=https://api.example.com/v1"]

    for text, overrides in ((GOOD.replace("openai", "simulator"), []), (GOOD, settings)):
        assert read(written(tmp_path, text), overrides).config().endpoint.base_url == "https://api.example.com/v1"
