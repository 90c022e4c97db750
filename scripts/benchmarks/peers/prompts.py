"""The prompts that every peer sends; as long as those of the plot outlines."""

PROMPT = (
    "Imagine a complete and detailed plot outline for a genre number {0} film set in place number {0} during "
    "period number {0}. The story should be modifier number {0}. Write out the entire plot outline in great detail."
)


def prompts(count: int) -> list[str]:
    return [PROMPT.format(number) for number in range(count)]
