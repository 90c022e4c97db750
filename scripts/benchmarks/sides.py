"""A checkout of asyncsynth that is measured: its command line, and its own makers of configs and stores."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.children import ChildFailed, Finished, finish

# Formats change between revisions, so a checkout's own scripts write what its own code reads.
WRITE_CONFIG = """
import json, sys
from pathlib import Path
from benchmarks.recipes import write_config
write_config(Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3])
"""


@dataclass(frozen=True, slots=True)
class Side:
    """The checkout in `root`, run by `python`; what it writes goes below `scratch`, a folder of its own."""

    name: str
    root: Path
    python: str
    scratch: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """None of Python's own variables is inherited: one would keep bytecode from being written, and starts slow."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return {**inherited, "PYTHONPATH": str(self.root), **self.variables}

    def with_variables(self, **variables: str) -> Side:
        """The same, with these environment variables set."""
        return replace(self, variables={**self.variables, **variables})

    def config(self, name: str, sizes: Sequence[int], base_url: str) -> Path:
        """A config in this checkout's format, with axes of so many values."""
        path = self.scratch / name
        scripts = {**self.env, "PYTHONPATH": str(self.root / "scripts")}
        finish([self.python, "-c", WRITE_CONFIG, str(path), json.dumps(list(sizes)), base_url], scripts)
        return path

    def make_store(self, config: Path, output: Path, count: int) -> None:
        """The output directory of a run that made the first `count` samples of the config."""
        self.script(self.root / "scripts" / "benchmarks" / "made_store.py", config, output, count)

    def script(self, path: Path, *arguments: object) -> Finished:
        return finish([self.python, str(path), *map(str, arguments)], self.env)

    def asyncsynth(self, *arguments: object, status: int = 0) -> Finished:
        command = [self.python, "-m", "asyncsynth", *map(str, arguments)]
        return finish(command, self.env, cwd=self.scratch, status=status)

    def run(self, config: Path, samples: int, concurrency: int, *options: object, raw_log: bool = False) -> Finished:
        """A whole `asyncsynth run` into a fresh directory, checked for its number of records."""
        output = self.scratch / "output"
        shutil.rmtree(output, ignore_errors=True)
        raw = f"output.raw_log={'true' if raw_log else 'false'}"
        named = ("--limit", samples, "--concurrency", concurrency, "--set", raw, *options)
        finished = self.asyncsynth("run", "--config", config, "--output", output, *named)
        if (made := lines_of(output / "records.jsonl")) != samples:
            raise ChildFailed(f"{made} records instead of {samples}:\n{finished.output[-3000:]}")
        shutil.rmtree(output)
        return finished


def lines_of(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
