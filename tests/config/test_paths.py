"""The paths of a config that must stay below a folder do, however they lead out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.config.read import read, read_text
from asyncsynth.errors import ConfigError

CONFIG = """
[axes]
genre = ["horror"]
page = {{ {kind} = "{path}" }}
[prompt]
request = "{{{{ genre }}}}"
[record]
prompt = "{{{{ genre }}}}: "
[endpoint]
{endpoint}
[output]
directory = "{directory}"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with texts, beside one that is none of its business, with links into that."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    (outside / "texts").mkdir(parents=True)
    (outside / "texts" / "secret.md").write_text("secret")
    (root / "docs").mkdir(parents=True)
    (root / "docs" / "a.md").write_text("a")
    (root / "linked").mkdir()
    (root / "linked" / "secret.md").symlink_to(outside / "texts" / "secret.md")
    (root / "texts").symlink_to(outside / "texts")
    (root / "loop").symlink_to("loop")
    (root / "hidden").mkdir()
    (root / "hidden" / "a.md").symlink_to(root / ".env")
    (root / ".env").write_text("KEY=secret")
    return root


def config(
    kind: str = "rows", path: str = "docs/", directory: str = "runs/a", endpoint: str = 'provider = "simulator"'
) -> str:
    return CONFIG.format(kind=kind, path=path, directory=directory, endpoint=endpoint)


def places(text: str, root: Path) -> list[str]:
    """Where the config leads out of the folder."""
    try:
        read_text(text, "the config", root, below=root)
    except ConfigError as error:
        return [problem.place for problem in error.problems if "leads out of" in problem.what]
    return []


@pytest.mark.parametrize("path", ["docs/", "docs/*.md", "docs/**/*.md", "docs/../docs/a.md", "docs/none.csv"])
def test_what_stays_below_is_taken(root: Path, path: str) -> None:
    assert places(config(path=path), root) == []


@pytest.mark.parametrize(
    "path",
    [
        "../outside/texts",
        "docs/../../outside/texts/*.md",
        "docs/*/../../../outside/texts/secret.md",
        "texts/",
        "texts/*.md",
        "linked/",
        "linked/*.md",
        "**/*.md",
        "loop",
        "/etc/passwd",
        "~/secret.csv",
        ".env",
        "hidden/",
        "docs/.secret/*.md",
    ],
)
def test_rows_do_not_lead_out(root: Path, path: str) -> None:
    assert places(config(path=path), root) == ["axes.page.rows"]


@pytest.mark.parametrize("path", ["../outside/texts/secret.md", "linked/secret.md", "/etc/passwd", ".env"])
def test_lines_do_not_lead_out(root: Path, path: str) -> None:
    assert places(config(kind="lines", path=path), root) == ["axes.page.lines"]


@pytest.mark.parametrize(
    "directory", ["..", "../outside", "texts/run", "/tmp/run", "~/run", "runs/../../outside", ".state"]
)
def test_the_output_directory_does_not_lead_out(root: Path, directory: str) -> None:
    assert places(config(directory=directory), root) == ["output.directory"]


def test_weights_do_not_lead_out(root: Path) -> None:
    assert places(config(endpoint='model = "../outside/weights.gguf"'), root) == ["endpoint.model"]


def test_the_file_of_variables_does_not_lead_out(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside" / ".env").write_text("A=b")
    (root / ".env").unlink()
    (root / ".env").symlink_to(tmp_path / "outside" / ".env")

    assert places(config(), root) == [".env"]


def test_options_do_not_lead_out_either(root: Path) -> None:
    (root / "config.toml").write_text(config())

    with pytest.raises(ConfigError, match=r"output\.directory: leads out of"):
        read(root / "config.toml", options={"output.directory": str(root / ".." / "elsewhere")}, below=root)


def test_nothing_is_opened_where_a_path_leads_out(root: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_text(config(path="texts/*.md", directory="../outside"), "the config", root, below=root)

    assert [problem.place for problem in caught.value.problems] == ["axes.page.rows", "output.directory"]
