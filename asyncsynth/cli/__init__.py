"""The command line: one module a command; the only place that assembles, prints and exits."""

from __future__ import annotations

import sys
from typing import NoReturn

from asyncsynth.errors import AsyncsynthError


def main() -> NoReturn:
    """Run the command of sys.argv and exit with its documented status."""
    from asyncsynth.cli.imports import loading  # noqa: PLC0415 - so that importing the package stays light

    try:
        with loading():
            from asyncsynth.cli.app import COMMANDS, app_for, options_of  # noqa: PLC0415 - the same
            from asyncsynth.cli.arguments import command_first  # noqa: PLC0415 - the same

            arguments = command_first(sys.argv[1:], COMMANDS, options_of)
            app = app_for(arguments[0])
        app(arguments, prog_name="asyncsynth")
    except AsyncsynthError as error:
        from asyncsynth.cli.console import tell_error  # noqa: PLC0415 - the same

        tell_error(error)
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.stderr.write("asyncsynth: interrupted; nothing was under way\n")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); nothing is left to tell it.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        from asyncsynth.cli.console import StdoutFailed, tell_stdout_failed  # noqa: PLC0415 - the same

        if not isinstance(error, StdoutFailed):
            raise
        tell_stdout_failed(error)
        sys.exit(1)
    sys.exit(0)
