"""The command line: one module a command; the only place that assembles, prints and exits."""

from __future__ import annotations

import sys
from typing import NoReturn

from asyncsynth.errors import AsyncsynthError

ROOT_OPTIONS = frozenset({"--help", "--version"})


def main() -> NoReturn:
    """Run the command of sys.argv and exit with its documented status."""
    from asyncsynth.cli.imports import loading  # noqa: PLC0415 - so that importing the package stays light

    arguments = sys.argv[1:]
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ROOT_OPTIONS):
        arguments = ["run", *arguments]
    try:
        with loading():
            from asyncsynth.cli.app import app_for  # noqa: PLC0415 - the same

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
