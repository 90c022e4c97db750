from __future__ import annotations

import subprocess
import sys
from pathlib import Path

OPEN_A_FILE = """
import sys
from asyncsynth.cli.console import mend_streams, warn
mend_streams()
with open(sys.argv[1], "w") as file:
    file.write(f"{file.fileno()}, {sys.stdout}")
warn("goes nowhere")
"""


def test_no_file_takes_the_number_of_a_stream_that_is_closed(tmp_path: Path) -> None:
    """Else a warning that a library writes to standard error would stand among the answers."""
    told = tmp_path / "told"
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    subprocess.run([*closed, sys.executable, "-c", OPEN_A_FILE, str(told)], check=True)
    number, stdout = told.read_text().split(", ")
    assert int(number) > 2
    assert stdout == "None", "a command whose result nobody can read has failed"
