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
    command, so each command that is mentioned is tried, and `run` last: its options also tell a misspelt command. Where
    one of them is unknown, it is what is misspelt: what follows it may be its value.
    """
    if arguments and (arguments[0] in ROOT_OPTIONS or not _is_option(arguments[0])):
        return arguments
    for command in (argument for argument in arguments if argument in commands):
        place = _first_word(arguments, options_of(command))
        if place is not None and arguments[place] == command:
            return _in_front(arguments, place)
    options = options_of(DEFAULT_COMMAND)
    place = _first_word(arguments, options)
    if place is None or not all(map(options.__contains__, filter(_is_long, arguments[:place]))):
        return [DEFAULT_COMMAND, *arguments]
    return _in_front(arguments, place)


def _in_front(arguments: list[str], place: int) -> list[str]:
    return [arguments[place], *arguments[:place], *arguments[place + 1 :]]


def _is_long(argument: str) -> bool:
    """Whether it is a whole option, like --limit, and no value is in it."""
    return argument.startswith("--") and "=" not in argument


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
