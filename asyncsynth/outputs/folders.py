"""Writes each text to a file of its own: prompts/NAME.txt and completions/NAME.txt, exactly as it stands."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from asyncsynth.outputs.examples import Row
from asyncsynth.outputs.file_names import file_names
from asyncsynth.outputs.lines import new_file


class Folders:
    """A folder for each split, in it one for each field; the texts of a row have the same name in all of them."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._made: set[Path] = set()

    def write(self, split: str, row: Row) -> None:
        texts: Mapping[str, str] = row["texts"]
        folders = [self._folder(self._paths[split] / folder) for folder in texts]
        for name in file_names(row["combination"], row["key"]):
            with contextlib.ExitStack() as stack:
                files: list[IO[bytes]] = []
                # What the file system takes for the same name is the same name. Whatever has a first text has all.
                with contextlib.suppress(FileExistsError):
                    files += (stack.enter_context(new_file(folder / f"{name}.txt")) for folder in folders)
                for file, text in zip(files, texts.values(), strict=bool(files)):
                    file.write(text.encode())
                if files:
                    return

    def finish(self) -> None:
        """Nothing is left to write."""

    def close(self) -> None:
        """Nothing is open."""

    def _folder(self, folder: Path) -> Path:
        if folder not in self._made:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._made.add(folder)
        return folder
