"""The command line: one module a command; the only place that prints, listens to signals and exits.

The commands: `init`, `run`, `plan`, `preview`, `status`, `retry`, `drop`, `export`, `report`, `serve`, `simulate`,
`local`. `app` lists them, `options` has what several share, and `arguments` lets those stand anywhere.
The start: `imports` makes loading fast, and `reading` finds what a command looks at.
A run: `work` runs it, with `signals` and a `display`: a `bar`, or `lines` in the `logs`; `show` prints each sample,
`troubles` faults, and `summary` its last words. `ready` tells that a server listens.
The output: all goes through the `console`; `figures` and a `funnel` are put into words.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in the package
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command of sys.argv and exit with its documented status."""
    try:
        status = _run(sys.argv[1:])
    except KeyboardInterrupt:
        from asyncsynth.cli.console import warn  # noqa: PLC0415 - so that importing the package stays light

        warn("asyncsynth: interrupted; nothing was under way")
        status = 130
    from asyncsynth.cli.console import let_go_of_streams  # noqa: PLC0415 - the same

    let_go_of_streams()
    sys.exit(status)


def _run(given: list[str]) -> int:
    """The exit status of a command."""
    from asyncsynth.cli.imports import loading  # noqa: PLC0415 - the same

    with loading():
        from asyncsynth.cli import console  # noqa: PLC0415 - the same
        from asyncsynth.cli.app import COMMANDS, app_for, options_of  # noqa: PLC0415 - the same
        from asyncsynth.cli.arguments import command_first  # noqa: PLC0415 - the same
        from asyncsynth.errors import AsyncsynthError, StoreError  # noqa: PLC0415 - the same

        console.mend_streams()
        arguments = command_first(given, COMMANDS, options_of)
        app = app_for(arguments[0])
    try:
        app(arguments, prog_name="asyncsynth")
    except AsyncsynthError as error:
        console.tell_error(error)
        return error.exit_status
    except console.StdoutFailed as error:
        console.tell_stdout_failed(error)
        return 1
    except OSError as error:
        if console.streams_fail():  # the parser's own words, such as --help
            console.tell_stdout_failed(console.StdoutFailed(error))
            return 1
        console.tell_system_error(error)
        return StoreError.exit_status
    except SystemExit as ended:  # how the parser ends a command
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
