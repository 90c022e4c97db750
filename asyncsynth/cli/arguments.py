"""Options may stand before the command or after it; the parser wants the command first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

ROOT_OPTIONS = frozenset({"-h", "--help", "--version"})
DEFAULT_COMMAND = "run"

# An option's names -> how many values follow it.
Options = Mapping[str, int]


def command_first(arguments: list[str], commands: Collection[str], options_of: Callable[[str], Options]) -> list[str]:
    """The arguments with the command in front, which is `run` where none is named.

    A word before which only options and their values stand is the command. Which words are values depends on the
    command, so each command that is mentioned is tried, and `run` last: its options also tell a misspelt command.
    """
    if arguments and (arguments[0] in ROOT_OPTIONS or not _is_option(arguments[0])):
        return arguments
    for command in (*(argument for argument in arguments if argument in commands), DEFAULT_COMMAND):
        place = _first_word(arguments, options_of(command))
        if place is not None and (arguments[place] == command or command == DEFAULT_COMMAND):
            return [arguments[place], *arguments[:place], *arguments[place + 1 :]]
    return [DEFAULT_COMMAND, *arguments]


def _first_word(arguments: list[str], options: Options) -> int | None:
    """The place of the first argument that is neither an option nor the value of one."""
    values_to_come = 0
    for place, argument in enumerate(arguments):
        if values_to_come:
            values_to_come -= 1
        elif _is_option(argument):
            values_to_come = options.get(argument, 0)  # --option=value and -ovalue carry theirs
        else:
            return place
    return None


def _is_option(argument: str) -> bool:
    return argument.startswith("-") and argument != "-"
