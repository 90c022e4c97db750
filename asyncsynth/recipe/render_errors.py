"""What a rendering can raise, and how it is told."""

from __future__ import annotations

from jinja2 import TemplateError

# What an expression of a template can raise; the sandbox lets the errors of Python's own operations through.
RENDER_ERRORS = (
    TemplateError,
    ArithmeticError,
    AssertionError,  # by which filters of Jinja2 tell that a length is too small
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


def described(error: BaseException) -> str:
    """What went wrong in a rendering, after the line of the template where it is known."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    what = f"{error.args[0]!r} is undefined" if isinstance(error, KeyError) and error.args else str(error)
    what = what or type(error).__name__
    return what if line is None else f"line {line}: {what}"
