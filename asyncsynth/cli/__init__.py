"""The command line: one module a command; the only place that prints, listens to signals and exits."""

from __future__ import annotations

import sys
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
        from asyncsynth.cli.app import COMMANDS, app_for, options_of  # noqa: PLC0415 - the same
        from asyncsynth.cli.arguments import command_first  # noqa: PLC0415 - the same
        from asyncsynth.cli.console import StdoutFailed, mend_encodings, tell_error, tell_stdout_failed  # noqa: PLC0415
        from asyncsynth.errors import AsyncsynthError  # noqa: PLC0415 - the same

        mend_encodings()
        arguments = command_first(given, COMMANDS, options_of)
        app = app_for(arguments[0])
    try:
        app(arguments, prog_name="asyncsynth")
    except AsyncsynthError as error:
        tell_error(error)
        return error.exit_status
    except StdoutFailed as error:
        tell_stdout_failed(error)
        return 1
    except OSError as error:  # the parser's own words, such as --help
        tell_stdout_failed(StdoutFailed(error))
        return 1
    except SystemExit as ended:  # how the parser ends a command
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
