"""How the package is laid out: which room may import which, and what a room must not do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.tree import ROOT, project_files

# A room may import the rooms of the floors below its own. Those of one floor don't know each other.
FLOORS = (
    ("__main__",),
    ("cli", "api"),
    ("service",),
    ("app",),
    ("engine",),
    ("recipe", "provider", "pace", "store", "servers", "quality", "outputs"),
    ("config",),
    ("costs",),
    ("values", "errors", "text", "version", "regular_file", "event_loop"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

LONGEST_FACE = 120  # lines of a module of cli/
LONGEST_FUNCTION = 40  # lines
LARGE_ROOM = 10  # modules; whoever enters a larger one finds a map in the docstring of the room
UNREASONED = re.compile(r"[#] noqa(?!: [A-Z0-9, ]+ - \S).*")  # an exception to a rule of ruff, without a reason

# What only a face does: it prints, it exits, it listens to signals, it knows the library of the command line.
ONLY_FACES_IMPORT = {"typer", "click", "rich", "signal"}
ONLY_FACES_USE = {
    ("sys", "exit"),
    ("sys", "stdout"),
    ("sys", "stderr"),
    ("sys", "stdin"),
    ("sys", "argv"),
    ("os", "_exit"),
}
ONLY_FACES_CALL = {"print", "input", "exit", "quit"}


@dataclass(frozen=True)
class Module:
    """A module of the package."""

    name: str
    path: Path
    source: str

    @property
    def room(self) -> str:
        return self.name.split(".")[1] if "." in self.name else ""

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """Every module that is imported, at the top or inside of a function; of our own, as exactly as can be told."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.module is not None, f"{self.path}:{node.lineno}: a relative import"
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                yield from inner & modules().keys() or {node.module}


@cache
def modules() -> dict[str, Module]:
    """All modules of the package by name."""
    found = {}
    for path in project_files():
        if path.parts[0] == "asyncsynth" and path.suffix == ".py":
            name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
            found[name] = Module(name, path, (ROOT / path).read_text(encoding="utf-8"))
    return found


def of_room(*rooms: str) -> list[Module]:
    return [module for module in modules().values() if module.room in rooms]


def upward_imports() -> dict[tuple[str, str], list[str]]:
    """(room, room that it must not import) -> the modules in which it happens."""
    found: dict[tuple[str, str], list[str]] = {}
    for module in modules().values():
        for imported in module.imports:
            _, _, inside = imported.partition("asyncsynth.")
            other = inside.split(".")[0]
            if module.room and other and other != module.room and FLOOR_OF[other] <= FLOOR_OF[module.room]:
                found.setdefault((module.room, other), []).append(f"{module.path} imports {imported}")
    return found


def test_every_room_has_its_floor() -> None:
    assert {module.room for module in modules().values()} - {""} <= FLOOR_OF.keys()


def test_imports_run_one_way() -> None:
    assert upward_imports() == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: set(module.imports) & modules().keys() - {name} for name, module in modules().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_every_module_says_in_its_first_line_what_it_does() -> None:
    silent = [str(module.path) for module in modules().values() if module.source and not ast.get_docstring(module.tree)]
    assert silent == []


def test_the_map_of_a_large_room_names_each_of_its_modules_once() -> None:
    wrong = {}
    for room in FLOOR_OF:
        prefix = f"asyncsynth.{room}."
        inside = [name.removeprefix(prefix) for name in modules() if name.startswith(prefix)]
        there = {name if "." not in name else f"{name.split('.')[0]}/" for name in inside}
        there -= {name.removesuffix("/") for name in there if name.endswith("/")}
        if len(there) > LARGE_ROOM:
            named = re.findall(r"`([^`]+)`", ast.get_docstring(modules()[f"asyncsynth.{room}"].tree) or "")
            wrong[room] = sorted(there.symmetric_difference(named)) + [name for name in named if named.count(name) > 1]
    assert {room: names for room, names in wrong.items() if names} == {}


def test_no_module_is_called_after_nothing() -> None:
    names = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [module.name for module in modules().values() if names & set(module.name.split("."))] == []


def test_a_face_has_no_module_over_120_lines() -> None:
    lengths = {str(module.path): module.source.count("\n") for module in of_room("cli", "service")}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FACE} == {}


def test_no_function_is_over_40_lines() -> None:
    too_long = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert too_long == []


def what_only_faces_do(module: Module) -> Iterator[str]:
    for imported in module.imports:
        if imported.split(".")[0] in ONLY_FACES_IMPORT:
            yield f"imports {imported}"
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in ONLY_FACES_CALL:
                yield f"line {node.lineno} calls {name}"
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in ONLY_FACES_USE:
                yield f"line {node.lineno} uses {owner}.{name}"
            case ast.Name(id="SystemExit"):
                yield f"line {node.lineno} names SystemExit"
            case _:
                pass


# The servers are processes of their own, with a signal that ends them.
def test_money_is_put_into_words_in_one_place() -> None:
    """Else one of them says $0.0000 of what another one says $0.000021."""
    of_its_own = re.compile(r"\{[^{}\s]*usd[^{}\s]*:[^{}\s]*[fge]\}", re.IGNORECASE)
    assert [str(one.path) for one in modules().values() if of_its_own.search(one.source)] == ["asyncsynth/text.py"]


@pytest.mark.parametrize("room", sorted(FLOOR_OF.keys() - {"__main__", "cli", "api", "service", "servers"}))
def test_only_a_face_prints_exits_or_knows_the_command_line(room: str) -> None:
    wrong = {str(module.path): done for module in of_room(room) if (done := list(what_only_faces_do(module)))}
    assert wrong == {}


NEWLINE = "\n"
# What nobody can look up who has only the repository; the last are paths of one machine.
ELSEWHERE = re.compile(
    r"design[.]md|\bissues? [#]?\d+\b|\bshared[/]cases|py[p]i[.]org|python[h]osted"
    r"|(?<![\w./}~])/(?:work|root|tmp/brief)/\w"
)


def test_no_file_cites_what_is_outside_of_the_repository() -> None:
    cited = []
    for path in project_files():
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        cited += [
            f"{path}:{text.count(NEWLINE, 0, found.start()) + 1} {found[0]}" for found in ELSEWHERE.finditer(text)
        ]
    assert cited == []


def test_every_exception_to_a_rule_of_style_has_its_reason() -> None:
    unreasoned = []
    for path in project_files():
        code = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        if path.suffix == ".py" or code.startswith("#!/usr/bin/env python3"):
            unreasoned += [f"{path}: {found[0]}" for found in UNREASONED.finditer(code)]
    assert unreasoned == []
